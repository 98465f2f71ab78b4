"""Shapes that fit a layer, shapes that do not, and what is said of those."""

from __future__ import annotations

from typing import Any

import pytest
from execution import layer_cases, words
from pydantic import ValidationError

from nndsl.vocabulary import catalogue
from nndsl.vocabulary.layer import Layer, ShapeError, Structure
from nndsl.vocabulary.layers.reshape import Reshape
from nndsl.vocabulary.layers.residual import Add
from nndsl.vocabulary.word import Shape


def layer(word: str, **arguments: Any) -> Layer:
    found = catalogue.find("layers", word)
    assert found is not None
    made = found(**arguments)
    assert isinstance(made, Layer)
    return made


def test_every_layer_has_a_case() -> None:
    plain = {word for word in words("layers") if not issubclass(word, Structure)}
    assert plain <= {type(made) for made, _ in layer_cases()}


@pytest.mark.parametrize(
    ("made", "shape", "output"),
    [
        (layer("flatten"), (1, 8, 8), (64,)),
        (layer("flatten"), (64,), (64,)),
        (layer("reshape", shape=(1, 8, 8)), (64,), (1, 8, 8)),
        (layer("reshape", shape=(4, 16)), (1, 8, 8), (4, 16)),
        (layer("dense", units=5), (3,), (5,)),
        (layer("softmax"), (3, 4), (3, 4)),
    ],
)
def test_output_shapes(made: Layer, shape: Shape, output: Shape) -> None:
    assert made.output_shape(shape) == output


@pytest.mark.parametrize(
    ("made", "shape", "message", "help"),
    [
        (layer("reshape", shape=(1, 8, 8)), (60,), "1 x 8 x 8 = 64 numbers.* has 60", "60"),
        (layer("reshape", shape=(10,)), (2, 3), "makes 10 numbers.* has 2 x 3 = 6", "is 6"),
        (layer("dense", units=5), (1, 8, 8), "`dense` takes rows.* 1 x 8 x 8", "`flatten`"),
        (layer("batch_norm"), (1, 8, 8), "`batch_norm` takes rows.* 1 x 8 x 8", "`flatten`"),
        (layer("layer_norm"), (8, 8), "`layer_norm` takes rows.* 8 x 8", "`flatten`"),
    ],
)
def test_shapes_that_do_not_fit(made: Layer, shape: Shape, message: str, help: str) -> None:
    with pytest.raises(ShapeError, match=message) as caught:
        made.output_shape(shape)
    assert help in (caught.value.help or "")


def test_a_residual_connection_adds_equals() -> None:
    with pytest.raises(ShapeError, match="shapes must agree"):
        Add().output_shape((3,), (4,))


@pytest.mark.parametrize("shape", [(), (-1, 8), (0, 8)])
def test_reshape_guesses_no_length(shape: Shape) -> None:
    with pytest.raises(ValidationError):
        Reshape(shape=shape)


def test_an_equation_names_the_input_once() -> None:
    assert layer("reshape", shape=(1, 8, 8)).equation == "y = x as (1, 8, 8)"
