"""Says what was expected where a token does not fit, in words of the language."""

import re
from collections.abc import Sequence, Set

from nndsl.diagnostics import Label
from nndsl.record import record
from nndsl.source import Span
from nndsl.syntax.braces import CLOSE, OPEN
from nndsl.syntax.builder import SPEC, VALUE
from nndsl.syntax.lexeme import Fault, Lexeme, unclosed, unopened

_PARTNERS = {"RPAR": "(", "RSQB": "[", "RBRACE": "{"}
_OPERATORS = ("ADD", "MUL", "POWER", "COMPARE")
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
    def closer(self) -> str:
        """What closes that bracket."""
        return "`)`" if self.bracket and self.bracket.text == "(" else "`]`"

    @property
    def end(self) -> str:
        """What may follow a whole value here."""
        if self.bracket:
            return f"`,`, {self.closer} or an operator"
        return f"the end of the {'text' if self.start == VALUE else 'statement'}"

    @property
    def is_value(self) -> bool:
        """Whether a value ends here, and not the head of a call that may have a body."""
        signs = ("EQUAL", "COMPARE")
        return self.start == VALUE or any(one.type in signs for one in self.before[:3])


def explain(accepted: Set[str], refusal: Refusal) -> Fault:
    """Return the fault of a token that is refused where the parser accepts others."""
    found, bracket = refusal.found, refusal.bracket
    partner = _PARTNERS.get(found.type)
    if partner and not any(opener.text == partner for opener in refusal.opened):
        return unopened(found)
    if bracket and found.type in _NEVER_IN_BRACKETS and partner != bracket.text:
        return unclosed(bracket, found)
    previous = refusal.before[-1] if refusal.before else None
    message, help = _phrase(accepted, refusal)
    help = _habit(refusal) or help
    if message.startswith("expected"):
        message += f"{f' after {previous}' if previous else ''}, found {found}"
    where = found.span
    if found.ends_line and previous is not None:
        where = Span(where.source, previous.span.end, previous.span.end)
    labels = (Label(bracket.span, "opened here"),) if bracket else ()
    return Fault("NN101", message, where, *labels, help=help)


def _habit(at: Refusal) -> str | None:
    """Return the way out where something is written as other languages, or people, do."""
    text, found = at.found.span.source.text, at.found
    previous, last = ([None, None, *at.before])[-2:]
    if found.text == "//" or (found.type == "NAME" and last and previous and previous.text == "//"):
        return "a comment begins with `#`"
    if last and last.text == "%" and previous and isinstance(previous.value, int | float):
        return f"a percentage is written as a part of 1: {previous.value / 100:g}"
    if found.text == "(" and last and last.type == "NUMBER":
        return f"a product is written `{last.text} * (`"
    is_updated = re.compile(r"=(?!=)").match(text, found.span.end)
    if found.type in ("ADD", "MUL", "POWER") and last and last.type == "NAME" and is_updated:
        return f"write {last.text} = {last.text} {found.text} …"
    if found.type in _OPERATORS and last and last.text == ")" and not (at.bracket or at.is_value):
        start = at.before[0].span.start
        end = re.compile(r"[ \t]*[^\s>#;{}][^\n#;{}]*").match(text, found.span.end)  # no arrow
        if end is not None:
            return f"a formula is given a name: `d = {text[start : end.end()].strip()}`"
    if found.text != "," or at.bracket:
        return None
    if last and last.type == "NUMBER" and re.compile(r"\d").match(text, found.span.end):
        return "a decimal point is written `.`"
    if last and re.compile(r"\s*[A-Za-z_]\w*\s*=").match(text, found.span.end):
        return "settings stand on lines of their own, or are separated by `;`"
    return None


def _phrase(accepted: Set[str], at: Refusal) -> tuple[str, str | None]:
    """Return what is expected, and a way out, by what the state of the parser accepts."""
    next_line = _OWN_LINES if at.found.type == "NAME" else None
    if "NUMBER" in accepted:
        may_end = at.bracket is not None and not accepted.isdisjoint(("RPAR", "RSQB"))
        return "expected a value" + (f" or {at.closer}" if may_end else ""), None
    if accepted >= {"COMPARE", "EQUAL", "LBRACE"}:  # after the first name of a statement
        name = at.before[-1]
        forms = f"a setting is written `{name.text} = value`, a call `{name.text}(value)`"
        if at.found.type in _OPERATORS:
            forms += f", a formula `d = {name.text} {at.found.text} …`"
        return f"unexpected {at.found} after {name}", _OWN_LINES if at.found.text == "," else forms
    names_several = at.before[-1:] and at.before[-1].text == "," and not at.bracket
    if accepted <= {"EQUAL", "COMMA"} or names_several:  # after `a, b`
        return ("expected a name" if names_several else "expected `=`"), _OWN_LINES
    if "EQUAL" in accepted:  # after the name of an argument, or the second name of a statement
        choices = "" if "ADD" in accepted else "`(`, `{` or "
        return f"expected `=`, {choices}{at.end}", None
    if "LBRACE" in accepted and not (at.bracket or at.is_value):
        return f"expected `{{` or {at.end}", next_line
    if "NAME" in accepted:
        return _beginning(at)
    if not (at.bracket or at.is_value):
        return f"expected {at.end}", _OWN_LINES
    if at.bracket:
        return f"expected {at.end}", None
    several = "several values stand in parentheses: (1, 28, 28)" if at.found.text == "," else None
    help = None if at.start == VALUE else next_line or several
    return f"expected an operator or {at.end}", help


def _beginning(at: Refusal) -> tuple[str, str | None]:
    if at.found.text == "{":
        return "`{` has no call before it", "`{` stands on the line of its call"
    if at.found.type == "$END":
        return "expected `}`", None
    if at.opened:
        return "expected a layer, a setting or `}`", None
    return f"a statement begins with a name, not with {at.found}", None
