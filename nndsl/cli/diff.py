"""`nndsl diff`: how the meaning of two specs differs."""

import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import groupby

from nndsl.analysis.compile import Checked, analyse
from nndsl.cli.arguments import Parser, add_shared, read_spec
from nndsl.cli.color import Paint, painter
from nndsl.cli.errors import CommandError, report
from nndsl.cli.output import print_text, report_diagnostics
from nndsl.cli.printable import printable
from nndsl.diagnostics import SpecError
from nndsl.emit.spec_diff import Change, LayerLine, SpecDiff, spec_diff
from nndsl.languages import sentence, translated
from nndsl.languages.widths import pad, width

DESCRIPTION = """\
Say what two specs mean differently: network, sizes, settings, and whether saved
weights still fit. Exit code 0: they mean the same; 1: they do not; 2: trouble."""
EXAMPLE = """\
  nndsl diff old.nn new.nn
  git show main:net.nn | nndsl diff - net.nn --format markdown"""

_CONTEXT = 2  # unchanged layers that are shown around a change
_STYLES = {"-": "error", "+": "good", " ": "faint"}
_BROKEN = "saved weights of the old spec do not fit the new one"
_FITTING = "saved weights of the old spec fit the new one"


def add_arguments(parser: Parser) -> None:
    parser.add_argument("old", metavar="OLD", help="a .nn or .json file; - reads stdin")
    parser.add_argument("new", metavar="NEW", help="the same, of the other spec")
    add_shared(parser, "--set", "--words")
    formats = ["text", "json", "markdown"]
    add_shared(parser, "--format", choices=formats, help=", ".join(formats))
    add_shared(parser, "--stdin-filename")


def run(arguments: Namespace) -> int:
    if arguments.old == arguments.new == "-":
        raise CommandError("only one of two specs can be on stdin")
    try:
        old, new = (_checked(path, arguments) for path in (arguments.old, arguments.new))
    except SpecError as error:
        report(error)
        return 2  # 1 says that they are different
    found = spec_diff(old, new)
    if arguments.format == "json":
        result = {"same": found.same, **asdict(found)}
        print_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    elif arguments.format == "markdown":
        print_text("\n".join([*_markdown(found, arguments.new), ""]))
    else:
        print("\n".join(_text(found, painter(sys.stdout))))
    return int(not found.same)


def _checked(path: str, arguments: Namespace) -> Checked:
    source = read_spec(path, arguments.words, stdin_filename=arguments.stdin_filename)
    checked = analyse(source, settings=dict(arguments.set))
    report_diagnostics(checked.diagnostics, source)
    return checked


def _text(found: SpecDiff, paint: Paint) -> Iterator[str]:
    if found.same:
        yield translated("the two specs mean the same")
        return
    if found.network:
        yield paint(translated("network"), "title")
        for line in _around_changes(found.network):
            text = f"{line.sign} {printable(line.text)}"
            yield f"  {paint(text, _STYLES[line.sign])}"
    for title, changes in (
        ("sizes", _named(found.sizes)),
        ("settings", found.settings),
        ("saved weights", found.weights),
    ):
        if changes:
            yield paint(translated(title), "title")
            widest = max(width(change.name) for change in changes)
            yield from (f"  {pad(change.name, widest)}  {_said(change)}" for change in changes)
    yield ""
    yield paint(translated(_BROKEN), "warning") if found.breaking else translated(_FITTING)


def _named(sizes: Sequence[Change]) -> list[Change]:
    """Return sizes with their names, which are words for people, in the language chosen."""
    return [replace(size, name=translated(size.name)) for size in sizes]


def _said(change: Change) -> str:
    before, after = _shown(change.before), _shown(change.after)
    if change.before is None:
        return translated("new: {value}", value=after)
    if change.after is None:
        return translated("gone: {value}", value=before)
    return f"{before} -> {after}"


def _shown(value: str | None) -> str:
    value = value or ""
    return f"{int(value):,}" if value.isascii() and value.isdigit() else printable(value)


def _around_changes(lines: Sequence[LayerLine]) -> Iterator[LayerLine]:
    """Yield changed lines and those around them; `…` stands for other lines."""
    changed = [index for index, line in enumerate(lines) if line.sign != " "]
    near = {i for at in changed for i in range(at - _CONTEXT, at + _CONTEXT + 1)}
    for is_near, run in groupby(enumerate(lines), key=lambda entry: entry[0] in near):
        found = [line for _, line in run]
        if is_near or len(found) == 1:  # `…` would not be shorter
            yield from found
        else:
            yield LayerLine(" ", "…")


def _markdown(found: SpecDiff, name: str) -> Iterator[str]:
    if found.same:
        yield translated("**{page}** means the same as before.", page=_cell(name))
        return
    verdict = sentence(_BROKEN if found.breaking else _FITTING)
    head = "**{page}**: ⚠️ {verdict}." if found.breaking else "**{page}**: {verdict}."
    yield translated(head, page=_cell(name), verdict=verdict)
    if found.network:
        lines = [f"{line.sign} {printable(line.text)}" for line in _around_changes(found.network)]
        yield from ("", "```diff", *lines, "```")
    changes = [*_named(found.sizes), *found.settings]
    if changes:
        yield from ("", translated("| | before | after |"), "|---|---|---|")
        yield from map(_row, changes)
    if found.weights:
        yield from ("", f"<details><summary>{translated('saved weights')}</summary>", "")
        yield from (translated("| array | before | after |"), "|---|---|---|")
        yield from map(_row, found.weights)
        yield from ("", "</details>")


def _row(change: Change) -> str:
    cells = [_code(_shown(value)) if value else "" for value in (change.before, change.after)]
    return f"| {_cell(change.name)} | {' | '.join(cells)} |"


def _code(text: str) -> str:
    """Return a text as inline code, in a fence that is longer than any inside."""
    text = text.replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    blank = " " * ("`" in text)  # CommonMark strips one on each side
    return f"{fence}{blank}{text}{blank}{fence}"


def _cell(text: str) -> str:
    return printable(text).translate({ord(sign): f"\\{sign}" for sign in "\\`*_{}[]<>|#"})
