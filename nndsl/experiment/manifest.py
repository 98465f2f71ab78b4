"""The manifest of a folder: which experiment it holds, so that no other one is mixed in."""

import json
from pathlib import Path
from typing import Any

from nndsl.explained import ExplainedError
from nndsl.files import write_text

FILE = "experiment.json"
KIND = "experiment"  # the entry with the command that made it: "compare" or "search"
OTHER_FOLDER = "name another folder after -o"


class OtherExperiment(ExplainedError):
    """A folder or a study holds another experiment; `differences` say how it differs.

    `message` tells a command the first difference, `help` the others and the way out.
    """

    def __init__(self, holder: str, differences: list[str], help: str) -> None:
        first, *rest = differences
        super().__init__(f"{holder}: {'; '.join(differences)}", "\n".join([*rest, help]))
        self.message = f"{holder}: {first}"
        self.differences = differences


def read_manifest(folder: Path, kind: str, holder: str, title: str) -> dict[str, Any]:
    """Return the manifest of a folder, which is empty where nothing is in the folder yet.

    OtherExperiment where the folder holds files and is not that of a `title` ("search"), made by
    the command `kind`. OSError where it cannot be read.
    """
    if all(path.name.startswith(".") for path in folder.iterdir()):
        return {}
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get(KIND) != kind:
        raise OtherExperiment(holder, [f"its files are not those of a {title}"], OTHER_FOLDER)
    return found


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of a folder, in one step. OSError where that fails."""
    write_text(folder / FILE, json.dumps(manifest, indent=2) + "\n")
