"""Folders that a command writes for a course: one for students, and a key beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from nndsl.cli.errors import CommandError
from nndsl.cli.output import write_error
from nndsl.files import copy, create_folder, write_content


def key_of(folder: Path) -> Path:
    """Return the folder of the key to what another holds."""
    key = folder.resolve().parent / f"{folder.resolve().name}-key"
    return key if folder.is_absolute() else Path(os.path.relpath(key))


def require_new(folder: Path) -> None:
    """CommandError where something is there already."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty", "name another folder after -o")
    except OSError as error:
        raise write_error(folder, error) from None


def write_folders(
    made: Mapping[Path, Mapping[str, str | bytes]], data: Mapping[Path, Path]
) -> None:
    """Write folders of files, with copies of data in them: all or nothing. CommandError."""
    beside = next(iter(made)).resolve().parent
    try:
        create_folder(beside)
        with TemporaryDirectory(prefix=".nndsl-", dir=beside) as temporary:
            whole = {place: Path(temporary, str(number)) for number, place in enumerate(made)}
            for place, files in made.items():
                for name, content in files.items():
                    create_folder((whole[place] / name).parent)
                    write_content(whole[place] / name, content)
            for target, origin in data.items():
                place = next(place for place in made if target.is_relative_to(place))
                copy(origin, whole[place] / target.relative_to(place))
            for place, ready in whole.items():
                if place.exists():  # and is empty
                    for one in ready.iterdir():
                        one.rename(place / one.name)
                else:
                    ready.rename(place)
    except OSError as error:
        raise write_error([*made][-1], error) from None
