"""Schedules that a page defines itself, by formulas over the step."""

from __future__ import annotations

from nndsl.vocabulary.own_word import OwnWord
from nndsl.vocabulary.schedule import Schedule
from nndsl.vocabulary.step_formulas import StepFormulas

GIVEN = {  # what a formula finds
    "step": "the optimizer's step, 1, 2, …",
    "steps": "how many steps there are in all",
    "pi": "the number pi",
}
_IN_SCRIPTS = {"steps": "total_steps", "pi": "math.pi"}


class OwnSchedule(OwnWord, Schedule):
    """A schedule of the page: formulas say what the rate is at a step."""

    @property
    def explanation(self) -> str:  # type: ignore[override]
        return f"The schedule {self.keyword()} of the page."

    def check(self) -> None:
        StepFormulas(self, GIVEN).statements(self.formulas)

    @property
    def value(self) -> str:  # type: ignore[override]
        lines = StepFormulas(self, GIVEN).statements(self.formulas)
        return "\n".join(line.rename(_IN_SCRIPTS).text for line in lines)
