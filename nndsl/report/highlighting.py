"""Syntax highlighting of a spec, by the tokens of the language."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.source import Source
from nndsl.syntax.scan import scan

_CLASSES = {"NUMBER": "n", "STRING": "s", "TRUE": "n", "FALSE": "n"}
_OPENS_LINE = {"_END", "LBRACE", "RBRACE"}  # a statement starts after one of these


def highlight(text: str) -> list[tuple[str, str]]:
    """Return the text in pieces, each with its CSS class or "".

    `c` a comment, `n` a number, `s` a string, `k` the word that begins a statement. Any text has
    pieces, also one with errors, and JSON; joined they are the text.
    """
    pieces, at = [], 0
    for start, end, kind in sorted(_marked(Source("", text))):
        if start > at:
            pieces.append(("", text[at:start]))
        pieces.append((kind, text[start:end]))
        at = end
    return [*pieces, ("", text[at:])] if at < len(text) else pieces


def _marked(source: Source) -> Iterator[tuple[int, int, str]]:
    found = scan(source)
    for comment in found.comments:
        yield comment.span.start, comment.span.end, "c"
    begins = True
    for lexeme in found.lexemes:
        kind = _CLASSES.get(lexeme.type, "k" if begins and lexeme.type == "NAME" else "")
        begins = lexeme.type in _OPENS_LINE
        if kind:
            yield lexeme.span.start, lexeme.span.end, kind
