"""Reads all the lexemes of a text, whatever it holds."""

from dataclasses import dataclass, field

from nndsl.source import Source, Span
from nndsl.syntax.ast import Comment
from nndsl.syntax.builder import grammar
from nndsl.syntax.lexeme import Fault, Lexeme, decode, unexpected_character

UNREADABLE = "UNREADABLE"  # the type of a lexeme that is no token
_LITERALS = {"NN103": "STRING", "NN104": "NUMBER"}  # such a fault leaves a literal without a value


@dataclass(slots=True)
class Scan:
    """The lexemes of a text, the last of which is `$END`, and what is wrong with some."""

    lexemes: list[Lexeme] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)  # by the start of the lexeme


def scan(source: Source) -> Scan:
    """Return everything that a text is made of, in linear time."""
    found, rules, at = Scan(), grammar(), 0
    while at < len(source.text):
        token = rules.pattern.match(source.text, at)
        if token is None:
            fault = unexpected_character(source, at)
            kind, span = _LITERALS.get(fault.code, UNREADABLE), fault.span
            found.faults[at] = fault
        else:
            kind, span = token.lastgroup or "", Span(source, at, token.end())
            kind = rules.keywords.get(token[0], kind)
        at = span.end
        if kind == "COMMENT":
            trailing = bool(found.lexemes) and not found.lexemes[-1].ends_line
            found.comments.append(Comment(span.text, span, trailing))
        elif kind not in rules.skipped:
            lexeme = Lexeme(kind, span.text, span)
            found.lexemes.append(lexeme)
            try:
                if token is not None:
                    decode(lexeme)
            except Fault as fault:
                found.faults[span.start] = fault
    found.lexemes.append(Lexeme("$END", "", Span(source, at, at)))
    return found
