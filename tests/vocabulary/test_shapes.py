"""Shapes that fit a layer, shapes that do not, and what is said of those."""

from __future__ import annotations

import pytest
from execution import layer_cases, words
from execution import made as layer
from pydantic import ValidationError

from nndsl.shapes import Channels, SequenceShape, Shape, Tokens, describe, divisors
from nndsl.vocabulary.layer import Layer, ShapeError, Structure
from nndsl.vocabulary.layers.reshape import Reshape
from nndsl.vocabulary.layers.residual import Add


def test_every_layer_has_a_case() -> None:
    plain = {word.keyword() for word in words("layers") if not issubclass(word, Structure)}
    assert plain <= {made.keyword() for made, _ in layer_cases()}


@pytest.mark.parametrize(
    ("made", "shape", "output"),
    [
        (layer("flatten"), (1, 8, 8), (64,)),
        (layer("flatten"), (64,), (64,)),
        (layer("reshape", shape=(1, 8, 8)), (64,), (1, 8, 8)),
        (layer("reshape", shape=(4, 16)), (1, 8, 8), (4, 16)),
        (layer("transpose"), (50, 16), (16, 50)),
        (layer("dense", units=5), (3,), (5,)),
        (layer("softmax"), (3, 4), (3, 4)),
        (layer("conv2d", filters=30, kernel=5), (1, 28, 28), (30, 24, 24)),
        (layer("conv2d", filters=8, kernel=3, padding="same"), (3, 7, 5), (8, 7, 5)),
        (layer("conv2d", filters=8, kernel=3, padding="same", stride=2), (3, 7, 4), (8, 4, 2)),
        (layer("conv2d", filters=8, kernel=3, padding=1, stride=2), (3, 8, 8), (8, 4, 4)),
        (layer("conv1d", filters=8, kernel=3), (2, 10), (8, 8)),
        (layer("conv1d", filters=8, kernel=4, padding="same", stride=3), (2, 10), (8, 4)),
        (layer("max_pool", kernel=2), (3, 8, 7), (3, 4, 3)),
        (layer("max_pool", kernel=3, stride=2), (3, 8, 7), (3, 3, 3)),
        (layer("max_pool", kernel=3, stride=2, padding=1), (3, 8, 7), (3, 4, 4)),
        (layer("max_pool", kernel=2, padding="same"), (3, 8, 7), (3, 4, 4)),
        (layer("avg_pool", kernel=2), (3, 9), (3, 4)),
        (layer("conv2d", filters=8, kernel=3, dilation=2), (3, 8, 7), (8, 4, 3)),
        (layer("conv_transpose2d", filters=5, kernel=3, stride=2), (3, 4, 7), (5, 9, 15)),
        (
            layer("conv_transpose2d", filters=5, kernel=4, stride=2, padding=1),
            (3, 4, 7),
            (5, 8, 14),
        ),
        (
            layer("conv_transpose1d", filters=5, kernel=3, stride=3, padding="same"),
            (3, 4),
            (5, 12),
        ),
        (layer("depth_to_space", factor=2), (12, 4, 7), (3, 8, 14)),
        (layer("patches", size=2), (3, 4, 6), SequenceShape((6, 12))),
        (layer("upsample", factor=2), (3, 4), (3, 8)),
        (layer("random_crop", size=3), (3, 4, 7), (3, 3, 3)),
        (layer("conv1d", filters=8, kernel=3, dilation=2, padding="same"), (3, 5), (8, 5)),
    ],
)
def test_output_shapes(made: Layer, shape: Shape, output: Shape) -> None:
    assert made.output_shape(shape) == output


