"""Layers that a page defines itself, by formulas: their backward pass is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan
from typing import ClassVar

from pydantic import PrivateAttr

from nndsl.ir import Expression, Literal, Name, Operation, Statement, assign, names_of
from nndsl.ir.adjoint import Passes, derive
from nndsl.ir.forward_values import NotDifferentiable
from nndsl.ir.printer import expression
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.scalar import NotElementwise, evaluate_number
from nndsl.ir.symbols import number
from nndsl.ir.values import COMPARISONS, NUMBER, Value, broadcast, value_of
from nndsl.record import record
from nndsl.shapes import Shape, show_shape
from nndsl.source import Span
from nndsl.vocabulary.builtin import LARGEST_SIZE, Builtin
from nndsl.vocabulary.formula_functions import DEFINITIONS, FUNCTIONS, OF_NUMBERS, REDUCTIONS
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, Points, ShapeError, Window

FEATURES = "features"  # what a formula calls the length of a row that comes in
CHOOSES = ("np.where()",)
ALONG_ROWS = ("softmax()", "log_softmax()")


@record
class Formula:
    """`name = value` of a layer's body."""

    name: str
    value: Expression
    span: Span


@record
class Trained:
    """`name = parameter(lengths, init)`. A text as `init` is the field that holds it."""

    name: str
    lengths: tuple[Expression, ...]
    init: Initializer | str | None
    span: Span


class OwnLayer(Layer):
    """A layer of the page: arguments are fields, and formulas its forward pass.

    `places` says where a part of a formula stands, by its identity.
    """

    positional = 0
    word: ClassVar[str] = ""
    formulas: ClassVar[tuple[Formula, ...]] = ()
    trained: ClassVar[tuple[Trained, ...]] = ()
    places: ClassVar[Mapping[int, Span]] = {}
    functions = DEFINITIONS
    _placed: _Placed | None = PrivateAttr(None)

    @classmethod
    def keyword(cls) -> str:
        return cls.word

    def for_shapes(self, *inputs: Shape) -> OwnLayer:
        placed = self.model_copy()
        placed._placed = _Placed(self, inputs[0])
        return placed

    def _at(self, *inputs: Shape) -> _Placed:
        return self._placed or _Placed(self, *inputs)

    @property
    def passes(self) -> Passes:
        """The forward and the backward pass where the layer stands, or else for one number."""
        return self._at((1,)).passes

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "\n".join(statement.text for statement in self.passes.forward)

    @property
    def backward(self) -> str:  # type: ignore[override]
        lines = self.passes.backward
        return "\n".join(
            f"{line.text}{f'   # {line.comment.sentence}' if line.comment else ''}"
            for line in lines
        )

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "    ".join(f"{f.name} = {on_page(f.value)}" for f in self.formulas)

    def output_shape(self, *inputs: Shape) -> Shape:
        return self._at(*inputs).output

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return self._at(*inputs).parameters

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {FEATURES: inputs[0][0]} if self._reads(FEATURES) else {}

    def windows(self, *inputs: Shape) -> tuple[Window, ...] | None:
        looks_around = any(
            isinstance(part, Operation) and part.op in (*REDUCTIONS, *ALONG_ROWS)
            for formula in self.formulas
            for part in _all_parts(formula.value)
        )
        return None if looks_around and len(inputs[0]) > 1 else ()

    def _reads(self, name: str) -> bool:
        return any(name in names_of(formula.value) for formula in self.formulas)

    @property
    def definition(self) -> str:  # type: ignore[override]
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        numbers = (f"{n} = {v!r}" for n, v in fields.items() if not isinstance(v, Builtin))
        return "\n".join([*numbers, *(f"{f.name} = {on_page(f.value)}" for f in self.formulas)])

    @property
    def nonlinear(self) -> bool:  # type: ignore[override]
        points = self.scalar_fn([-6.0, -1.0, -0.1, 0.1, 1.0, 6.0])
        return points is not None and max(points[1]) - min(points[1]) > 1e-9

    @property
    def recommended_init(self) -> str | None:  # type: ignore[override]
        points = self.scalar_fn([-6.0, 6.0])
        if points is None or not self.nonlinear:
            return None
        below, above = points[1]
        return "he" if abs(below) < 0.5 < abs(above) else "xavier"  # does it halve the signal?

    def scalar_fn(self, xs: Sequence[float]) -> Points | None:
        return None if self.trained else super().scalar_fn(xs)


