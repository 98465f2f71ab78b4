"""`nndsl new --course`: all labs, each with what its commands write, and the key to them."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from nndsl.cli.arguments import is_quiet
from nndsl.cli.dispatch import INTERRUPTED, TERMINATED, main
from nndsl.cli.errors import CommandError
from nndsl.cli.folders import beside, key_of, require_new, settle
from nndsl.cli.handout import require_equations
from nndsl.cli.output import say, write_error
from nndsl.cli.rendering import plural
from nndsl.course.grading.autograders import OF_HUNTS
from nndsl.course.grading.own_wheel import installed
from nndsl.course.labs import Lab, afterwards, labs, page, readme
from nndsl.files import create_folder, unfinished_folder, write_content, write_text
from nndsl.interchange import command_line
from nndsl.languages import chosen_language, language_option, translated
from nndsl.program.style import BLACKBOARD, FLAT

README = "README.md"


class Wanted(NamedTuple):
    """What a course is written for."""

    students: Path | None = None  # a CSV with their names: a hunt for each
    platforms: Sequence[str] = ()  # those of `nndsl exercise --for`
    style: str = FLAT
    naming: str = BLACKBOARD


def write_course(folder: Path, wanted: Wanted) -> None:
    """Write the labs into a new folder; beside it what is for afterwards, in two folders; the key.

    All or nothing. CommandError where something is there already, or cannot be made.
    """
    require_equations()
    places = (folder, beside(folder, "after"), beside(folder, "end"), key_of(folder))
    for place in places:
        require_new(place, "name another folder after --course")
    around = folder.resolve().parent
    students = wanted.students
    try:
        create_folder(around)
        shown = Path(os.path.relpath(students.resolve(), around)) if students else None
        with unfinished_folder(around) as temporary:
            with chdir(temporary):
                made = _Folders(*(Path(place.name) for place in places))
                here = wanted._replace(students=Path("..", shown) if shown else None)
                _write(made, here, wanted._replace(students=shown))
            settle({place: temporary / place.name for place in places})
    except OSError as error:
        raise write_error(folder, error) from None
    say(f"wrote {folder}: {plural(len(labs()), 'lab')}, for students")
    say(f"wrote {places[1]}: questions and hunts, once exercises are handed in")
    say(f"wrote {places[2]}: whole handouts, once hunts are handed in")
    say(f"wrote {places[3]}: answers, keys, and the commands that make a lab again")


class _Folders(NamedTuple):
    """Where a course is written: for students, at first and later, and for the teacher."""

    first: Path
    after: Path  # the exercise is handed in
    end: Path  # the hunt is, too: the whole handout beside it would show its mistakes
    key: Path

    def of(self, name: str) -> _Folders:
        """Return the folders of a lab in them."""
        return _Folders(*(place / name for place in self))


def _write(folders: _Folders, here: Wanted, shown: Wanted) -> None:
    """Write all of it; `here` is what is wanted, `shown` the same as the teacher's commands say."""
    made = []
    for number, lab in enumerate(labs(), 1):
        say(f"{number}/{len(labs())}  {translated(lab.title)}")
        name = f"{number:02}_{lab.page}"
        places = folders.of(name)
        for one in places:
            create_folder(one)
        for file in lab.pages:
            write_text(places.first / file, page(file).text)
        for command in _commands(number, lab, places, here):
            _run(command)
        commands = _commands(number, lab, places, shown)
        as_given = [["nndsl", *one, *language_option()] for one in commands]
        made.append((name, lab, [*map(command_line, as_given)]))
        write_text(places.after / README, afterwards(lab, folders.end.name))
    nndsl, files = installed()
    for file, content in files.items():
        write_content(folders.first / file, content)
    for place, is_key in ((folders.first, False), (folders.key, True)):
        names = [str(one) for one in folders]
        text = readme(
            made,
            *names,
            platforms=shown.platforms,
            nndsl=nndsl,
            is_key=is_key,
            of_class=shown.students is not None,
        )
        write_text(place / README, text)


def _commands(number: int, lab: Lab, places: _Folders, wanted: Wanted) -> list[list[str]]:
    """Return the commands that make a lab, and make it again: `--fresh`."""
    own = str(places.first / lab.pages[0])
    of_class = ["--students", str(wanted.students)] if wanted.students else []
    graded = [word for platform in wanted.platforms for word in ("--for", platform)]
    judged = [w for name in wanted.platforms if name in OF_HUNTS for w in ("--for", name)]
    asked, style = lab.written_in(wanted.style, wanted.naming)
    looks = [*_unless(FLAT, "--style", style), *_unless(BLACKBOARD, "--names", wanted.naming)]
    blanks = ["--blank", asked, "--level", str(lab.level)]
    easy = ["--level", str(lab.hunt.level), "--count", str(lab.hunt.count), "--seed", str(number)]
    exercise, hunt = (
        ["-o", str(folder / made), "--key", str(places.key / made), "--fresh"]
        for folder, made in ((places.first, "exercise"), (places.after, "hunt"))
    )
    beside = (str(places.first / name) for name in lab.beside)
    return [
        *(["build", f"{name}.nn", "-o", f"{name}.py", *looks] for name in beside),
        ["handout", own, *blanks, *looks, "-o", str(places.first / "handout.html")],
        ["handout", own, *looks, "-o", str(places.end / "handout.html")],
        ["handout", own, "--answers", *looks, "-o", str(places.key / "handout.html")],
        ["exercise", own, *blanks, *looks, *exercise, *graded],
        ["hunt", own, *easy, *looks, *of_class, *hunt, *judged],
    ]


def _unless(usual: str, option: str, value: str) -> list[str]:
    return [] if value == usual else [option, value]


def _run(command: list[str]) -> None:
    """Run a command of nndsl in this process. CommandError with what it says, where it fails."""
    said = io.StringIO()
    as_here = ["--lang", chosen_language(), *["--quiet"] * is_quiet()]
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = main([*command, *as_here])
    if code in (INTERRUPTED, TERMINATED):
        raise KeyboardInterrupt(code)
    if code:
        say(said.getvalue().rstrip())
        raise CommandError(f"the course is not written: `nndsl {command_line(command)}` failed")
