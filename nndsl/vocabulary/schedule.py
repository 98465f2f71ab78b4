"""Schedules: a number that changes from step to step."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from nndsl.vocabulary.word import NonNegativeReal, Word


class Schedule(Word):
    """A number that depends on the optimizer's step, 1, 2, 3 …

    `value` is the body of a function of the script. It writes `rate` and may read `step`,
    `total_steps` (of the whole training), the word's own fields, and `math`.
    """

    role = "schedules"
    constants = {"base": "BASE_RATE"}
    value: ClassVar[str]
    explanation: ClassVar[str]


Rate = Annotated[NonNegativeReal, Field(le=1e6)] | Schedule
