"""The server: documents that a client has opened, and its questions about them."""

import asyncio
import inspect
import re
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from nndsl import __version__
from nndsl.assistance.completion import completions
from nndsl.assistance.hover import call_help, hover
from nndsl.assistance.names import (
    Mention,
    defining_file,
    importing,
    mention_at,
    references,
    references_elsewhere,
    why_not_renamed,
)
from nndsl.assistance.outline import folds, outline
from nndsl.assistance.page import Page
from nndsl.assistance.place import place_at
from nndsl.assistance.shapes import shapes_of_lines
from nndsl.languages import translated
from nndsl.lints.autofix import apply_fixes
from nndsl.lsp import answers
from nndsl.lsp.lines import Encoding, Lines
from nndsl.source import Source, SourceError, Span, read_source
from nndsl.syntax.lexeme import NAME

PAUSE = 0.05  # seconds without a key, after which a page is checked
SCRIPT, SHOW_SCRIPT = "nndsl.script", "nndsl.showScript"


class Server(LanguageServer):
    """Keeps what is known of the text of each open document."""

    def __init__(self) -> None:
        super().__init__(
            "nndsl",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,  # a page is short
        )
        self._pages: dict[str, Page] = {}
        self.words: tuple[Path, ...] = ()  # files and folders that pages may import from
        self.folder = tempfile.TemporaryDirectory(prefix="nndsl-")  # of scripts that are shown

    @property
    def encoding(self) -> Encoding:
        return self.workspace.position_encoding or types.PositionEncodingKind.Utf16

    def page(self, uri: str) -> Page:
        """Return what is known of a document as it stands now."""
        text = self.workspace.get_text_document(uri).source
        page = self._pages.get(uri)
        if page is None or page.source.text != text:
            file = uris.to_fs_path(uri)
            path = Path(file) if file else None
            page = self._pages[uri] = Page(Source(file or uri, text, path, self.words))
        return page

    def close(self, uri: str) -> None:
        """Forget a document, and what was wrong with it."""
        self._pages.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def lines(self, uri: str) -> Lines:
        return Lines(self.page(uri).source.text, self.encoding)

    @property
    def texts(self) -> dict[Path, str]:
        """The texts of all documents that lie in files."""
        known = (
            (uris.to_fs_path(uri), one.source) for uri, one in self.workspace.text_documents.items()
        )
        return {Path(path).resolve(): text for path, text in known if path}

    def publish(self, uri: str) -> None:
        """Tell the client what is wrong with a document."""
        document = self.workspace.get_text_document(uri)
        found = answers.diagnostics(self.page(uri), uri, self.encoding)
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, document.version)
        )

    def forget(self) -> None:
        """Read files anew: data, or words that pages import."""
        self._pages.clear()
        for uri in list(self.workspace.text_documents):
            self.publish(uri)


server = Server()


# --- Documents --------------------------------------------------------------------------------


