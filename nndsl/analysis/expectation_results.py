"""What became of expectations: each is held to the numbers that a run measured."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
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
    baseline: float | None = None  # where the expectation is about that

    @property
    def shown(self) -> str:
        """What was found, in as many digits as it takes to see on which side it lies."""
        return self._texts[0]

    @property
    def message(self) -> str:
        """In words: expected `test_accuracy >= 0.95`, found 0.9412."""
        expected = f"`{self.expectation}`{self._texts[1]}"
        return f"expected {expected}, found {self.shown}"

    @property
    def comparison(self) -> str:
        """What is expected: `test_accuracy >= baseline + 0.05` (0.9872), without the backticks."""
        return f"{self.expectation}{self._texts[1]}"

    @property
    def _texts(self) -> tuple[str, str]:
        """What was found, and in parentheses what the baseline makes of what is expected."""
        found, expected = self.found, self.expectation.expected
        of_baseline = self.expectation.formula is not None
        if found is None or (of_baseline and self.baseline is None):
            return "nothing" if found is None else show(found), " (no baseline)" * of_baseline
        if isinstance(found, float) and math.isfinite(found):
            for digits in DIGITS:
                text = f"{found:.{digits}g}"
                bound = f"{expected:.{digits}g}" if of_baseline else ""
                compared = replace(self.expectation, expected=float(bound) if bound else expected)
                if compared.holds(float(text)) == self.holds:
                    return text, f" ({bound})" * of_baseline
        return show(found), f" ({show(expected)})" * of_baseline

    def to_json(self) -> dict[str, Any]:
        """Return it for a file; `null` stands for what is no number, or was not measured."""
        found = self.found
        if isinstance(found, float) and not math.isfinite(found):
            found = None
        one = self.expectation
        expected = one.expected if one.formula is None or self.baseline is not None else None
        written = {"written": one.written, "baseline": self.baseline} if one.formula else {}
        return {
            "name": one.name,
            "operator": one.operator,
            "expected": expected,
            **written,
            "found": found,
            "holds": self.holds,
        }


def check_expectations(
    expectations: Iterable[Expectation],
    results: Results,
    baselines: Callable[[str], tuple[str, float] | None] = lambda name: None,
) -> list[ExpectationResult]:
    """Hold expectations to results; what is not there, or is not a number, does not hold.

    `baselines` says which answer without a network is the best by a name of the results, and what
    it reaches, if that is known. Where a variant ran with several seeds, the numbers are means.
    """
    found = []
    for expectation in expectations:
        value = _value(expectation.name, results)
        is_known = value is not None and not (isinstance(value, float) and math.isnan(value))
        baseline = None
        if expectation.formula is not None:
            best = baselines(expectation.name)
            baseline = None if best is None else best[1]
            expectation = expectation.beside(math.nan if baseline is None else baseline)
            is_known = is_known and baseline is not None
        holds = is_known and expectation.holds(value)
        found.append(ExpectationResult(expectation, value, holds, baseline))
    return found


def _value(name: str, results: Results) -> Any:
    """Return a result. The loss that an epoch reports is that of the training part."""
    return results.get(name, results.get("loss") if name == "training_loss" else None)
