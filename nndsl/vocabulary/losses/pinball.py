"""The pinball loss."""

from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.loss import Loss


class Pinball(Loss):
    """A target above x costs quantile times the distance, one below 1 - quantile times.

    The mean over all elements. What costs least is the quantile of the targets: with 0.9 nine of
    ten lie below x, with 0.5 it is the median. Koenker and Bassett 1978.
    """

    called = ("quantile", "quantile_loss", "pinball_loss")

    quantile: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.5, description="the part of the targets that is to lie below x"
    )

    positional = 1
    targets = "values"
    equation = "mean(pinball(x - t, quantile))"
    guess_by = "a quantile of the targets"
    forward = """
        error = x - t
        loss = np.where(error > 0, (1 - quantile) * error, -quantile * error).mean()
    """

    @property
    def guess(self) -> str:  # type: ignore[override]
        return f"np.quantile(t, {self.quantile!r}, axis=0)"
