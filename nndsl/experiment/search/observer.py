"""What whoever looks on at a search gets to see."""

from __future__ import annotations

from collections.abc import Sequence

from nndsl.experiment.search.trial import Trial


class Observer:
    """Whoever looks on, and does nothing where a method is not overridden.

    Workers are served by threads, so these may be called at the same time.
    """

    def begin(self, ended: Sequence[Trial], total: int) -> None:
        """A search begins, or goes on: these trials have ended before."""

    def started(self, number: int) -> None:
        """A trial begins."""

    def epoch(self, number: int, epoch: int, value: float) -> None:
        """A trial has the metric at this value after an epoch."""

    def ended(self, trial: Trial) -> None:
        """A trial has ended; on one machine these are told in the order of their numbers."""

    def finishing(self) -> None:
        """All trials have ended, and the best values are trained with."""