class _Placed:
    """The formulas of a layer for inputs of one shape, in the operations of numpy."""

    def __init__(self, layer: OwnLayer, x: Shape) -> None:
        self.layer = layer
        if layer._reads(FEATURES) or any(
            FEATURES in names_of(length) for one in layer.trained for length in one.lengths
        ):
            layer.require_row(x)
        self.fields = {name: getattr(layer, name) for name in type(layer).model_fields}
        self.x = x
        self.parameters: dict[str, Parameter] = {}
        self.values = {n: v for n, v in self.fields.items() if isinstance(v, int | float)}
        self.values |= {FEATURES: x[0]} if len(x) == 1 else {}
        self.parameters = {one.name: self._parameter(one) for one in layer.trained}
        self.known: dict[str, Value] = {"x": Value((Rows(), *x)), FEATURES: NUMBER}
        self.known |= dict.fromkeys(self.fields, NUMBER)
        self.known |= {name: Value(p.shape) for name, p in self.parameters.items()}
        given = dict(self.known)
        self.forward = tuple(self._statement(formula) for formula in layer.formulas)
        y = self.known["y"].shape
        if y[:1] != (Rows(),):
            raise self._reject(
                "`y` is the same for every example: it does not depend on `x`",
                layer.formulas[-1].value,
            )
        self.output: Shape = tuple(length for length in y[1:] if isinstance(length, int))
        try:
            self.passes = derive(self.forward, [*self.parameters, "x"], given)
        except NotDifferentiable as error:
            raise ShapeError(f"`{layer.keyword()}` has no derivative: {error}") from None

    def _statement(self, formula: Formula) -> Statement:
        value = self._lowered(formula.value)
        found = value_of(value, self.known)
        assert found is not None
        if found.kind == "bool" and found.shape:
            value, found = _as_numbers(value), Value(found.shape)
        self.known[formula.name] = found
        return assign(formula.name, value)

    # --- Parameters ---------------------------------------------------------------------------

    def _parameter(self, one: Trained) -> Parameter:
        shape = tuple(map(self._length, one.lengths))
        init = self.fields[one.init] if isinstance(one.init, str) else one.init
        if init is None and len(shape) == 1:
            init = "zeros"
        return Parameter(shape, init, shape[0], shape[-1], is_weight=len(shape) > 1)

    def _length(self, node: Expression) -> int:
        if isinstance(node, Name) and isinstance(whole := self.values.get(node.id), int):
            return whole  # it may remember its name
        length = self._number(node)
        if not 1 <= length <= LARGEST_SIZE or length != int(length):
            wrong = f"a length of a parameter is a whole number from 1 to {LARGEST_SIZE:_}, and "
            raise self._reject(f"{wrong}`{on_page(node)}` is {length:g}", node)
        return int(length)

    # --- Formulas -----------------------------------------------------------------------------

    def _lowered(self, node: Expression) -> Expression:
        match node:
            case Operation(".sum()" | ".mean()" | ".max()" | ".min()" as op, (inner,)):
                return self._reduced(op, node, self._lowered(inner))
            case Operation("np.concatenate()", (Operation(_, items),)):
                return self._joined(node, items)
            case Operation("relu()" | "softplus()" as op, (inner,)):
                op = "np.maximum()" if op == "relu()" else "np.logaddexp()"
                return self._lowered(Operation(op, (number(0), inner)))
            case Operation(op, operands, enclosed=enclosed):
                made = Operation(op, tuple(map(self._lowered, operands)), enclosed=enclosed)
            case _:
                return node
        if not any(self._shape(operand) for operand in made.operands):
            return self._of_numbers(made, node)
        if made.op == "@":
            self._check_product(node, made)
        elif made.op in ALONG_ROWS and len(self._shape(made.operands[0])) != 2:
            raise self._reject("a softmax is taken of a row of numbers for each example", node)
        else:
            self._check_sizes(node, made)
        if made.op == "/" and self._number(made.operands[1]) == 0:
            raise self._reject(f"`{on_page(node)}` divides by zero", node)
        found = value_of(made, self.known)
        if found is None:
            raise self._reject("this does not fit together", node)
        if found.kind in ("float", "bool"):
            return made
        return _as_numbers(made) if made.op in CHOOSES else self._with_numbers(made)

    def _with_numbers(self, node: Operation) -> Operation:
        """Return an operation whose truth values are numbers: times 2, they would be float64."""
        operands = [
            _as_numbers(o) if isinstance(o, Operation) and o.op in COMPARISONS else o
            for o in node.operands
        ]
        return Operation(node.op, tuple(operands), enclosed=node.enclosed)

    def _of_numbers(self, node: Operation, page: Expression) -> Operation:
        """Return an operation on numbers of the page; ShapeError where it has no value."""
        if any(self.known[n].shape for n in names_of(node) if n in self.known):
            return node
        if not isfinite(self._number(node)):
            raise self._reject(f"`{on_page(page)}` has no value among the real numbers", page)
        op = OF_NUMBERS.get(node.op)
        if op is not None:
            return Operation(op, node.operands)
        is_plain = not node.op.endswith("()")
        return node if is_plain else Operation("float()", (node,))

    def _number(self, node: Expression) -> float:
        """Return the value of a number of the page; nan where it is none."""
        try:
            return evaluate_number(node, self.values)
        except NotElementwise:
            return nan

    def _reduced(self, op: str, node: Expression, inner: Expression) -> Operation:
        """Over the numbers of an example, which stay apart from those of the others."""
        shape = self._shape(inner)
        if not shape:
            raise self._reject("this is one number already", node)
        found = value_of(inner, self.known)
        if found is not None and found.kind == "bool":
            inner = _as_numbers(inner)
        if shape[0] != Rows():
            return Operation(op, (inner,))
        axes = [number(axis) for axis in range(1, len(shape))]
        axis = axes[0] if len(axes) == 1 else Operation("tuple", tuple(axes), enclosed=True)
        return Operation(op, (inner,), (("axis", axis), ("keepdims", Literal(True, "True"))))

    def _joined(self, node: Expression, items: Sequence[Expression]) -> Operation:
        made = [self._lowered(item) for item in items]
        shapes = [self._shape(item) for item in made]
        for item, shape in zip(items, shapes, strict=True):
            if shape[:1] != (Rows(),) or (*shape[:1], *shape[2:]) != (
                *shapes[0][:1],
                *shapes[0][2:],
            ):
                raise self._misfit(node, items[0], shapes[0], item, shape)
        return Operation(
            "np.concatenate()", (Operation("list", tuple(made)),), (("axis", number(1)),)
        )

    def _shape(self, node: Expression) -> Dimensions:
        found = value_of(node, self.known)
        assert found is not None, expression(node)
        return found.shape

    # --- What does not fit --------------------------------------------------------------------

    def _check_sizes(self, node: Expression, made: Operation) -> None:
        """ShapeError where arrays of different lengths meet."""
        whole: Dimensions = ()
        first = made.operands[0]
        assert isinstance(node, Operation)
        for operand, part in zip(made.operands, node.operands, strict=True):
            shape = self._shape(operand)
            joined = broadcast(whole, shape)
            if joined is None:
                raise self._misfit(node, first, whole, part, shape)
            if len(joined) > len(whole) or not whole:
                first = part
            whole = joined

    def _check_product(self, node: Expression, made: Operation) -> None:
        assert isinstance(node, Operation)
        left, right = map(self._shape, made.operands)
        a, b = node.operands
        if not left or not right:
            raise self._reject("`@` multiplies arrays; numbers are multiplied by `*`", node)
        if len(left) > 2 and len(self.x) > 1:
            self.layer.require_row(self.x)
        rows = right[-2] if len(right) > 1 else right[0]
        if left[-1] == rows:
            return
        help = None
        if a == Name("x") and isinstance(b, Name) and b.id in self.parameters:
            help = f"its first length is that of `x`: parameter({FEATURES}, …)"
        wrong = f"`{on_page(a)}` {_said(left)}, and `{on_page(b)}` {_said(right)}"
        raise self._reject(f"{wrong}: `@` needs {left[-1]} rows there, not {rows}", node, help)

    def _misfit(
        self,
        node: Expression,
        a: Expression,
        left: Dimensions,
        b: Expression,
        right: Dimensions,
    ) -> ShapeError:
        wrong = f"`{on_page(a)}` {_said(left)}, and `{on_page(b)}` {_said(right)}"
        return self._reject(f"{wrong}: they do not fit together", node)

    def _reject(self, message: str, node: Expression, help: str | None = None) -> ShapeError:
        places = [
            (one.span, f"makes {show_shape(self.parameters[one.name].shape)}")
            for one in self.layer.trained
            if one.name in names_of(node) and one.name in self.parameters
        ]
        span = self.layer.places.get(id(node))
        return ShapeError(message, help, span=span, places=places)


def _as_numbers(node: Expression) -> Operation:
    return Operation(".astype()", (node, Name("dtype")))


def _said(shape: Dimensions) -> str:
    lengths = tuple(length for length in shape if isinstance(length, int))
    what = f"has {show_shape(lengths)}"
    what += " number" + "s" * (lengths != (1,)) if len(lengths) == 1 else ""
    return what + " for each example" * (shape[:1] == (Rows(),))


def _all_parts(node: Expression) -> Sequence[Expression]:
    found = [node]
    for part in found:
        if isinstance(part, Operation):
            found += part.operands
    return found


def on_page(node: Expression) -> str:
    """Return a formula as its page has it."""
    names = {function.op: f"{name}()" for name, function in FUNCTIONS.items()}

    if isinstance(node, Operation) and node.enclosed:
        node = Operation(node.op, node.operands, node.options)

    def said(part: Expression) -> Expression:
        match part:
            case Operation("np.concatenate()", (Operation(_, items),)):
                return Operation("concat()", tuple(map(said, items)))
            case Operation(op, operands, options, lines, enclosed):
                return Operation(
                    names.get(op, op), tuple(map(said, operands)), options, lines, enclosed
                )
        return part

    return expression(said(node))
