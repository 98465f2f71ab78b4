"""The search for good values."""

from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.builtin import Count, NameOf
from nndsl.vocabulary.sampler import Sampler
from nndsl.vocabulary.section import Section


class Search(Section):
    """Runs with other values of some `let`s, `name = range`, to find the best of them."""

    trials: Annotated[int, Field(ge=1, le=1_000_000)] = Field(20, description="number of runs")
    sampler: Sampler | None = Field(
        None, description="how the next values are chosen; left out, random"
    )
    metric: NameOf = Field("validation_loss", description="what the best run is best at")
    seed: Count = Field(0, description="the seed of the sampler")
