"""One of the values of a list."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.range import Range
from nndsl.vocabulary.word import Unevaluated


class Choice(Range):
    """One of the listed values, every one as likely as any other. They may be of any kind."""

    values: Annotated[tuple[Unevaluated, ...], Field(min_length=1)] = Field(
        description="the values to choose from"
    )

    variadic = "values"
    numeric = False
