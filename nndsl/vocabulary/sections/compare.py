"""The comparison of variants."""

from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.section import Section


class Compare(Section):
    """One run for each `variant NAME { … }` and seed; a variant overrides settings and `let`s.

    A comparison in a variant, `test_accuracy >= 0.9`, must hold for its mean over the seeds.
    With `folds` each run is repeated with another piece of the data for validation: what remains
    without the test part, cut as the split of the data says. `validation` has no effect then.
    """

    folds: Annotated[int, Field(ge=2, le=1000)] | None = Field(
        None, description="pieces of the examples, each held back for validation in turn"
    )
    seeds: Annotated[int, Field(ge=1, le=1000)] = Field(1, description="runs of each variant")
