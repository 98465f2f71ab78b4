"""Lexemes: tokens with spans and decoded values, and what can be wrong with one."""

import json
import math
import re
from dataclasses import dataclass, field

from nndsl.diagnostics import Diagnostics, Label
from nndsl.source import Source, Span

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 100  # brackets, and powers and signs of one value, that stand in each other
MAX_OPERATORS = 1_000  # of one value, beside each other
MAX_DIGITS = 300  # a float ends there, and int() of a long text takes quadratic time

NAME = r"(?!(?:true|false)\Z)[A-Za-z_][A-Za-z0-9_]*"  # as a whole
ENDS_OF_VALUES = frozenset(["NAME", "NUMBER", "STRING", "TRUE", "FALSE"])
_OPENED_BY = {")": "(", "]": "[", "}": "{"}
_CLOSED_BY = {opener: closer for closer, opener in _OPENED_BY.items()}
_MODULES = frozenset("np numpy math torch F nn tf keras jnp jax".split())
_HINTS = {
    "'": "strings stand in double quotes",
    "“": 'strings stand in straight double quotes, "',
    "”": 'strings stand in straight double quotes, "',
    "^": "a power is written `**`",
    ":": "a setting is written `name = value`",
    "\u00a0": "this is a no-break space: write an ordinary one",
    "−": "a minus sign is written `-`",
    "–": "a minus sign is written `-`",
    "×": "a product is written `*`",
}


@dataclass(slots=True)
class Lexeme:
    """A token; `value` is what a number, a string or a boolean stands for."""

    type: str
    text: str
    span: Span
    value: int | float | str | bool | None = None

    @property
    def ends_line(self) -> bool:
        return self.type == "$END" or "\n" in self.text

    def __str__(self) -> str:
        if self.type == "$END":
            return "the end of the text"
        if self.ends_line:
            return "the end of the line"
        return f"`{self.text if len(self.text) <= 30 else self.text[:29] + '…'}`"


class Fault(Exception):
    """A syntax error, on its way to the findings."""

    def __init__(
        self, code: str, message: str, span: Span, *labels: Label, help: str | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.span = code, message, span
        self.labels, self.help = labels, help

    def record(self, diagnostics: Diagnostics) -> None:
        diagnostics.report(self.code, self.message, self.span, *self.labels, help=self.help)


def check_text(source: Source) -> None:
    """Raise a Fault for a text that is too long, or that UTF-8 cannot write."""
    if len(source.text) > MAX_CHARACTERS:
        message = f"this text has {len(source.text):,} characters; {MAX_CHARACTERS:,} are the most"
        raise Fault("NN106", message, Span(source, 0, 1))
    try:
        source.text.encode()
    except UnicodeEncodeError as error:
        raise unexpected_character(source, error.start) from None


@dataclass(slots=True)
class _Value:
    """What is known of a value while it is read, in one bracket."""

    around: int = 0  # powers and signs around what comes next
    beside: int = 0  # sums and products in all
    kinds: set[str] = field(default_factory=set)  # of these: a sum of products is two levels

    @property
    def depth(self) -> int:
        return self.around + len(self.kinds)


class Brackets:
    """The brackets that are open at a lexeme, and how deep a reader of the tree would be there."""

    def __init__(self, limit: int = MAX_DEPTH) -> None:
        self.open: list[Lexeme] = []
        self._limit = limit
        self._values = [_Value()]  # the one being read, in each open bracket
        self._outer = 0  # depth of all values but the last
        self._ends_value = False  # did the last lexeme?

    @property
    def join_lines(self) -> bool:
        """Whether a line end means nothing here: inside ( and [."""
        return bool(self.open) and self.open[-1].text != "{"

    def feed(self, lexeme: Lexeme) -> None:
        """Follow one lexeme; raise a Fault for a bracket without its partner, or one too deep."""
        text, value = lexeme.text, self._values[-1]
        if lexeme.type in ("COMMA", "_END"):
            self._values[-1] = _Value()
        elif lexeme.type == "POWER" or (lexeme.type == "ADD" and not self._ends_value):
            value.around += 1
        elif lexeme.type in ("ADD", "MUL", "COMPARE"):
            value.around = 0
            value.beside += 1
            value.kinds.add(lexeme.type)
            if value.beside > MAX_OPERATORS:
                message = f"more than {MAX_OPERATORS:_} operators stand beside each other here"
                help = "put parts of the value in brackets of their own"
                raise Fault("NN107", message, lexeme.span, help=help)
        elif text in _CLOSED_BY:
            self.open.append(lexeme)
            self._outer += value.depth
            self._values.append(_Value())
        elif text in _OPENED_BY:
            self._close(lexeme)
        elif lexeme.type == "$END" and self.open:
            raise unclosed(self.open[-1], lexeme)
        if self._outer + self._values[-1].depth + len(self.open) > self._limit:
            message = f"more than {self._limit} brackets and operators stand in each other here"
            raise Fault("NN107", message, lexeme.span)
        self._ends_value = text in _OPENED_BY or lexeme.type in ENDS_OF_VALUES

    def _close(self, lexeme: Lexeme) -> None:
        if not self.open:
            raise unopened(lexeme)
        if self.open[-1].text != _OPENED_BY[lexeme.text]:
            raise unclosed(self.open[-1], lexeme)
        self.open.pop()
        self._values.pop()
        self._outer -= self._values[-1].depth


def unclosed(opener: Lexeme, found: Lexeme) -> Fault:
    """Return the fault of a bracket that is still open where something else follows."""
    closer = _CLOSED_BY[opener.text]
    message = f"`{opener.text}` is not closed"
    return Fault(
        "NN102", message, opener.span, Label(found.span, f"expected `{closer}` before {found}")
    )


def unopened(closer: Lexeme) -> Fault:
    """Return the fault of a bracket that closes nothing."""
    message = f"`{closer.text}` has no `{_OPENED_BY[closer.text]}` before it"
    return Fault("NN102", message, closer.span)


def unexpected_character(source: Source, at: int) -> Fault:
    """Return the fault of a text that no token begins with."""
    text = source.text
    character = text[at]
    if character == '"':
        line_end = re.compile(r"[^\r\n]*").match(text, at)
        end = line_end.end() if line_end else at + 1
        message, hint = "this string is not closed on its line", 'end it with `"`'
        return Fault("NN103", message, Span(source, at, end), help=hint)
    if number := re.compile(r"\.?[0-9](?:[eE][+-]|[\w.])*").match(text, at):
        span = Span(source, at, number.end())
        hint = "numbers are written `20`, `1e-4`, `0.5` or `100_000`"
        if product := re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)([A-Za-z_]\w*)", span.text):
            hint += f", and a product `{product[1]} * {product[2]}`"
        return Fault("NN104", "this is not a number", span, help=hint)
    shown = f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"
    help = _HINTS.get(character)
    if character == ".":
        help = _about_point(text[max(0, at - 80) : at], text[at : at + 80])
    if character == "|" and (inside := re.compile(r"\|([^|\n#]+)\|").match(text, at)):
        help = f"an absolute value is written `abs({inside[1].strip()})`"
    if help is None and character.isalpha():
        help = "names are made of the letters A-Z and a-z, digits and `_`"
    return Fault("NN105", f"unexpected character {shown}", Span(source, at, at + 1), help=help)


