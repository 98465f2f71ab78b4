"""Losses that a page defines itself, by formulas: their backward pass is derived."""

from __future__ import annotations

from pydantic import PrivateAttr

from nndsl.ir import Expression, Literal, Operation, Statement, assign
from nndsl.ir.adjoint import Passes, derive
from nndsl.ir.forward_values import NotDifferentiable
from nndsl.ir.rows import Rows
from nndsl.ir.values import Value, value_of
from nndsl.vocabulary.formula_functions import DEFINITIONS
from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.lowered_formulas import LoweredFormulas
from nndsl.vocabulary.own_word import OwnWord

OUTPUTS = "outputs"  # what a formula calls the number of outputs
_USUAL = 3  # outputs of a network, where it is not known how many there are


class OwnLoss(OwnWord, Loss):
    """A loss of the page: what an example costs; training lowers the mean over the examples."""

    functions = DEFINITIONS
    guess = guess_by = ""  # which constant is best is not known
    _placed: _Placed | None = PrivateAttr(None)

    def for_outputs(self, count: int) -> OwnLoss:
        placed = self.model_copy()
        placed._placed = _Placed(self, count)
        return placed

    @property
    def passes(self) -> Passes:
        """The forward and the backward pass."""
        return (self._placed or _Placed(self, _USUAL)).passes

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "\n".join(statement.text for statement in self.passes.forward)

    @property
    def backward(self) -> str:  # type: ignore[override]
        return "\n".join(line.with_its_comment for line in self.passes.backward)

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "    ".join(self.lines)


class _Placed(LoweredFormulas):
    """The formulas of a loss for so many outputs, in the operations of numpy."""

    def __init__(self, loss: OwnLoss, outputs: int) -> None:
        super().__init__(loss, {OUTPUTS: outputs})
        self.known |= target_shapes(loss.targets, outputs)
        given = dict(self.known)
        forward = self.statements(loss.formulas)
        try:
            self.passes = derive(forward, ["x"], given, "loss")
        except NotDifferentiable as error:
            raise ShapeError(f"`{loss.keyword()}` has no derivative: {error}") from None

    def statement(self, name: str, value: Expression) -> Statement:
        if name != "loss":
            return super().statement(name, value)
        found = value_of(value, self.known)
        if found is None or found.shape[:1] != (Rows(),):
            wrong = "`loss` is the same for every example: it does not depend on `x`"
            raise self.reject(wrong, self.word.formulas[-1].value)
        made = assign(name, over_examples(value, self))
        self.known[name] = Value(())
        return made


def target_shapes(targets: str, outputs: int) -> dict[str, Value]:
    """Return what formulas of outputs and targets read."""
    x = Value((Rows(), outputs))
    return {"x": x, "t": Value((Rows(),), "int") if targets == "classes" else x}


def over_examples(node: Expression, formulas: LoweredFormulas) -> Expression:
    """Return the mean over the examples, and over the numbers of each, of what a formula gives."""
    match node:
        case Operation("-", (inner,)):
            return Operation("-", (over_examples(inner, formulas),))
        case Operation("+" | "-" as op, sides) if all(_is_simple(s, formulas) for s in sides):
            return Operation(op, tuple(over_examples(side, formulas) for side in sides))
        case Operation("*" | "/" as op, (left, right)) if not formulas.shape(right):
            return Operation(op, (over_examples(left, formulas), right))
        case Operation("*", (left, right)) if not formulas.shape(left):
            return Operation("*", (left, over_examples(right, formulas)))
        case Operation(".mean()", (inner,), options) if options:
            return Operation(".mean()", (inner,))
        case Operation(".sum()" | ".max()" | ".min()" as op, (inner,), ((("axis", axis)), *_)):
            return Operation(".mean()", (Operation(op, (inner,), (("axis", axis),)),))
        case Operation("[]", (inner, _, Literal(None))):
            return Operation(".mean()", (inner,))
    return node if not formulas.shape(node) else Operation(".mean()", (node,))


def _is_simple(node: Expression, formulas: LoweredFormulas) -> bool:
    """Is it a number, or the mean over an example, or what one of its numbers is?"""
    match node:
        case Operation("-", (inner,)):
            return _is_simple(inner, formulas)
        case Operation("*" | "/", (left, right)) if not formulas.shape(right):
            return _is_simple(left, formulas)
        case Operation("*", (left, right)) if not formulas.shape(left):
            return _is_simple(right, formulas)
        case Operation(".sum()" | ".mean()" | ".max()" | ".min()" | "[]"):
            return True
    return not formulas.shape(node)
