"""Syntax highlighting of a spec, by the tokens of the language."""

import io
import keyword
import tokenize
from collections.abc import Iterator

from nndsl.source import Source
from nndsl.syntax.scan import scan

_CLASSES = {"NUMBER": "n", "STRING": "s", "TRUE": "n", "FALSE": "n"}
_PYTHON = {tokenize.NUMBER: "n", tokenize.STRING: "s", tokenize.COMMENT: "c"}
if hasattr(tokenize, "FSTRING_MIDDLE"):  # Python 3.12: parts of f"…" are tokens
    names = ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
    _PYTHON |= {getattr(tokenize, name): "s" for name in names}
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


def highlight_python(text: str) -> list[list[tuple[str, str]]]:
    """Return the lines of a script, each in pieces with their CSS classes, as those of a spec."""
    lines = text.split("\n")
    marks: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = _PYTHON.get(token.type, "")
        if token.type == tokenize.NAME and keyword.iskeyword(token.string):
            kind = "k"
        (first, start), (last, end) = token.start, token.end
        for number in range(first, last + 1) if kind else ():
            begins, ends = start if number == first else 0, end if number == last else 10**6
            marks[number - 1].append((begins, ends, kind))
    return [_pieces(line, made) for line, made in zip(lines, marks, strict=True)]


def _pieces(line: str, marks: list[tuple[int, int, str]]) -> list[tuple[str, str]]:
    pieces, at = [], 0
    for start, end, kind in marks:
        pieces += [("", line[at:start]), (kind, line[start:end])]
        at = end
    return [(kind, piece) for kind, piece in [*pieces, ("", line[at:])] if piece]


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
