"""Runs the texts of words, and makes examples of every word to run."""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np

from nndsl.analysis.slots import slots
from nndsl.shapes import SequenceShape, Shape, Tokens
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer, ShapeError, Structure
from nndsl.vocabulary.layers.add import Sum
from nndsl.vocabulary.layers.concat import Join
from nndsl.vocabulary.layers.dot import Dot
from nndsl.vocabulary.layers.multiply import Product
from nndsl.vocabulary.layers.residual import Add
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.ties.tied import Tied

N = 5
OUTPUTS = 4
SHAPES: tuple[Shape, ...] = ((6,), (2, 3), (2, 4, 5))

# Of examples with positions, whose rows stand one below the other; and of tokens.
PLACES: tuple[Shape, ...] = (SequenceShape((3, 6)), Tokens((3,), 4))

# Layers that join values, with shapes that they take.
JOINTS: tuple[tuple[Layer, tuple[Shape, ...]], ...] = (
    (Add(), ((4,), (4,))),
    (Add(), ((2, 3), (2, 3))),
    (Sum().for_shapes((4,), (4,), (4,)), ((4,), (4,), (4,))),
    (Product(), ((2, 3), (2, 3))),
    (Product().for_shapes((4,), (4,), (4,)), ((4,), (4,), (4,))),
    (Dot(), ((4,), (4,))),
    (Join().for_shapes((2,), (3,)), ((2,), (3,))),
    (Join().for_shapes((1, 2, 2), (2, 2, 2)), ((1, 2, 2), (2, 2, 2))),
)

# More of layers whose numbers depend on each other: word, arguments, shape.
MORE: tuple[tuple[str, dict[str, Any], Shape], ...] = (
    ("dense", {"units": 3, "weights": Tied(layer="dense")}, (2,)),
    ("dense", {"units": 3, "weights": Tied(layer="dense"), "bias": False}, (2,)),
    ("conv2d", {"filters": 2, "kernel": 3}, (1, 5, 4)),
    ("embedding", {"features": 2}, Tokens((3,), 1001)),
    ("self_attention", {"heads": 2, "causal": True, "dropout": 0.3}, SequenceShape((4, 6))),
    ("self_attention", {"heads": 3}, (2, 6)),
    ("conv2d", {"filters": 2, "kernel": 1, "padding": "same"}, (3, 2, 2)),
    ("conv2d", {"filters": 1, "kernel": 2, "stride": 2, "padding": "same"}, (1, 5, 4)),
    ("conv2d", {"filters": 2, "kernel": 3, "stride": 2, "bias": False}, (2, 6, 5)),
    ("conv2d", {"filters": 4, "kernel": 3, "padding": 1, "groups": 2}, (4, 3, 2)),
    ("conv2d", {"filters": 4, "kernel": 2, "stride": 3, "padding": 2, "groups": 4}, (4, 3, 3)),
    ("conv1d", {"filters": 2, "kernel": 3, "stride": 2}, (2, 6)),
    ("conv1d", {"filters": 2, "kernel": 2, "stride": 3, "padding": "same"}, (1, 7)),
    ("conv1d", {"filters": 4, "kernel": 3, "padding": 2, "groups": 2, "bias": False}, (4, 3)),
    ("conv2d", {"filters": 2, "kernel": 3, "dilation": 2}, (2, 6, 5)),
    ("conv2d", {"filters": 2, "kernel": 2, "dilation": 3, "stride": 2, "padding": 2}, (1, 6, 5)),
    ("conv2d", {"filters": 2, "kernel": 3, "dilation": 2, "padding": "same"}, (1, 3, 4)),
    ("conv1d", {"filters": 2, "kernel": 3, "dilation": 2, "stride": 2}, (2, 9)),
    ("conv1d", {"filters": 4, "kernel": 2, "dilation": 3, "padding": 2, "groups": 2}, (4, 5)),
    ("conv_transpose2d", {"filters": 3, "kernel": 3, "stride": 2}, (2, 3, 4)),
    ("conv_transpose2d", {"filters": 2, "kernel": 4, "stride": 2, "padding": "same"}, (1, 3, 2)),
    ("conv_transpose2d", {"filters": 2, "kernel": 2, "padding": "same"}, (2, 3, 4)),
    ("conv_transpose2d", {"filters": 2, "kernel": 3, "padding": 2, "bias": False}, (2, 4, 3)),
    ("conv_transpose1d", {"filters": 3, "kernel": 3, "stride": 2, "padding": 1}, (2, 4)),
    ("conv_transpose1d", {"filters": 1, "kernel": 3, "stride": 2, "padding": "same"}, (2, 4)),
    *(
        (word, {"units": 3, "output": "all", "stateful": True}, SequenceShape((3, 6)))
        for word in ("rnn", "lstm", "gru")
    ),
    ("depth_to_space", {"factor": 2}, (8, 2, 3)),
    ("patches", {"size": 2}, (2, 4, 6)),
    ("patches", {"size": 1}, (3, 2, 4)),
    ("upsample", {"factor": 3}, (2, 4)),
    ("random_crop", {"size": 2}, (2, 3, 4)),
    ("cutout", {"size": 2}, (2, 3, 4)),
    ("avg_pool", {"kernel": 2}, (2, 4, 5)),
    ("avg_pool", {"kernel": 3, "stride": 1, "padding": "same"}, (2, 3, 2)),
    ("avg_pool", {"kernel": 2, "padding": "same"}, (1, 5, 4)),
    ("avg_pool", {"kernel": 3, "stride": 2, "padding": 1}, (2, 7)),
    ("max_pool", {"kernel": 3, "stride": 2, "padding": 1}, (2, 5, 6)),
    ("max_pool", {"kernel": 2, "padding": "same"}, (1, 5, 4)),
    ("max_pool", {"kernel": 3, "stride": 1, "padding": "same"}, (2, 7)),
    ("max_pool", {"kernel": 2, "stride": 1}, (2, 5)),
    ("avg_pool", {"kernel": 2, "stride": 3}, (1, 6, 5)),
    ("avg_pool", {"kernel": 3, "stride": 2}, (2, 5, 6)),
    ("max_pool", {"kernel": 2}, (2, 4, 6)),
    ("max_pool", {"kernel": 2}, (1, 5, 3)),
    ("max_pool", {"kernel": 2, "stride": 3}, (1, 6, 5)),
    ("max_pool", {"kernel": 3, "stride": 2}, (2, 5, 6)),
)