def _about_point(before: str, after: str) -> str:
    """Return what to write where a point stands in what may be numpy, or the name of a file."""
    name = re.findall(r"[\w./-]*$", before)[0]
    word = re.findall(r"^\.(\w*)", after)[0]
    if name in _MODULES:
        return f"functions stand without the name of a library: `{word}`"
    if word in ("T", "t") and (name or before.endswith(")")):
        return f"a matrix is turned by `transpose`: transpose({name or '…'})"
    if re.match(r"\.\w+\(", after):
        return f"functions stand before what they are taken of: {word}({name or '…'})"
    if name == "train" and re.match(r"\.\w+ *=", after):
        return f"settings of `train` stand without its name in a variant: `{word}`"
    rest = re.findall(r"^[\w./-]*", after)[0]
    return f'names hold no point, and a text stands in double quotes: "{name}{rest}"'


def decode(lexeme: Lexeme) -> None:
    """Give a number or a string its value; raise a Fault where it is spelt wrongly."""
    if lexeme.type == "NUMBER":
        lexeme.value = number(lexeme.text, lexeme.span)
    elif lexeme.type == "STRING":
        lexeme.value = string(lexeme.text, lexeme.span)


def number(text: str, span: Span, code: str = "NN104") -> int | float:
    """Return what a number's spelling stands for."""
    digits = text.replace("_", "")
    if digits.lstrip("-").isdigit():
        if len(digits) > MAX_DIGITS:
            raise Fault(code, f"an integer has at most {MAX_DIGITS} digits", span)
        return int(digits)
    value = float(digits)
    if math.isinf(value):
        raise Fault(code, "this number is too large for a 64-bit float", span)
    if value == 0 and digits.lower().partition("e")[0].strip("-0."):
        raise Fault(code, "this number is too small for a 64-bit float", span)
    return value


def string(text: str, span: Span, code: str = "NN103") -> str:
    """Return what a string's spelling stands for, by JSON's rules."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        at = span.start + min(error.pos, len(text) - 1)
        where = Span(span.source, at, at + 1)
        if text[at - span.start] < " ":
            raise Fault(code, "a string holds no control characters", where) from None
        hint = r"the escapes are \" \\ \/ \b \f \n \r \t and \u with four digits"
        raise Fault(code, "this is not an escape", where, help=hint) from None
    assert isinstance(value, str)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Fault(code, "this string holds half of a surrogate pair", span)
    return value
