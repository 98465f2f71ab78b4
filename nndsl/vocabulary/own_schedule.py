"""Schedules that a page defines itself, by formulas over the step."""

from math import isfinite, pi

from nndsl.ir.scalar import Dual, evaluate
from nndsl.languages import sentence
from nndsl.vocabulary.own_word import OwnWord
from nndsl.vocabulary.schedule import Schedule
from nndsl.vocabulary.step_formulas import StepFormulas

GIVEN = {  # what a formula finds
    "step": "the optimizer's step, 1, 2, …",
    "steps": "how many steps there are in all",
    "pi": "the number pi",
}
_TRIED = 1000  # steps
_IN_SCRIPTS = {"steps": "total_steps", "pi": "math.pi"}


class OwnSchedule(OwnWord, Schedule):
    """A schedule of the page: formulas say what the rate is at a step."""

    @property
    def explanation(self) -> str:  # type: ignore[override]
        return sentence("The schedule {name} of the page.", name=self.keyword())

    def check(self) -> None:
        StepFormulas(self, GIVEN).statements(self.formulas)

    def greatest(self) -> None:
        return None  # not of formulas

    def undefined_at(self, total_steps: int) -> int | None:
        """Of a long training, the steps at the beginning and at the end are tried."""
        last = range(max(_TRIED, total_steps - _TRIED) + 1, total_steps + 1)
        steps = [*range(1, min(_TRIED, total_steps) + 1), *last]
        known: dict[str, Dual] = {
            name: ([float(value)] * len(steps), None)
            for name, value in {**self.fields, "steps": total_steps, "pi": pi}.items()
        }
        known["step"] = [float(step) for step in steps], None
        wrong: set[int] = set()
        for formula in self.formulas:
            values, _ = known[formula.name] = evaluate(formula.value, known, len(steps))
            wrong.update(n for n, value in zip(steps, values, strict=True) if not isfinite(value))
        return min(wrong, default=None)

    @property
    def value(self) -> str:  # type: ignore[override]
        lines = StepFormulas(self, GIVEN).statements(self.formulas)
        return "\n".join(line.rename(_IN_SCRIPTS).text for line in lines)
