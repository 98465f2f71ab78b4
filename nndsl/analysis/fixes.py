"""Changes of a text that mend what is wrong with it."""

import re
from collections.abc import Sequence

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


def behind_it(argument: Span, arguments: Sequence[Span], statement: str) -> tuple[Edit, ...]:
    """Return the edits that make an argument of a call a statement behind it.

    There are none where the call with these arguments is no whole statement on one line.
    """
    source, text = argument.source, argument.source.text
    first, last = arguments[0].start, arguments[-1].end
    line = text.rfind("\n", 0, first) + 1
    begins = re.search(r"(^|[;{])([ \t]*)\w+\([ \t]*$", text[line:first])
    ends = re.compile(r"[ \t]*\)(?:(?=[ \t]*[;}])|([ \t]*(?:#[^\n]*?)?)(?=\r?(?:\n|\Z)))").match(
        text, last
    )
    if begins is None or ends is None or "\n" in text[first:last]:
        return ()
    alone = not begins[1] and ends[1] is not None
    newline = "\r\n" if "\r\n" in text else "\n"
    at = ends.end() if alone else text.index(")", last) + 1
    behind = f"{newline}{begins[2]}{statement}" if alone else f"; {statement}"
    return without(argument), Edit(Span(source, at, at), behind)
