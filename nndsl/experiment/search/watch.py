"""What whoever looks on at a search gets to see."""

from __future__ import annotations

from typing import Protocol

from nndsl.experiment.search.trial import Trial


class Watch(Protocol):
    """All of these are called by one thread at a time."""

    def started(self, number: int) -> None: ...

    def epoch(self, number: int, epoch: int, value: float) -> None: ...

    def ended(self, trial: Trial) -> None:
        """A trial has ended: in local mode in the order of the numbers."""


class Nobody:
    """Nobody looks on."""

    def started(self, number: int) -> None:
        return

    def epoch(self, number: int, epoch: int, value: float) -> None:
        return

    def ended(self, trial: Trial) -> None:
        return
