"""Initializers that a page defines: formulas over `fan_in`, `fan_out` and noise."""

from types import MappingProxyType

from nndsl.analysis.own_words import OwnWordReader
from nndsl.ir.scalar import SMOOTH
from nndsl.vocabulary.formula_functions import FUNCTIONS, NOISE
from nndsl.vocabulary.own_initializer import OwnInitializer
from nndsl.vocabulary.own_word import OwnWord

_ELEMENTWISE = (*SMOOTH, "sign", "maximum", "minimum", "where", "clip")


class Reader(OwnWordReader):
    """Reads `initializer NAME(…) { … }`."""

    base = OwnInitializer
    given = MappingProxyType(
        {"fan_in": "how many inputs a unit has", "fan_out": "how many units an input reaches"}
    )
    result = "w"
    result_says = "what the numbers of the parameter are"
    example = "an initializer holds formulas: w = normal(0, sqrt(2 / fan_in))"
    functions = MappingProxyType({name: FUNCTIONS[name] for name in _ELEMENTWISE} | NOISE)
    of_scripts = frozenset(["shape"])
    operators = "+ - * / ** < <= > >= == !=".split()

    def made(self) -> type[OwnWord]:
        made = super().made()
        self.check_values(made)
        return made
