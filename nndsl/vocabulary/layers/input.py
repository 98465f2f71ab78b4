"""The shape of one example."""

from __future__ import annotations

from pydantic import Field

from nndsl.shapes import Shape, Tokens, show_shape
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.layer import Layer, ShapeError


class Input(Layer):
    """The shape of one example: `input(64)`, `input(1, 28, 28)` (channels first).

    Of several inputs each has a name, `input left(64)`, and takes the part of the data that is
    called so.
    """

    shape: tuple[Size, ...] = Field(
        (), description="the lengths of its axes; left out, those of the data"
    )
    tokens: Size | None = Field(
        None, description="kinds of tokens, where an example is the numbers of tokens"
    )

    declares_input = True
    variadic = "shape"
    linear = True
    sees_positions = True
    sees_tokens = True
    forward = "y = x"

    @property
    def input_shape(self) -> Shape | None:
        return Tokens(self.shape, self.tokens) if self.tokens else self.shape or None

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if self.shape and x != self.shape:
            raise ShapeError(
                f"`input` says {show_shape(self.shape)}, and what comes in is {show_shape(x)}",
                "`input` begins a network; leave it out elsewhere",
            )
        return x
