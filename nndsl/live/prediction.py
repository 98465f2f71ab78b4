"""A trained network in use: answers for new examples, and how it does on a part of its data."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from nndsl.analysis.compile import Checked, analyse
from nndsl.diagnostics import SpecError
from nndsl.emit.build import build_script
from nndsl.live.answering import Answering
from nndsl.live.arrays import Array, Examples, of_name
from nndsl.live.compatibility import require_same_preprocessing, restore
from nndsl.live.errors import ModelError
from nndsl.live.judgement import confusion
from nndsl.live.model import Model, without_data
from nndsl.live.network import Pair
from nndsl.live.weights import WeightsFile
from nndsl.source import Source


class TrainedModel(Answering):
    """A model with weights from a file, and what its data was."""

    model: Model

    def __init__(self, checked: Checked, model: Model, file: WeightsFile) -> None:
        """ModelError where the weights belong to another network, or to other inputs."""
        doubt = restore(model, file)
        require_same_preprocessing(checked.network[0], file)
        super().__init__(checked, model)
        self.doubts += [doubt] if doubt else []
        self._statistics = {name: array.copy() for name, array in model.statistics.items()}

    def part(self, name: str) -> Pair:
        """Return a part of the spec's data, as the network takes it: (X, t). DataError."""
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

    def confusion(self, X: Examples, t: Examples, w: Array | None = None) -> dict[str, Array]:
        """Return how often a class (row) was taken for another (column), for inputs of the data.

        It is that of each output with classes by its name, "" of the only one; with weights w, the
        weight of these examples.
        """
        asked = {name: one for name, one in self.outputs.items() if one.is_classification}
        if not asked:
            raise ModelError("the network predicts numbers, and no classes to confuse")
        for one in asked.values():
            one.require_one_answer()
        said, found = self.output(X), {}
        for name, one in asked.items():
            pair = of_name(said, name), of_name(t, name)
            predicted, true = one.functions["decide"](pair[0]), one.functions["true"](pair[1])
            numbers = true.astype(np.int64), predicted.astype(np.int64)
            found[name] = confusion(*numbers, len(one.names), w)
        return found


def load_trained(
    source: Source, settings: Mapping[str, Any], file: WeightsFile, *, prefers_data: bool = False
) -> TrainedModel:
    """Return the model of a spec with weights, to predict for new examples.

    The data of the spec is read only where the file of weights does not say what is needed, or
    where that is preferred and it is there.
    SpecError where the spec has errors, ModelError where the weights belong to another network,
    DataError where data is needed that cannot be loaded.
    """
    if prefers_data:
        with suppress(SpecError):
            return load_with_data(source, settings, file)
    if file.known is not None:
        try:
            checked, alone = without_data(source, settings, file.known)
            trained = TrainedModel(checked, Model(alone, build_script(alone)), file)
        except SpecError:
            pass  # what the weights know of the data does not fit: the data itself says more
        else:
            if trained.is_prepared:
                return trained
    trained = load_with_data(source, settings, file)
    if not trained.is_prepared:
        trained.model.data()
    return trained


def load_with_data(source: Source, settings: Mapping[str, Any], file: WeightsFile) -> TrainedModel:
    """Return the model of a spec with weights, to evaluate on its data. As `load_trained`."""
    checked = analyse(source, settings=settings, alone=True)
    return TrainedModel(checked, Model(checked, build_script(checked)), file)
