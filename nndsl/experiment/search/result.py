"""The result of a search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nndsl.experiment.job import Outcome
from nndsl.experiment.search.insight import Insight
from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Trial
from nndsl.report.page import Picture


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The trials of a search and what they say. `best` is None if none was finished."""

    plan: Plan
    trials: Sequence[Trial]
    best: Trial | None
    insights: Sequence[Insight]
    sentences: Sequence[str]
    run: Outcome | None = None  # of a training with the best values
    pictures: Sequence[Picture] = field(default=())
    without_figures: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """The number of trials by how they ended."""
        return dict(Counter(trial.end for trial in self.trials))

    @property
    def epochs(self) -> int:
        return sum(trial.epochs for trial in self.trials)
