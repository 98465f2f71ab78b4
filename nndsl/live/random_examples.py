"""Random examples and targets of the kinds that a network takes."""

import numpy as np

from nndsl.analysis.spec import Head, Spec
from nndsl.live.arrays import Array, Examples, named
from nndsl.live.network import Network
from nndsl.shapes import Shape, Tokens


def draw_examples(model: Network, examples: int, rng: np.random.Generator) -> Examples:
    """Return normal random inputs, (N, …)."""
    shapes = model.script.inputs.values()
    return named(model.input_names, [_drawn(shape, examples, rng) for shape in shapes])


def _drawn(shape: Shape, examples: int, rng: np.random.Generator) -> Array:
    if isinstance(shape, Tokens):
        tokens = rng.integers(0, shape.vocab_size, (examples, *shape))
        if shape.padding is not None:  # all but one may be shorter, and none is empty
            lengths = rng.integers(1, shape[0] + 1, (examples, 1))
            lengths[:1] = shape[0]
            tokens[np.arange(shape[0]) >= lengths] = shape.padding
        return tokens
    return rng.standard_normal((examples, *shape))


def draw_targets(model: Network, examples: int, rng: np.random.Generator) -> Examples:
    """Return random targets of the kind that each loss compares with."""
    graph, heads = model.network_graph, model.spec.compared
    drawn = [
        _targets(model.spec, head, graph.output_of(head.name).shape, examples, rng)
        for head in heads
    ]
    return named(model.target_names, drawn)


def draw_weights(model: Network, examples: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """Return how often each example counts, where some count more than others; else nothing."""
    return (rng.integers(1, 4, examples).astype(np.float64),) * model.spec.weighs


def _targets(
    spec: Spec, head: Head, shape: Shape, examples: int, rng: np.random.Generator
) -> Array:
    *positions, outputs = shape
    if head.loss.targets == "classes":
        classes = rng.integers(0, outputs, (examples, *positions))
        if spec.description_of(head).has_gaps:
            classes[:, 1:][rng.random(classes[:, 1:].shape) < 0.3] = -1
        return classes
    if spec.description_of(head).classes is None:
        targets = 1.5 * rng.standard_normal((examples, *positions, outputs))
        fits = not head.loss.misfit(-1.0, 2.0)
        return targets if fits else rng.random(targets.shape)
    if outputs == 1:
        return rng.integers(0, 2, (examples, *positions, 1)).astype(np.float64)
    return np.eye(outputs)[rng.integers(0, outputs, (examples, *positions))]
