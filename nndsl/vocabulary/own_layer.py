"""Layers that a page defines itself, by formulas: their backward pass is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, ClassVar

from pydantic import PrivateAttr

from nndsl.ir import Expression, Literal, Name, Operation, Statement, names_of, parse_value
from nndsl.ir.adjoint import Passes, derive
from nndsl.ir.derivatives import NotDifferentiable
from nndsl.ir.rows import Dimensions, Rows, margin, node_of
from nndsl.ir.symbols import number
from nndsl.ir.tree import parts, transformed
from nndsl.ir.values import NUMBER, Value
from nndsl.record import record
from nndsl.shapes import SequenceShape, Shape, show_shape
from nndsl.source import Span
from nndsl.vocabulary.builtin import LARGEST_SIZE, Builtin
from nndsl.vocabulary.derived import as_text
from nndsl.vocabulary.formula_functions import REDUCTIONS
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, Points, ShapeError, Window
from nndsl.vocabulary.lowered_formulas import ALONG_ROWS, LoweredFormulas
from nndsl.vocabulary.own_word import FEATURES_OF, Formula, OwnWord, on_page
from nndsl.vocabulary.positions import positions_of

FEATURES = "features"  # what a formula calls the length of a row that comes in


@record
class Trained:
    """`name = parameter(lengths, init)`. A text as `init` is the field that holds it."""

    name: str
    lengths: tuple[Expression, ...]
    init: Initializer | str | None
    span: Span


@record
class _Derived:
    """What a backward pass is derived of; `lengths` are those of `known` as code says them."""

    forward: tuple[Statement, ...]
    names: tuple[str, ...]
    known: Mapping[str, Value]
    lengths: tuple[tuple[str, ...], ...]


def _said_lengths(known: Mapping[str, Value]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(margin, value.shape)) for value in known.values())


class OwnLayer(OwnWord, Layer):
    """A layer of the page: its formulas are the forward pass, and the backward pass is derived."""

    trained: ClassVar[tuple[Trained, ...]] = ()
    evaluation: ClassVar[tuple[Formula, ...]] = ()  # what prediction computes, if it differs
    derivations: ClassVar[list[tuple[_Derived, Passes]]]  # at other places of the same page
    _placed: _Placed | None = PrivateAttr(None)

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        cls.derivations = []

    def for_shapes(self, *inputs: Shape) -> OwnLayer:
        placed = self.model_copy()
        placed._placed = _Placed(self, *inputs)
        return placed

    def _at(self, *inputs: Shape) -> _Placed:
        return self._placed or _Placed(self, *inputs)

    @property
    def passes(self) -> Passes:
        """The forward and the backward pass where the layer stands, or else for one number."""
        return self._at(*[(1,)] * len(self.inputs)).passes

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "\n".join(statement.text for statement in self.passes.forward)

    @property
    def backward(self) -> str:  # type: ignore[override]
        return as_text(self.passes.backward)

    @property
    def inference_forward(self) -> str:  # type: ignore[override]
        return as_text(self._at(*[(1,)] * len(self.inputs)).evaluation)

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "    ".join(self.lines)

    @property
    def definition(self) -> str:  # type: ignore[override]
        fields = self.fields.items()
        numbers = (f"{n} = {v!r}" for n, v in fields if not isinstance(v, Builtin))
        return "\n".join([*numbers, *self.lines])

    def output_shape(self, *inputs: Shape) -> Shape:
        return self._at(*inputs).output

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return self._at(*inputs).parameters

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {FEATURES: inputs[0][-1]} if self.reads(FEATURES) else {}

    def windows(self, *inputs: Shape) -> tuple[Window, ...] | None:
        if self.sees_positions:
            return None
        looks_around = any(
            isinstance(part, Operation) and part.op in (*REDUCTIONS, *ALONG_ROWS)
            for formula in self.formulas
            for part in parts(formula.value)
        )
        return None if looks_around and len(inputs[0]) > 1 else ()

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
        return (
            None
            if self.trained or self.required_inputs != Layer.required_inputs
            else super().scalar_fn(xs)
        )


def looks_along(formula: Formula) -> bool:
    """Does a formula look along the positions of an example?"""
    return any(
        isinstance(part, Operation)
        and (part.op == "previous()" or (part.op in REDUCTIONS and bool(part.options)))
        for part in parts(formula.value)
    )


_DRAWN = {
    "rng.normal()": "rng.standard_normal({}.shape).astype(dtype)",
    "rng.uniform()": "rng.random({}.shape).astype(dtype)",
}


def _spread(first: Expression, spread: Expression, drawn: Expression) -> Expression:
    """Return first + spread * drawn, without what is 0 or 1."""
    match spread:
        case Operation("-", (part, Literal(0))):
            spread = part
    scaled = drawn if spread == number(1) else Operation("*", (spread, drawn))
    return scaled if first == number(0) else Operation("+", (first, scaled))


class _Placed(LoweredFormulas):
    """The formulas of a layer for inputs of one shape, in the operations of numpy."""

    def __init__(self, layer: OwnLayer, x: Shape, *others: Shape) -> None:
        along = layer.sees_positions
        super().__init__(layer, {FEATURES: x[-1]} if len(x) == 1 or along else {})
        self.positions: tuple[int, int] | None = None
        self._begins: list[Statement] = []
        if along:
            self.positions = positions_of(layer.keyword(), x)
        elif layer.reads(FEATURES) or any(
            FEATURES in names_of(length) for one in layer.trained for length in one.lengths
        ):
            layer.require_row(x)
        self.layer, self.x = layer, x
        self.parameters: dict[str, Parameter] = {}
        # Those of a layer that is called with another value are made once its shape is known.
        self._waiting = {one.name: one for one in layer.trained if _is_of_value(one)}
        self.parameters = {
            one.name: self._parameter(one) for one in layer.trained if not _is_of_value(one)
        }
        inputs = dict(zip(layer.inputs, (x, *others), strict=True))
        self.largest = max(inputs, key=lambda name: prod(inputs[name]))  # the first of them
        self.known |= {name: Value((Rows(), *shape)) for name, shape in inputs.items()}
        rows = {n: shape for n, shape in inputs.items() if isinstance(shape, SequenceShape)}
        for name, (steps, length) in rows.items():  # positions lie below each other
            self.known[name] = Value((Rows(steps), length))
        self.known |= {FEATURES: NUMBER}
        self.known |= {name: Value(p.shape) for name, p in self.parameters.items()}
        given = dict(self.known)
        for name, (steps, length) in rows.items():
            table = parse_value(f"{name}.reshape(-1, {steps}, {length})")
            self.written[name] = self.name(table, "steps", f"{name}_steps")
        self._begins, self._named = self._named, []
        self.forward = (*self._begins, *self.statements(layer.formulas))
        given |= {name: self.known[name] for name in self.parameters}
        y = self.known["y"].shape
        if not y or not isinstance(y[0], Rows):
            raise self.reject(
                "`y` is the same for every example: it does not depend on `x`",
                layer.formulas[-1].value,
            )
        self.evaluation = self._evaluation(given, self.forward)
        self.output: Shape = tuple(length for length in y[1:] if isinstance(length, int))
        if y[0] != Rows():
            self.output = SequenceShape((x[0], *self.output))
        if layer.gradients:
            wanted = {n: given[n] for n in (*self.parameters, *layer.inputs)}
            self.known["dy"] = self.known["y"]
            self.passes = Passes(self.forward, self.gradients(layer.gradients, wanted))
            return
        wanted_names = (*self.parameters, *layer.inputs)
        derived = _Derived(self.forward, wanted_names, given, _said_lengths(given))
        self.passes = next((made for one, made in layer.derivations if one == derived), None) or (
            self._derive(derived)
        )

    def _derive(self, wanted: _Derived) -> Passes:
        try:
            made = derive(wanted.forward, wanted.names, wanted.known)
        except NotDifferentiable as error:
            raise ShapeError(f"`{self.layer.keyword()}` has no derivative: {error}") from None
        self.layer.derivations.append((wanted, made))
        return made

    def _evaluation(
        self, given: Mapping[str, Value], forward: Sequence[Statement]
    ) -> tuple[Statement, ...]:
        """Return what prediction computes: the lines of `evaluate`, after those that they read."""
        formulas, known = self.layer.evaluation, self.known
        if not formulas:
            return ()
        self.known = {name: value for name, value in known.items() if name != "y"}
        made = self.statements(formulas)
        if self.known["y"].shape != known["y"].shape:
            wrong = "`y` has another shape here than in training"
            raise self.reject(wrong, formulas[-1].value)
        self.known = known
        read = {name for step in made for name in step.reads} - given.keys()
        before: list[Statement] = []
        for step in reversed(forward):
            if step.writes[0] in read and step.writes[0] != "y":
                read |= step.reads
                before.insert(0, step)
        return (*before, *made)

    def lowered(self, node: Expression) -> Expression:
        """Return a formula in the operations of numpy; noise is drawn for each number of `x`."""
        match node:
            case Name(name) if name in self._waiting:
                self.parameters[name] = parameter = self._parameter(self._waiting.pop(name))
                self.known[name] = Value(parameter.shape)
            case Operation("previous()", (inner,)):
                made = self.lowered(inner)
                if len(self.shape(made)) != 3 or self.shape(made)[1] == 1:
                    raise self.reject("`previous` takes a row for each position", node)
                u = made if isinstance(made, Name) else self.name(made)
                first = parse_value(f"np.zeros_like({u.id}[:, :1])")
                parts_ = Operation("list", (first, parse_value(f"{u.id}[:, :-1]")))
                return Operation("np.concatenate()", (parts_,), (("axis", number(1)),))
            case Operation(op, (inner,), options) if self.positions and op in REDUCTIONS:
                axis = number(1 if options else 2)
                keeps = ("keepdims", Literal(True, "True"))
                made = self.lowered(inner)
                if len(self.shape(made)) != 3:
                    raise self.reject("this has no row for each position", node)
                return Operation(op, (made,), (("axis", axis), keeps))
            case Operation("rng.normal()" | "rng.uniform()" as op, limits):
                first, second = map(self.lowered, limits)
                for limit, value in zip(limits, (first, second), strict=True):
                    if self.shape(value):
                        wrong = "noise is drawn with two numbers, which hold for all of it"
                        raise self.reject(wrong, limit)
                drawn = self.name(
                    parse_value(_DRAWN[op].format(self.largest)), "noise", "noise_2", "noise_3"
                )
                spread = second if op == "rng.normal()" else Operation("-", (second, first))
                return _spread(first, spread, drawn)
        return super().lowered(node)

    def statement(self, name: str, value: Expression) -> Statement:
        if name == "y" and self.positions is not None:
            shape, is_rows = self.shape(value), isinstance(self.x, SequenceShape)
            if len(shape) == 3 and (is_rows or shape[1] == 1):
                whole = value if isinstance(value, Name) else self.name(value, "y_steps", "result")
                value = Operation(".reshape()", (whole, parse_value("-1"), node_of(shape[2])))
        return super().statement(name, value)

    def remarks(self, node: Expression) -> list[tuple[Span, str]]:
        return [
            (one.span, f"makes {show_shape(self.parameters[one.name].shape)}")
            for one in self.layer.trained
            if one.name in names_of(node) and one.name in self.parameters
        ]

    def way_out(self, left: Expression, right: Expression) -> str | None:
        if left == Name("x") and isinstance(right, Name) and right.id in self.parameters:
            return f"its first length is that of `x`: parameter({FEATURES}, …)"
        return None

    def check_product(self, left: Dimensions) -> None:
        if len(left) > 2 and len(self.x) > 1 and self.positions is None:
            self.layer.require_row(self.x)

    def _parameter(self, one: Trained) -> Parameter:
        shape = tuple(map(self._length, one.lengths))
        init = self.fields[one.init] if isinstance(one.init, str) else one.init
        if init is None and len(shape) == 1:
            init = "zeros"
        return Parameter(shape, init, shape[0], shape[-1], is_weight=len(shape) > 1)

    def _length(self, node: Expression) -> int:
        if isinstance(node, Name) and isinstance(whole := self.values.get(node.id), int):
            return whole  # it may remember its name
        length = self.number_of(transformed(node, self._with_lengths))
        if not 1 <= length <= LARGEST_SIZE or length != int(length):
            wrong = f"a length of a parameter is a whole number from 1 to {LARGEST_SIZE:_}, and "
            raise self.reject(f"{wrong}`{on_page(node)}` is {length:g}", node)
        return int(length)

    def _with_lengths(self, part: Expression) -> Expression:
        match part:
            case Operation(op, (inner,)) if op == FEATURES_OF:
                return number(self.length_of_rows(part, inner))
        return part


def _is_of_value(one: Trained) -> bool:
    """Does a length depend on a value that a formula makes?"""
    return any(
        isinstance(part, Operation) and part.op == FEATURES_OF
        for length in one.lengths
        for part in parts(length)
    )
