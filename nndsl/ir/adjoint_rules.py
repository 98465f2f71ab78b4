"""What comes back to the operands of an operation: a rule for each, in one table."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TypeGuard

from nndsl.ir.derivatives import RULES, NotDifferentiable
from nndsl.ir.forward_values import NEW, WHOLE, ForwardValues, keeps_all, turns
from nndsl.ir.parser import parse_value
from nndsl.ir.rows import node_of
from nndsl.ir.statement import Statement, assign
from nndsl.ir.symbols import SymbolicInt, as_int, number, symbol
from nndsl.ir.tidy import Surroundings, Tidying, operations
from nndsl.ir.tree import Expression, Literal, Name, Operation, names_of, putting, transformed
from nndsl.ir.values import Value, length_of, reduced_axes, value_of


class Rules(ForwardValues):
    """The rules of operations, and what they need to know of the forward pass."""

    def __init__(
        self, forward: Sequence[Statement], wanted: Sequence[str], known: Mapping[str, Value]
    ) -> None:
        super().__init__(forward, wanted, known)
        self.backward: list[Statement] = []
        self.factors: dict[str, None] = {}  # gradients that have a name
        self.tidying = Tidying(
            Surroundings(self.products, self.factors, self.found_shape, self.meaning_of)
        )

    def named_gradient(self, node: Expression, d: Expression) -> Expression:
        """Return the gradient of a value by a name."""
        raise NotImplementedError

    def rule(self, node: Operation, at: int, d: Expression) -> Expression | None:
        """Return what comes back to an operand, before broadcasting is undone."""
        if leaves_out(d) and node.op in RULES:  # rules are linear: what is left out stays out
            return on_sides(d, lambda side: self.rule(node, at, side))
        special = SPECIAL.get(node.op)
        if special is not None:
            return special(self, node, at, d)
        texts = TEXTS.get(node.op, ())
        if not texts or node.options or at >= len(node.operands):
            raise NotDifferentiable(f"there is no rule for `{node.op}`", node)
        text = texts[at - len(node.operands)]
        if text == "0":
            return None
        return self._applied(text, node, d)

    def _applied(self, text: str, node: Operation, d: Expression) -> Expression:
        rule = parse_value(text)
        read = list(names_of(rule))
        if read.count("d") > 1 and operations(d):
            d = self.named_gradient(node, d)
        operands = dict(zip("abc", node.operands, strict=False))
        names = {name: self.value(operands[name]) for name in operands if name in read}
        if "y" in read:
            names["y"] = self._result(node)
        names["d"] = d
        return transformed(rule, putting(names))

    def _result(self, node: Operation) -> Expression:
        """Return the result of an operation: of arithmetic without a name as it is computed."""
        if node in self.named or node.op not in ("/", "**"):
            return self.value(node)
        return Operation(node.op, tuple(map(self.value, node.operands)))

    def folded(self, e: Expression, node: Operation, operand: Expression) -> Expression:
        """Return a gradient summed over the axes along which the operand was broadcast."""
        if node.op not in RULES:
            return e
        wanted, whole, own = self.shape(operand), self.shape(node), self.shape(e)
        lost = len(whole) - len(wanted)
        target = (1,) * lost + wanted
        own = (1,) * (len(whole) - len(own)) + own
        spread = [axis for axis, n in enumerate(whole) if target[axis] == 1 and n != 1]
        for axis in spread:
            if own[axis] == 1:
                e = Operation("*", (self.length(node, axis), e))
        summed = [axis for axis in spread if own[axis] != 1]
        if not summed:
            return e
        factor, rest = self._without_numbers(self.tidied(e))
        if {axis - lost for axis in summed if axis >= lost} == _new_axes(operand):
            rest = Operation(".sum()", (rest,), (("axis", _axes(summed)),))
            return Operation("*", (factor, rest))  # of `b[:, None]`, what `b` gets
        if wanted == ():
            rest = Operation(".sum()", (rest,))
            summed = []
        kept = [axis for axis in summed if axis >= lost]
        if kept:
            options = (("axis", _axes(kept)), ("keepdims", Literal(True, "True")))
            rest = Operation(".sum()", (rest,), options)
        if gone := [axis for axis in summed if axis < lost]:
            rest = Operation(".sum()", (rest,), (("axis", _axes(gone)),))
        return Operation("*", (factor, rest))

    def _without_numbers(self, e: Expression) -> tuple[Expression, Expression]:
        """Return the factors of a product that are plain numbers, and the others."""
        match e:
            case Operation("-", (inner,)):
                factor, rest = self._without_numbers(inner)
                return Operation("-", (factor,)), rest
            case Operation("*" | "/" as op, (left, right)) if self.shape(right) == ():
                factor, rest = self._without_numbers(left)
                return Operation(op, (factor, right)), rest
            case Operation("*", (left, right)) if self.shape(left) == ():
                return left, right
            case Operation("*" | "/" as op, (left, right)):
                factor, rest = self._without_numbers(left)
                return factor, Operation(op, (rest, right))
        return number(1), e

    def whole(self, e: Expression, like: Expression) -> Expression:
        """Return a gradient that has the shape of its value, not one that broadcasts to it."""
        shape = self.shape(like)
        if self.shape(e) == shape or shape == ():
            return e
        if self.shape(e) == () and isinstance(like, Name):  # a number has no type of its own
            if e == number(0):
                return Operation("np.zeros_like()", (like,))
            return Operation("np.full_like()", (like, e))
        sides: Expression = Operation("tuple", tuple(map(node_of, shape)), enclosed=True)
        if isinstance(like, Name):
            sides = Operation(".shape", (like,))
        return Operation("np.broadcast_to()", (e, sides))

    def tidied(self, e: Expression) -> Expression:
        return self.tidying.tidied(e)

    # --- Operations that change shapes --------------------------------------------------------

    def total(self, node: Operation, at: int, d: Expression) -> Expression:
        return self._opened(node, d)

    def mean(self, node: Operation, at: int, d: Expression) -> Expression:
        (inner,) = node.operands
        axes = self._reduced(node)
        whole = self.whole_name(inner)
        if len(axes) == len(self.shape(inner)) > 1 and whole is not None:
            return Operation("/", (d, Operation(".size", (whole,))))
        for axis in axes:
            d = Operation("/", (d, self.length(inner, axis)))
        return self._opened(node, self.tidied(d))

    def extreme(self, node: Operation, at: int, d: Expression) -> Expression:
        """Back to where the largest number came from; equal ones share it."""
        (inner,) = node.operands
        best = self.fresh("best")
        found = Operation("==", (self.value(inner), self._opened(node, self.value(node))))
        self.known[best] = Value(self.shape(inner))
        found = Operation(".astype()", (found, Name("dtype")))
        self.backward.append(assign(best, found).with_comment("equal ones share the gradient"))
        count = Operation(".sum()", (Name(best),), node.options)
        share = self._opened(node, self.tidied(Operation("/", (d, count))))
        return Operation("*", (share, Name(best)))

    def _reduced(self, node: Operation) -> list[int]:
        """Return the axes that a reduction sums over."""
        inner = Value(self.shape(node.operands[0]))
        given = dict(node.options).get("axis")
        if given is None:
            return list(range(len(inner.shape)))
        axes, _ = reduced_axes(inner, node.options)
        if not axes:
            raise NotDifferentiable("the axis of a reduction is not known", node)
        return sorted(axes)

    def _opened(self, node: Operation, d: Expression) -> Expression:
        """Return a gradient with the axes that a reduction took away, for it to broadcast."""
        axes = self._reduced(node)
        keeps = dict(node.options).get("keepdims") == Literal(True, "True")
        first = next(axis for axis in range(len(axes) + 1) if axis not in axes)
        if keeps or first > axes[-1] or self.shape(d) == ():
            return d
        indices = [NEW if axis in axes else WHOLE for axis in range(first, axes[-1] + 1)]
        return Operation("[]", (d, *indices))

    def view(self, node: Operation, at: int, d: Expression) -> Expression:
        inner, *indices = node.operands
        if node.op == "[]" and any(map(turns, indices)):
            return Operation("[]", (self.whole(d, node), *indices))  # turned back
        if indices == [WHOLE, NEW] and node.op == "[]" and len(self.shape(inner)) == 1:
            return self._without_column(d)
        if self.shape(d) != self.shape(inner):
            d = self.whole(d, node)
        if self.shape(d) == self.shape(inner):
            return d
        if isinstance(inner, Name):
            return Operation(".reshape()", (d, Operation(".shape", (inner,))))
        return Operation(".reshape()", (d, *map(node_of, self.shape(inner))))

    def _without_column(self, d: Expression) -> Expression:
        """Return a gradient of one number for each row, not as a column of them."""
        if len(self.shape(d)) < 2:
            return d
        match d:
            case Operation("-", (inner,)):
                return Operation("-", (self._without_column(inner),))
            case Operation("*" | "/" as op, (left, right)):
                return Operation(op, (self._without_column(left), self._without_column(right)))
            case Operation(".sum()" | ".mean()" as op, inner, (axis, ("keepdims", _))):
                return Operation(op, inner, (axis,))
        return Operation("[]", (d, WHOLE, number(0)))

    def turn(self, node: Operation, at: int, d: Expression) -> Expression:
        d = self.whole(d, node)
        if node.op == ".T":
            return Operation(".T", (d,))
        axes = [axis.value for axis in node.operands[1:] if isinstance(axis, Literal)]
        return Operation(".transpose()", (d, *(number(axes.index(n)) for n in range(len(axes)))))

    def joined(self, node: Operation, at: int, d: Expression) -> Expression:
        items: tuple[Expression, ...] = getattr(node.operands[0], "operands", ())
        first = Value(self.shape(items[0]))
        axis = next(iter(reduced_axes(first, node.options)[0]), 0)
        lengths = [self.shape(item)[axis] for item in items]
        if not axis or not all(isinstance(length, int) for length in lengths):
            raise NotDifferentiable("only what is joined along a known axis comes apart", node)
        ends = [0, *accumulate(length for length in lengths if isinstance(length, int))]
        for end in ends:  # `WIDTH` or `2 * WIDTH`: what it is shows how long the part is
            match end:
                case SymbolicInt(tree=Name(name) | Operation("*", (Literal(int()), Name(name)))):
                    length = symbol(name, int(end) // max(end.terms.values()))
                    self.known[name] = Value((), "int", length=as_int(length))
        part = Operation("slice", (number(ends[at]), number(ends[at + 1])))
        return Operation("[]", (self.whole(d, node), *[WHOLE] * axis, part))

    def product(self, node: Operation, at: int, d: Expression) -> Expression:
        d = self.whole(d, node)
        a, b = map(self.value, node.operands)
        left, right = (len(self.shape(operand)) for operand in node.operands)
        match left, right, at:
            case 2, 1, 0:
                return Operation("*", (Operation("[]", (d, WHOLE, NEW)), b))
            case 1, 2, 1:
                return Operation("*", (Operation("[]", (a, WHOLE, NEW)), d))
            case 1, 2, 0:
                return Operation("@", (b, d))
            case _, _, 0:
                made = Operation("@", (d, _turned(b, right)))
            case _:
                made = Operation("@", (_turned(a, left), d))
        lost = max(left, right) - (left, right)[at]
        if lost and right > 1:
            return Operation(".sum()", (made,), (("axis", _axes(range(lost))),))
        return made

    def repeated(self, node: Operation, at: int, d: Expression) -> Expression:
        """Each number gets what comes to all its copies."""
        inner, times = node.operands
        (axis,) = self._reduced(node)
        shape = list(self.shape(inner))
        split = [*map(node_of, shape[: axis + 1]), times, *map(node_of, shape[axis + 1 :])]
        apart = Operation(".reshape()", (self.whole(d, node), *split))
        return Operation(".sum()", (apart,), (("axis", number(axis + 1)),))

    def padded(self, node: Operation, at: int, d: Expression) -> Expression:
        """The zeros around are left out again."""
        kept: list[Expression] = []
        for axis, side in enumerate(getattr(node.operands[1], "operands", ())):
            before, behind = getattr(side, "operands", (number(0), number(0)))
            found = length_of(behind, self.known)
            end: Expression = Operation("-", (behind,))
            is_certain = isinstance(behind, Literal) or before == behind
            if not isinstance(found, int) or found < 1 or not is_certain:  # x[:-0] is nothing
                end = Operation("+", (before, self.length(node.operands[0], axis)))
            is_kept = before == behind == number(0)
            kept.append(WHOLE if is_kept else Operation("slice", (before, end)))
        return Operation("[]", (self.whole(d, node), *kept))

    def softplus(self, node: Operation, at: int, d: Expression) -> Expression:
        """log(exp(0) + exp(b)), the softplus of b, has a slope with a name."""
        is_softplus = at == 1 and node.operands[0] == number(0)
        return self._applied("d * sigmoid(b)" if is_softplus else RULES[node.op][at], node, d)

    def larger(self, node: Operation, at: int, d: Expression) -> Expression | None:
        """|u| written as the larger of u and -u has the slope sign(u), 0 at the kink."""
        a, b = node.operands
        if a == number(0) and at and node in self.named and not isinstance(b, Name):
            return self._applied(f"d * (y {'>' if node.op == 'np.maximum()' else '<'} 0)", node, d)
        if b != Operation("-", (a,)):
            return self._applied(RULES[node.op][at], node, d)
        if at:
            return None
        sign = Operation("np.sign()", (self.value(a),))
        made = Operation("*", (d, sign))
        return made if node.op == "np.maximum()" else Operation("-", (made,))


# Of operations on each number alone `RULES` are the rows; these are of operations on rows.
TEXTS: dict[str, tuple[str, ...]] = {
    **RULES,
    "softmax()": ("y * (d - (d * y).sum(axis=-1, keepdims=True))",),
    "im2col()": ("col2im(d, a.shape, b, c)", "0", "0"),
    "log_softmax()": ("d - np.exp(y) * d.sum(axis=-1, keepdims=True)",),
}
SPECIAL: dict[str, Callable[[Rules, Operation, int, Expression], Expression | None]] = {
    "@": Rules.product,
    ".sum()": Rules.total,
    ".mean()": Rules.mean,
    ".max()": Rules.extreme,
    ".min()": Rules.extreme,
    ".T": Rules.turn,
    ".transpose()": Rules.turn,
    ".reshape()": Rules.view,
    "[]": Rules.view,
    "np.concatenate()": Rules.joined,
    ".repeat()": Rules.repeated,
    "np.pad()": Rules.padded,
    "np.maximum()": Rules.larger,
    "np.logaddexp()": Rules.softplus,
    "np.minimum()": Rules.larger,
}
OF_ZERO = ("np.maximum()", "np.logaddexp()")  # whose reason is one if 0 is the first operand
REASONS = {
    "np.maximum()": "relu passes it on where `{}` > 0",
    "np.logaddexp()": "the slope of softplus",
    "np.tanh()": "the slope of tanh",
    "sigmoid()": "the slope of the sigmoid",
    "softmax()": "each score lowers the other ones",
    "np.log()": "the slope of log(a) is 1 / a",
    "np.exp()": "exp is its own slope",
}


def leaves_out(node: Expression) -> TypeGuard[Operation]:
    """Is it a choice that is 0 on one side?"""
    return (
        isinstance(node, Operation) and node.op == "np.where()" and number(0) in node.operands[1:]
    )


def on_sides(
    choice: Operation, rule: Callable[[Expression], Expression | None]
) -> Expression | None:
    """Return a choice with a linear rule applied to the side that is not 0."""
    test, *sides = choice.operands
    made = [side if side == number(0) else rule(side) for side in sides]
    found = [side for side in made if side is not None]
    return Operation("np.where()", (test, *found)) if len(found) == len(made) else None


def picks_once(indices: Sequence[Expression], known: Mapping[str, Value]) -> bool:
    """Is no place taken twice? Rows that are counted through, slices and numbers take each once."""
    found = [value_of(index, known) for index in indices]
    arrays = [
        index
        for index, value in zip(indices, found, strict=True)
        if value is not None and value.shape
    ]
    return not arrays or any(getattr(index, "op", "") == "np.arange()" for index in arrays)


def _new_axes(node: Expression) -> set[int] | None:
    """Return which axes of a view as `b[:, None]` it added; None where it is none."""
    match node:
        case Operation("[]", (Name(), *indices)) if NEW in indices and all(map(keeps_all, indices)):
            return {axis for axis, index in enumerate(indices) if index == NEW}
    return None


def _axes(axes: Sequence[int]) -> Expression:
    if len(axes) == 1:
        return number(axes[0])
    return Operation("tuple", tuple(map(number, axes)), enclosed=True)


def _turned(node: Expression, axes: int) -> Expression:
    """Return an array whose last two axes are swapped."""
    match node:
        case Operation(".T", (inner,)):
            return inner
    if axes <= 2:
        return Operation(".T", (node,))
    order = [*range(axes - 2), axes - 1, axes - 2]
    return Operation(".transpose()", (node, *map(number, order)))
