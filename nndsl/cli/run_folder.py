"""The folder of a run, named or numbered."""

from __future__ import annotations

from pathlib import Path

from nndsl.cli.failure import CommandError
from nndsl.cli.output import unwritable
from nndsl.files import create_folder


def new_or_named(output: str | None, name: str) -> Path:
    """Return the folder of a run. CommandError where it cannot be made, or is not empty."""
    from nndsl.live.run import new_folder

    folder = Path(output) if output is not None else Path("runs")
    try:
        if output is None:
            return new_folder(name, folder)
        create_folder(folder)
        used = any(folder.iterdir())
    except OSError as error:
        raise unwritable(folder, error) from None
    if used:
        raise CommandError(f"{folder} is not empty", "name another folder after -o")
    return folder
