"""Optimizers that a page defines itself, by formulas for one parameter."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from nndsl.ir import (
    Assign,
    AugmentedAssign,
    Expression,
    Literal,
    Name,
    Operation,
    Statement,
    names_of,
)
from nndsl.ir.tree import parts
from nndsl.ir.values import Value
from nndsl.languages import sentence
from nndsl.vocabulary.optimizer import Optimizer
from nndsl.vocabulary.own_word import Formula, OwnWord
from nndsl.vocabulary.step_formulas import StepFormulas

PARAMETER, GRADIENT, STEP = "p", "g", "step"
MOVES = ("+", "-", "*", "/")  # by which `p = p - …` is `p -= …`
_SOME = Value((2,))  # what is said of it holds for a parameter of any shape


class OwnOptimizer(OwnWord, Optimizer):
    """An optimizer of the page: formulas say how a gradient moves a parameter.

    `decaying` stand before the others, for weights alone.
    """

    decaying: ClassVar[tuple[Formula, ...]] = ()
    source = "as the page defines it"

    @property
    def title(self) -> str:  # type: ignore[override]
        return sentence("{name}", name=self.keyword())

    @property
    def adapts(self) -> bool:  # type: ignore[override]
        """Does it take the sign of an array, or divide by one?"""
        arrays = {GRADIENT, *self.state}
        for formula in self.formulas:
            if not arrays.isdisjoint(names_of(formula.value)):
                arrays.add(formula.name)
            for part in parts(formula.value):
                match part:
                    case Operation("np.sign()"):
                        return True
                    case Operation("/", (_, below)) if arrays & {*names_of(below)}:
                        return True
        return False

    @property
    def update(self) -> str:  # type: ignore[override]
        return self._text(self.formulas)

    @property
    def decay(self) -> str:  # type: ignore[override]
        return self._text(self.decaying)

    def check(self) -> None:
        """ShapeError, with its place, where a formula has no value."""
        lowered = self._lowered()
        lowered.statements((*self.decaying, *self.formulas))
        for formula in self.formulas:
            if formula.name in self.state and not lowered.known[formula.name].shape:
                says = f"`{formula.name}` is remembered for each number of `p`, and this is one"
                raise lowered.reject(says, formula.value, f"write {formula.name} = 0 * p + …")

    def _lowered(self) -> StepFormulas:
        arrays = dict.fromkeys([PARAMETER, GRADIENT, *self.state], _SOME)
        return StepFormulas(self, [STEP], arrays)

    def _text(self, formulas: Iterable[Formula]) -> str:
        lines = self._lowered().statements(formulas)
        return "\n".join(self._changing(line).text for line in lines)

    def _changing(self, statement: Statement) -> Statement:
        """Return a statement that leaves a parameter in its place, and shares no array.

        The arrays of parameters are those of the whole script; a gradient's memory is used again.
        """
        statement = statement.rename({"dtype": f"{GRADIENT}.dtype"})
        target, value = statement.target, statement.value
        assert target is not None
        assert value is not None
        if isinstance(value, Name) and value.id in (PARAMETER, GRADIENT, *self.state):
            value = Operation(".copy()", (value,))
            statement = statement.with_node(Assign((Name(target),), value))
        if target != PARAMETER:
            return statement
        match value:
            case Operation(op, (Name(name), rest)) if op in MOVES and name == PARAMETER:
                change = replace(rest, enclosed=False) if isinstance(rest, Operation) else rest
                return statement.with_node(AugmentedAssign(Name(PARAMETER), op, change))
        whole: Expression = Operation("[]", (Name(PARAMETER), Literal(..., "...")))
        return statement.with_node(Assign((whole,), value))
