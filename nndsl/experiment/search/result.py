"""What came of a search."""

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
    """The trials of a search, and what they say. Without a `best` none came to its end."""

    plan: Plan
    trials: Sequence[Trial]
    best: Trial | None
    insights: Sequence[Insight]
    sentences: Sequence[str]
    run: Outcome | None = None  # with the best values, the test part included
    pictures: Sequence[Picture] = field(default=())
    without_figures: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many trials ended in which way."""
        return dict(Counter(trial.end for trial in self.trials))

    @property
    def epochs(self) -> int:
        return sum(trial.epochs for trial in self.trials)
