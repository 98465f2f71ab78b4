"""Observing a search."""

from __future__ import annotations

from collections.abc import Sequence

from nndsl.experiment.search.trial import Trial


class Observer:
    """Is told of the progress of a search; does nothing unless a method is overridden.

    Methods are called in threads, and may be called at the same time.
    """

    def begin(self, ended: Sequence[Trial], total: int) -> None:
        """A search starts or continues; these trials have ended before."""

    def started(self, number: int) -> None:
        """A trial starts."""

    def epoch(self, number: int, epoch: int, value: float) -> None:
        """An epoch of a trial has ended, with this value of the metric."""

    def ended(self, trial: Trial) -> None:
        """A trial has ended; on one machine they come in the order of their numbers."""

    def finishing(self) -> None:
        """All trials have ended, and a training with the best values starts."""
