"""What `assistance` finds, as values of the protocol."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol import types
from pygls import uris

from nndsl.assistance import names
from nndsl.assistance.completion import Completion
from nndsl.assistance.hover import CallHelp, word_docs
from nndsl.assistance.names import mentions
from nndsl.assistance.outline import Part
from nndsl.assistance.page import Page
from nndsl.diagnostics import Applicability, Diagnostic, Severity
from nndsl.languages import translated
from nndsl.lints.names import NEVER_USED
from nndsl.lsp.lines import Encoding, Lines
from nndsl.source import Source, Span
from nndsl.vocabulary import registry

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}
TOKENS = [
    types.SemanticTokenTypes.Keyword,
    types.SemanticTokenTypes.Function,
    types.SemanticTokenTypes.Class,
    types.SemanticTokenTypes.Variable,
    types.SemanticTokenTypes.Parameter,
    types.SemanticTokenTypes.Property,
    types.SemanticTokenTypes.EnumMember,
    types.SemanticTokenTypes.String,
    types.SemanticTokenTypes.Number,
    types.SemanticTokenTypes.Comment,
]
MODIFIERS = [types.SemanticTokenModifiers.Definition, types.SemanticTokenModifiers.Readonly]
_TOKEN_OF = {
    names.KEYWORD: types.SemanticTokenTypes.Keyword,
    names.WORD: types.SemanticTokenTypes.Function,
    names.FUNCTION: types.SemanticTokenTypes.Function,
    names.BLOCK: types.SemanticTokenTypes.Class,
    names.OWN: types.SemanticTokenTypes.Class,
    names.LET: types.SemanticTokenTypes.Variable,
    names.VALUE: types.SemanticTokenTypes.Variable,
    names.PARAMETER: types.SemanticTokenTypes.Parameter,
    names.ARGUMENT: types.SemanticTokenTypes.Property,
    names.CHOICE: types.SemanticTokenTypes.EnumMember,
}
_LITERALS = {
    "STRING": types.SemanticTokenTypes.String,
    "NUMBER": types.SemanticTokenTypes.Number,
    "TRUE": types.SemanticTokenTypes.EnumMember,
    "FALSE": types.SemanticTokenTypes.EnumMember,
}
_ITEMS = {
    names.KEYWORD: types.CompletionItemKind.Keyword,
    names.WORD: types.CompletionItemKind.Function,
    names.FUNCTION: types.CompletionItemKind.Function,
    names.BLOCK: types.CompletionItemKind.Class,
    names.OWN: types.CompletionItemKind.Class,
    names.LET: types.CompletionItemKind.Constant,
    names.VALUE: types.CompletionItemKind.Variable,
    names.PARAMETER: types.CompletionItemKind.Variable,
    names.ARGUMENT: types.CompletionItemKind.Property,
    names.CHOICE: types.CompletionItemKind.EnumMember,
    names.FILE: types.CompletionItemKind.File,
}
_SYMBOLS = {
    "let": types.SymbolKind.Constant,
    "block": types.SymbolKind.Class,
    "model": types.SymbolKind.Module,
}


def uri_of(source: Source, page: Page, page_uri: str) -> str:
    """Return the address of a text: of the page that a client shows, or of another file."""
    if source.name == page.source.name or source.path is None:
        return page_uri
    return uris.from_fs_path(str(Path(source.path).resolve())) or page_uri


def location(span: Span, page: Page, page_uri: str, encoding: Encoding) -> types.Location:
    """Return where a span is."""
    lines = Lines(span.source.text, encoding)
    return types.Location(uri_of(span.source, page, page_uri), lines.of(span))


def diagnostics(page: Page, uri: str, encoding: Encoding) -> list[types.Diagnostic]:
    """Return what is wrong with a page. What stands in another file is said at the `import`."""
    lines = Lines(page.source.text, encoding)
    return [_diagnostic(one, page, uri, lines, encoding) for one in page.diagnostics]


def _diagnostic(
    found: Diagnostic, page: Page, uri: str, lines: Lines, encoding: Encoding
) -> types.Diagnostic:
    places = [(label.span, translated(label.message)) for label in found.labels]
    message = translated(found.message)
    if found.help:
        help = "\n".join(map(translated, found.help.splitlines()))
        message = f"{message}\n{translated('help')}: {help}"
    span = found.span
    if span.source is not page.source:
        places.insert(0, (span, translated("here")))
        tree = page.checked.tree
        imports = tree.imports if tree else ()
        at = next((one.span for one in imports if span.source in one.sources), None)
        span = at or Span(page.source, 0, 0)
        message = f"{Path(found.span.source.name).name}: {message}"
    return types.Diagnostic(
        lines.of(span),
        message,
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source="nndsl",
        tags=[types.DiagnosticTag.Unnecessary] if found.code == NEVER_USED.code else None,
        related_information=[
            types.DiagnosticRelatedInformation(location(place, page, uri, encoding), says)
            for place, says in places
        ],
    )


def quick_fixes(
    page: Page, uri: str, start: int, end: int, encoding: Encoding
) -> Iterator[types.CodeAction]:
    """Yield the ways out that diagnostics between two offsets name."""
    lines = Lines(page.source.text, encoding)
    for found in page.diagnostics:
        if found.span.start > end or found.span.end < start:
            continue
        for fix in found.fixes:
            says = translated(fix.message)
            yield types.CodeAction(
                says[:1].upper() + says[1:],
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[_diagnostic(found, page, uri, lines, encoding)],
                is_preferred=fix.applicability is Applicability.SAFE,
                edit=types.WorkspaceEdit(
                    changes={uri: [types.TextEdit(lines.of(e.span), e.text) for e in fix.edits]}
                ),
            )


def completion_item(
    found: Completion, place: types.Range, rank: int, *, snippets: bool
) -> types.CompletionItem:
    """Return a completion that replaces what is written of it."""
    inserts = found.inserts if snippets and found.inserts else found.name
    return types.CompletionItem(
        found.name,
        kind=_ITEMS[found.role],
        detail=found.detail or None,
        sort_text=f"{rank:04}",
        filter_text=found.name,
        text_edit=types.TextEdit(place, inserts),
        insert_text_format=types.InsertTextFormat.Snippet
        if snippets and found.inserts
        else types.InsertTextFormat.PlainText,
        data={"kind": found.kind, "name": found.name} if found.kind else None,
    )


def with_documentation(item: types.CompletionItem) -> types.CompletionItem:
    """Return a completion with what its word means, which takes time for all of a list."""
    if isinstance(item.data, dict):
        word = registry.find(str(item.data.get("kind")), str(item.data.get("name")))
        if word is not None:
            item.documentation = markdown(word_docs(word))
    return item


def markdown(text: str) -> types.MarkupContent:
    """Return a text in Markdown."""
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def signature_help(found: CallHelp) -> types.SignatureHelp:
    """Return the help for a call."""
    parameters = [
        types.ParameterInformation(name, markdown(says) if says else None)
        for name, says in found.parameters
    ]
    signature = types.SignatureInformation(found.signature, markdown(found.says), parameters)
    # A number beyond the parameters says that none is meant.
    active = len(parameters) if found.active is None else found.active
    return types.SignatureHelp([signature], 0, active)


def symbols(parts: Iterable[Part], lines: Lines) -> list[types.DocumentSymbol]:
    """Return an outline."""
    return [
        types.DocumentSymbol(
            part.name,
            _SYMBOLS.get(part.word, types.SymbolKind.Field),
            lines.of(part.span),
            lines.of(part.named),
            detail=part.word if part.word != part.name else None,
            children=symbols(part.parts, lines),
        )
        for part in parts
    ]


def semantic_tokens(page: Page, encoding: Encoding) -> types.SemanticTokens:
    """Return what the parts of a text are, each relative to the one before it."""
    lines = Lines(page.source.text, encoding)
    spans: dict[int, tuple[Span, types.SemanticTokenTypes, int]] = {}
    for lexeme in page.scan.lexemes:
        if lexeme.type in _LITERALS:
            spans[lexeme.span.start] = lexeme.span, _LITERALS[lexeme.type], 0
    for comment in page.scan.comments:
        spans[comment.span.start] = comment.span, types.SemanticTokenTypes.Comment, 0
    for mention in mentions(page):
        modifiers = int(mention.is_definition) + 2 * (mention.role == names.LET)
        spans[mention.span.start] = mention.span, _TOKEN_OF[mention.role], modifiers
    data: list[int] = []
    line = column = 0
    for _, (span, kind, modifiers) in sorted(spans.items()):
        place = lines.position(span.start)
        column = place.character - column if place.line == line else place.character
        data += [place.line - line, column, lines.units(span.text), TOKENS.index(kind), modifiers]
        line, column = place.line, place.character
    return types.SemanticTokens(data)
