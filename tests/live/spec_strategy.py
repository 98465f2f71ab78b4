"""Random specs that are valid: every word of the vocabulary, nested as structures allow.

The words come from the registry, so that a new one joins by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from execution import variants, words
from hypothesis import strategies as st

from nndsl.analysis.slots import slots
from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer, ShapeError, Structure

MAX_UNITS = 5
IMAGES = "conv2d"  # a layer that takes images, and can leave their shape as it is
STRUCTURES = {
    "add",
    "branch",
    "concat",
    "multiply",
    "repeat",
    "residual",
}  # how they nest is written below
PLAIN = {
    word.keyword(): word
    for word in words("layers")
    if not issubclass(word, Structure)
    and word.inputs is Layer.inputs
    and word.required_inputs == Layer.required_inputs
    and not word.only_predicts
    and not word.sees_tokens
}


def write(word: Builtin) -> str:
    """Return how a word with its arguments stands in a spec."""
    given = []
    for name, field in type(word).model_fields.items():
        value = getattr(word, name)
        if not field.is_required() and value == field.default:
            continue
        text = _value(value)
        if type(word).variadic == name:
            text = ", ".join(map(_value, value))
            given.append(text)
        else:
            given.append(f"{name}={text}")
    return f"{word.keyword()}({', '.join(given)})" if given else word.keyword()


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Builtin():
            return write(value)
        case str():
            return value
        case tuple():
            return f"({', '.join(map(_value, value))})"
    return repr(value)


@st.composite
def instances(draw: st.DrawFn, role: str, names: Sequence[str] = ()) -> Builtin:
    """Draw a word of a role with some of its arguments."""
    classes = [word for word in words(role) if not names or word.keyword() in names]
    word: Builtin = draw(st.sampled_from(list(variants(draw(st.sampled_from(classes))))))
    return word


@st.composite
def plain_layers(draw: st.DrawFn, shape: Shape, names: Sequence[str]) -> tuple[str, Shape]:
    """Draw a layer that takes the shape, or `flatten` and a layer behind it."""
    if math.prod(shape) == 1:  # a layer_norm of one number is the same whatever that is
        return f"{'flatten; ' * (len(shape) > 1)}dense(3)", (3,)
    word = PLAIN[draw(st.sampled_from(sorted(names)))]
    changed: dict[str, Any] = {}
    for name, slot in slots(word).items():
        default = word.model_fields[name].default
        if slot.whole and word.model_fields[name].is_required() and not slot.several:
            changed[name] = draw(st.integers(1, MAX_UNITS))
        elif slot.whole and default == 1 and not slot.several:
            changed[name] = draw(st.integers(1, 2))
        elif "initializers" in slot.kinds:
            changed[name] = draw(st.none() | instances("initializers"))
        elif "regularizers" in slot.kinds:
            changed[name] = draw(st.none() | instances("regularizers"))
        elif slot.several and slot.whole:
            changed[name] = draw(st.permutations(_factors(math.prod(shape)))).copy()
            changed[name] = tuple(changed[name])
    variant = draw(st.sampled_from(list(variants(word))))
    layer = variant.model_copy(update=changed)
    assert isinstance(layer, Layer)
    number = math.prod(shape)
    image = (1, *_factors(number))
    flat = "flatten; " * isinstance(shape, SequenceShape)
    smallest = layer.model_copy(
        update={name: 1 for name, value in changed.items() if isinstance(value, int)}
    )
    for made in (layer, smallest, variant):  # the last has a window wider than its padding
        for before, given in (
            ("", shape),
            ("flatten; ", (number,)),
            (f"{flat}reshape(1, {number}); ", (1, number)),
            (f"{flat}reshape({', '.join(map(str, image))}); ", image),
            ("flatten; dense(9); reshape(1, 3, 3); ", (1, 3, 3)),  # room for what moves images
        ):
            try:
                return f"{before}{write(made)}", output_shape(made, given)
            except ShapeError:
                continue
    raise AssertionError(f"{write(layer)} takes no examples of {number} numbers")


def output_shape(layer: Layer, shape: Shape) -> Shape:
    """Return the output's shape as a graph has it: most layers see one position at a time."""
    if isinstance(shape, SequenceShape) and not layer.sees_positions:
        return SequenceShape((shape[0], *layer.output_shape(shape.row)))
    return layer.output_shape(shape)


def _factors(number: int) -> list[int]:
    """Return a length and another whose product is the number."""
    small = max(n for n in range(1, math.isqrt(number) + 1) if number % n == 0)
    return [small, number // small]


@st.composite
def sequences(draw: st.DrawFn, shape: Shape, names: Sequence[str], depth: int) -> tuple[str, Shape]:
    """Draw some layers and structures one after another."""
    texts = []
    for _ in range(draw(st.integers(1, 3))):
        kinds = ["plain", "plain", "plain", *(["residual", "repeat", "concat"] if depth else [])]
        kind = draw(st.sampled_from(kinds))
        if kind == "plain":
            text, shape = draw(plain_layers(shape, names))
        elif len(shape) == 3 and kind != "concat" and IMAGES in names and draw(st.booleans()):
            head = "residual" if kind == "residual" else f"repeat({draw(st.integers(1, 2))})"
            text = f"{head} {{ {IMAGES}({shape[0]}, kernel=3, padding=same); tanh }}"
        elif kind == "concat":
            branches = [
                draw(sequences(shape, names, depth - 1)) for _ in range(draw(st.integers(1, 3)))
            ]
            join = draw(st.sampled_from(["concat", "add", "multiply"]))
            same = "" if join == "concat" else "; dense(3)"
            inside = "; ".join(f"branch {{ {text}; flatten{same} }}" for text, _ in branches)
            text, shape = f"{join} {{ {inside} }}", (sum(math.prod(s) for _, s in branches),)
            shape = (3,) if same else shape
        else:
            flat = "" if len(shape) == 1 else "flatten; "
            shape = (math.prod(shape),)
            inside, _ = draw(sequences(shape, names, depth - 1))
            head = "residual" if kind == "residual" else f"repeat({draw(st.integers(1, 2))})"
            text = f"{flat}{head} {{ {inside}; flatten; dense({shape[0]}) }}"
        texts.append(text)
    return "; ".join(texts), shape


@st.composite
def specs(draw: st.DrawFn, layers: Sequence[str] = tuple(PLAIN), losses: Sequence[str] = ()) -> str:
    """Draw the text of a spec, without data."""
    shapes: list[Shape] = [(4,), (6,), (2, 3), (1, 2, 2), (2, 4, 5), SequenceShape((3, 4))]
    shape = draw(st.sampled_from(shapes))
    first = f"input({', '.join(map(str, shape))})"
    if isinstance(shape, SequenceShape):
        first = f"input({shape[0]}, tokens=5); embedding({shape[1]})"
    body, _ = draw(sequences(shape, layers, 2))
    regularize = draw(st.none() | instances("regularizers"))
    clip = draw(st.none() | instances("clips"))
    lines = [
        "network {",
        *(f"  {line}" for line in f"{first}; {body}".split("; ")),
        "  flatten",
        f"  dense({draw(st.integers(2, 4))})",
        "}",
        "train {",
        f"  loss = {write(draw(instances('losses', losses)))}",
        f"  optimizer = {draw(instances('optimizers')).keyword()}",
        *([f"  regularize = {write(regularize)}"] if regularize else []),
        *([f"  clip = {write(clip)}"] if clip else []),
        "}",
    ]
    return "\n".join(lines) + "\n"
