"""Histograms that cover all values, and can be drawn over another range."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
BINS = 200  # narrow, so that little is lost where they are joined to wider ones
OUTER = 0.001  # the part of the values that shares one wide bin, at each end


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values lie in each bin, between the least and the greatest of them.

    Equal bins cover all but the outermost values, for which there is one bin at each end: a few
    far away would make all bins too wide.
    """

    counts: npt.NDArray[np.int64]  # (bins,)
    edges: Array  # (bins + 1,)

    @property
    def low(self) -> float:
        return float(self.edges[0])

    @property
    def high(self) -> float:
        return float(self.edges[-1])

    def without_tails(self, part: float) -> tuple[float, float]:
        """Return between which edges all values lie but this part at each end, or less."""
        below, total = self._below(), self.counts.sum()
        first = np.searchsorted(below[1:], part * total, side="right")
        last = np.searchsorted(below[1:], (1 - part) * total)
        return float(self.edges[min(first, len(self.counts) - 1)]), float(self.edges[last + 1])

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
        return Histogram(np.zeros(bins + 2, np.int64), np.zeros(bins + 3))
    low, high = float(finite.min()), float(finite.max())
    if not low < high:  # all the same: bins of their own, as narrow as numbers allow
        high = low + max(abs(low) * 1e-9, 1e-300) * bins
    inner, outer = np.quantile(finite, (OUTER, 1 - OUTER))
    if not inner < outer:
        inner, outer = low, high
    edges = np.concatenate([[low], np.linspace(inner, outer, bins + 1), [high]])
    counts, _ = np.histogram(finite, edges)
    return Histogram(counts.astype(np.int64), edges)
