"""Rows for columns."""

from nndsl.shapes import Shape, describe
from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.positions import LayerOfPositions


class Transpose(LayerOfPositions):
    """y = x^T for each example: positions of features become channels along time, or back.

    What `reshape` does not do: it keeps the order of the numbers, and mixes axes that change
    places. Around layers of rows it makes one that mixes positions (Tolstikhin et al. 2021,
    MLP-Mixer).
    """

    called = ("permute", "swapaxes", "swap_axes")

    symbol = "C"
    linear = True
    equation = "y = x^T of each example"

    @property
    def forward(self) -> str:  # type: ignore[override]
        x = "x.reshape(N, rows, columns)" if self._is_rows else "x"
        return f"y = {x}.transpose(0, 2, 1)"

    @property
    def backward(self) -> str:  # type: ignore[override]
        back = ".reshape(x.shape)" if self._is_rows else ""
        return f"dx = dy.transpose(0, 2, 1){back}"

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 2:
            raise ShapeError(
                f"`transpose` takes two axes, and gets {describe(inputs[0])}",
                "join axes before it: reshape(CHANNELS, PLACES)",
            )
        rows, columns = inputs[0]
        return (columns, rows)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        rows, columns = inputs[0]
        return {"rows": rows, "columns": columns} if self._is_rows else {}
