"""Pruning: a trial that is worse than earlier ones is stopped."""

from bisect import insort
from collections.abc import Sequence

from nndsl.experiment.search.trial import Curve, Trial

STARTUP = 10  # trials that are never stopped
WARM_UP = 0.1  # of the epochs, in which no trial is stopped
# A trial goes on while it is among this part of the earlier ones. A quarter saves more epochs, and
# loses slow starters where depths are searched: docs/search.md has the figures.
KEPT = 0.5


class PruningHistory:
    """The best value of each trial up to each epoch."""

    def __init__(self, *, maximize: bool) -> None:
        self._maximize = maximize
        self._reached: list[list[float]] = []  # by epoch, from worst to best
        self._trials = 0

    def add(self, trial: Trial) -> None:
        """Add a trial. One that diverged counts as the worst in the epochs it did not reach."""
        self._trials += 1
        for epoch, value in enumerate(best_so_far(trial.curve, maximize=self._maximize)):
            if epoch == len(self._reached):
                self._reached.append([])
            insort(self._reached[epoch], value if self._maximize else -value)

    def limits(self) -> Curve:
        """Return what a trial must have reached after each epoch; nothing during startup."""
        if self._trials < STARTUP:
            return ()
        worst = float("-inf") if self._maximize else float("inf")
        warm_up = max(1, round(WARM_UP * len(self._reached)))
        limits = []
        for epoch, reached in enumerate(self._reached, start=1):
            if epoch < warm_up or len(reached) < STARTUP // 2:
                limits.append(worst)
                continue
            limit = reached[int(len(reached) * (1 - KEPT))]
            limits.append(limit if self._maximize else -limit)
        return tuple(limits)


def is_hopeless(curve: Sequence[float], limits: Curve, *, maximize: bool) -> bool:
    """Whether to stop a trial after the last epoch of its curve."""
    if len(curve) > len(limits):
        return False
    best = best_so_far(curve, maximize=maximize)[-1]
    limit = limits[len(curve) - 1]
    return best < limit if maximize else best > limit


def best_so_far(curve: Sequence[float], *, maximize: bool) -> Curve:
    """Return the best value up to each epoch."""
    better = max if maximize else min
    best: list[float] = []
    for value in curve:
        best.append(better(best[-1], value) if best else value)
    return tuple(best)