@pytest.mark.parametrize(
    ("made", "shape", "message", "help"),
    [
        (layer("reshape", shape=(1, 8, 8)), (60,), "1 x 8 x 8 = 64 numbers.* has 60", "60"),
        (layer("reshape", shape=(10,)), (2, 3), "makes 10 numbers.* has 2 x 3 = 6", "is 6"),
        (
            layer("dense", units=5),
            (1, 8, 8),
            "`dense` takes rows.* 1 channel, 8 high and 8 wide",
            "`flatten`",
        ),
        (layer("layer_norm"), (8, 8), "`layer_norm` takes rows.* 8 x 8", "`flatten`"),
        (
            layer("conv2d", filters=3, kernel=5),
            (1, 4, 8),
            "kernel of `conv2d` is 5 x 5, .* images are 4 high and 8 wide: it fits nowhere",
            "padding=same",
        ),
        (
            layer("conv2d", filters=3, kernel=7, padding=1),
            (1, 4, 8),
            "images are 6 high and 10 wide with the zeros around them",
            "a smaller kernel",
        ),
        (layer("conv1d", filters=1, kernel=3), (64,), "signals .* 64", "`reshape(1, 64)`"),
        (
            layer("conv1d", filters=1, kernel=3),
            (1, 8, 8),
            "signals .* 1 channel, 8 high",
            "`conv2d`",
        ),
        (layer("conv1d", filters=1, kernel=3), (4, 2), "3 long, .* have 2 steps", "a smaller"),
        (
            layer("max_pool", kernel=3),
            (8, 2, 4),
            "window of `max_pool` is 3 x 3, .* images are 2 high and 4 wide: it fits nowhere",
            "a smaller one",
        ),
        (layer("depth_to_space", factor=2), (6, 4, 4), "one channel of 4, and 6", "multiple of 4"),
        (layer("patches", size=3), (1, 9, 8), "do not fill images that are 9 high", "2 and 4"),
        (
            layer("conv_transpose2d", filters=1, kernel=2, stride=3, padding="same"),
            (1, 2, 2),
            "leave gaps",
            "at least as long as the stride",
        ),
        (
            layer("conv_transpose1d", filters=1, kernel=2, padding=2),
            (1, 2),
            "makes 3 numbers along an axis, and padding=2 cuts off 4",
            "cut off less",
        ),
        (layer("random_crop", size=5), (1, 4, 6), "cuts out is 5 x 5", "a smaller one"),
        (layer("cutout", size=5), (1, 4, 6), "hole of `cutout` is 5 x 5", "a smaller one"),
        (layer("conv_transpose1d", filters=1, kernel=2), (1, 2, 2), "signals", "transpose2d"),
        (layer("max_pool", kernel=5), (8, 4), "5 long, .* signals have 4 steps", "a smaller one"),
        (layer("max_pool", kernel=2, padding=2), (8, 4), "nothing but padding", "less padding"),
        (layer("max_pool", kernel=2), SequenceShape((8, 4)), "8 positions", "`transpose`"),
        (
            layer("conv2d", filters=3, kernel=3, dilation=3),
            (1, 6, 8),
            "kernel of `conv2d` is 7 x 7",
            "a smaller kernel",
        ),
        (layer("conv2d", filters=3, kernel=2), (64,), "images .* 64", "`reshape(1, 8, 8)`"),
        (layer("conv2d", filters=3, kernel=2), (10,), "images .* 10", "say with `reshape`"),
        (layer("conv2d", filters=3, kernel=2), (7, 5), "images .* 7 x 5", "`reshape(1, 7, 5)`"),
        (
            layer("conv2d", filters=4, kernel=2, groups=2),
            (3, 5, 5),
            "2 groups, which do not divide the 3 channels that come in",
            "",
        ),
    ],
)
def test_shapes_that_do_not_fit(made: Layer, shape: Shape, message: str, help: str) -> None:
    with pytest.raises(ShapeError, match=message) as caught:
        made.output_shape(shape)
    assert help in (caught.value.help or "")


@pytest.mark.parametrize(
    ("input", "made", "message", "help"),
    [
        ((3,), (4,), "differ: 3 features and 4", "with 3 features"),
        ((3, 8, 8), (4, 8, 8), "differ: 3 channels and 4", "end the body with 3 channels"),
        (
            (3, 8, 9),
            (3, 6, 7),
            "differ: height 8 and 6, width 9 and 7",
            "keep height and width: padding=same",
        ),
        ((2, 9), Channels((2, 7)), "differ: 9 steps and 7", "keep steps"),
        ((1, 2, 2), (4,), "differ: 1 channel, 2 high and 2 wide, and a row of 4", "end the body"),
        (
            SequenceShape((5, 3)).row,
            SequenceShape((5, 2)).row,
            "3 features and 2",
            "with 3 features",
        ),
    ],
)
def test_a_residual_connection_adds_equals(
    input: Shape, made: Shape, message: str, help: str
) -> None:
    with pytest.raises(ShapeError, match=message) as caught:
        Add().output_shape(made, input)
    assert help in (caught.value.help or "")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1,), "a row of 1 feature"),
        ((30, 24, 25), "30 channels, 24 high and 25 wide"),
        (Channels((2, 9)), "2 channels of 9 steps"),
        (SequenceShape((9, 2)), "9 positions of 2 features"),
        (SequenceShape((9, 2)).row, "a row of 2 features at each of 9 positions"),
        (Tokens((9,), 5), "9 tokens of 5 kinds"),
        ((9, 2), "9 x 2"),  # only who reads it knows what the axes are
        ((), "a single number"),
    ],
)
def test_shapes_in_words(shape: Shape, words: str) -> None:
    assert describe(shape) == words


def test_time_stays_time_behind_an_activation() -> None:
    found = layer("conv1d", filters=2, kernel=3).output_shape((4, 9))
    assert describe(layer("relu").output_shape(found)) == "2 channels of 7 steps"


@pytest.mark.parametrize(
    ("number", "near", "words"),
    [(30, 4, "3 and 5"), (7, 2, "1 and 7"), (6, 9, "6"), (8, 3, "2 and 4")],
)
def test_divisors_nearby(number: int, near: int, words: str) -> None:
    assert divisors(number, near) == words


@pytest.mark.parametrize("shape", [(), (-1, 8), (0, 8)])
def test_reshape_guesses_no_length(shape: Shape) -> None:
    with pytest.raises(ValidationError):
        Reshape(shape=shape)


def test_an_equation_names_the_input_once() -> None:
    assert layer("reshape", shape=(1, 8, 8)).equation == "y = x as (1, 8, 8)"
