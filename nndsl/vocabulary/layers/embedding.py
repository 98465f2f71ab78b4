"""Tokens to rows of features."""

from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import Field, PrivateAttr

from nndsl.data import Signal
from nndsl.shapes import SequenceShape, Shape, Tokens, describe
from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, Propagated, ShapeError

MANY = 1000  # kinds of tokens from which on a matrix of where each stands would be too large


class Embedding(Layer):
    """y = W[x]: each kind of token has a row of features of its own, which is learnt.

    Bengio et al. 2003. The number of kinds comes from the data, or from `input(…, tokens=…)`.
    """

    called = ("embed", "lookup_table")

    features: Size = Field(description="the length of a token's row")
    init: Initializer | None = Field(
        None, description="how the rows begin; left out, lecun: a standard deviation of 1"
    )

    symbol = "E"
    derivation = r"""
        A token picks one row, unchanged. So that row gets what comes in, and all rows that were not
        picked get 0. A token that stands at several places gets the sum of all of them, which is
        what `np.add.at` adds up; an assignment would keep the last one alone.
    """
    masked = "x"
    _kinds: int = PrivateAttr(0)
    sees_positions = True
    sees_tokens = True

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "y = W[x]" + ", and 0 at padding" * self.is_masked

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            tokens = x.reshape(-1)   # one example after the other
            {"real = mask.reshape(-1, 1)" * self.is_masked}
            y = W[tokens]{" * real   # 0 at padding" * self.is_masked}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        of = "dy * real" if self.is_masked else "dy"
        return f"""
            dW = np.zeros_like(W)
            np.add.at(dW, tokens, {of})   # adds up what a token gets at all its places
        """

    @property
    def optimized_backward(self) -> str:  # type: ignore[override]
        if self._kinds > MANY:
            return ""
        dy = "(dy * real)" if self.is_masked else "dy"
        return f"""
            found = np.arange(kinds)[:, None] == tokens   # where each kind of token stands
            dW = found @ {dy}   # summed over its positions
        """

    def for_shapes(self, *inputs: Shape) -> Self:
        placed = self.model_copy()
        placed._kinds = inputs[0].vocab_size if isinstance(inputs[0], Tokens) else 0
        return placed

    def output_shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        if not isinstance(x, Tokens):
            raise ShapeError(
                f"`embedding` takes the numbers of tokens, and gets quantities: {describe(x)}",
                "say tokens=KINDS of the data, or, without data, input(LENGTH, tokens=KINDS)",
                wants_tokens=True,
            )
        return SequenceShape((*x, self.features))

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        x = inputs[0]
        assert isinstance(x, Tokens)
        return {"kinds": x.vocab_size}

    def multiplications(self, *inputs: Shape) -> int:
        return 0  # rows are looked up

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        x = inputs[0]
        assert isinstance(x, Tokens)
        # One number of a one-hot row is not 0: so a row has a standard deviation of 1.
        init = self.init or "lecun"
        return {
            "W": Parameter((x.vocab_size, self.features), init, 1, self.features, is_weight=True)
        }

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated | None:
        moments = parameters["W"].moments
        return moments and Propagated(moments, 0.0)
