"""The shape of one example."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from nndsl.shapes import Shape, Tokens, show_shape
from nndsl.vocabulary.builtin import Names, Size
from nndsl.vocabulary.layer import Layer, ShapeError

Token = Annotated[int, Field(ge=0)]


class Input(Layer):
    """The shape of one example: `input(64)`, `input(1, 28, 28)` (channels first).

    Of several inputs each has a name, `input left(64)`, and takes the part of the data that is
    called so; of a table it takes `columns`.
    """

    shape: tuple[Size, ...] = Field(
        (), description="the lengths of its axes; left out, those of the data", examples=[64]
    )
    tokens: Size | None = Field(
        None, description="kinds of tokens, where an example is the numbers of tokens"
    )
    padding: Token | None = Field(
        None, description="the token that fills up examples which are shorter than others"
    )

    columns: Names = Field((), description="those of a table that it takes, where it is not all")

    declares_input = True
    variadic = "shape"
    linear = True
    sees_positions = True
    sees_tokens = True
    forward = "y = x"

    @property
    def input_shape(self) -> Shape | None:
        return Tokens(self.shape, self.tokens, self.padding) if self.tokens else self.shape or None

    @property
    def input_columns(self) -> tuple[str, ...]:
        return self.columns

    @model_validator(mode="after")
    def _pads_tokens(self) -> Self:
        if self.padding is not None and (self.tokens is None or self.padding >= self.tokens):
            raise ValueError("`padding` is one of the tokens: say tokens=KINDS, and one below that")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if self.shape and x != self.shape:
            raise ShapeError(
                f"`input` says {show_shape(self.shape)}, and what comes in is {show_shape(x)}",
                "`input` begins a network; leave it out elsewhere",
            )
        return x
