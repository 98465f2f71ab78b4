"""Folders that a command writes for a course: one for students, and a key beside it."""

import os
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from nndsl.cli.arguments import Parser, a_folder
from nndsl.cli.errors import CommandError
from nndsl.cli.output import write_error
from nndsl.files import copy, create_folder, unfinished_folder, write_content

OTHER_FOLDER = "name another folder after -o"
WRITTEN = ("exercise.json", "key.md", "hunt.md", "*/hunt.md")  # by `exercise` and `hunt`


def add_folders(parser: Parser) -> None:
    """Declare the folder for students, and that of the key."""
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", type=a_folder, required=True, help="for students"
    )
    parser.add_argument(
        "--key", metavar="FOLDER", type=a_folder, help="for teachers (default: FOLDER-key)"
    )
    parser.add_argument("--fresh", action="store_true", help="in the place of what it wrote there")


def add_platforms(parser: Parser, platforms: Sequence[str]) -> None:
    """Declare for which platforms a grader is written into the key."""
    parser.add_argument(
        "--for",
        dest="platforms",
        action="append",
        default=[],
        choices=platforms,
        metavar="SYSTEM",
        help=", ".join(platforms),
    )


def new_folders(arguments: Namespace) -> tuple[Path, Path]:
    """Return the folder for students, and that of the key. CommandError where they are filled."""
    folder = Path(arguments.output)
    key = Path(arguments.key) if arguments.key else key_of(folder)
    if key.resolve() == folder.resolve() or key.resolve().is_relative_to(folder.resolve()):
        raise CommandError(f"the key is in {folder}, which students get", "name another --key")
    for place in (folder, key):
        made = _is_made(place)
        if not (arguments.fresh and made):
            forgotten = ", or forget what it holds with --fresh" if made else ""
            require_new(place, OTHER_FOLDER + forgotten)
    return folder, key


def _is_made(folder: Path) -> bool:
    """Did such a command write what a folder holds?"""
    return any(any(folder.glob(pattern)) for pattern in WRITTEN)


def key_of(folder: Path) -> Path:
    """Return the folder of the key to what another holds."""
    return beside(folder, "key")


def beside(folder: Path, what: str) -> Path:
    """Return the folder `FOLDER-WHAT` beside another."""
    place = folder.resolve().parent / f"{folder.resolve().name}-{what}"
    return place if folder.is_absolute() else Path(os.path.relpath(place))


def require_new(folder: Path, help: str = OTHER_FOLDER) -> None:
    """CommandError where something is there already."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty", help)
    except OSError as error:
        raise write_error(folder, error) from None


def write_folders(
    made: Mapping[Path, Mapping[str, str | bytes]], data: Mapping[Path, Path]
) -> None:
    """Write folders of files, with copies of data in them: all or nothing. CommandError."""
    parent = next(iter(made)).resolve().parent
    try:
        create_folder(parent)
        with unfinished_folder(parent) as temporary:
            whole = {place: temporary / str(number) for number, place in enumerate(made)}
            for place, files in made.items():
                for name, content in files.items():
                    create_folder((whole[place] / name).parent)
                    write_content(whole[place] / name, content)
            for target, origin in data.items():
                place = next(place for place in made if target.is_relative_to(place))
                copy(origin, whole[place] / target.relative_to(place))
            settle(whole)
    except OSError as error:
        raise write_error([*made][-1], error) from None


def settle(made: Mapping[Path, Path]) -> None:
    """Put folders that are ready, the values, in their place; what is there already goes. OSError.

    An empty folder stays, and is filled.
    """
    for place, ready in made.items():
        if place.is_dir() and not any(place.iterdir()):
            for one in ready.iterdir():
                one.rename(place / one.name)
            continue
        create_folder(place.resolve().parent)
        if place.exists():
            place.rename(ready.with_name(f"{ready.name}-before"))
        ready.rename(place)
