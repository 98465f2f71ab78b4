"""The mark of a folder: which experiment it holds, so that another one is told from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nndsl.files import write_text

FILE = "experiment.json"
KIND = "experiment"  # of the mark: by which command it was made


def read_mark(folder: Path) -> dict[str, Any]:
    """Return what a folder says of its experiment: nothing where it says nothing, or no JSON.

    OSError where the mark is there and cannot be read.
    """
    try:
        said = json.loads((folder / FILE).read_text("utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def write_mark(folder: Path, mark: dict[str, Any]) -> None:
    """Say of which experiment a folder is, in one step. OSError where that fails."""
    write_text(folder / FILE, json.dumps(mark, indent=2) + "\n")
