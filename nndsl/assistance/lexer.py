"""Colours for Pygments, which rich, Sphinx, MkDocs and Jupyter use: the lexer `nn`."""

from collections.abc import Iterator
from typing import ClassVar

from pygments.lexer import Lexer
from pygments.token import Token, _TokenType

from nndsl.analysis.toplevel import DECLARATIONS, WORDS
from nndsl.source import Source
from nndsl.syntax.lexeme import Lexeme
from nndsl.syntax.scan import UNREADABLE, scan
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data

_LITERALS = {
    "NUMBER": Token.Literal.Number,
    "STRING": Token.Literal.String.Double,
    "TRUE": Token.Keyword.Constant,
    "FALSE": Token.Keyword.Constant,
    UNREADABLE: Token.Error,
}
_OPERATORS = ("EQUAL", "COMPARE", "ADD", "MUL", "POWER")
_BEGINS = ("_END", "$END", "LBRACE", "RBRACE")  # after one of these a statement begins
_WORDS = frozenset(WORDS)


class NnLexer(Lexer):
    """Pages of nndsl, by the tokens of their grammar."""

    name = "nndsl"
    url = "https://pypi.org/project/nndsl/"
    aliases: ClassVar[list[str]] = ["nn", "nndsl"]
    filenames: ClassVar[list[str]] = ["*.nn"]
    mimetypes: ClassVar[list[str]] = ["text/x-nndsl"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Yield the pieces of a text, each with its place and what it is."""
        found = scan(Source("", text))
        marked = {one.span.start: (one.span.end, Token.Comment.Single) for one in found.comments}
        last = found.lexemes[-1]
        around = zip(
            [last, *found.lexemes], found.lexemes, [*found.lexemes[1:], last], strict=False
        )
        for before, lexeme, after in around:
            marked[lexeme.span.start] = lexeme.span.end, _kind(before, lexeme, after)
        at = 0
        for start, (end, kind) in sorted(marked.items()):
            if start > at:
                yield at, Token.Text.Whitespace, text[at:start]
            if end > start:
                yield start, kind, text[start:end]
            at = max(at, end)
        if at < len(text):
            yield at, Token.Text.Whitespace, text[at:]


def _kind(before: Lexeme, lexeme: Lexeme, after: Lexeme) -> _TokenType:
    """Return what a lexeme is, by those beside it: no page is analysed for its colours."""
    if lexeme.type in _LITERALS:
        return _LITERALS[lexeme.type]
    if lexeme.type in _OPERATORS:
        return Token.Operator
    if lexeme.type != "NAME":
        return Token.Text.Whitespace if lexeme.ends_line else Token.Punctuation
    begins = before.type in _BEGINS
    if before.text in DECLARATIONS and before.type == "NAME":
        return Token.Name.Constant if before.text == "let" else Token.Name.Class
    is_setting = after.type == "EQUAL" and lexeme.text != Data.kind
    if begins and lexeme.text in _WORDS and not is_setting:
        return Token.Keyword.Declaration
    if after.type == "EQUAL":
        return Token.Name.Attribute
    if begins and after.type == "NAME":
        return Token.Keyword
    return Token.Name.Builtin if registry.kinds_of(lexeme.text) else Token.Name
