"""Early stopping."""

from pydantic import Field

from nndsl.vocabulary.builtin import NameOf, NonNegativeReal, Size
from nndsl.vocabulary.stop import Stop


class Early(Stop):
    """Ends training when nothing got better for a while, and goes back to the best. Prechelt 1998.

    Parameters and running statistics are restored to the end of the best epoch.
    """

    patience: Size = Field(5, description="epochs without improvement before training ends")
    metric: NameOf = Field("validation_loss", description="what must improve")
    min_delta: NonNegativeReal = Field(0.0, description="a smaller improvement does not count")

    patience_field = "patience"
    constants = {"patience": "PATIENCE", "min_delta": "MIN_IMPROVEMENT"}
    begin = "best_value, best_epoch, best_arrays = math.inf, 0, {}"
    done = "epoch - best_epoch >= patience"
    finish = """
        for name, best in best_arrays.items():   # back to the best epoch
            arrays[name][...] = best
    """

    @property
    def watch(self) -> str:  # type: ignore[override]
        return f"""
            if value < best_value{" - min_delta" if self.min_delta else ""}:
                best_value, best_epoch = value, epoch
                best_arrays = {{name: array.copy() for name, array in arrays.items()}}
        """
