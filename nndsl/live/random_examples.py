"""Random examples and targets of the kinds that a network takes."""

from __future__ import annotations

import numpy as np

from nndsl.live.network import Array, Network
from nndsl.shapes import Tokens


def draw_examples(model: Network, examples: int, rng: np.random.Generator) -> Array:
    """Return normal random inputs, (N, …)."""
    shape = model.script.input_shape
    if isinstance(shape, Tokens):
        return rng.integers(0, shape.vocab_size, (examples, *shape))
    return rng.standard_normal((examples, *shape))


def draw_targets(model: Network, examples: int, rng: np.random.Generator) -> Array:
    """Return random targets of the kind that the loss compares with."""
    train, graph = model.spec.train, model.checked.graph
    assert train is not None
    assert graph is not None
    *positions, outputs = graph.output.shape
    if train.loss.targets == "classes":
        return rng.integers(0, outputs, (examples, *positions))
    if model.spec.description.classes is None:
        targets = 1.5 * rng.standard_normal((examples, *positions, outputs))
        fits = not train.loss.misfit(-1.0, 2.0)
        return targets if fits else rng.random(targets.shape)
    if outputs == 1:
        return rng.integers(0, 2, (examples, *positions, 1)).astype(np.float64)
    return np.eye(outputs)[rng.integers(0, outputs, (examples, *positions))]
