"""What became of expectations: each is held to the numbers that a run measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from nndsl.analysis.expect import Expectation, show
from nndsl.record import record
from nndsl.shapes import Shape

Results = Mapping[str, Any]  # what was measured by its name: `loss`, `test_accuracy`, `output` …
DIGITS = (4, 6, 9, 17)  # of a number that is shown: as few as tell on which side it lies


@record
class ExpectationResult:
    """An expectation, and what was found; None where nothing was measured."""

    expectation: Expectation
    found: float | Shape | None
    holds: bool

    @property
    def shown(self) -> str:
        """What was found, in as many digits as it takes to see on which side it lies."""
        if self.found is None:
            return "nothing"
        if isinstance(self.found, float) and math.isfinite(self.found):
            for digits in DIGITS:
                text = f"{self.found:.{digits}g}"
                if self.expectation.holds(float(text)) == self.holds:
                    return text
        return show(self.found)

    @property
    def message(self) -> str:
        """In words: expected `test_accuracy >= 0.95`, found 0.9412."""
        return f"expected `{self.expectation}`, found {self.shown}"

    def to_json(self) -> dict[str, Any]:
        """Return it for a file; `null` stands for what is no number, or was not measured."""
        found = self.found
        if isinstance(found, float) and not math.isfinite(found):
            found = None
        return {
            "name": self.expectation.name,
            "operator": self.expectation.operator,
            "expected": self.expectation.expected,
            "found": found,
            "holds": self.holds,
        }


def check_expectations(
    expectations: Iterable[Expectation], results: Results
) -> list[ExpectationResult]:
    """Hold expectations to results; what is not there, or is not a number, does not hold.

    Where a variant ran with several seeds, the results are means over them.
    """
    found = []
    for expectation in expectations:
        value = _value(expectation.name, results)
        is_known = value is not None and not (isinstance(value, float) and math.isnan(value))
        found.append(ExpectationResult(expectation, value, is_known and expectation.holds(value)))
    return found


def _value(name: str, results: Results) -> Any:
    """Return a result. The loss that an epoch reports is that of the training part."""
    return results.get(name, results.get("loss") if name == "training_loss" else None)
