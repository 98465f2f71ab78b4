"""`nndsl new`: a spec to start from, or one for a table."""

import os
import re
from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.output import print_text, say, write
from nndsl.data import DataError
from nndsl.diagnostics import Diagnostics
from nndsl.languages import with_comments
from nndsl.program.style import BLACKBOARD, FLAT
from nndsl.source import Source
from nndsl.syntax.lexeme import NAME
from nndsl.syntax.parser import parse
from nndsl.syntax.printer import print_tree
from nndsl.vocabulary.starter import starter

DESCRIPTION = """\
Write NAME.nn, a spec with comments that trains as it is. With --from it is for
a table of your own: what its columns hold, loss, network and training. With
--course: thirteen labs with handouts, exercises and bug hunts, and their keys."""
EXAMPLE = """\
  nndsl new digits
  nndsl new --from flowers.csv --target species
  nndsl new --course labs --students class.csv"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="of the model; with --from left out, that of the table",
    )
    parser.add_argument("--from", dest="table", metavar="FILE", help="a CSV file with a header")
    parser.add_argument("--target", metavar="COLUMN", help="what is to be predicted")
    parser.add_argument(
        "--course", metavar="FOLDER", help="labs, and FOLDER-key; needs nndsl[handout]"
    )
    parser.add_argument("--students", metavar="FILE", help="CSV with names: a hunt for each")
    parser.add_argument(
        "--for",
        dest="platforms",
        action="append",
        default=[],
        metavar="SYSTEM",
        help="for each lab, as of `nndsl exercise`",
    )
    add_shared(parser, "--style", "--names")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the spec, or - for stdout; left out, NAME.nn"
    )


def run(arguments: Namespace) -> int:
    if arguments.course:
        return _course(arguments)
    if arguments.students or arguments.platforms:
        option = "--students are those" if arguments.students else "--for is that"
        raise CommandError(f"{option} of a course", "name its folder: --course labs")
    if (arguments.style, arguments.names) != (FLAT, BLACKBOARD):
        wrong = "--style and --names are of scripts, and this writes a page"
        raise CommandError(wrong, "for those of a course, name its folder: --course labs")
    if arguments.target and not arguments.table:
        raise CommandError("--target is a column of a table", "name the table: --from data.csv")
    to_stdout = arguments.output == "-"
    path = _path(arguments, None if to_stdout else arguments.output)
    if not to_stdout and (path.exists() or path.is_symlink()):
        raise CommandError(f"{path} exists, and is left as it is", "choose another name")
    text = with_comments(starter(path.stem)) if not arguments.table else _of_table(arguments, path)
    if to_stdout:
        print_text(text)
        return 0
    write(path, text)
    say(f"wrote {path}")
    say(f"train it with: nndsl run {path}")
    return 0


def _course(arguments: Namespace) -> int:
    from nndsl.cli.course_pack import Wanted, write_course
    from nndsl.course.grading.autograders import PLATFORMS

    if arguments.name or arguments.table or arguments.output:
        wrong, help = "--course writes labs, and no other spec", "leave the rest out"
        if arguments.output:
            help = f"name its folder: --course {arguments.output}"
        raise CommandError(wrong, help)
    for name in arguments.platforms:
        if name not in PLATFORMS:
            raise CommandError(f"--for knows no `{name}`", f"there are {', '.join(PLATFORMS)}")
    students = Path(arguments.students) if arguments.students else None
    wanted = Wanted(students, arguments.platforms, arguments.style, arguments.names)
    write_course(Path(arguments.course), wanted)
    return 0


def _path(arguments: Namespace, output: str | None) -> Path:
    """Return the path of the spec, whose name without its end is a name of the language."""
    if arguments.name is None and not arguments.table:
        raise CommandError("which name?", "nndsl new NAME, or nndsl new --from data.csv")
    given = output or arguments.name
    if given is None:
        stem = re.sub(r"[^A-Za-z0-9]", "_", Path(arguments.table).name.partition(".")[0])
        given = f"_{stem}" if stem[:1].isdigit() else stem or "table"
    path = Path(given)
    if path.name and path.suffix != ".nn":
        path = path.with_name(f"{path.name}.nn")
    if not re.fullmatch(NAME, path.stem):
        raise CommandError(
            f"`{path.stem}` is no name", "letters, digits and _ make one, a letter first: my_net"
        )
    return path


def _of_table(arguments: Namespace, path: Path) -> str:
    from nndsl.data.survey import survey
    from nndsl.vocabulary.table_page import table_page

    table = Path(arguments.table)
    if not table.is_file():
        raise CommandError(f"there is no file {table}")
    try:
        found = survey(table, arguments.target)
    except DataError as error:
        raise CommandError(error.message, error.help) from None
    file = Path(os.path.relpath(table, path.parent)).as_posix()
    if any("\ud800" <= character <= "\udfff" for character in file):
        raise CommandError(f"the name of {table} is not in UTF-8", "rename it: a page is UTF-8")
    text = table_page(path.stem, file, found)
    return print_tree(parse(Source(str(path), text), Diagnostics()))
