"""A job: one training of a spec with some settings; what workers take and give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nndsl.source import Source

Results = dict[str, float]


@dataclass(frozen=True, slots=True)
class Job:
    """One training. A `run` keeps everything in its folder, as `nndsl run` does.

    A `trial` keeps nothing, does not look at the test part, and may be stopped after any epoch.
    """

    name: str
    settings: Mapping[str, str]  # as `--set` takes them
    folder: Path | None = None
    kind: Literal["run", "trial"] = "run"
    digest: str = ""  # of what is trained: a run writes it down, last of all


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job. `problem` says in words why there is no result, or not all of it."""

    job: Job
    rows: tuple[Results, ...] = ()  # one for each epoch that was reported
    results: Results = field(default_factory=dict)  # of the end, the test part included in a run
    seconds: float = 0.0
    stopped: bool = False  # whoever looked on said so
    problem: str = ""
    diverged: bool = False  # that is the problem: it would do so again
    lost: bool = False  # its process ended early: it may well go on in another

    @property
    def is_final(self) -> bool:
        """Whether the same job would end so again; otherwise something kept it from its end."""
        return not self.problem or self.diverged


def spec_argument(source: Source) -> str:
    """Return how a command names a spec: by its path, or `-` where it came from stdin."""
    return "-" if source.name.startswith("<stdin>") else source.name
