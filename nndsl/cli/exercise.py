"""`nndsl exercise`: a script with blanks, with tests that say what is wrong, and the key."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.output import checked_spec, say, write_error
from nndsl.cli.rendering import plural
from nndsl.course.blanks import ALL, LEVELS, PASSES, BlankError
from nndsl.course.exercise import write_exercise
from nndsl.course.reference import Reference
from nndsl.files import copy, create_folder, write_content
from nndsl.live.model import ModelError

DESCRIPTION = """\
Write the script of a spec with blanks for students to fill in, tests that say
what is wrong, and hints. The solution and a key go into a folder beside it."""
EXAMPLE = """\
  nndsl exercise digits.nn --blank backward -o lab5     and lab5-key
  nndsl exercise digits.nn --blank dW1,dZ1 -o lab5      two variables"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument("-o", "--output", metavar="FOLDER", required=True, help="for students")
    parser.add_argument(
        "--blank",
        metavar="WHAT",
        required=True,
        help=f"{', '.join(PASSES)}; variables, functions, lines of the script",
    )
    parser.add_argument(
        "--level",
        type=int,
        choices=LEVELS,
        default=ALL,
        metavar="LEVEL",
        help="1: one blank; 2: all of a pass; 3: a pass as a whole (default 2)",
    )


def run(arguments: Namespace) -> int:
    asked = [one.strip() for one in arguments.blank.split(",") if one.strip()]
    if not asked:
        raise CommandError("--blank names nothing", f"such as --blank {PASSES[0]}")
    folder = Path(arguments.output)
    key = folder.with_name(f"{folder.resolve().name}-key")
    _, checked, _ = checked_spec(arguments)
    if checked.minimizes:
        raise CommandError("an exercise needs a network, and the spec holds a formula", code=1)
    try:
        reference = Reference(checked)
        exercise = write_exercise(reference, asked, arguments.level)
    except (BlankError, ModelError) as error:
        raise CommandError(str(error), error.help, code=1) from None
    for place, files in ((folder, exercise.student), (key, exercise.key)):
        _write(place, files)
    for name, file in reference.script.files.items():
        if file.path.exists():
            copy(file.path, folder / name)
        else:
            say(f"the script reads {name} beside itself, and {file.path} is not there yet")
    names = ", ".join(blank.name for blank in exercise.blanks)
    say(f"wrote {folder}: {plural(len(exercise.blanks), 'blank')}: {names}")
    say(f"wrote {key}: the solution, and a key")
    say(f"students run: python -m pytest {folder / 'test_train.py'}")
    return 0


def _write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder that is not there yet, or is empty. CommandError."""
    try:
        create_folder(folder)
        if any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty", "name another folder after -o")
        for name, content in files.items():
            write_content(folder / name, content)
    except OSError as error:
        raise write_error(folder, error) from None
