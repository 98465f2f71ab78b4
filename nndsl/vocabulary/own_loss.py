"""Losses that a page defines itself, by formulas: their backward pass is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from pydantic import PrivateAttr

from nndsl.ir import Expression, Literal, Name, Operation, Statement, assign, parse_value
from nndsl.ir.adjoint import Passes, derive
from nndsl.ir.derivatives import NotDifferentiable
from nndsl.ir.rows import Rows
from nndsl.ir.scalar import NotElementwise, evaluate_number
from nndsl.ir.symbols import number
from nndsl.ir.tree import parts, transformed
from nndsl.ir.values import NUMBER, Value, value_of
from nndsl.vocabulary.derived import as_text
from nndsl.vocabulary.formula_functions import REDUCTIONS
from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.lowered_formulas import EXAMPLES, LoweredFormulas
from nndsl.vocabulary.own_word import MAX_INLINED, OwnWord, inlined_operations, on_page

OUTPUTS = "outputs"  # what a formula calls the number of outputs
TARGET = "t"
X = Name("x")
# Activations that a loss may apply itself, by their operation.
APPLIED = {"log_softmax()": "softmax", "softmax()": "softmax", "sigmoid()": "sigmoid"}
_FAR = (1e3, 300.0, 100.0, 30.0, 10.0)  # outputs, until the logarithm of a share is finite
_USUAL = 3  # outputs of a network, where it is not known how many there are


class OwnLoss(OwnWord, Loss):
    """A loss of the page: what an example costs; training lowers the mean over the examples."""

    measures_distance = False  # not that anybody knew
    _placed: _Placed | None = PrivateAttr(None)

    def for_outputs(self, count: int) -> OwnLoss:
        placed = self.model_copy()
        placed._placed = _Placed(self, count)
        return placed

    @property
    def applies(self) -> str:  # type: ignore[override]
        parts_of = [part for formula in self.formulas for part in parts(formula.value)]
        return next((word for op, word in APPLIED.items() if Operation(op, (X,)) in parts_of), "")

    @property
    def takes_scores(self) -> bool:  # type: ignore[override]
        return self.targets == "classes" and self.applies == "softmax"

    @property
    def estimate(self) -> str:  # type: ignore[override]
        return f"P = {self.applies}(x)" if self.applies else ""

    @property
    def binary_limit(self) -> float:  # type: ignore[override]
        """One output says the class whose target costs less there."""
        limit = self._where_classes_cost_the_same()
        return Loss.binary_limit if limit is None else limit

    def _where_classes_cost_the_same(self) -> float | None:
        """Return the output above which an example of target 1 costs less than one of 0."""

        def difference(x: float) -> float:
            costs = []
            for t in (0.0, 1.0):
                known = {n: v for n, v in self.fields.items() if isinstance(v, int | float)}
                known |= {"x": x, TARGET: t, OUTPUTS: 1}
                for formula in self.formulas:
                    known[formula.name] = evaluate_number(of_one_number(formula.value), known)
                costs.append(known["loss"])
            return costs[0] - costs[1]

        otherwise = 0.0 if self.applies == "sigmoid" else None  # where it says one half
        try:
            for limit in _FAR:
                if -inf < difference(-limit) < 0 < difference(limit) < inf:
                    break
            else:
                return otherwise
            low, high = -limit, limit
            for _ in range(100):
                middle = (low + high) / 2
                low, high = (low, middle) if difference(middle) >= 0 else (middle, high)
        except (NotElementwise, TypeError):
            return otherwise
        return round(high, 6) + 0.0

    @property
    def passes(self) -> Passes:
        """The forward and the backward pass."""
        return (self._placed or _Placed(self, _USUAL)).passes

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "\n".join(statement.text for statement in self.passes.forward)

    @property
    def backward(self) -> str:  # type: ignore[override]
        return as_text(self.passes.backward)

    @property
    def equation(self) -> str:  # type: ignore[override]
        is_short = inlined_operations(self.formulas, "loss") <= MAX_INLINED
        whole = self.inlined("loss") if is_short else self.formulas[-1].value  # over named lines
        return f"mean({on_page(whole)})"


class _Placed(LoweredFormulas):
    """The formulas of a loss for so many outputs, in the operations of numpy."""

    def __init__(self, loss: OwnLoss, outputs: int) -> None:
        super().__init__(loss, {OUTPUTS: outputs})
        self.known |= target_shapes(loss.targets, outputs)
        self.written[OUTPUTS] = parse_value("x.shape[1]")
        given = dict(self.known)
        made = self.statements(loss.formulas)
        if loss.gradients:
            self.known[EXAMPLES] = NUMBER
            self.passes = Passes(made, self.gradients(loss.gradients, {"x": given["x"]}))
            return
        forward = without_columns(made, given, self.known) if outputs > 1 else made
        try:
            self.passes = derive(forward, ["x"], given, "loss")
        except NotDifferentiable as error:
            raise ShapeError(f"`{loss.keyword()}` has no derivative: {error}") from None

    def statement(self, name: str, value: Expression) -> Statement:
        if name != "loss":
            return super().statement(name, value)
        return mean_of_examples(name, value, self, ": it does not depend on `x`")


def of_one_number(node: Expression) -> Expression:
    """Return a formula where an example has one number: it is its own sum."""

    def alone(part: Expression) -> Expression:
        match part:
            case Operation(op, (inner,)) if op in REDUCTIONS:
                return inner
            case Operation("relu()", (inner,)):
                return Operation("np.maximum()", (number(0), inner))
            case Operation("softplus()", (inner,)):
                return Operation("np.logaddexp()", (number(0), inner))
        return part

    return transformed(node, alone)


def target_shapes(targets: str, outputs: int) -> dict[str, Value]:
    """Return what formulas of outputs and targets read."""
    x = Value((Rows(), outputs))
    if targets == "none":
        return {"x": x}
    return {"x": x, "t": Value((Rows(),), "int") if targets == "classes" else x}


def mean_of_examples(
    name: str, value: Expression, formulas: LoweredFormulas, why_same: str = ""
) -> Statement:
    """Return what gives a name the mean over the examples of a formula. ShapeError."""
    found = value_of(value, formulas.known)
    if found is None or found.shape[:1] != (Rows(),):
        wrong = f"`{name}` is the same for every example{why_same}"
        raise formulas.reject(wrong, formulas.word.formulas[-1].value)
    made = assign(name, over_examples(value, formulas))
    formulas.known[name] = Value(())
    return made


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
            return over_examples(inner, formulas)
        case Operation(".sum()" | ".max()" | ".min()" as op, (inner,), ((("axis", axis)), *_)):
            return Operation(".mean()", (Operation(op, (inner,), (("axis", axis),)),))
        case Operation("[]", (inner, _, Literal(None))):
            return Operation(".mean()", (inner,))
    return node if not formulas.shape(node) else Operation(".mean()", (node,))


def without_columns(
    statements: Sequence[Statement], given: Mapping[str, Value], known: Mapping[str, Value]
) -> Sequence[Statement]:
    """Return statements in which what is one number for each example is no column.

    Where it meets all numbers of an example, it has to be one: then they stay as they are.
    """
    found = dict(given)
    made = []
    for step in statements:
        step = step.rewrite(_without_column)
        value = value_of(step.value, found) if step.value is not None else None
        name, wanted = step.writes[0], known[step.writes[0]].shape
        if value is None or value.shape != (wanted[:1] if wanted[1:] == (1,) else wanted):
            return statements
        found[name] = value
        made.append(step)
    return made


def _without_column(node: Expression) -> Expression:
    match node:
        case Operation("[]", (inner, _, Literal(None))):
            return inner
        case Operation(op, operands, (axis, ("keepdims", _))):
            return Operation(op, operands, (axis,))
    return node


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
