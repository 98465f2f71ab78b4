"""Metrics that a page defines: formulas of outputs, targets and classes."""

from types import MappingProxyType
from typing import Any

from nndsl.analysis.own_losses import TargetReader
from nndsl.vocabulary.metric import HIGHER
from nndsl.vocabulary.own_metric import ACTUAL, ERROR, PREDICTED, SCORE, OwnMetric
from nndsl.vocabulary.own_word import OwnWord


class Reader(TargetReader):
    """Reads `metric NAME(…) { … }`."""

    base = OwnMetric
    given = MappingProxyType(
        {
            **TargetReader.given,
            ACTUAL: "the number of the example's class",
            PREDICTED: "the number of the class that is predicted",
        }
    )
    of_scripts = frozenset(["P", "p"])  # probabilities, and a constant of that name
    example = "a metric holds formulas: error = abs(x - t)"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        is_score = self.name.text.endswith(HIGHER)
        self.result = SCORE if is_score else ERROR  # type: ignore[misc]
        better = "more is better, as its name says" if is_score else f"a `…{HIGHER}` gives `score`"
        self.result_says = f"what it is of an example ({better})"  # type: ignore[misc]

    def made(self) -> type[OwnWord]:
        self.check_mixed()
        made = super().made()
        self.check_values(made)
        return made
