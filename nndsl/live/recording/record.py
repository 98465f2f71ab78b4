"""A record: numbers and histograms of layers and parameters, over the epochs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.files import write_bytes, write_text
from nndsl.interchange import csv_text
from nndsl.live.errors import ModelError
from nndsl.live.recording.histogram import Histogram
from nndsl.vocabulary import registry
from nndsl.vocabulary.instrument import Instrument

FILE, TABLE = "record.npz", "record.csv"
MAX_HISTOGRAMS = 64  # kept of one thing; more are thinned out

# What record.npz holds of a series beside its numbers.
LAYER, BOUNDS, KIND = "layer", "bounds", "is_nonlinear_and_is_weight"
EPOCHS, COUNTS, EDGES = "histogram_epochs", "histogram_counts", "histogram_edges"


@dataclass(slots=True)
class Series:
    """What one instrument saw of one layer or parameter. Epoch 0 is before training."""

    instrument: Instrument
    name: str  # in the script: A1, W1
    layer: str  # the word of the layer that puts it out, or whose parameter it is
    bounds: tuple[float, float] = (-math.inf, math.inf)  # of its output
    is_nonlinear: bool = False
    is_weight: bool = False
    numbers: dict[int, dict[str, float]] = field(default_factory=dict)  # by epoch
    histograms: dict[int, Histogram] = field(default_factory=dict)  # by epoch
    _stride: int = 1

    def add(self, epoch: int, numbers: dict[str, float], histogram: Histogram) -> None:
        """Write down an epoch. Histograms are kept of the first, the last and some in between."""
        self.numbers[epoch] = numbers
        if len(self.histograms) == MAX_HISTOGRAMS:
            self._stride *= 2
        self.histograms = {e: h for e, h in self.histograms.items() if e % self._stride == 0}
        self.histograms[epoch] = histogram

    def measures(self) -> list[str]:
        return list(dict.fromkeys(name for numbers in self.numbers.values() for name in numbers))

    def over_epochs(self, measure: str) -> tuple[list[int], list[float]]:
        """Return the epochs and the values of a measure, where it is a finite number."""
        pairs = [
            (epoch, numbers[measure])
            for epoch, numbers in sorted(self.numbers.items())
            if math.isfinite(numbers.get(measure, math.nan))
        ]
        return [epoch for epoch, _ in pairs], [value for _, value in pairs]

    def at(self, epoch: int, measure: str) -> float:
        """Return a number, NaN where it was not measured."""
        return self.numbers.get(epoch, {}).get(measure, math.nan)


@dataclass(slots=True)
class Record:
    """Everything that the instruments saw, in the order of the network."""

    examples: int  # of the fixed batch
    epochs: list[int] = field(default_factory=list)
    series: dict[tuple[str, str], Series] = field(default_factory=dict)  # by instrument and name

    def having(self, measure: str) -> list[Series]:
        """Return the series in which something was measured."""
        return [series for series in self.series.values() if measure in series.measures()]

    def of(self, instrument: str) -> list[Series]:
        """Return what one instrument saw, in the order of the network."""
        return [series for (word, _), series in self.series.items() if word == instrument]

    @property
    def last(self) -> int:
        """The last epoch that was written down."""
        return self.epochs[-1] if self.epochs else 0

    def save(self, folder: Path) -> None:
        """Write record.npz and record.csv. OSError where the folder cannot be written."""
        arrays = dict(self._arrays())
        write_bytes(folder / FILE, lambda file: np.savez(file, **arrays))
        write_text(folder / TABLE, self._table())

    @classmethod
    def load(cls, folder: Path) -> Record:
        """Read what `save` wrote. OSError where there is none, ModelError where it is damaged."""
        try:
            return cls._read(folder / FILE)
        except OSError:
            raise
        except Exception:  # what a damaged file raises depends on where it is damaged
            raise ModelError(
                f"{folder / FILE} is damaged", f"remove the folder {folder}, and train again"
            ) from None

    @classmethod
    def _read(cls, path: Path) -> Record:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        record = cls(int(arrays.pop("examples")), arrays.pop("epochs").tolist())
        things: dict[tuple[str, str], dict[str, Any]] = {}
        for key, array in arrays.items():
            word, name, what = key.split("/")
            things.setdefault((word, name), {})[what] = array
        for (word, name), found in things.items():
            instrument = registry.find(Instrument.kind, word)
            if instrument is not None and issubclass(instrument, Instrument):
                series = _read_series(instrument(), name, found, record.epochs)
                record.series[word, name] = series
        return record

    def _arrays(self) -> Iterable[tuple[str, Any]]:
        yield "examples", np.array(self.examples)
        yield "epochs", np.array(self.epochs, np.int64)
        for (word, name), series in self.series.items():
            head = f"{word}/{name}"
            yield f"{head}/{LAYER}", np.array(series.layer)
            yield f"{head}/{BOUNDS}", np.array(series.bounds, np.float64)
            yield f"{head}/{KIND}", np.array([series.is_nonlinear, series.is_weight])
            for measure in series.measures():
                numbers = [series.at(epoch, measure) for epoch in self.epochs]
                yield f"{head}/{measure}", np.array(numbers, np.float64)
            kept = sorted(series.histograms)
            found = [series.histograms[epoch] for epoch in kept]
            yield f"{head}/{EPOCHS}", np.array(kept, np.int64)
            yield f"{head}/{COUNTS}", np.array([h.counts for h in found])
            yield f"{head}/{EDGES}", np.array([h.edges for h in found])

    def _table(self) -> str:
        """Return a line for each epoch and thing; what was not measured there is left empty."""
        measures = dict.fromkeys(m for series in self.series.values() for m in series.measures())
        rows: list[list[object]] = []
        for epoch in self.epochs:
            for (word, name), series in self.series.items():
                numbers = series.numbers.get(epoch)
                if numbers is None:
                    continue
                shown = {m: f"{value:.6g}" for m, value in numbers.items() if math.isfinite(value)}
                cells = [shown.get(measure, "") for measure in measures]
                rows.append([epoch, word, name, series.layer, *cells])
        return csv_text(["epoch", "instrument", "name", "layer", *measures], rows)


def _read_series(
    instrument: Instrument, name: str, found: dict[str, Any], epochs: list[int]
) -> Series:
    """Return a series from its arrays in a file."""
    low, high = found.pop(BOUNDS).tolist()
    is_nonlinear, is_weight = found.pop(KIND).tolist()
    layer = str(found.pop(LAYER))
    kept, counts, edges = found.pop(EPOCHS), found.pop(COUNTS), found.pop(EDGES)
    series = Series(instrument, name, layer, (low, high), is_nonlinear, is_weight)
    series.histograms = {
        int(epoch): Histogram(*pair) for epoch, *pair in zip(kept, counts, edges, strict=True)
    }
    for number, epoch in enumerate(epochs):
        numbers = {measure: float(array[number]) for measure, array in found.items()}
        known = {measure: value for measure, value in numbers.items() if not math.isnan(value)}
        if known:
            series.numbers[epoch] = known
    return series
