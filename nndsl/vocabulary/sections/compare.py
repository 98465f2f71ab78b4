"""The comparison of variants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.section import Section


class Compare(Section):
    """One run for each `variant NAME { … }` and seed; a variant overrides settings and `let`s.

    A comparison in a variant, `test_accuracy >= 0.9`, must hold for its mean over the seeds.
    """

    seeds: Annotated[int, Field(ge=1, le=1000)] = Field(1, description="runs of each variant")
