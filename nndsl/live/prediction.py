"""A trained network in use: answers for new examples, and how it does on a part of its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import Checked, analyse
from nndsl.data import DataError
from nndsl.diagnostics import Diagnostics, SpecError
from nndsl.emit.build import build_script
from nndsl.emit.layout import module
from nndsl.live.compatibility import require_same_preprocessing, restore
from nndsl.live.errors import ModelError
from nndsl.live.execute import execute
from nndsl.live.model import Model
from nndsl.live.network import Pair, with_statistics
from nndsl.live.weights import WeightsFile
from nndsl.program.preprocessing import preprocessing
from nndsl.shapes import SequenceShape, Tokens
from nndsl.source import Source
from nndsl.vocabulary.preparation import Preparation

Array = npt.NDArray[Any]

CHUNK = 1000  # examples at a time
_UNLIKE = 20  # times the size of the inputs in training: then they are in other units


@dataclass(frozen=True, slots=True)
class Answers:
    """What a network says of examples.

    Of a classification: `classes` (N,) are class numbers, and `scores` (N, classes) what they are
    read off, `probabilities` or not. Of anything else `classes` is None, and `scores` (N, outputs)
    are the values. `names` are those of the classes, or of the values.
    """

    names: tuple[str, ...]
    scores: Array
    classes: Array | None = None
    probabilities: bool = False


class TrainedModel:
    """A model with weights from a file, and what its data was. `doubts` are things to warn of."""

    def __init__(self, checked: Checked, model: Model, file: WeightsFile) -> None:
        """ModelError where the weights belong to another network, or to other inputs."""
        assert checked.spec is not None
        assert checked.graph is not None
        self.model = model
        self.data = checked.spec.data
        self.known = checked.spec.description
        self._has_positions = isinstance(checked.graph.output.shape, SequenceShape)
        self.outputs = prod(checked.graph.output.shape)
        doubt = restore(model, file)
        self.doubts = [doubt] if doubt else []
        self._statistics = {name: array.copy() for name, array in model.statistics.items()}
        require_same_preprocessing(checked.spec, file)
        preparation = self.data.preparation(self.known) if self.data else Preparation()
        self._keeps, self._kept = set(preparation.keeps), set(file.statistics)
        text = module(preprocessing(checked.spec, checked.graph, self.data))
        self._functions: Mapping[str, Callable[..., Array]] = execute(text, "<preprocessing>")

    @property
    def is_prepared(self) -> bool:
        """Is there all that inputs are prepared by?"""
        return self._keeps <= self._kept

    @property
    def is_classification(self) -> bool:
        """Does the network choose between classes?"""
        train = self.model.spec.train
        if train is None:
            return False
        return train.loss.targets == "classes" or self.known.classes is not None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, or of the values: those of the data, else numbers."""
        count = max(self.outputs, 2) if self.is_classification else self.outputs
        if len(self.known.names) == count:
            return self.known.names
        if self.is_classification:
            return tuple(map(str, range(count)))
        return ("value",) if count == 1 else tuple(f"value_{n}" for n in range(1, count + 1))

    def preprocess(self, X: Array) -> Array:
        """Return inputs (N, …), as a file holds them, as the network takes them."""
        if isinstance(self.model.script.input_shape, Tokens):
            whole = X.astype(np.int64)
            return whole if np.array_equal(whole, X) else X  # which the model then refuses
        prepared = self._with_statistics("prepare", X)
        signal = self.known.signal
        if signal is not None and len(X):
            size = float(np.sqrt(np.mean(np.square(prepared, dtype=np.float64))))
            usual = float(np.sqrt(signal.power))
            if size > _UNLIKE * usual > 0:
                self.doubts.append(
                    f"these inputs are {size / usual:,.0f} times as large as those of training: "
                    "are they in other units?"
                )
        return prepared

    def answers(self, X: Array, rows: Sequence[int] = ()) -> Answers:
        """Return what the network says of inputs (N, …), as a file holds them, in its `rows`.

        ModelError where that is nothing.
        """
        self._require_one_answer()
        with np.errstate(all="ignore"):  # it is looked for here
            output = self._output(self.preprocess(X))
        wrong = ~np.isfinite(output.reshape(len(X), -1)).all(axis=1)
        if wrong.any():
            row = rows[int(wrong.argmax())] if rows else int(wrong.argmax()) + 1
            raise ModelError(
                f"what the network says of row {row} is not finite: "
                "its inputs are too large for the weights",
                "are they in other units than those of training?",
            )
        read = self._functions.get("probabilities")
        scores = read(output) if read is not None else output
        if "restore" in self._functions:
            scores = self._with_statistics("restore", scores)
        if not self.is_classification:
            return Answers(self.names, scores.reshape(len(X), -1))
        classes = self._functions["decide"](output).astype(np.int64)
        if scores.shape[1] == 1:
            scores = np.column_stack([1 - scores, scores])
        return Answers(self.names, scores, classes, probabilities=read is not None)

    def _require_one_answer(self) -> None:
        if self._has_positions:
            raise ModelError(
                "the network answers at every position, and a table has one answer an example",
                "nndsl.load(…).predict(X) returns them all, (N, positions, …)",
            )

    def _with_statistics(self, name: str, array: Array) -> Array:
        """Call a function whose other arguments are statistics of the training part."""
        return with_statistics(self._functions[name], array, self.model.statistics)

    def load_data(self) -> None:
        """Load the spec's data, and what it standardises by. ModelError or DataError."""
        try:
            self.model.data()
        except (ModelError, DataError):
            raise
        except Exception as error:  # what a damaged file raises depends on its format
            raise DataError(f"the data cannot be loaded: {error}") from error

    def part(self, name: str) -> Pair:
        """Return (X, t) of a part of the spec's data, as the network takes them. DataError."""
        self.load_data()
        parts = self.model.data()
        if name not in parts:
            held = ", ".join(f"`{part}`" for part in parts)
            raise ModelError(f"the data has no {name} part", f"it has {held}: name one with --part")
        for kind, array in self._statistics.items():
            if not np.array_equal(array, self.model.statistics.get(kind, array)):
                self.doubts.append(
                    f"the {kind} of the training part is not what it was when the weights were "
                    "trained: the data was changed, or its split"
                )
                break
        return parts[name]

    def confusion(self, X: Array, t: Array) -> Array:
        """Return how often a class (row) was taken for another (column), for inputs of the data."""
        if not self.is_classification:
            raise ModelError("the network predicts numbers, and no classes to confuse")
        self._require_one_answer()
        predicted, true = self._functions["decide"](self._output(X)), self._functions["true"](t)
        counts = np.zeros((len(self.names), len(self.names)), np.int64)
        np.add.at(counts, (true.astype(np.int64), predicted.astype(np.int64)), 1)
        return counts

    def _output(self, X: Array) -> Array:
        with np.errstate(all="ignore"):  # weights that diverged give what is not finite
            chunks = [self.model.predict(X[i : i + CHUNK]) for i in range(0, len(X), CHUNK)]
        return np.concatenate(chunks)


