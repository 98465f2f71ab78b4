"""The outcome of a run, saved in its folder: last of all, so that a folder with one is complete."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from nndsl import __version__
from nndsl.experiment.job import Job, Outcome
from nndsl.files import write_text

FILE = "outcome.json"


def save_outcome(folder: Path, digest: str, end: dict[str, Any]) -> None:
    """Save how a run ended, in one step. OSError where that fails.

    `digest` identifies what was trained; `end` holds the fields of an outcome without its job.
    """
    document = {"digest": digest, "nndsl": __version__, **end}
    write_text(folder / FILE, json.dumps(document, indent=1) + "\n")


def load_outcome(job: Job) -> Outcome | None:
    """Return the outcome of a job that was finished before; None where there is none."""
    if job.folder is None:
        return None
    try:
        document = json.loads((job.folder / FILE).read_text("utf-8"))
        if document.pop("digest") != job.digest or document.pop("nndsl") != __version__:
            return None
        TypeAdapter(Outcome).validate_python({"job": job, **document})  # a ValueError
        return Outcome(job, tuple(document.pop("rows")), **document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # missing, of another program, or damaged
        return None
