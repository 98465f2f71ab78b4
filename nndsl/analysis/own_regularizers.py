"""Regularizers that a page defines: a formula of `w`, a weight."""

from __future__ import annotations

from types import MappingProxyType

from nndsl.analysis.own_words import OPERATORS, OwnWordReader
from nndsl.vocabulary.formula_functions import OF_PARAMETERS
from nndsl.vocabulary.own_regularizer import WEIGHT, OwnRegularizer
from nndsl.vocabulary.own_word import OwnWord


class Reader(OwnWordReader):
    """Reads `regularizer NAME(…) { … }`."""

    base = OwnRegularizer
    given = MappingProxyType({WEIGHT: "a weight"})
    result = "penalty"
    result_says = "what a weight costs"
    example = "a regularizer holds formulas: penalty = strength * abs(w)"
    functions = OF_PARAMETERS
    operators = tuple(operator for operator in OPERATORS if operator != "@")

    def made(self) -> type[OwnWord]:
        made = super().made()
        assert issubclass(made, OwnRegularizer)
        self.check_values(made)
        return made
