"""What a trained network says of a part of its data, example by example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.emit.layout import module
from nndsl.live.arrays import Arrays
from nndsl.live.execute import execute
from nndsl.live.model import Model
from nndsl.program.preprocessing import preprocessing
from nndsl.shapes import SequenceShape

Array = npt.NDArray[Any]
CHUNK = 1000  # examples at a time


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answers of a network for the inputs X of a part, beside the targets t.

    Of a classification `true` and `predicted` (N,) are class numbers, `names` those of the classes,
    and `probabilities` (N, classes), where the loss makes any. Of a regression these two are values
    (N, outputs), and `names` those of the outputs.
    """

    part: str
    X: Array
    names: tuple[str, ...]
    true: Array
    predicted: Array
    is_classification: bool
    probabilities: Array | None = None
    weights: Array | None = None  # how much each example counts, where some count more

    @property
    def confusion(self) -> Array:
        """How often a class (row) was taken for another (column)."""
        return confusion(self.true, self.predicted, len(self.names)).astype(np.int64)

    @property
    def scores(self) -> Array:
        """Precision, recall and F1 (columns) of each class, by the weights of the examples."""
        counts = confusion(self.true, self.predicted, len(self.names), self.weights)
        return class_scores(counts)

    @property
    def confidence(self) -> Array:
        """The probability of the class that is predicted (N,)."""
        assert self.probabilities is not None
        return self.probabilities[np.arange(len(self.predicted)), self.predicted]

    @property
    def worst(self) -> Array:
        """The numbers of the examples that are answered wrong, the worst mistake first.

        Of classes those whose true class has the smallest probability; of values those with the
        largest error.
        """
        if not self.is_classification:
            return np.argsort(-np.abs(self.predicted - self.true).mean(axis=1), kind="stable")
        wrong = np.flatnonzero(self.true != self.predicted)
        if self.probabilities is None:
            return wrong
        return wrong[np.argsort(self.probabilities[wrong, self.true[wrong]], kind="stable")]


def confusion(true: Array, predicted: Array, classes: int, weights: Array | None = None) -> Array:
    """Return how often a class (row) was taken for another (column), or the weight of these."""
    counts = np.zeros((classes, classes))
    np.add.at(counts, (true, predicted), 1 if weights is None else weights)
    return counts


def class_scores(counts: Array) -> Array:
    """Return precision, recall and F1 (columns) of each class: 0 where nothing is of it."""
    right, true, called = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    wholes = np.stack([called, true, (true + called) / 2], axis=1)
    return right[:, None] / np.where(wholes > 0, wholes, 1)


def judge(model: Model) -> Judgement | None:
    """Return what a network says of the most telling part of its data: test, validation, training.

    None where that cannot be listed: with answers at each position, or numbers that are not finite.
    """
    spec, graph = model.spec, model.checked.graph
    assert spec.train is not None
    assert graph is not None
    parts, known, shape = model.data(), spec.description, graph.output.shape
    part = next(name for name in ("test", "validation", "training") if name in parts)
    X, t, *w = parts[part]
    if isinstance(X, Arrays) or isinstance(t, Arrays):  # a page of it is for one of each
        return None
    is_classification = spec.train.loss.targets == "classes" or known.classes is not None
    if isinstance(shape, SequenceShape) or not len(X):
        return None
    if not is_classification and len(shape) != 1:
        return None
    with np.errstate(all="ignore"):
        output = np.concatenate([model.predict(X[i : i + CHUNK]) for i in range(0, len(X), CHUNK)])
    if not np.isfinite(output).all():
        return None
    count = max(shape[-1], 2) if is_classification else shape[-1]
    names = known.names if len(known.names) == count else tuple(map(str, range(count)))
    functions = execute(module(preprocessing(spec, graph, spec.data)), "<preprocessing>")
    estimates = functions["estimates"](output) if "estimates" in functions else None
    if not is_classification:
        true, predicted = t.reshape(output.shape), estimates if estimates is not None else output
        if (scaling := spec.preparation.targets) is not None:  # in the units of the file
            kept = [model.statistics[name] for name in scaling.keeps]
            true, predicted = (functions["restore"](x, *kept) for x in (true, predicted))
        return Judgement(part, X, names, true, predicted, False, None, *w)
    predicted, true = (
        functions[name](array).astype(np.int64) for name, array in (("decide", output), ("true", t))
    )
    if estimates is not None and shape[-1] == 1:
        estimates = np.column_stack([1 - estimates, estimates])
    return Judgement(part, X, names, true, predicted, True, estimates, *w)
