"""Applying safe fixes to a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nndsl.diagnostics import MAX_FOUND, Applicability, Diagnostic, Edit, Fix, Severity
from nndsl.lints import check
from nndsl.record import record

if TYPE_CHECKING:
    from nndsl.source import Source

DATA = "NN311"
MAX_ROUNDS = 10  # a fix that overlaps another waits for the next round


@record
class FixResult:
    """A text after its safe fixes, what they were (in texts on the way to it), and what is left."""

    source: Source
    applied: tuple[tuple[Diagnostic, Fix], ...]
    left: list[Diagnostic]


def apply_fixes(
    source: Source, settings: Mapping[str, Any], ignored: Sequence[str] = ()
) -> FixResult:
    """Apply the safe fixes of a spec. A fix that would bring another error is not applied."""
    found = check(source, settings, ignored)
    applied: list[tuple[Diagnostic, Fix]] = []
    for _ in range(MAX_ROUNDS):
        chosen = list(_choose(found))
        while chosen:
            text = edited(source.text, (edit for _, fix in chosen for edit in fix.edits))
            after = replace(source, text=text)
            left = check(after, settings, ignored)
            many = len(found) >= MAX_FOUND  # so that others come into sight
            # What is wrong with data is said one by one.
            gone = _errors(d for d, _ in chosen if d.code != DATA)
            if many or _errors(left) <= _errors(found) - gone:
                break
            chosen = chosen[: len(chosen) // 2]  # one of them does harm: fewer at once
        if not chosen:
            break
        source, found = after, left
        applied += chosen
    return FixResult(source, tuple(applied), found)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits that do not overlap."""
    pieces, end = [], 0
    for edit in sorted(set(edits), key=lambda edit: edit.span.start):
        pieces += [text[end : edit.span.start], edit.text]
        end = edit.span.end
    return "".join([*pieces, text[end:]])


def _choose(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, Fix]]:
    """Yield the safe fix of each diagnostic, but for those that overlap another."""
    taken: list[Edit] = []
    for diagnostic in diagnostics:
        for fix in diagnostic.fixes[:1]:
            if fix.applicability is not Applicability.SAFE:
                continue
            new = [edit for edit in fix.edits if edit not in taken]
            if not any(_overlap(edit, other) for edit in new for other in taken):
                taken += new
                yield diagnostic, fix


def _overlap(a: Edit, b: Edit) -> bool:
    return a.span.start <= b.span.end and b.span.start <= a.span.end


def _errors(diagnostics: Iterable[Diagnostic]) -> int:
    return sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
