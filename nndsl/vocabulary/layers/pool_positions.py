"""One row of features of all positions."""

from typing import Literal

from pydantic import Field

from nndsl.shapes import Shape
from nndsl.vocabulary.positions import LayerOfPositions, positions_of

_AT = {"first": "0", "last": "-1"}


class PoolPositions(LayerOfPositions):
    """Of all positions one row: of each feature the mean, the largest, the first or the last.

    `by=max` is the max-over-time pooling of Collobert et al. 2011 and Kim 2014; of equal numbers
    the first position gets the gradient.
    """

    called = (
        *("mean_over_time", "max_over_time", "mean_positions", "max_positions"),
        *("global_average_pooling1d", "global_max_pooling1d", "last", "last_position"),
    )

    by: Literal["mean", "max", "first", "last"] = Field(
        "mean", description="what is kept of each feature"
    )

    symbol = "P"
    masked = "x"

    @property
    def linear(self) -> bool:  # type: ignore[override]
        return self.by != "max"

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"y = {self.by} of x over the positions" + " but padding" * self.is_masked

    @property
    def forward(self) -> str:  # type: ignore[override]
        if self.by == "max":
            real = "np.where(mask[:, :, None], table, -np.inf)" if self.is_masked else "table"
            return f"""
                table = x.reshape(N, T, features)
                best = {real}.argmax(axis=1)[:, None]   # where each is largest
                y = np.take_along_axis(table, best, axis=1)[:, 0]
            """
        if self.is_masked and self.by == "mean":
            return """
                length = np.maximum(1, mask.sum(axis=1)).astype(dtype)   # of each example
                share = (mask / length[:, None])[:, :, None]   # of a position: 0 at padding
                y = (x.reshape(N, T, features) * share).sum(axis=1)
            """
        if self.is_masked:
            at = "mask.argmax(axis=1)"
            if self.by == "last":
                at = "T - 1 - mask[:, ::-1].argmax(axis=1)"
            return f"""
                at = {at}   # where its {self.by} token stands
                y = x.reshape(N, T, features)[np.arange(N), at]
            """
        of_each = ".mean(axis=1)" if self.by == "mean" else f"[:, {_AT[self.by]}]"
        return f"y = x.reshape(N, T, features){of_each}"

    @property
    def backward(self) -> str:  # type: ignore[override]
        if self.is_masked and self.by == "mean":
            return f"dx = {self.like_input('(dy[:, None] * share).reshape(-1, features)')}"
        if self.by == "mean":
            share = "np.repeat(dy / T, T, axis=0)"
            return f"dx = {self.like_input(share)}   # each position has an equal part"
        if self.by == "max":
            return """
                dtable = np.zeros_like(table)
                np.put_along_axis(dtable, best, dy[:, None], axis=1)   # the largest alone decided
                dx = dtable.reshape(x.shape)
            """
        place = "np.arange(N), at" if self.is_masked else f":, {_AT[self.by]}"
        return f"""
            dtable = np.zeros((N, T, features), dy.dtype)
            dtable[{place}] = dy   # no other had a part in y
            dx = dtable.reshape(x.shape)
        """

    def output_shape(self, *inputs: Shape) -> Shape:
        _, features = positions_of(self.keyword(), inputs[0])
        return (features,)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        T, features = inputs[0]
        return {"T": T, "features": features}
