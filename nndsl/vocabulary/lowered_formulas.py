"""Formulas of the page in the operations of numpy, where the shapes of what they read are known."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from math import isfinite, nan, prod

from nndsl.ir import Expression, Literal, Name, Operation, Statement, assign, names_of
from nndsl.ir.forward_values import LETTERS, NAMES, NEW, WHOLE
from nndsl.ir.printer import expression
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.scalar import NotElementwise, evaluate_number
from nndsl.ir.symbols import number
from nndsl.ir.values import COMPARISONS, NUMBER, Value, broadcast, value_of
from nndsl.shapes import show_shape
from nndsl.source import Span
from nndsl.vocabulary.formula_functions import OF_NUMBERS
from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.own_word import FEATURES_OF, Formula, OwnWord, on_page

EXAMPLES = "N"  # what the backward pass of a loss calls the number of examples
CHOOSES = ("np.where()",)
ALONG_ROWS = ("softmax()", "log_softmax()")


class LoweredFormulas:
    """Formulas of a word, one after another, as statements of numpy.

    `known` are the shapes of what they read, and `values` the numbers among it. ShapeError, with
    its place in the page, where parts of a formula do not fit together.
    """

    def __init__(self, word: OwnWord, values: Mapping[str, float]) -> None:
        self.word = word
        self.fields = word.fields
        self.values = {n: v for n, v in self.fields.items() if isinstance(v, int | float)}
        self.values |= values
        self.known: dict[str, Value] = dict.fromkeys([*self.fields, *values], NUMBER)
        self.written: dict[str, Expression] = {}  # names of the page that stand for something
        self._named: list[Statement] = []  # that a formula needs before it

    def statements(self, formulas: Iterable[Formula]) -> tuple[Statement, ...]:
        """Return the statements of some formulas; what they give is known from now on."""
        made: list[Statement] = []
        for formula in formulas:
            value = self.lowered(formula.value)
            step = self.statement(formula.name, value)  # which may give parts of it names, too
            made += [*self._named, step]
            self._named = []
        return tuple(made)

    def remarks(self, node: Expression) -> list[tuple[Span, str]]:
        """Return what else there is to say, and where, if a formula does not fit."""
        return []

    def way_out(self, left: Expression, right: Expression) -> str | None:
        """Return what to do where a product of matrices does not fit."""
        return None

    def check_product(self, left: Dimensions) -> None:
        """ShapeError where a word takes no product of such a value."""

    def statement(self, name: str, value: Expression) -> Statement:
        """Return the statement that gives a value to a name of the page."""
        found = value_of(value, self.known)
        assert found is not None
        if found.kind == "bool" and found.shape:
            value, found = _as_numbers(value), Value(found.shape)
        self.known[name] = found
        return assign(name, value)

    def number_of(self, node: Expression) -> float:
        """Return the value of a number of the page; nan where it is none."""
        try:
            return evaluate_number(node, self.values)
        except NotElementwise:
            return nan

    def lowered(self, node: Expression) -> Expression:
        """Return a formula in the operations of numpy."""
        match node:
            case Operation(".sum()" as op, (inner,), (("axis", _),) as options):
                return Operation(op, (self._across(node, inner),), options)
            case Operation(".T" as op, (inner,)):
                return Operation(op, (self._across(node, inner, axes=2),))
            case Operation(op, (inner,)) if op == FEATURES_OF:
                return number(self.length_of_rows(node, inner))
            case Operation("one_hot()", (classes,)):
                return self._one_hot(node, classes)
            case Operation(".sum()" | ".mean()" | ".max()" | ".min()" as op, (inner,)):
                return self._reduced(op, node, self.lowered(inner))
            case Operation("np.concatenate()", (Operation(_, items),)):
                return self._joined(node, items)
            case Operation("transpose()", (inner,)):
                return self._transposed(node, self.lowered(inner))
            case Operation("reshape()", (Operation(_, (inner, *lengths)),)):
                return self._reshaped(node, self.lowered(inner), lengths)
            case Operation("pick()", (inner, which)):
                return self._picked(node, self.lowered(inner), which)
            case Operation("relu()" | "softplus()" as op, (inner,)):
                op = "np.maximum()" if op == "relu()" else "np.logaddexp()"
                return self.lowered(Operation(op, (number(0), inner)))
            case Operation(op, operands, enclosed=enclosed):
                made = Operation(op, tuple(map(self.lowered, operands)), enclosed=enclosed)
            case Name(name):
                return self.written.get(name, node)
            case _:
                return node
        if not any(self.shape(operand) for operand in made.operands):
            return self._of_numbers(made, node)
        if made.op == "@":
            self._check_product(node, made)
        elif made.op in ALONG_ROWS and len(self.shape(made.operands[0])) != 2:
            raise self.reject("a softmax is taken of a row of numbers for each example", node)
        else:
            self._check_sizes(node, made)
        if made.op == "/" and self.number_of(made.operands[1]) == 0:
            raise self.reject(f"`{on_page(node)}` divides by zero", node)
        found = value_of(made, self.known)
        if found is None:
            raise self.reject("this does not fit together", node)
        if found.kind in ("float", "bool"):
            return made
        return _as_numbers(made) if made.op in CHOOSES else self._with_numbers(made)

    def length_of_rows(self, node: Expression, inner: Expression) -> int:
        """Return how many numbers a value has for each example, which is to be a row."""
        *_, length = self.shape(self.lowered(inner)) or (None,)
        if not isinstance(length, int):
            raise self.reject(f"`{on_page(inner)}` is no row of numbers", node)
        return length

    def _with_numbers(self, node: Operation) -> Operation:
        """Return an operation whose truth values are numbers: times 2, they would be float64."""
        operands = [
            _as_numbers(o)
            if isinstance(o, Operation) and o.op in COMPARISONS and self.shape(o)
            else o
            for o in node.operands
        ]
        return Operation(node.op, tuple(operands), enclosed=node.enclosed)

    def _of_numbers(self, node: Operation, page: Expression) -> Operation:
        """Return an operation on numbers of the page; ShapeError where it has no value."""
        if any(self.known[n].shape for n in names_of(node) if n in self.known):
            return node
        if EXAMPLES in names_of(node):
            return node  # a number that is known when the script runs
        if not isfinite(self.number_of(node)):
            raise self.reject(f"`{on_page(page)}` has no value among the real numbers", page)
        op = OF_NUMBERS.get(node.op)
        if op is not None:
            return Operation(op, node.operands)
        is_plain = not node.op.endswith("()")
        return node if is_plain else Operation("float()", (node,))

    def gradients(
        self, formulas: Iterable[Formula], wanted: Mapping[str, Value]
    ) -> tuple[Statement, ...]:
        """Return the statements of a backward pass, which gives `dW` for each `W` of `wanted`."""
        formulas = tuple(formulas)
        made = self.statements(formulas)
        for formula in formulas:
            name = formula.name
            if name[1:] not in wanted or self.known[name].shape == wanted[name[1:]].shape:
                continue
            is_now, should = self.known[name].shape, wanted[name[1:]].shape
            help = None
            if is_now == should[::-1]:
                help = f"`transpose` turns it: {name} = transpose(…)"
            elif is_now[:1] == (Rows(),) and is_now[1:] == should:
                help = f"add the examples: {name} = sum({on_page(formula.value)}, axis=0)"
            wrong = f"`{name}` {_said(is_now)}, and `{name[1:]}` {_said(should)}"
            raise self.reject(wrong, formula.value, help)
        return made

    def _across(self, node: Expression, inner: Expression, axes: int = 0) -> Expression:
        """Return what a formula sees of all examples."""
        made = self.lowered(inner)
        shape = self.shape(made)
        if axes and len(shape) != axes:
            raise self.reject("`transpose` takes a matrix, or a row for each example", node)
        if not axes and shape[:1] != (Rows(),):
            raise self.reject(f"`{on_page(inner)}` has nothing for each example to add", node)
        return made

    def _one_hot(self, node: Expression, classes: Expression) -> Expression:
        """Return 1 in the place of each example's class, and 0 in the others."""
        if classes != Name("t") or self.known["t"].kind != "int":
            raise self.reject("`one_hot` takes targets that are classes: one_hot(t)", node)
        count = self.known["x"].shape[1]
        assert isinstance(count, int)
        columns = Operation("[]", (classes, WHOLE, NEW))
        return Operation("==", (Operation("np.arange()", (number(count),)), columns), enclosed=True)

    def _reduced(self, op: str, node: Expression, inner: Expression) -> Operation:
        """Over the numbers of an example, which stay apart from those of the others."""
        shape = self.shape(inner)
        if not shape:
            raise self.reject("this is one number already", node)
        found = value_of(inner, self.known)
        if found is not None and found.kind == "bool":
            inner = _as_numbers(inner)
        if shape[0] != Rows():
            return Operation(op, (inner,))
        axes = [number(axis) for axis in range(1, len(shape))]
        axis = axes[0] if len(axes) == 1 else Operation("tuple", tuple(axes), enclosed=True)
        return Operation(op, (inner,), (("axis", axis), ("keepdims", Literal(True, "True"))))

    def _joined(self, node: Expression, items: Sequence[Expression]) -> Operation:
        made = [self.lowered(item) for item in items]
        shapes = [self.shape(item) for item in made]
        for item, shape in zip(items, shapes, strict=True):
            if shape[:1] != (Rows(),) or (*shape[:1], *shape[2:]) != (
                *shapes[0][:1],
                *shapes[0][2:],
            ):
                raise self._misfit(node, items[0], shapes[0], item, shape)
        return Operation(
            "np.concatenate()", (Operation("list", tuple(made)),), (("axis", number(1)),)
        )

    def _transposed(self, node: Expression, inner: Expression) -> Operation:
        shape = self.shape(inner)
        if len(shape) != 2 or Rows() in shape:
            help = "of the numbers of examples, `reshape` makes other shapes"
            raise self.reject("`transpose` takes a parameter of two lengths", node, help)
        return Operation(".T", (inner,))

    def _reshaped(
        self, node: Expression, inner: Expression, lengths: Sequence[Expression]
    ) -> Operation:
        """The numbers of each example in another shape, or those of a parameter."""
        shape = self.shape(inner)
        rows = [Name("N")] * (shape[:1] == (Rows(),))
        sizes = [self.number_of(length) for length in lengths]
        for length, size in zip(lengths, sizes, strict=True):
            if not size >= 1 or size % 1:
                wrong = f"a length is a whole number from 1, and `{on_page(length)}` is {size:g}"
                raise self.reject(wrong, node)
        have = prod(length for length in shape if isinstance(length, int))
        if not shape or prod(map(int, sizes)) != have:
            wanted = " x ".join(f"{size:g}" for size in sizes)
            raise self.reject(f"{have} numbers do not fit into {wanted}", node)
        return Operation(".reshape()", (inner, *rows, *(number(int(size)) for size in sizes)))

    def _picked(self, node: Expression, inner: Expression, which: Expression) -> Operation:
        """One number of each example: that of its class, or the one in this place."""
        shape = self.shape(inner)
        if len(shape) != 2 or shape[0] != Rows():
            raise self.reject("`pick` takes from a row of numbers for each example", node)
        index = self.known.get(which.id) if isinstance(which, Name) else None
        if index is not None and index.shape and index.kind == "int":
            if not isinstance(inner, Name):
                inner = self.name(inner)
            rows = Operation("np.arange()", (Name("N"),))
            return Operation("[]", (Operation("[]", (inner, rows, which)), WHOLE, NEW))
        place, length = self.number_of(which), shape[1]
        assert isinstance(length, int)
        if place % 1 or not 0 <= place < length:
            wrong = f"there is no place `{on_page(which)}` among {length} numbers: the first is 0"
            raise self.reject(wrong, node)
        if not isinstance(inner, Name):
            inner = self.name(inner)
        at = int(place)
        return Operation("[]", (inner, WHOLE, Operation("slice", (number(at), number(at + 1)))))

    def name(self, value: Expression, *wishes: str) -> Name:
        """Give a value a name on a line of its own."""
        op = value.op if isinstance(value, Operation) else ""
        wishes = (*wishes, *NAMES.get(op, ()), *LETTERS)
        more = (f"u_{n}" for n in count(1))
        taken = {*self.known, *(formula.name for formula in self.word.formulas)}
        free = next(name for name in chain(wishes, more) if name not in taken)
        self._named.append(self.statement(free, value))
        return Name(free)

    def shape(self, node: Expression) -> Dimensions:
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
            shape = self.shape(operand)
            joined = broadcast(whole, shape)
            if joined is None:
                raise self._misfit(node, first, whole, part, shape)
            if len(joined) > len(whole) or not whole:
                first = part
            whole = joined

    def _check_product(self, node: Expression, made: Operation) -> None:
        assert isinstance(node, Operation)
        left, right = map(self.shape, made.operands)
        a, b = node.operands
        if not left or not right:
            raise self.reject("`@` multiplies arrays; numbers are multiplied by `*`", node)
        self.check_product(left)
        rows = right[-2] if len(right) > 1 else right[0]
        if left[-1] == rows:
            return
        help = self.way_out(a, b)
        wrong = f"`{on_page(a)}` {_said(left)}, and `{on_page(b)}` {_said(right)}"
        if right[0] == Rows():
            help = help or "`@` multiplies by a parameter; `dot` multiplies two values row by row"
        if isinstance(rows, Rows):
            raise self.reject(f"{wrong}: `@` would mix examples", node, help)
        raise self.reject(f"{wrong}: `@` needs {left[-1]} rows there, not {rows}", node, help)

    def _misfit(
        self,
        node: Expression,
        a: Expression,
        left: Dimensions,
        b: Expression,
        right: Dimensions,
    ) -> ShapeError:
        wrong = f"`{on_page(a)}` {_said(left)}, and `{on_page(b)}` {_said(right)}"
        return self.reject(f"{wrong}: they do not fit together", node)

    def reject(self, message: str, node: Expression, help: str | None = None) -> ShapeError:
        places = self.remarks(node)
        span = self.word.places.get(id(node))
        return ShapeError(message, help, span=span, places=places)


def _as_numbers(node: Expression) -> Operation:
    return Operation(".astype()", (node, Name("dtype")))


def _said(shape: Dimensions) -> str:
    lengths = tuple(length for length in shape if isinstance(length, int))
    what = f"has {show_shape(lengths)}"
    what += " number" + "s" * (lengths != (1,)) if len(lengths) == 1 else ""
    return what + " for each example" * (shape[:1] == (Rows(),))
