"""`nndsl fmt`: the canonical layout of specs."""

import sys
from argparse import Namespace

from nndsl.analysis.imports import read_tree
from nndsl.cli.arguments import Parser, add_shared, read_spec
from nndsl.cli.color import painter
from nndsl.cli.errors import CommandError, report
from nndsl.cli.formats import full
from nndsl.cli.output import print_diff, print_text, rewrite, say
from nndsl.cli.paths import find_specs
from nndsl.cli.rendering import plural
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, SourceError
from nndsl.syntax.printer import print_tree

DESCRIPTION = """\
Lay specs out in the one canonical way. Comments and the meaning stay. A file
with syntax errors is left as it is."""
EXAMPLE = """\
  nndsl fmt specs/                  every .nn file in the folder, and below
  nndsl fmt net.nn --diff           show what would change"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="a .nn file, a folder, or - (stdin to stdout)"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit code 1 if a spec would change"
    )
    parser.add_argument(
        "--diff", action="store_true", help="write nothing; show what would change, code as above"
    )
    add_shared(parser, "--stdin-filename")


def run(arguments: Namespace) -> int:
    code = 0
    changed: list[bool] = []
    writes = not (arguments.check or arguments.diff)
    for path in find_specs(arguments.paths):
        try:
            source = read_spec(path, stdin_filename=arguments.stdin_filename)
            text = _layout(source)
        except (SourceError, CommandError) as error:  # continue with the others
            code = report(error)
            continue
        if text is None:
            code = max(code, 1)
            continue
        changed.append(text != source.text)
        if path == "-" and writes:
            print_text(text)
        elif changed[-1]:
            _change(source, text, arguments)
    if path != "-" or not writes:
        _say_how_many(changed)
    return code if writes else max(code, int(any(changed)))


def _change(source: Source, text: str, arguments: Namespace) -> None:
    if arguments.diff:
        print_diff(source.text, text, source.name, f"{source.name} (formatted)")
    if arguments.diff or arguments.check:
        say(f"{source.name} is not formatted")
    else:
        rewrite(source, text)
        say(f"formatted {source.name}")


def _say_how_many(changed: list[bool]) -> None:
    right = changed.count(False)
    if right:
        say(f"{plural(right, 'spec')} {'is' if right == 1 else 'are'} formatted already")


def _layout(source: Source) -> str | None:
    """Return the canonical text of a spec; None if it has syntax errors, which are reported."""
    if source.is_json:
        raise CommandError(
            f"{source.name} is a spec in JSON, and fmt lays out .nn files",
            f"`nndsl convert {source.name} --to nn` writes it as one",
        )
    diagnostics = Diagnostics()
    tree = read_tree(source, diagnostics)
    if diagnostics.diagnostics or tree is None:
        shown = full.render(diagnostics.diagnostics, [source.name], painter(sys.stderr))
        print(shown, file=sys.stderr)
        say(f"{source.name} has syntax errors, and is left as it is")
        return None
    return print_tree(tree)
