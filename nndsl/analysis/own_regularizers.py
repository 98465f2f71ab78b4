"""Regularizers that a page defines: a formula of `w`, a weight."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from nndsl.analysis.own_words import OPERATORS, OwnWordReader
from nndsl.vocabulary.formula_functions import FUNCTIONS
from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.own_regularizer import WEIGHT, OwnRegularizer
from nndsl.vocabulary.own_word import OwnWord

OF_EXAMPLES = ("softmax", "log_softmax", "concat", "pick")  # a weight has no rows of examples


class Reader(OwnWordReader):
    """Reads `regularizer NAME(…) { … }`."""

    base = OwnRegularizer
    given = MappingProxyType({WEIGHT: "a weight"})
    result = "penalty"
    result_says = "what a weight costs"
    example = "a regularizer holds formulas: penalty = strength * abs(w)"
    functions = MappingProxyType({n: f for n, f in FUNCTIONS.items() if n not in OF_EXAMPLES})
    operators = tuple(operator for operator in OPERATORS if operator != "@")

    def made(self) -> type[OwnWord]:
        made = super().made()
        assert issubclass(made, OwnRegularizer)
        usual: dict[str, Any] = dict.fromkeys(self.parameters, 1.0)
        usual |= {n: f.default for n, f in made.model_fields.items() if not f.is_required()}
        try:
            _ = made.model_construct(**usual).forward
        except ShapeError as error:
            span = error.span or self.name.span
            raise self.scope.reject("NN301", error.message, span, help=error.help) from None
        return made
