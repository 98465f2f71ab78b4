"""`nndsl check`: everything that is wrong, at once."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from nndsl.cli.arguments import Parser, add_settings, read_spec
from nndsl.cli.color import painter
from nndsl.cli.failure import CommandError, report
from nndsl.cli.rendering import FORMATS, in_order
from nndsl.diagnostics import Diagnostic, Severity
from nndsl.lints import check
from nndsl.source import SourceError

DESCRIPTION = "Say everything that is wrong with specs. Nothing is run."
EXAMPLE = """\
  nndsl check specs/                every .nn file in the folder, and below
  nndsl check net.nn --set width=0"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="a .nn or .json file, a folder, or - for stdin"
    )
    add_settings(parser)
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="CODE",
        help="leave a warning out: NN431 (repeatable)",
    )
    parser.add_argument("--strict", action="store_true", help="fail on warnings too")
    parser.add_argument(
        "--format", choices=list(FORMATS), default="full", help="how findings are written"
    )


def run(arguments: Namespace) -> int:
    diagnostics: list[Diagnostic] = []
    files = code = 0
    for path in dict.fromkeys(found for given in arguments.paths for found in _specs(given)):
        try:
            source = read_spec(path)
        except SourceError as error:  # the other files are checked all the same
            code = report(error)
            continue
        files += 1
        found = check(source, dict(arguments.set), arguments.ignore)
        diagnostics += in_order(found, source.name)
    diagnostics = list({str(d): d for d in diagnostics}.values())  # an option is wrong once
    if files:
        print(FORMATS[arguments.format](diagnostics, files, painter(sys.stdout)))
    failed = any(arguments.strict or d.severity is Severity.ERROR for d in diagnostics)
    return code or int(failed)


def _specs(given: str) -> Iterator[str]:
    if given == "-" or not Path(given).is_dir():
        yield given
        return
    found = False
    for folder, folders, names in os.walk(given):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(names):
            if name.endswith(".nn") and name[0] != ".":
                found = True
                yield str(Path(folder, name))
    if not found:
        raise CommandError(f"the folder {given} holds no .nn files")
