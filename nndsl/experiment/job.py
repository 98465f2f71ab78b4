"""A job is one training of a spec with some settings; a worker returns its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

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
    numbers: Mapping[str, int] = field(default_factory=dict)  # of a variant's: "seed", "fold"
    digest: str = ""  # of what is trained, for the outcome cache


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a job. `problem` says why results are missing, if any are."""

    job: Job
    rows: tuple[Results, ...] = ()  # one per epoch
    results: Results = field(default_factory=dict)  # at the end; a run has those on the test part
    baselines: dict[str, Results] = field(default_factory=dict)  # what answers without it reach
    seconds: float = 0.0
    stopped: bool = False  # early, as `on_epoch` asked
    problem: str = ""
    diverged: bool = False  # the problem is divergence, which would happen again
    lost: bool = False  # its process died: another one may succeed

    @property
    def is_final(self) -> bool:
        """Whether a repetition would end in the same way; else something got in the way."""
        return not self.problem or self.diverged
