"""Histograms that cover all values, and can be drawn over another range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
BINS = 200  # narrow, so that little is lost where they are joined to wider ones


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values lie in each of equal bins between the least and the greatest of them."""

    counts: npt.NDArray[np.int64]  # (bins,)
    low: float
    high: float

    @property
    def edges(self) -> Array:
        return np.linspace(self.low, self.high, len(self.counts) + 1)

    def without_tails(self, part: float) -> tuple[float, float]:
        """Return between which edges all values lie but this part at each end, or less."""
        below, total = self._below(), self.counts.sum()
        first = np.searchsorted(below[1:], part * total, side="right")
        last = np.searchsorted(below[1:], (1 - part) * total)
        edges = self.edges
        return float(edges[min(first, len(self.counts) - 1)]), float(edges[last + 1])

    def shares(self, edges: Array) -> Array:
        """Return the part of all values in each of other bins; what lies outside is left out.

        The values of a bin that is cut are taken to be spread evenly in it.
        """
        part_below: Array = np.interp(edges, self.edges, self._below()) / max(self.counts.sum(), 1)
        return np.diff(part_below)

    def _below(self) -> Array:
        """Return how many values lie below each edge."""
        return np.append(0.0, np.cumsum(self.counts))


def histogram(values: Array, bins: int = BINS) -> Histogram:
    """Return the histogram of all values that are finite, of any shape."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Histogram(np.zeros(bins, np.int64), 0.0, 0.0)
    low, high = float(finite.min()), float(finite.max())
    if not low < high:  # all the same: a bin of its own, as narrow as numbers allow
        high = low + max(abs(low) * 1e-9, 1e-300) * bins
    counts, _ = np.histogram(finite, bins, (low, high))
    return Histogram(counts.astype(np.int64), low, high)
