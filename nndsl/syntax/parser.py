"""From text to tree."""

from collections.abc import Set
from typing import Any

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax.ast import Tree, Value
from nndsl.syntax.builder import SPEC, VALUE, grammar
from nndsl.syntax.lexeme import Brackets, Fault, check_text
from nndsl.syntax.machine import Machine, UnexpectedToken
from nndsl.syntax.scan import Scan, scan

_NO_WORDS: frozenset[str] = frozenset()


def parse(source: Source, diagnostics: Diagnostics, top_words: Set[str] = _NO_WORDS) -> Tree:
    """Return the tree of a spec.

    Where the text has syntax errors all of them are recorded, and the tree, which holds what
    could be read, says that it is not complete. `top_words` begin statements that can only stand
    at the top: they tell where a `}` is missing in a text that is not indented.
    """
    try:
        check_text(source)
        scanned = scan(source)
        statements = _read(SPEC, scanned)
        if statements is not None:
            return Tree(source, statements, tuple(scanned.comments))
        from nndsl.syntax.recovery import recover

        return recover(source, scanned, diagnostics, top_words)
    except Fault as fault:
        fault.record(diagnostics)
        return Tree(source, (), unread=(Span(source, 0, len(source.text)),))


def parse_value(source: Source, diagnostics: Diagnostics) -> Value | None:
    """Return the value that a whole text spells, as in `--set name=value`, or None."""
    try:
        check_text(source)
        scanned = scan(source)
        value: Value | None = _read(VALUE, scanned)
        if value is None:
            from nndsl.syntax.attempt import explain_value

            raise explain_value(scanned)
    except Fault as fault:
        fault.record(diagnostics)
        return None
    return value


def _read(start: str, scanned: Scan) -> Any:
    """Return what the rule `start` builds from lexemes, or None where they have an error."""
    if scanned.faults:
        return None
    machine, brackets = Machine(grammar(), start), Brackets()
    result = None
    try:
        for lexeme in scanned.lexemes:
            if "\n" not in lexeme.text or not brackets.join_lines:
                brackets.feed(lexeme)
                result = machine.feed(lexeme.type, lexeme)
    except (UnexpectedToken, Fault):
        return None
    return result
