"""Schedules: a number that changes from step to step."""

from typing import Annotated, ClassVar

from pydantic import Field

from nndsl.vocabulary.builtin import Builtin, NonNegativeReal


class Schedule(Builtin):
    """A number that depends on the optimizer's step, 1, 2, 3 …

    `value` is the body of a function of the script. It writes `rate` and may read `step`,
    `total_steps` (of the whole training), the word's own fields, and `math`.

    One that `watches` a result has a `memory`, which `begin` makes. At the end of each epoch
    `watch` changes it; there `value` is the number that is watched, turned so that less is better.
    """

    kind = "schedules"
    constants = {"base": "BASE_RATE"}
    value: ClassVar[str]
    explanation: ClassVar[str]
    begin: ClassVar[str] = ""
    watch: ClassVar[str] = ""
    rise: ClassVar[str] = ""  # the field: steps until the rate has risen to its greatest value

    @property
    def watches(self) -> str:
        """The name of the result that it looks at after each epoch; empty: it looks at none."""
        return ""

    def greatest(self) -> float | None:
        """Return the greatest rate, the `base` of all words, or None where it is not known."""
        return getattr(self, "base", None)

    def undefined_at(self, total_steps: int) -> int | None:
        """Return the first step at which it has no value, or None."""
        return None

    def shrinks_to(self, steps: int) -> float | None:
        """Return the decimal logarithm of last / first rate, where a rate decays by factors."""
        return None


Rate = Annotated[NonNegativeReal, Field(le=1e6)] | Schedule
