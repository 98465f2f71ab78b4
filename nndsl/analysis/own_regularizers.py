"""Regularizers that a page defines: a formula of `w`, a weight."""

from types import MappingProxyType

from nndsl.analysis.own_words import OPERATORS, OwnWordReader
from nndsl.vocabulary.formula_functions import OF_PARAMETERS
from nndsl.vocabulary.own_regularizer import WEIGHT, OwnRegularizer
from nndsl.vocabulary.own_word import MAX_INLINED, OwnWord, inlined_operations


class Reader(OwnWordReader):
    """Reads `regularizer NAME(…) { … }`."""

    base = OwnRegularizer
    given = MappingProxyType({WEIGHT: "a weight"})
    result = "penalty"
    result_says = "what a weight costs"
    example = "a regularizer holds formulas: penalty = strength * abs(w)"
    functions = OF_PARAMETERS
    of_scripts = frozenset(["weights"])
    operators = tuple(operator for operator in OPERATORS if operator != "@")

    def finish(self) -> None:
        count = inlined_operations(self.formulas, self.result)
        if count > MAX_INLINED:
            wrong = f"`{self.result}` is {count:_} operations in one line of the script, and at "
            help = "a name that is read twice stands there twice, with all that it is made of"
            wrong += f"most {MAX_INLINED} are read there"
            raise self.scope.reject("NN213", wrong, self.name.span, help=help)

    def made(self) -> type[OwnWord]:
        made = super().made()
        assert issubclass(made, OwnRegularizer)
        self.check_values(made)
        return made
