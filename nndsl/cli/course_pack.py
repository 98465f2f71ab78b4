"""`nndsl new --course`: all labs, each with what its commands write, and the key to them."""

from __future__ import annotations

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from nndsl.cli.arguments import is_quiet
from nndsl.cli.dispatch import main
from nndsl.cli.errors import CommandError
from nndsl.cli.folders import key_of, require_new, settle
from nndsl.cli.output import say, write_error
from nndsl.cli.rendering import plural
from nndsl.course.labs import Lab, labs, page, readme
from nndsl.files import create_folder, write_text
from nndsl.interchange import command_line
from nndsl.languages import chosen_language

README = "README.md"


def write_course(folder: Path, students: Path | None) -> None:
    """Write the labs into a new folder, and the key to them beside it: all or nothing.

    CommandError where something is there already, or cannot be made.
    """
    key = key_of(folder)
    for place in (folder, key):
        require_new(place)
    try:
        create_folder(folder.resolve().parent)
        with TemporaryDirectory(prefix=".nndsl-", dir=folder.resolve().parent) as temporary:
            whole = students.resolve() if students else None
            with chdir(temporary):
                _write(Path(folder.name), Path(key.name), whole, students)
            settle({place: Path(temporary, place.name) for place in (folder, key)})
    except OSError as error:
        raise write_error(folder, error) from None
    say(f"wrote {folder}: {plural(len(labs()), 'lab')}, for students")
    say(f"wrote {key}: answers, keys, and the commands that make a lab again")


def _write(folder: Path, key: Path, students: Path | None, shown: Path | None) -> None:
    made = []
    for number, lab in enumerate(labs(), 1):
        say(f"{number}/{len(labs())}  {lab.title}")
        place, keys = (one / f"{number:02}_{lab.page}" for one in (folder, key))
        for one in (place, keys):
            create_folder(one)
        for name in lab.pages:
            write_text(place / name, page(name).text)
        for command in _commands(lab, place, keys, students):
            _run(command)
        as_given = _commands(lab, place, keys, shown)
        made.append((place.name, lab, [command_line(["nndsl", *one]) for one in as_given]))
    write_text(folder / README, readme(made))
    write_text(key / README, readme(made, folder.name, key.name))


def _commands(lab: Lab, place: Path, key: Path, students: Path | None) -> list[list[str]]:
    own = str(place / lab.pages[0])
    of_class = ["--students", str(students)] if students else []
    exercise, hunt = (
        ["-o", str(place / made), "--key", str(key / made)] for made in ("exercise", "hunt")
    )
    easy = ["--level", str(lab.hunt.level), "--count", str(lab.hunt.count)]
    return [
        *(["build", f"{place / name}.nn", "-o", f"{place / name}.py"] for name in lab.beside),
        ["handout", own, "-o", str(place / "handout.html")],
        ["handout", own, "--answers", "-o", str(key / "handout.html")],
        ["exercise", own, "--blank", lab.blank, "--level", str(lab.level), *exercise],
        ["hunt", own, *easy, *of_class, *hunt],
    ]


def _run(command: list[str]) -> None:
    """Run a command of nndsl in this process. CommandError with what it says, where it fails."""
    said = io.StringIO()
    as_here = ["--lang", chosen_language(), *["--quiet"] * is_quiet()]
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = main([*command, *as_here])
    if code:
        say(said.getvalue().rstrip())
        raise CommandError(f"the course is not written: `nndsl {command_line(command)}` failed")
