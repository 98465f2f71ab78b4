"""A client that talks to `nndsl lsp` in a process of its own."""

from __future__ import annotations

import asyncio
import os
import queue
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

SECONDS = 60  # for an answer; a machine may be busy


class Client:
    """Asks a server, and waits for what it says."""

    def __init__(self, language: str = "en") -> None:
        from lsprotocol import types
        from pygls.lsp.client import LanguageClient

        self.t = types
        self.server = LanguageClient("test", "1")
        self.published: queue.Queue[Any] = queue.Queue()
        self.shown: queue.Queue[Any] = queue.Queue()

        @self.server.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: Any) -> None:
            self.published.put(params)

        @self.server.feature(types.WINDOW_SHOW_DOCUMENT)
        def shown(params: Any) -> Any:
            self.shown.put(params)
            return types.ShowDocumentResult(success=True)

        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.version = 0
        env = {**os.environ, "NNDSL_LANG": language}
        self.wait(self.server.start_io(sys.executable, "-m", "nndsl", "lsp", env=env))
        item = types.ClientCompletionItemOptions(snippet_support=True)
        writing = types.CompletionClientCapabilities(completion_item=item)
        able = types.ClientCapabilities(
            text_document=types.TextDocumentClientCapabilities(completion=writing)
        )
        self.able = self.wait(
            self.server.initialize_async(types.InitializeParams(capabilities=able))
        ).capabilities
        self.loop.call_soon_threadsafe(self.server.initialized, types.InitializedParams())

    def end(self) -> None:
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.wait(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)

    def wait(self, answer: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(answer, self.loop).result(SECONDS)

    def tell(self, method: str, params: Any) -> None:
        self.loop.call_soon_threadsafe(getattr(self.server, method), params)

    def ask(self, method: str, params: Any) -> Any:
        async def asked() -> Any:
            return await getattr(self.server, f"{method}_async")(params)

        return self.wait(asked())

    def open(self, path: Path, text: str) -> Document:
        self.version += 1
        item = self.t.TextDocumentItem(path.as_uri(), "nn", self.version, text)
        self.tell("text_document_did_open", self.t.DidOpenTextDocumentParams(item))
        return Document(self, path.as_uri(), text)

    def diagnostics(self, version: int | None = None) -> list[Any]:
        """Return those of the last version."""
        while True:
            said = self.published.get(timeout=SECONDS)
            if said.version == (version or self.version):
                return list(said.diagnostics)


class Document:
    """A page that the client has opened."""

    def __init__(self, client: Client, uri: str, text: str) -> None:
        self.client, self.uri, self.text, self.t = client, uri, text, client.t
        self.id = self.t.TextDocumentIdentifier(uri)

    def change(self, text: str) -> None:
        self.client.version += 1
        self.text = text
        whole = self.t.TextDocumentContentChangeWholeDocument(text)
        now = self.t.VersionedTextDocumentIdentifier(self.client.version, self.uri)
        params = self.t.DidChangeTextDocumentParams(now, [whole])
        self.client.tell("text_document_did_change", params)

    def at(self, marked: str, offset: int = 0) -> Any:
        """Return the position of a piece of the text, which is found once."""
        assert self.text.count(marked) == 1, marked
        before = self.text[: self.text.index(marked) + offset]
        column = before.rpartition("\n")[2]
        return self.t.Position(before.count("\n"), len(column.encode("utf-16-le")) // 2)

    def ask(self, method: str, params: str, *arguments: Any, **named: Any) -> Any:
        made = getattr(self.t, params)(text_document=self.id, **named)
        return self.client.ask(f"text_document_{method}", made)

    @property
    def whole(self) -> Any:
        return self.t.Range(self.t.Position(0, 0), self.t.Position(10**6, 0))