# Layers that take a second value, with the shapes of both.
WITH_VALUES: tuple[tuple[str, dict[str, Any], tuple[str, ...], tuple[Shape, ...]], ...] = (
    *(
        (word, {"units": 3, "output": output}, ("state",), (SequenceShape((3, 6)), (3,)))
        for word in ("rnn", "lstm", "gru")
        for output in ("last", "all")
    ),
    *(
        ("lstm", {"units": 3, "output": output}, ("state",), (SequenceShape((3, 6)), (6,)))
        for output in ("state", "all")
    ),
    *(
        ("cross_attention", given, (), (SequenceShape((3, 6)), SequenceShape((2, features))))
        for given, features in (
            ({"heads": 2}, 4),
            ({"projections": False, "heads": 3}, 6),
            ({"projections": False, "scaled": False}, 6),
        )
    ),
)


def run(text: str, **names: Any) -> dict[str, Any]:
    """Run a text of the vocabulary; return its names and what they have become."""
    names = {"np": np, "math": math, **names}
    exec(textwrap.dedent(text), names)
    return {name: value for name, value in names.items() if name != "__builtins__"}


def evaluate(expression: str, **names: Any) -> Any:
    """Return the value of an expression of the vocabulary."""
    return run(f"_ = {expression}", **names)["_"]


def words(role: str) -> list[type[Builtin]]:
    """Return the classes of all words of a role."""
    return [word for name in registry.names(role) if (word := registry.find(role, name))]


def fields(word: Builtin) -> dict[str, Any]:
    """Return the values of the fields, as the texts read them."""
    return {name: getattr(word, name) for name in type(word).model_fields}


def variants(word: type[Builtin]) -> Iterator[Any]:
    """Yield the word with every choice and every switch, with its defaults and with other numbers.

    Other numbers matter: a factor of 1 or a part of 0 hides what is wrong beside it.
    """
    made = []
    for is_default in (True, False):
        values = [
            _values(word, name, position, is_default) for position, name in enumerate(slots(word))
        ]
        for chosen in itertools.product(*values):
            variant = word(**dict(zip(word.model_fields, chosen, strict=True)))
            if variant not in made:
                made.append(variant)
    yield from made


def _values(word: type[Builtin], name: str, position: int, is_default: bool) -> list[Any]:
    slot, field = slots(word)[name], word.model_fields[name]
    if slot.choices and not slot.several:  # a choice in the place of a list is found in data
        return [*slot.choices, *([1] if slot.number else [])]
    if slot.boolean:
        return [False, True]
    if slot.text and field.is_required():
        return ["a file"]
    if slot.several and field.is_required():
        return [(2, 3)]
    if slot.number and (field.is_required() or (field.default == 0 and not is_default)):
        return [3 if slot.whole else 0.3 + 0.2 * position]
    if slot.number and not is_default and isinstance(field.default, float):
        return [0.7 * field.default]
    return [field.default]


def all_variants(role: str) -> list[Any]:
    return [variant for word in words(role) for variant in variants(word)]


def fits(layer: Layer, *shapes: Shape) -> bool:
    try:
        layer.output_shape(*shapes)
    except ShapeError:
        return False
    return True


