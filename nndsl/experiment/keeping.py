"""The outcome of a run, in its folder: it is written last, so that what it is in is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from nndsl import __version__
from nndsl.experiment.job import Job, Outcome
from nndsl.files import write_text

FILE = "outcome.json"


def keep(folder: Path, digest: str, end: dict[str, Any]) -> None:
    """Write down how a run ended, in one step. OSError where that fails.

    `digest` tells what was trained; `end` holds the fields of an outcome but its job.
    """
    said = {"digest": digest, "nndsl": __version__, **end}
    write_text(folder / FILE, json.dumps(said, indent=1) + "\n")


def kept(job: Job) -> Outcome | None:
    """Return how a job ended that was done before; None where it was not, or not to its end."""
    if job.folder is None:
        return None
    try:
        said = json.loads((job.folder / FILE).read_text("utf-8"))
        if said.pop("digest") != job.digest or said.pop("nndsl") != __version__:
            return None
        TypeAdapter(Outcome).validate_python({"job": job, **said})  # a ValueError
        return Outcome(job, tuple(said.pop("rows")), **said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # it is not there, or not ours, or damaged
        return None
