"""What a trained network says of a part of its data, example by example."""

from dataclasses import dataclass

import numpy as np

from nndsl.live.answering import Answering
from nndsl.live.arrays import Array, Examples, listed, of_name
from nndsl.live.model import Model
from nndsl.live.network import Pair


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answers of a network for the inputs X of a part, beside the targets t.

    Of a classification `true` and `predicted` (N,) are class numbers, `names` those of the classes,
    and `probabilities` (N, classes), where the loss makes any. Of a regression these two are values
    (N, outputs), and `names` those of the outputs.
    """

    part: str
    X: Examples
    names: tuple[str, ...]
    true: Array
    predicted: Array
    is_classification: bool
    probabilities: Array | None = None
    weights: Array | None = None  # how much each example counts, where some count more
    output: str = ""  # the name of the output, where there are several

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


def judge(model: Model) -> list[Judgement]:
    """Return what a network says of the most telling part of its data: test, validation, training.

    One for each output, but for those that cannot be listed: with answers at each position, or
    numbers that are not finite.
    """
    parts = model.data()
    part = next(name for name in ("test", "validation", "training") if name in parts)
    X, t, *w = parts[part]
    if not len(X):
        return []
    asked = Answering(model.checked, model)
    said = asked.output(X)
    found = (
        _judge(name, one, part, X, of_name(said, name), of_name(t, name), *w)
        for name, one in asked.outputs.items()
        if name in model.target_names
    )
    return [one for one in found if one is not None]


def _judge(
    name: str, asked: Answering, part: str, X: Examples, said: Array, t: Array, *weights: Array
) -> Judgement | None:
    """Return what one output says, or None where that cannot be listed."""
    if asked.has_positions or not np.isfinite(said).all() or said.ndim != 2:
        return None
    functions, names, w = asked.functions, asked.names, weights[0] if weights else None
    estimates = functions["estimates"](said) if "estimates" in functions else None
    if not asked.is_classification:
        true, predicted = t.reshape(said.shape), estimates if estimates is not None else said
        if "restore" in functions:  # in the units of the file
            true, predicted = (asked.with_statistics("restore", x) for x in (true, predicted))
        return Judgement(part, X, names, true, predicted, False, None, w, name)
    predicted, true = (
        functions[of](array).astype(np.int64) for of, array in (("decide", said), ("true", t))
    )
    if estimates is not None and said.shape[-1] == 1:
        estimates = np.column_stack([1 - estimates, estimates])
    return Judgement(part, X, names, true, predicted, True, estimates, w, name)


def count_trained_on(pair: Pair, training: Pair) -> int:
    """Return how many examples, with their targets, equal one of the training part."""

    def keys(of: Pair) -> list[tuple[bytes, ...]]:
        arrays = listed(*of[:2])
        rows = [np.asarray(a, own.dtype) for a, own in zip(arrays, types, strict=True)]
        return [tuple(row.tobytes() for row in one) for one in zip(*rows, strict=True)]

    types = listed(*training[:2])
    known = set(keys(training))
    return sum(key in known for key in keys(pair))
