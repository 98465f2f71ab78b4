"""The baselines of a training: what answers reach that need no network."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nndsl.live.execute import execute
from nndsl.live.network import Array, Network, Pair, measured
from nndsl.record import record
from nndsl.shapes import SequenceShape, Tokens


@record
class Baseline:
    """What some answer reaches on each part of the data: "test_loss", "validation_accuracy" …

    `answer` says in words what it knows of an example, or of all.
    """

    answer: str
    results: Mapping[str, float]
    is_of_values: bool = False  # and not of classes


def measure_baselines(network: Network, parts: Mapping[str, Pair]) -> list[Baseline]:
    """Measure answers that need no network, found on the training part alone.

    The first is the constant output of the smallest loss, as scikit-learn's dummy estimators have
    it. Where each position of tokens has a class, another knows the token at that position.
    """
    pairs = {part: (network.inputs(X), network.targets(t)) for part, (X, t) in parts.items()}
    return [
        Baseline(
            answer, _measured(network, predict, pairs), network.spec.description.classes is None
        )
        for answer, predict in _answers(network, *pairs["training"])
    ]


def _answers(network: Network, X: Array, t: Array) -> Iterator[tuple[str, Any]]:
    train, graph = network.spec.train, network.checked.graph
    assert train is not None
    assert graph is not None
    shape, of_classes = graph.output.shape, train.loss.targets == "classes"
    has_positions = isinstance(shape, SequenceShape)
    each = () if of_classes else shape[-1:] if has_positions else shape
    text = f"import numpy as np\n\n\ndef guess(t, outputs):\n    return {train.loss.guess}\n"
    guess = execute(text, "guess.py")["guess"]
    always = np.asarray(guess(t.reshape(-1, *each), shape[-1]), network.dtype)
    yield train.loss.guess_by, lambda X: np.broadcast_to(always, (len(X), *shape))
    tokens = graph.input.shape
    if isinstance(tokens, Tokens) and of_classes and X.shape == t.shape:
        counts = np.full((tokens.vocab_size, shape[-1]), 0.1)  # what was never seen may happen
        np.add.at(counts, (X.reshape(-1), t.reshape(-1)), 1)
        table = np.log(counts / counts.sum(axis=1, keepdims=True)).astype(network.dtype)
        yield "the token at each position", lambda X: table[X]


def _measured(network: Network, predict: Any, pairs: Mapping[str, Pair]) -> dict[str, float]:
    """Return what the script's own `evaluate` says of other predictions."""
    names, own = network.namespace, network.namespace["predict"]
    reported = ("loss", *network.script.metrics)
    names["predict"] = predict
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return {
                f"{part}_{name}": value
                for part, pair in pairs.items()
                for name, value in zip(reported, measured(names, *pair), strict=True)
            }
    finally:
        names["predict"] = own
