"""`nndsl check`: everything that is wrong, at once."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace

from nndsl.cli.arguments import Parser, add_settings, add_stdin_filename, read_spec
from nndsl.cli.color import painter
from nndsl.cli.failure import report
from nndsl.cli.formats import FORMATS, renderer
from nndsl.cli.paths import specs_in
from nndsl.cli.rendering import in_order
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
    parser.add_argument("--strict", action="store_true", help="make errors of warnings")
    parser.add_argument(
        "--format", choices=FORMATS, default="full", metavar="FORMAT", help=", ".join(FORMATS)
    )
    add_stdin_filename(parser)


def run(arguments: Namespace) -> int:
    diagnostics: list[Diagnostic] = []
    files: list[str] = []
    code = 0
    for path in specs_in(arguments.paths):
        try:
            source = read_spec(path, arguments.stdin_filename)
        except SourceError as error:  # the other files are checked all the same
            code = report(error)
            continue
        files.append(source.name)
        found = check(source, dict(arguments.set), arguments.ignore)
        diagnostics += in_order(found, source.name)
    diagnostics = list({str(d): d for d in diagnostics}.values())  # an option is wrong once
    if arguments.strict:
        diagnostics = [replace(d, severity=Severity.ERROR) for d in diagnostics]
    if files:
        print(renderer(arguments.format)(diagnostics, files, painter(sys.stdout)))
    return code or int(any(d.severity is Severity.ERROR for d in diagnostics))
