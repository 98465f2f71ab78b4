"""`nndsl exercise`: a script with blanks, with tests that say what is wrong, and the key."""

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.folders import add_folders, add_platforms, new_folders, write_folders
from nndsl.cli.output import checked_spec, say
from nndsl.cli.rendering import plural
from nndsl.course.exercises.blanks import ALL, LEVELS
from nndsl.course.exercises.exercise import notebook_checks, write_exercise
from nndsl.course.grading.autograders import (
    CLASSROOM50,
    GITHUB,
    NBGRADER,
    OTTER,
    PLATFORMS,
    POINTS,
    Grading,
    classroom50,
    graders,
    otter,
    workflow,
)
from nndsl.live.judging.reference import Reference
from nndsl.live.run import SCRIPT
from nndsl.program.parts import WRITTEN

DESCRIPTION = """\
Write a script with blanks for students, tests that say what is wrong, and
hints; beside it, in FOLDER-key, the solution and a key."""
EXAMPLE = """\
  nndsl exercise digits.nn --blank backward -o lab5"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words", "--names", "--style")
    add_folders(parser)
    add_blanks(parser, is_required=True)
    parser.add_argument("--notebook", action="store_true", help="for Jupyter")
    add_platforms(parser, PLATFORMS)


def add_blanks(parser: Parser, *, is_required: bool) -> None:
    """Add what is left out of a script, and how much of it."""
    parser.add_argument(
        "--blank",
        metavar="WHAT",
        required=is_required,
        help=f"{', '.join(WRITTEN)}; names, lines",
    )
    parser.add_argument(
        "--level",
        type=int,
        choices=LEVELS,
        default=ALL,
        metavar="LEVEL",
        help="1: one blank; 2: each (default); 3: a pass as a whole",
    )


def asked_blanks(arguments: Namespace) -> list[str]:
    """Return what is to be left out. CommandError where that is nothing."""
    asked = [one.strip() for one in arguments.blank.split(",") if one.strip()]
    if not asked:
        raise CommandError("--blank names nothing", f"such as --blank {WRITTEN[0]}")
    return asked


def run(arguments: Namespace) -> int:
    asked = asked_blanks(arguments)
    folder, key = new_folders(arguments)
    source, checked = checked_spec(arguments)
    if checked.minimizes:
        raise CommandError("an exercise needs a network, and the spec holds a formula", code=1)
    reference = Reference(checked, style=arguments.style, naming=arguments.names)
    exercise = write_exercise(
        reference, asked, arguments.level, SCRIPT, as_notebook=arguments.notebook
    )
    student, teacher = dict(exercise.student), dict(exercise.key)
    tests = next(name for name in student if name.startswith("test_"))
    points = str(teacher["points.json"])
    if GITHUB in arguments.platforms:
        student[".github/workflows/exercise.yml"] = workflow(tests)
    handed_in = f"{Path(SCRIPT).stem}.ipynb" if arguments.notebook else SCRIPT
    grading = Grading(source, dict(arguments.set), reference.script, handed_in, POINTS, points)
    teacher |= graders(arguments.platforms, grading)
    if CLASSROOM50 in arguments.platforms:
        teacher["tests.json"] = classroom50(tests, [*exercise.asked])
    places = [folder, key]
    stem = Path(SCRIPT).stem
    for platform, text in ((NBGRADER, exercise.nbgrader), (OTTER, exercise.otter)):
        if platform in arguments.platforms:
            own = {name: student[name] for name in ("exercise.json", "expected.npz")}
            own |= {f"{stem}.ipynb": text, "exercise_checks.py": notebook_checks()}
            if platform == OTTER:
                own[f"tests/{stem}.py"] = otter(exercise.asked, stem)
            teacher |= {f"{platform}/{name}": content for name, content in own.items()}
            places.append(key / platform)
    for name, file in reference.script.files.items():
        if not file.path.exists():
            say(f"the script reads {name} beside itself, and {file.path} is not there yet")
    data = {name: file.path for name, file in reference.script.files.items() if file.path.exists()}
    copies = {place / name: path for place in places for name, path in data.items()}
    write_folders({key: teacher, folder: student}, copies)
    names = ", ".join(blank.name for blank in exercise.blanks)
    say(f"wrote {folder}: {plural(len(exercise.blanks), 'blank')}: {names}")
    say(f"wrote {key}: the solution, and a key")
    say(f"students run: python -m pytest {folder / tests}")
    return 0
