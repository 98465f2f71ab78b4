"""Diagnostics as text: one function for each format."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence

from nndsl.cli.color import Paint
from nndsl.cli.visible import visible
from nndsl.diagnostics import Diagnostic, Severity
from nndsl.source import Span

WIDTH = 100  # where no terminal says how wide it is
MOST_LABELS = 6


def full(diagnostics: Sequence[Diagnostic], files: int, paint: Paint) -> str:
    """Each diagnostic with its piece of the source, then how many there are."""
    width = max(40, shutil.get_terminal_size((WIDTH, 24)).columns)
    blocks = ["\n".join(_block(d, paint, width)) for d in diagnostics]
    style = diagnostics[0].severity.value if diagnostics else "good"
    return "\n\n".join([*blocks, paint(count(diagnostics, files), style)])


def concise(diagnostics: Sequence[Diagnostic], files: int, paint: Paint) -> str:
    """A line for each diagnostic."""
    lines = [
        f"{visible(d.span.source.name)}:{d.span.line}:{d.span.column}: {_head(d, paint)}"
        for d in diagnostics
    ]
    return "\n".join([*lines, count(diagnostics, files)])


def as_json(diagnostics: Sequence[Diagnostic], files: int, paint: Paint) -> str:
    """A list of objects, for other programs to read; lines and columns count from 1."""
    import json

    return json.dumps([_object(d) for d in diagnostics], indent=2, ensure_ascii=False)


FORMATS: dict[str, Callable[[Sequence[Diagnostic], int, Paint], str]] = {
    "full": full,
    "concise": concise,
    "json": as_json,
}


def in_order(diagnostics: Iterable[Diagnostic], name: str) -> list[Diagnostic]:
    """Return a file's diagnostics by position; those of other places (`--set`) come first."""
    return sorted(diagnostics, key=lambda d: (d.span.source.name == name, d.span.start))


def count(diagnostics: Sequence[Diagnostic], files: int = 1) -> str:
    """Return how many there are: `2 errors, 1 warning in 3 specs`."""
    numbers = [(sum(d.severity is s for d in diagnostics), s.value) for s in Severity]
    found = [many(number, what) for number, what in numbers if number] or ["no errors"]
    return ", ".join(found) + (f" in {many(files, 'spec')}" if files > 1 else "")


def many(number: int, what: str) -> str:
    """Return `1 error`, `2 errors`."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def notice(kind: str, message: str, help: str | None, paint: Paint) -> str:
    """Return a message that is about no place in a spec."""
    head = f"{paint(kind, kind)}{paint(f': {visible(message)}', 'title')}"
    return "\n".join([head, *_help(help, 1, paint)])


def _block(diagnostic: Diagnostic, paint: Paint, width: int) -> Iterable[str]:
    from nndsl.cli.snippet import Mark, excerpt  # where all is right, no snippet is shown

    style = diagnostic.severity.value
    yield _head(diagnostic, paint)
    labels = diagnostic.labels[:MOST_LABELS]
    marks = [
        Mark(diagnostic.span, style=style, sign="^"),
        *(Mark(label.span, label.message) for label in labels),
    ]
    yield from excerpt(marks, paint, width)
    gutter = max(len(str(mark.span.line)) for mark in marks)
    if diagnostic.help:
        yield f"{' ' * gutter} {paint('|', 'frame')}"
    yield from _help(diagnostic.help, gutter, paint)
    if len(labels) < len(diagnostic.labels):
        more = many(len(diagnostic.labels) - len(labels), "more place")
        yield f"{' ' * gutter} {paint('=', 'frame')} and {more}"


def _head(diagnostic: Diagnostic, paint: Paint) -> str:
    kind = f"{diagnostic.severity}[{diagnostic.code}]"
    message = paint(f": {visible(diagnostic.message)}", "title")
    return f"{paint(kind, diagnostic.severity.value)}{message}"


def _help(help: str | None, gutter: int, paint: Paint) -> Iterable[str]:
    sign = f"{' ' * gutter} {paint('=', 'frame')} {paint('help', 'help')}: "
    for line in (help or "").splitlines():
        yield f"{sign}{visible(line)}"
        sign = " " * (gutter + len(" = help: "))


def _object(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "help": diagnostic.help,
        "labels": [{"message": label.message, **_place(label.span)} for label in diagnostic.labels],
    }


def _place(span: Span) -> dict[str, object]:
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }
