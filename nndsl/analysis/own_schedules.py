"""Schedules that a page defines: formulas over the `step` and the number of all `steps`."""

from types import MappingProxyType

from nndsl.analysis.own_words import OwnWordReader
from nndsl.ir.scalar import SMOOTH
from nndsl.vocabulary.formula_functions import FUNCTIONS
from nndsl.vocabulary.own_schedule import GIVEN, OwnSchedule
from nndsl.vocabulary.own_word import OwnWord


class Reader(OwnWordReader):
    """Reads `schedule NAME(…) { … }`."""

    base = OwnSchedule
    given = MappingProxyType(GIVEN)
    result = "rate"
    result_says = "the rate at a step"
    example = "a schedule holds formulas: rate = base / sqrt(step)"
    functions = MappingProxyType(
        {name: FUNCTIONS[name] for name in (*SMOOTH, "maximum", "minimum", "where")}
    )
    of_scripts = frozenset(["total_steps"])
    operators = "+ - * / // % ** < <= > >= == !=".split()

    def made(self) -> type[OwnWord]:
        made = super().made()
        self.check_values(made)
        return made