def layer_cases() -> list[tuple[Layer, tuple[Shape, ...]]]:
    """Return every variant of every layer, with each of `SHAPES` that it takes."""
    plain = [
        word
        for word in words("layers")
        if not issubclass(word, Structure)
        and word.inputs is Layer.inputs
        and word.required_inputs == Layer.required_inputs
    ]
    cases: list[tuple[Layer, tuple[Shape, ...]]] = [
        (layer.for_shapes(shape), (shape,))
        for word in plain
        for layer in variants(word)
        if not layer.carries  # one of each word is among `MORE`
        for shape in (*SHAPES, *(PLACES if layer.sees_positions else ()))
        if fits(layer, shape) and (layer.sees_tokens or not isinstance(shape, Tokens))
    ]
    more = [(made(word, **given).for_shapes(shape), (shape,)) for word, given, shape in MORE]
    with_values = [
        (made(word, **given).with_inputs(names).for_shapes(*shapes), shapes)
        for word, given, names, shapes in WITH_VALUES
    ]
    return [*cases, *JOINTS, *more, *with_values]


def made(word: str, **arguments: Any) -> Layer:
    """Return a layer with arguments."""
    found = registry.find("layers", word)
    assert found is not None
    layer = found(**arguments)
    assert isinstance(layer, Layer)
    return layer


def name_case(case: Any) -> str:
    """Name a word, or a layer and its shapes, in the words of a spec."""
    word, shapes = case if isinstance(case, tuple) else (case, ())
    said = ", ".join(f"{name}={value}" for name, value in fields(word).items() if value is not None)
    sizes = " ".join("x".join(map(str, shape)) for shape in shapes)
    return f"{word.keyword()}({said}) {sizes}".strip()


def away_from_zero(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Return numbers of both signs, none near 0, where many activations have a corner."""
    return rng.choice([-1.0, 1.0], shape) * (0.1 + rng.exponential(1.0, shape))


def laid_out(shape: Shape) -> tuple[int, ...]:
    """Return the lengths of a value in the texts: a row for each position, if there are any."""
    return (N * shape[0], *shape.row) if isinstance(shape, SequenceShape) else (N, *shape)


def defined(word: Builtin, **names: Any) -> dict[str, Any]:
    """Return the functions that a word's texts call; `names` are what these read."""
    return {name: made for name, made in run(word.definitions, **names).items() if callable(made)}


class LayerRun:
    """A layer with random inputs, parameters and states, ready to run in some type of numbers.

    All arrays are read-only: a text that changes what is not its own fails.
    """

    def __init__(
        self, layer: Layer, shapes: tuple[Shape, ...], dtype: type = np.float64, scale: float = 1.0
    ) -> None:
        rng = np.random.default_rng(3)
        self.layer, self.shapes = layer, shapes
        self.dtype = dtype
        given = {
            name: rng.integers(0, shape.vocab_size, (N, *shape))
            if isinstance(shape, Tokens)
            else scale * away_from_zero(rng, laid_out(shape))
            for name, shape in zip(layer.inputs, shapes, strict=True)
        }
        learnt = {
            name: away_from_zero(rng, parameter.shape)
            for name, parameter in (
                layer.tied_parameters(*shapes) | layer.parameters(*shapes)
            ).items()
        }
        states = {
            name: first + 0.1 * rng.random((N,) * layer.carries + layer.state_shape(*shapes))
            for name, first in layer.state.items()
        }
        self.trained = [*(n for n, x in given.items() if x.dtype.kind == "f"), *learnt]
        self.arrays = {
            name: readonly(array.astype(dtype if array.dtype.kind == "f" else int))
            for name, array in (given | learnt | states).items()
        }
        output = laid_out(layer.output_shape(*shapes))
        self.dy = readonly(away_from_zero(rng, output).astype(dtype))
        self.output_shape = output

    def names(self, **changed: Any) -> dict[str, Any]:
        """Return all that a text may read, with the same noise every time."""
        noise = np.random.default_rng(5)
        common = {"N": N, "rng": noise, "dtype": self.dtype}
        functions = defined(self.layer, np=changed.get("np", np))
        numbers = fields(self.layer) | self.layer.numbers(*self.shapes)
        return functions | common | numbers | self.arrays | changed

    def forward(self, **changed: Any) -> dict[str, Any]:
        return run(self.layer.forward, **self.names(**changed))

    def backward(self) -> dict[str, Any]:
        return run(self.layer.backward, **self.forward(), dy=self.dy)

    def evaluate(self) -> dict[str, Any]:
        return run(self.layer.inference_forward or self.layer.forward, **self.names())

    def update_running_stats(self) -> dict[str, Any]:
        states = {name: self.arrays[name].copy() for name in self.layer.state}
        return run(self.layer.update_running_stats, **self.forward(**states))


def readonly(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def loss_names(loss: Loss, dtype: type = np.float64, scale: float = 1.0) -> dict[str, Any]:
    """Return all that the texts of a loss may read: random outputs, and targets of its kind."""
    rng = np.random.default_rng(4)
    x = scale * rng.standard_normal((N, OUTPUTS))
    t = rng.integers(0, OUTPUTS, N) if loss.targets == "classes" else rng.random((N, OUTPUTS))
    if loss.targets == "values":
        t = t.astype(dtype)
    given = {"x": readonly(x.astype(dtype)), "t": readonly(t), "N": N, "dtype": dtype}
    return defined(loss) | given | fields(loss)
