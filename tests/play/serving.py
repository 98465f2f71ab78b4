"""A server of the page on a port of its own, in a thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest


class Serving:
    """A server of a folder. It skips where the extra `play` is missing."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("starlette")
        pytest.importorskip("uvicorn")
        from nndsl.play.files import Pages
        from nndsl.play.server import Playground, open_socket, server

        self.folder = folder
        opened = open_socket(0)
        self.port = opened.getsockname()[1]
        pages = Pages(folder, lambda: sorted(folder.rglob("*.nn")))
        self.playground = Playground(pages, None, self.port)
        self.server = server(self.playground, "critical")
        run, listening = self.server.run, {"sockets": [opened]}
        self.thread = threading.Thread(target=run, kwargs=listening, daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive()
