"""`nndsl new --course`: all labs, each with what its commands write, and the key to them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from nndsl.cli.arguments import is_quiet
from nndsl.cli.dispatch import INTERRUPTED, TERMINATED, main
from nndsl.cli.errors import CommandError
from nndsl.cli.folders import beside, key_of, require_new, settle
from nndsl.cli.output import say, write_error
from nndsl.cli.rendering import plural
from nndsl.course.labs import Lab, labs, page, readme
from nndsl.files import create_folder, write_text
from nndsl.interchange import command_line
from nndsl.languages import ENGLISH, chosen_language, translated

README = "README.md"


def write_course(folder: Path, students: Path | None, platforms: Sequence[str] = ()) -> None:
    """Write the labs into a new folder, and beside it what is for afterwards, and the key.

    `platforms` are those of `nndsl exercise --for`.

    All or nothing. CommandError where something is there already, or cannot be made.
    """
    key, after = key_of(folder), beside(folder, "after")
    for place in (folder, after, key):
        require_new(place, "name another folder after --course")
    try:
        create_folder(folder.resolve().parent)
        with TemporaryDirectory(prefix=".nndsl-", dir=folder.resolve().parent) as temporary:
            whole = students.resolve() if students else None
            with chdir(temporary):
                made = (Path(folder.name), Path(after.name), Path(key.name))
                _write(*made, whole, students, platforms)
            settle({place: Path(temporary, place.name) for place in (folder, after, key)})
    except OSError as error:
        raise write_error(folder, error) from None
    say(f"wrote {folder}: {plural(len(labs()), 'lab')}, for students")
    say(f"wrote {after}: whole handouts and hunts, once exercises are handed in")
    say(f"wrote {key}: answers, keys, and the commands that make a lab again")


def _write(
    folder: Path,
    after: Path,
    key: Path,
    students: Path | None,
    shown: Path | None,
    platforms: Sequence[str],
) -> None:
    made = []
    for number, lab in enumerate(labs(), 1):
        say(f"{number}/{len(labs())}  {translated(lab.title)}")
        name = f"{number:02}_{lab.page}"
        place = folder / name
        places = (place, after / name, key / name)
        for one in places:
            create_folder(one)
        for file in lab.pages:
            write_text(place / file, page(file).text)
        for command in _commands(lab, *places, students, platforms):
            _run(command)
        commands = _commands(lab, *places, shown, platforms)
        as_given = [["nndsl", *one, *_language()] for one in commands]
        made.append((place.name, lab, [*map(command_line, as_given)]))
    write_text(folder / README, readme(made, after=after.name))
    write_text(key / README, readme(made, folder.name, key.name, after.name))


def _commands(
    lab: Lab,
    place: Path,
    after: Path,
    key: Path,
    students: Path | None,
    platforms: Sequence[str],
) -> list[list[str]]:
    own = str(place / lab.pages[0])
    of_class = ["--students", str(students)] if students else []
    graded = [word for platform in platforms for word in ("--for", platform)]
    blanks = ["--blank", lab.blank, "--level", str(lab.level)]
    easy = ["--level", str(lab.hunt.level), "--count", str(lab.hunt.count)]
    exercise, hunt = (
        ["-o", str(folder / made), "--key", str(key / made)]
        for folder, made in ((place, "exercise"), (after, "hunt"))
    )
    return [
        *(["build", f"{place / name}.nn", "-o", f"{place / name}.py"] for name in lab.beside),
        ["handout", own, *blanks, "-o", str(place / "handout.html")],
        ["handout", own, "-o", str(after / "handout.html")],
        ["handout", own, "--answers", "-o", str(key / "handout.html")],
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
