"""Observing trainings that run side by side."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from nndsl.experiment.job import Job, Results

Result = TypeVar("Result")  # of a training: an outcome or a trial


class Observer(Generic[Result]):
    """Is told of the progress of trainings; does nothing unless a method is overridden.

    Methods are called in threads; in a comparison never two at the same time.
    """

    def begin(self, ended: Sequence[Result], total: int) -> None:
        """Trainings are about to start; these of all have ended in an earlier call."""

    def start(self, job: Job) -> None:
        """A training starts."""

    def epoch(self, job: Job, row: Results) -> None:
        """An epoch of a training has ended, with these results."""

    def end(self, result: Result) -> None:
        """A training has ended; trials of one machine come in the order of their numbers."""

    def finishing(self) -> None:
        """All trials have ended, and a training with the best values starts."""
