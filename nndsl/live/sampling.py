"""A text that a network goes on with."""

from math import isfinite

import numpy as np

from nndsl.data import DataError
from nndsl.live.errors import ModelError
from nndsl.live.network import Network
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import W
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.loss import Loss

GREEDY = 1e-9  # a temperature that leaves nothing to chance


def sample(
    model: Network, text: str | None, length: int, temperature: float | None, seed: int | None
) -> str:
    """See `Model.sample`."""
    _require_text(model)
    data, known = model.spec.data, model.spec.description
    assert data is not None
    try:
        text = data.prompt(known.beginning if text is None else text, known)
    except DataError as error:
        raise ModelError(error.message, error.help) from None
    if length < 1:
        what = "words" if known.words else "characters"
        raise ModelError(f"{length} {what} are no text", "take a length from 1 on")
    temperature = data.temperature if temperature is None else temperature
    if not isfinite(temperature) or temperature < 0:
        raise ModelError(
            f"a temperature of {temperature:g} means nothing",
            "1 draws as the network predicts, less is more careful, 0 takes the likeliest",
        )
    diverged = ModelError(
        "the weights are not all finite numbers: training has diverged", "train again"
    )
    if not all(np.isfinite(array).all() for array in model.parameters.values()):
        raise diverged
    rng = np.random.default_rng(model.spec.seed if seed is None else seed)
    with np.errstate(all="ignore"):  # weights that diverged give what is not finite
        try:
            drawn: str = model.namespace["sample"](text, length, temperature or GREEDY, rng)
        except ValueError:  # weights so large that a score is none
            raise diverged from None
    return drawn


def _require_text(model: Network) -> None:
    """ModelError where the script has no `sample`, and why."""
    data, train = model.spec.data, model.spec.train
    if data is None or not data.sample:
        source = f"it learns from `{data.keyword()}`" if data is not None else "it names no data"
        others = (word for word in _builtins_of(Data) if word.sample and word is not type(data))
        fit = [f"`{word.keyword()}`" for word in others]
        raise ModelError(
            f"the network does not go on with a text: {source}",
            f"a sample needs data such as {' or '.join(fit)}",
        )
    if train is None:
        raise ModelError(
            "the spec does not say how the network's output is meant",
            "add `train { … }` with a loss",
        )
    if not train.loss.takes_scores:
        losses = (word for word in _builtins_of(Loss) if word.targets == "classes")
        fit = [f"`{word.keyword()}`" for word in losses if word.takes_scores]
        raise ModelError(
            f"with `{train.loss.keyword()}` the network does not say how likely a character is",
            f"train it with {' or '.join(fit)}",
        )


def _builtins_of(kind: type[W]) -> list[type[W]]:
    builtins = (registry.find(kind.kind, name) for name in registry.names(kind.kind))
    return [word for word in builtins if word is not None and issubclass(word, kind)]
