"""Changes of a text that mend what is wrong with it."""

from __future__ import annotations

import re

from nndsl.diagnostics import Applicability, Edit, Fix
from nndsl.source import Span

_BLANKS = " \t"


def fix(message: str, *edits: Edit, safe: bool = False) -> tuple[Fix, ...]:
    """Return a fix, as findings take them; `safe` where what is meant is beyond doubt."""
    applicability = Applicability.SAFE if safe else Applicability.UNSAFE
    return (Fix(message, edits, applicability),)


def without(span: Span) -> Edit:
    """Return the edit that takes a statement or an argument away, and what separated it."""
    text, start, end = span.source.text, span.start, span.end
    line = text.rfind("\n", 0, start) + 1
    after = re.compile(r"[ \t]*(?:;[ \t]*)?(\r?\n|$)").match(text, end)
    separator = re.compile(r"[,;][ \t]*").match(text, end)
    if not text[line:start].strip(_BLANKS) and after:
        start, end = line, after.end()
    elif before := re.compile(r"[ \t]*[,;]\s*$").search(text, line, start):
        start = before.start()
    elif separator:
        end = separator.end()
    return Edit(Span(span.source, start, end), "")


def before(span: Span, statement: str) -> Edit:
    """Return the edit that puts a statement in front of another one."""
    text, start = span.source.text, span.start
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    newline = "\r\n" if "\r\n" in text else "\n"
    ending = f"{newline}{indent}" if not indent.strip(_BLANKS) else "; "
    return Edit(Span(span.source, start, start), f"{statement}{ending}")