@server.feature(types.INITIALIZE)
def initialize(ls: Server, params: types.InitializeParams) -> None:
    options = params.initialization_options
    words = options.get("words", []) if isinstance(options, dict) else []
    ls.words = tuple(Path(word) for word in words if isinstance(word, str))


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    ls.publish(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
async def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    uri, version = params.text_document.uri, params.text_document.version
    await asyncio.sleep(PAUSE)
    document = ls.workspace.text_documents.get(uri)
    if document is not None and document.version == version:  # else the next one says it
        ls.publish(uri)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.forget()


@server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def files_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    ls.forget()


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.close(params.text_document.uri)


# --- Writing ----------------------------------------------------------------------------------


@server.feature(
    types.TEXT_DOCUMENT_COMPLETION,
    types.CompletionOptions(trigger_characters=["(", "=", ",", '"', "/"], resolve_provider=True),
)
def complete(ls: Server, params: types.CompletionParams) -> types.CompletionList:
    uri = params.text_document.uri
    page, lines = ls.page(uri), ls.lines(uri)
    offset = lines.offset(params.position)
    place = place_at(page, offset)
    start = place.replaced.start if place.replaced else offset
    if place.literal is not None:
        start = re.search(r'[^/"]*$', page.source.text[:offset]).start()  # type: ignore[union-attr]
    item = getattr(ls.client_capabilities.text_document, "completion", None)
    snippets = bool(item and item.completion_item and item.completion_item.snippet_support)
    where = lines.range(start, offset)
    found = enumerate(completions(page, offset))
    return types.CompletionList(
        is_incomplete=False,
        items=[answers.completion_item(one, where, rank, snippets=snippets) for rank, one in found],
    )


@server.feature(types.COMPLETION_ITEM_RESOLVE)
def resolve(ls: Server, item: types.CompletionItem) -> types.CompletionItem:
    return answers.with_documentation(item)


@server.feature(
    types.TEXT_DOCUMENT_SIGNATURE_HELP,
    types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=["="]),
)
def signature(ls: Server, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    page, lines = ls.page(params.text_document.uri), ls.lines(params.text_document.uri)
    found = call_help(page, lines.offset(params.position))
    return answers.signature_help(found) if found is not None else None


@server.feature(types.TEXT_DOCUMENT_FORMATTING)
def format_page(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    page = ls.page(params.text_document.uri)
    text, before = page.formatted, page.source.text
    if text is None:
        return None
    whole = ls.lines(params.text_document.uri).range(0, len(before))
    return [types.TextEdit(whole, text)] if text != before else []


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(
        [
            types.CodeActionKind.QuickFix,
            types.CodeActionKind.SourceFixAll,
            types.CodeActionKind.Source,
        ]
    ),
)
def actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    page, lines = ls.page(uri), ls.lines(uri)
    start, end = lines.offset(params.range.start), lines.offset(params.range.end)
    found = list(answers.quick_fixes(page, uri, start, end, ls.encoding))
    if any(
        one.is_preferred for one in answers.quick_fixes(page, uri, 0, len(lines.text), ls.encoding)
    ):
        fixed = apply_fixes(page.source, {}).source.text
        edit = types.TextEdit(lines.range(0, len(lines.text)), fixed)
        found.append(
            types.CodeAction(
                translated("Mend all that is safe to mend"),
                kind=types.CodeActionKind.SourceFixAll,
                edit=types.WorkspaceEdit(changes={uri: [edit]}),
            )
        )
    if page.script is not None:
        title = translated("Show the script of this line")
        command = types.Command(title, SHOW_SCRIPT, arguments=[uri, params.range.start.line])
        found.append(types.CodeAction(title, kind=types.CodeActionKind.Source, command=command))
    only = params.context.only
    return [one for one in found if not only or _is_wanted(one.kind, only)]


def _is_wanted(kind: Any, only: Iterable[Any]) -> bool:
    """Is a kind of action one of those that a client wants, or a part of one: `source.fixAll`?"""
    names = [getattr(one, "value", one) for one in only]
    return any(f"{getattr(kind, 'value', kind)}.".startswith(f"{name}.") for name in names)


# --- Reading ----------------------------------------------------------------------------------


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hovered(ls: Server, params: types.HoverParams) -> types.Hover | None:
    page, lines = ls.page(params.text_document.uri), ls.lines(params.text_document.uri)
    found = hover(page, lines.offset(params.position))
    return types.Hover(answers.markdown(found[1]), lines.of(found[0])) if found else None


@server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
def hints(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
    page, lines = ls.page(params.text_document.uri), ls.lines(params.text_document.uri)
    text = page.source.text
    comments = {lines.position(one.span.start).line: one.span.start for one in page.scan.comments}
    found = []
    for shapes in shapes_of_lines(page):
        place = lines.position(shapes.span.start)
        if params.range.start.line <= place.line <= params.range.end.line:
            end = comments.get(place.line) or lines.offset(types.Position(place.line, 10**6))
            at = lines.position(len(text[:end].rstrip()))
            found.append(types.InlayHint(at, shapes.text, padding_left=True))
    return list({hint.position.line: hint for hint in reversed(found)}.values())[::-1]


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    uri = params.text_document.uri
    return answers.symbols(outline(ls.page(uri)), ls.lines(uri))


@server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
def folding(ls: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    return [
        types.FoldingRange(
            first - 1,
            last - 1 if is_comment else max(first, last - 1) - 1,
            kind=types.FoldingRangeKind.Comment if is_comment else None,
        )
        for first, last, is_comment in folds(ls.page(params.text_document.uri))
    ]


@server.feature(
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
    types.SemanticTokensLegend(list(answers.TOKENS), list(answers.MODIFIERS)),
)
def tokens(ls: Server, params: types.SemanticTokensParams) -> types.SemanticTokens:
    return answers.semantic_tokens(ls.page(params.text_document.uri), ls.encoding)


# --- Names ------------------------------------------------------------------------------------


@server.feature(types.TEXT_DOCUMENT_DEFINITION)
def definition(ls: Server, params: types.DefinitionParams) -> types.Location | None:
    uri = params.text_document.uri
    page = ls.page(uri)
    offset = ls.lines(uri).offset(params.position)
    mention = mention_at(page, offset)
    if mention is not None and mention.definition is not None:
        return answers.location(mention.definition, page, uri, ls.encoding)
    if mention is not None and mention.word is not None:
        return _in_the_vocabulary(mention)
    file = defining_file(page, offset)
    if file is not None:
        return answers.location(Span(file, 0, 0), page, uri, ls.encoding)
    return None


def _in_the_vocabulary(mention: Mention) -> types.Location | None:
    """Return where a word of the language is defined: the file of its class."""
    assert mention.word is not None
    try:
        file, (_, line) = inspect.getsourcefile(mention.word), inspect.getsourcelines(mention.word)
    except (OSError, TypeError):
        return None  # installed without its sources
    start = types.Position(line - 1, 0)
    uri = uris.from_fs_path(file) if file else None
    return types.Location(uri, types.Range(start, start)) if uri else None


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
def all_references(ls: Server, params: types.ReferenceParams) -> list[types.Location]:
    uri = params.text_document.uri
    page = ls.page(uri)
    offset = ls.lines(uri).offset(params.position)
    wanted = params.context.include_declaration
    found = [one for one in references(page, offset) if wanted or not one.is_definition]
    found += _elsewhere(ls, page, offset, importing(page, ls.texts))
    return [answers.location(one.span, page, uri, ls.encoding) for one in found]


def _elsewhere(ls: Server, page: Page, offset: int, others: list[Page]) -> list[Mention]:
    """Return the places of pages that import this one which name what stands at an offset."""
    mention = mention_at(page, offset)
    if mention is None or mention.definition is None:
        return []
    return references_elsewhere(others, mention.definition)


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def highlights(ls: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    page, lines = ls.page(params.text_document.uri), ls.lines(params.text_document.uri)
    found = references(page, lines.offset(params.position))
    return [types.DocumentHighlight(lines.of(mention.span)) for mention in found]


@server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(ls: Server, params: types.PrepareRenameParams) -> types.Range | None:
    page, lines = ls.page(params.text_document.uri), ls.lines(params.text_document.uri)
    mention = mention_at(page, lines.offset(params.position))
    return None if mention is None or why_not_renamed(page, mention) else lines.of(mention.span)


@server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def rename(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit:
    uri, name = params.text_document.uri, params.new_name
    page, offset = ls.page(uri), ls.lines(uri).offset(params.position)
    if refusal := why_not_renamed(page, mention_at(page, offset)):
        raise JsonRpcInvalidParams(refusal)
    if not re.fullmatch(NAME, name):
        raise JsonRpcInvalidParams(f"`{name}` is no name: letters A-Z and a-z, digits and `_`")
    others = importing(page, ls.texts)
    found = [*references(page, offset), *_elsewhere(ls, page, offset, others)]
    if others and not _is_saved(page):
        raise JsonRpcInvalidParams("save the page first: others import it, as it is saved")
    if refusal := _why_broken(page, [one.span for one in references(page, offset)], name):
        raise JsonRpcInvalidParams(refusal)
    changes: dict[str, list[types.TextEdit]] = {}
    for one in found:
        source = one.span.source
        edits = changes.setdefault(answers.uri_of(source, page, uri), [])
        edits.append(types.TextEdit(Lines(source.text, ls.encoding).of(one.span), name))
    return types.WorkspaceEdit(changes=changes)


def _is_saved(page: Page) -> bool:
    try:
        return page.source.path is None or read_source(page.source.path).text == page.source.text
    except SourceError:
        return False


def _why_broken(page: Page, spans: list[Span], name: str) -> str:
    """Return what would be wrong with a page that has another name at some places, or nothing."""
    text = page.source.text
    for span in sorted(spans, key=lambda one: -one.start):
        text = text[: span.start] + name + text[span.end :]
    after = Page(replace(page.source, text=text))
    if len(after.errors) <= len(page.errors):
        return ""
    known = {error.message for error in page.errors}
    return next((e.message for e in after.errors if e.message not in known), "it is taken")


# --- The script -------------------------------------------------------------------------------


@server.command(SCRIPT)
def script(ls: Server, uri: str) -> dict[str, Any]:
    """Return the script of a page, and for each of its lines those of the page it comes from.

    Where there is none, `reason` says why.
    """
    page = ls.page(uri)
    if page.script is None:
        errors = len(page.errors)
        reason = f"the page has {errors} error{'s' * (errors != 1)}" if errors else "no network"
        return {"text": "", "lines": [], "reason": reason}
    lines = [[line - 1 for line in found] for found in page.lines_of(page.script)]
    return {"text": page.script.text, "lines": lines, "reason": ""}


@server.command(SHOW_SCRIPT)
def show_script(ls: Server, uri: str, line: int) -> None:
    """Ask the client to show the script of a page, at what comes from one of its lines."""
    page = ls.page(uri)
    if page.script is None:
        ls.window_show_message(
            types.ShowMessageParams(types.MessageType.Info, script(ls, uri)["reason"])
        )
        return
    source = page.source
    start = source.line_starts[min(line, len(source.line_starts) - 1)]
    end = start + len(source.line(min(line, len(source.line_starts) - 1) + 1)) + 1
    numbers = page.script_lines(start, end) or [1]
    path = Path(ls.folder.name) / f"{Path(source.name).stem}.py"
    path.write_text(page.script.text, encoding="utf-8")
    place = types.Position(numbers[0] - 1, 0)
    ls.window_show_document(
        types.ShowDocumentParams(
            uris.from_fs_path(str(path)) or "", take_focus=True, selection=types.Range(place, place)
        )
    )
