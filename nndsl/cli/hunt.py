"""`nndsl hunt`: a script with mistakes to find for each student, and the key to them."""

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.folders import add_folders, add_platforms, new_folders, write_folders
from nndsl.cli.output import checked_spec, say
from nndsl.cli.progress import counted
from nndsl.cli.rendering import plural
from nndsl.course.grading.autograders import HUNT, OF_HUNTS, Grading, graders
from nndsl.course.hunts.class_list import read_class_list
from nndsl.course.hunts.hunts import Hunts
from nndsl.course.hunts.key import KEY, MAX_COUNT, PARTS_OF_LEVELS, answers, key_text, task
from nndsl.course.hunts.spread import Spread
from nndsl.live.judging.reference import Reference
from nndsl.live.run import SCRIPT

DESCRIPTION = """\
Write scripts with mistakes to find, and a key for `nndsl grade --hunt`."""
EXAMPLE = """\
  nndsl hunt digits.nn --students class.csv -o hunts"""
TASK = "hunt.md"


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words", "--names", "--style")
    add_folders(parser)
    parser.add_argument(
        "--level",
        type=int,
        choices=PARTS_OF_LEVELS,
        default=1,
        metavar="LEVEL",
        help="1: of gradients (default); 2: of the network; 3: any",
    )
    parser.add_argument(
        "--count",
        type=int,
        choices=range(1, MAX_COUNT + 1),
        default=1,
        metavar="N",
        help=f"mistakes in each, up to {MAX_COUNT} (default 1)",
    )
    parser.add_argument("--students", metavar="FILE", help="CSV with a column of names")
    add_shared(parser, "--seed", default=0, help="other mistakes (default 0)")
    add_platforms(parser, OF_HUNTS)


def run(arguments: Namespace) -> int:
    students = read_class_list(Path(arguments.students)) if arguments.students else []
    folder, key = new_folders(arguments)
    source, checked = checked_spec(arguments)
    if checked.minimizes:
        raise CommandError("a hunt needs a network, and the spec holds a formula", code=1)
    reference = Reference(checked, with_large=True, style=arguments.style, naming=arguments.names)
    made = Hunts(reference, PARTS_OF_LEVELS[arguments.level], SCRIPT)
    names = students or [folder.resolve().name]
    spread = Spread()
    making = (made.make(one, arguments.seed, arguments.count, spread=spread) for one in names)
    hunts = [*counted(making, len(names))]
    files = {name: file.path for name, file in reference.script.files.items()}
    data = {name: path for name, path in files.items() if path.exists()}
    written: dict[str, str | bytes] = {}
    copies: dict[Path, Path] = {}
    for hunt in hunts:
        within = f"{hunt.student}/" if students else ""
        written[f"{within}{SCRIPT}"] = hunt.text
        written[f"{within}{TASK}"] = task(hunt, arguments.level, SCRIPT)
        copies |= {folder / f"{within}{name}": path for name, path in data.items()}
    answered = key_text(hunts)
    grading = Grading(source, dict(arguments.set), reference.script, SCRIPT, HUNT, answered)
    teacher: dict[str, str | bytes] = {**graders(arguments.platforms, grading)}
    teacher |= {KEY: answered, "key.md": answers(hunts), SCRIPT: hunts[0].right}
    write_folders({key: teacher, folder: written}, copies)
    say(f"wrote {folder}: {plural(len(hunts), 'script')} with {plural(arguments.count, 'mistake')}")
    say(f"wrote {key}: which they are, and how to mend them")
    return 0
