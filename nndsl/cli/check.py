"""`nndsl check`: all errors and warnings, at once."""

import sys
from argparse import Namespace
from dataclasses import replace

from nndsl.cli.arguments import Parser, add_shared, is_quiet, read_spec
from nndsl.cli.color import painter
from nndsl.cli.errors import report
from nndsl.cli.formats import FOR_PEOPLE, FORMATS, renderer
from nndsl.cli.output import print_text, rewrite, say
from nndsl.cli.paths import find_specs
from nndsl.cli.printable import printable
from nndsl.cli.rendering import in_order
from nndsl.diagnostics import Diagnostic, Severity
from nndsl.lints import check
from nndsl.source import Source, SourceError

DESCRIPTION = "Say everything that is wrong with specs. Nothing is run."
EXAMPLE = "  nndsl check specs/ --fix     all .nn files in the folder, and below"


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="a .nn or .json file, a folder, or - for stdin"
    )
    add_shared(parser, "--set", "--words")
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="CODES",
        help="leave warnings out: NN413,NN421 (repeatable)",
    )
    parser.add_argument("--strict", action="store_true", help="make errors of warnings")
    add_shared(parser, "--format", choices=FORMATS, default="full", help=", ".join(FORMATS))
    parser.add_argument(
        "--fix", action="store_true", help="mend what is safe to mend, and say what is left"
    )
    parser.add_argument(
        "--diff", action="store_true", help="show what --fix would change, and write nothing"
    )
    add_shared(parser, "--watch", "--stdin-filename")


def run(arguments: Namespace) -> int:
    if arguments.watch:
        from nndsl.cli.watch import repeat

        return repeat(lambda: _check(arguments), arguments.paths)
    return _check(arguments)


def _check(arguments: Namespace) -> int:
    diagnostics: list[Diagnostic] = []
    files: list[str] = []
    code = 0
    words = [*arguments.words, *(path for path in arguments.paths if path != "-")]
    for path in find_specs(arguments.paths):
        try:
            source = read_spec(path, words, stdin_filename=arguments.stdin_filename)
        except SourceError as error:  # continue with the other files
            code = report(error)
            continue
        files.append(source.name)
        found = _fix(source, path, arguments) if arguments.fix or arguments.diff else None
        if found is None:
            found = check(source, dict(arguments.set), _ignored(arguments))
        diagnostics += in_order(found, source.name)
    diagnostics = list({str(d): d for d in diagnostics}.values())  # those of options only once
    if arguments.strict:
        diagnostics = [replace(d, severity=Severity.ERROR) for d in diagnostics]
    is_silent = is_quiet() and not diagnostics and arguments.format in FOR_PEOPLE
    if files and not arguments.diff and not is_silent:
        # stdout is for the fixed text, if that is printed.
        stream = sys.stderr if arguments.fix and "-" in arguments.paths else sys.stdout
        text = renderer(arguments.format)(diagnostics, files, painter(stream)) + "\n"
        if arguments.format in FOR_PEOPLE:
            print(text, end="", file=stream)
        else:
            print_text(text, stream)
    return code or int(any(d.severity is Severity.ERROR for d in diagnostics))


def _ignored(arguments: Namespace) -> list[str]:
    return [code.strip() for given in arguments.ignore for code in given.split(",")]


def _fix(source: Source, path: str, arguments: Namespace) -> list[Diagnostic] | None:
    """Apply safe fixes and return what is left; with `--diff` show them and return None."""
    from nndsl.lints.autofix import apply_fixes

    fixed = apply_fixes(source, dict(arguments.set), _ignored(arguments))
    text = fixed.source.text
    if arguments.diff:
        from nndsl.cli.output import print_diff

        print_diff(source.text, text, source.name, f"{source.name} (mended)")
        return None
    if path == "-":
        print_text(text)
    elif fixed.applied:
        rewrite(source, text)
    for diagnostic, fix in fixed.applied:
        place = f"{printable(source.name)}:{diagnostic.span.line}"
        say(f"{place}: {diagnostic.code} mended: {printable(fix.message)}")
    return fixed.left