def load_trained(source: Source, settings: Mapping[str, Any], file: WeightsFile) -> TrainedModel:
    """Return the model of a spec with weights, to predict for new examples.

    The data of the spec is read only where the file of weights does not say what is needed.
    SpecError where the spec has errors, ModelError where the weights belong to another network,
    DataError where data is needed that cannot be loaded.
    """
    if file.known is not None:
        try:
            trained = _without_data(source, settings, file)
        except SpecError:
            pass  # what the weights know of the data does not fit: the data itself says more
        else:
            if trained.is_prepared:
                return trained
    trained = load_with_data(source, settings, file)
    if not trained.is_prepared:
        trained.load_data()
    return trained


def load_with_data(source: Source, settings: Mapping[str, Any], file: WeightsFile) -> TrainedModel:
    """Return the model of a spec with weights, to evaluate on its data. As `load_trained`."""
    diagnostics = Diagnostics()
    checked = analyse(source, diagnostics, settings, alone=True)
    return TrainedModel(checked, Model(checked, build_script(checked, diagnostics)), file)


def _without_data(source: Source, settings: Mapping[str, Any], file: WeightsFile) -> TrainedModel:
    diagnostics = Diagnostics()
    checked = analyse(source, diagnostics, settings, known=file.known, alone=True)
    diagnostics.raise_if_failed()
    assert checked.spec is not None
    alone = replace(checked, spec=replace(checked.spec, data=None))
    return TrainedModel(checked, Model(alone, build_script(alone, diagnostics)), file)
