"""Regularizers that a page defines itself, by a formula of a weight."""

from nndsl.ir import Expression, Operation, names_of, renamed
from nndsl.ir.adjoint import derive
from nndsl.ir.printer import expression
from nndsl.ir.statement import assign
from nndsl.ir.tree import written_out
from nndsl.ir.values import Value
from nndsl.vocabulary.derived import LENGTHS
from nndsl.vocabulary.lowered_formulas import LoweredFormulas
from nndsl.vocabulary.own_word import OwnWord, on_page
from nndsl.vocabulary.regularizer import Regularizer

WEIGHT = "w"


class OwnRegularizer(OwnWord, Regularizer):
    """A regularizer of the page: what a weight costs, summed over all numbers of all weights."""

    def check(self) -> None:
        self._cost()

    @property
    def forward(self) -> str:  # type: ignore[override]
        factor, cost = self._cost()
        summed = f"sum({expression(cost)} for w in weights)"
        return f"penalty = {expression(factor)} * {summed}" if factor else f"penalty = {summed}"

    @property
    def backward(self) -> str:  # type: ignore[override]
        """One line: what the forward pass computed is not at hand where it is read."""
        factor, cost = self._cost()
        cost = Operation("*", (factor, cost)) if factor else cost
        known = self._lowered.known
        passes = derive([assign("penalty", cost)], [WEIGHT], known, "penalty")
        steps = (*passes.forward, *passes.backward)
        named = written_out((step.writes[0], step.value) for step in steps if step.value)
        return assign("dw", named["dw"]).text

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"sum ({on_page(renamed(self.inlined('penalty'), {WEIGHT: 'W'}))})"

    @property
    def _lowered(self) -> LoweredFormulas:
        lowered = LoweredFormulas(self, {})
        lowered.known[WEIGHT] = Value(LENGTHS[:2])
        return lowered

    def _cost(self) -> tuple[Expression | None, Expression]:
        """Return what a weight costs: a number, and what it is multiplied by."""
        lowered = self._lowered
        cost = lowered.lowered(self.inlined("penalty"))
        if WEIGHT not in names_of(cost):
            raise lowered.reject("`penalty` does not depend on `w`", self.formulas[-1].value)
        factor = None
        match cost:
            case Operation("*", (left, right)) if not lowered.shape(left):
                factor, cost = left, right
        if lowered.shape(cost):
            cost = Operation(".sum()", (cost,))
        return factor, cost
