"""Says what was expected where a token does not fit, in words of the language."""

from __future__ import annotations

from collections.abc import Set

from nndsl.diagnostics import Label
from nndsl.source import Span
from nndsl.syntax.lexeme import Fault, Lexeme, unclosed

_WORDS = {
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "LBRACE": "`{`",
    "COMMA": "`,`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "ADD": "an operator",
    "COMPARE": "a comparison",
    "_END": "the end of the statement",
    "RBRACE": "`}`",
    "$END": "the end of the text",
}


def unexpected(
    previous: Lexeme | None, found: Lexeme, accepted: Set[str], opened: list[Lexeme]
) -> Fault:
    """Return the fault of `found`, which none of the `accepted` kinds of token matches.

    `previous` is the lexeme before it, `opened` are the brackets open there.
    """
    if _forgot_closer(previous, found, accepted, opened):
        return unclosed(opened[-1], found)
    where = found.span
    if found.ends_line and previous is not None:
        where = Span(where.source, previous.span.end, previous.span.end)
    after = f" after {previous}" if previous and not previous.ends_line else ""
    help = None
    if "NUMBER" in accepted:
        closers = [_WORDS[kind] for kind in ("RPAR", "RSQB") if kind in accepted]
        message = f"expected {_either(['a value', *closers])}{after}, found {found}"
    elif "NAME" in accepted and "_END" in accepted:
        if "EQUAL" not in accepted and found.text == "{":
            message, help = "`{` has no call before it", "`{` stands on the line of its call"
        elif "EQUAL" not in accepted:
            message = f"a statement begins with a name, not with {found}"
        else:
            message = f"unexpected {found}{after}"
            name = previous.text if previous else "name"
            help = f"a setting is written `{name} = value`, a call `{name}(value)`"
    else:
        words = [word for kind, word in _WORDS.items() if kind in accepted]
        if "_END" in accepted:
            words = [word for word in words if word not in ("`}`", "the end of the text")]
            if found.type == "NAME":
                help = "statements stand on lines of their own, or are separated by `;`"
        message = f"expected {_either(words)}{after}, found {found}"
    labels = (Label(opened[-1].span, "opened here"),) if opened and "COMMA" in accepted else ()
    return Fault("NN101", message, where, *labels, help=help)


def _forgot_closer(
    previous: Lexeme | None, found: Lexeme, accepted: Set[str], opened: list[Lexeme]
) -> bool:
    """A new line goes on as if the `(` or `[` before it were closed."""
    return (
        previous is not None
        and bool(opened)
        and not accepted.isdisjoint({"RPAR", "RSQB"})
        and found.type in ("NAME", "LBRACE")
        and found.span.line > previous.span.line
    )


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
