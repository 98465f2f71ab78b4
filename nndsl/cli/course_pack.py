"""`nndsl new --course`: all labs, each with what its commands write, and the key to them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from nndsl.cli.arguments import is_quiet
from nndsl.cli.dispatch import INTERRUPTED, TERMINATED, main
from nndsl.cli.errors import CommandError
from nndsl.cli.folders import beside, key_of, require_new, settle
from nndsl.cli.output import say, write_error
from nndsl.cli.rendering import plural
from nndsl.course.labs import Lab, afterwards, labs, page, readme
from nndsl.files import create_folder, unfinished_folder, write_text
from nndsl.interchange import command_line
from nndsl.languages import ENGLISH, chosen_language, translated

README = "README.md"


def write_course(folder: Path, students: Path | None, platforms: Sequence[str] = ()) -> None:
    """Write the labs into a new folder; beside it what is for afterwards, in two folders; the key.

    `platforms` are those of `nndsl exercise --for`.

    All or nothing. CommandError where something is there already, or cannot be made.
    """
    places = (folder, beside(folder, "after"), beside(folder, "end"), key_of(folder))
    for place in places:
        require_new(place, "name another folder after --course")
    try:
        create_folder(folder.resolve().parent)
        with unfinished_folder(folder.resolve().parent) as temporary:
            whole = students.resolve() if students else None
            with chdir(temporary):
                made = _Folders(*(Path(place.name) for place in places))
                _write(made, whole, students, platforms)
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


def _write(
    folders: _Folders, students: Path | None, shown: Path | None, platforms: Sequence[str]
) -> None:
    made = []
    for number, lab in enumerate(labs(), 1):
        say(f"{number}/{len(labs())}  {translated(lab.title)}")
        name = f"{number:02}_{lab.page}"
        places = folders.of(name)
        for one in places:
            create_folder(one)
        for file in lab.pages:
            write_text(places.first / file, page(file).text)
        for command in _commands(number, lab, places, students, platforms):
            _run(command)
        commands = _commands(number, lab, places, shown, platforms)
        as_given = [["nndsl", *one, *_language()] for one in commands]
        made.append((name, lab, [*map(command_line, as_given)]))
        write_text(places.after / README, afterwards(lab, folders.end.name))
    first, after, end, key = (str(place) for place in folders)
    write_text(folders.first / README, readme(made, after=after))
    write_text(folders.key / README, readme(made, first, key, after, end))


def _commands(
    number: int, lab: Lab, places: _Folders, students: Path | None, platforms: Sequence[str]
) -> list[list[str]]:
    own = str(places.first / lab.pages[0])
    of_class = ["--students", str(students)] if students else []
    graded = [word for platform in platforms for word in ("--for", platform)]
    blanks = ["--blank", lab.blank, "--level", str(lab.level)]
    easy = ["--level", str(lab.hunt.level), "--count", str(lab.hunt.count), "--seed", str(number)]
    exercise, hunt = (
        ["-o", str(folder / made), "--key", str(places.key / made)]
        for folder, made in ((places.first, "exercise"), (places.after, "hunt"))
    )
    beside = (str(places.first / name) for name in lab.beside)
    return [
        *(["build", f"{name}.nn", "-o", f"{name}.py"] for name in beside),
        ["handout", own, *blanks, "-o", str(places.first / "handout.html")],
        ["handout", own, "-o", str(places.end / "handout.html")],
        ["handout", own, "--answers", "-o", str(places.key / "handout.html")],
        ["exercise", own, *blanks, *exercise, *graded],
        ["hunt", own, *easy, *of_class, *hunt],
    ]


def _language() -> list[str]:
    """Return the argument that asks for the language that is chosen, where it has to be asked."""
    return [] if chosen_language() == ENGLISH else ["--lang", chosen_language()]


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
