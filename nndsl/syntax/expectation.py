"""Says what was expected where a token does not fit, in words of the language.

Each state of the parser that can refuse a token has its phrase. The states have no names of
their own: a text whose last token is refused in one stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from nndsl.diagnostics import Label
from nndsl.record import record
from nndsl.source import Source, Span
from nndsl.syntax.braces import CLOSE, OPEN
from nndsl.syntax.lexeme import Fault, Lexeme, unclosed, unopened
from nndsl.syntax.machine import Grammar, UnexpectedToken

SPEC, VALUE = "start", "value"  # the rules of the grammar that a whole text may go by
_PARTNERS = {"RPAR": "(", "RSQB": "[", "RBRACE": "{"}
_CLOSERS = {"(": "`)`", "[": "`]`"}
_NEVER_IN_BRACKETS = ("RPAR", "RSQB", OPEN, CLOSE, "$END")  # but the bracket's own partner
_OWN_LINES = "statements stand on lines of their own, or are separated by `;`"


@record
class Refusal:
    """A token that does not fit, and what stands before it.

    `before` are the lexemes of its statement, `opened` the brackets that are open: those of the
    bodies around it, then those of the statement. `start` is the rule of the whole text.
    """

    found: Lexeme
    before: Sequence[Lexeme]
    opened: Sequence[Lexeme]
    start: str = SPEC

    @property
    def bracket(self) -> Lexeme | None:
        """The innermost open ( or [ of the statement."""
        return self.opened[-1] if self.opened and self.opened[-1].text != "{" else None

    @property
    def end(self) -> str:
        """What may follow a whole value here."""
        if self.bracket:
            return f"`,`, {_CLOSERS[self.bracket.text]} or an operator"
        return f"the end of the {'text' if self.start == VALUE else 'statement'}"

    @property
    def is_value(self) -> bool:
        """Whether a value ends here, and not the head of a call that may have a body."""
        signs = ("EQUAL", "COMPARE")
        return self.start == VALUE or any(one.type in signs for one in self.before[:3])


def explain(grammar: Grammar, state: int, refusal: Refusal) -> Fault:
    """Return the fault of a token that is refused in a state of the parser."""
    found, bracket = refusal.found, refusal.bracket
    partner = _PARTNERS.get(found.type)
    if partner and not any(opener.text == partner for opener in refusal.opened):
        return unopened(found)
    if bracket and found.type in _NEVER_IN_BRACKETS and partner != bracket.text:
        return unclosed(bracket, found)
    previous = refusal.before[-1] if refusal.before else None
    message, help = phrases(grammar, refusal.start)[state](refusal)
    if message.startswith("expected"):
        message += f"{f' after {previous}' if previous else ''}, found {found}"
    where = found.span
    if found.ends_line and previous is not None:
        where = Span(where.source, previous.span.end, previous.span.end)
    labels = (Label(bracket.span, "opened here"),) if bracket else ()
    return Fault("NN101", message, where, *labels, help=help)


# --- A phrase for each state ----------------------------------------------------------------

Phrase = Callable[[Refusal], tuple[str, str | None]]


def _beginning(at: Refusal) -> tuple[str, str | None]:
    if at.found.text == "{":
        return "`{` has no call before it", "`{` stands on the line of its call"
    if at.found.type == "$END":
        return "expected `}`", None
    if at.opened:
        return "expected a layer, a setting or `}`", None
    return f"a statement begins with a name, not with {at.found}", None


def _name(at: Refusal) -> tuple[str, str | None]:
    name = at.before[-1]
    help = f"a setting is written `{name.text} = value`, a call `{name.text}(value)`"
    return f"unexpected {at.found} after {name}", _OWN_LINES if at.found.text == "," else help


def _two_names(at: Refusal) -> tuple[str, str | None]:
    return f"expected `=`, `(`, `{{` or {at.end}", None


def _body(at: Refusal) -> tuple[str, str | None]:
    return f"expected {at.end}", _OWN_LINES


def _call(at: Refusal) -> tuple[str, str | None]:
    if at.bracket or at.is_value:
        return _after_value(at)
    return f"expected `{{` or {at.end}", _OWN_LINES if at.found.type == "NAME" else None


def _argument(at: Refusal) -> tuple[str, str | None]:
    return f"expected `=`, {at.end}", None


def _value(at: Refusal) -> tuple[str, str | None]:
    return "expected a value", None


def _item(at: Refusal) -> tuple[str, str | None]:
    assert at.bracket is not None
    return f"expected a value or {_CLOSERS[at.bracket.text]}", None


def _after_value(at: Refusal) -> tuple[str, str | None]:
    help = None
    if at.bracket is None and at.start == SPEC:
        if at.found.type == "NAME":
            help = _OWN_LINES
        elif at.found.text == ",":
            help = "several values stand in parentheses: (1, 28, 28)"
    return f"expected {at.end if at.bracket else f'an operator or {at.end}'}", help


_EXAMPLES: dict[Phrase, tuple[str, ...]] = {
    _beginning: ("=", "; =", ";; =", "x {=", "x }"),
    _name: ("x 1",),
    _two_names: ("x y 1",),
    _body: ("x { x", "x {} 1"),
    _call: ("f() 1", "f() +", "x f() +", "f(1) 1", "f(1,) 1", "f(1, 1) 1", "f(1, 1,) 1"),
    _argument: ("f(x 1",),
    _value: (
        *("x <= *", "x = *", "x y = *", "f(x = *", "x = (*", "x = - *"),
        *("x = 1 + *", "x = 1 * *", "x = 1 ** *", "x = 1 + 1 + *", "x = 1 * 1 * *"),
    ),
    _item: (
        *("f(*", "f(1, *", "f(1, 1, *", "x = (1, *", "x = (1, 1, *", "x = (1, 1, 1, *"),
        *("x = [*", "x = [1, *", "x = [1, 1, *"),
    ),
    _after_value: (
        *("x = 1 1", 'x = "" 1', "x = true 1", "x = false 1", "x = a 1", "x = f() {"),
        *("x = 1 )", "x y = 1 )", "x <= 1 )", "x = (1) 1", "x = (1,) 1", "x = (1, 1) 1"),
        *("x = (1, 1,) 1", "x = (1, 1, 1) 1", "x = (1, 1, 1,) 1"),
        *("x = [] 1", "x = [1] 1", "x = [1,] 1", "x = [1, 1] 1"),
        *("x = [1, 1,] 1", "f(1 ]", "f(x = 1 ]", "x = (1 ]", "x = (1, 1 ]", "x = (1, 1, 1 ]"),
        *("x = [1 )", "x = [1, 1 )", "x = [1, 1, 1 )", "x = [1, 1 ;", "x = [1, 1, 1 ;"),
    ),
}
_EXAMPLES_OF_VALUES: dict[Phrase, tuple[str, ...]] = {_value: ("*",), _after_value: ("1 )",)}


@cache
def phrases(grammar: Grammar, start: str) -> dict[int, Phrase]:
    """Return the phrase of each state that can refuse a token in a text of this rule."""
    found = {}
    for rule, table in ((SPEC, _EXAMPLES), (VALUE, _EXAMPLES_OF_VALUES)):
        for phrase, examples in table.items() if rule in (SPEC, start) else ():
            for example in examples:
                found[_refusing_state(grammar, rule, example)] = phrase
    return found


def _refusing_state(grammar: Grammar, start: str, text: str) -> int:
    source = Source("", text)
    machine = grammar.machine(start)
    try:
        for token in grammar.tokens(text):
            machine.feed(token.type, Lexeme(token.type, token.text, Span(source, 0, 0)))
    except UnexpectedToken as error:
        return error.state
    raise AssertionError(f"{text} is accepted")
