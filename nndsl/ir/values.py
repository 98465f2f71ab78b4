"""What is known of a value before anything runs: its shape, its kind, and its order in memory.

One table has a rule for each operation. What it does not say for certain, it does not say: the
margin of a script shows these shapes, and a test measures every one of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal as OneOf

from nndsl.ir.rows import Dimension, Dimensions, Rows, length_from, size
from nndsl.ir.symbols import as_int, exactly, symbol
from nndsl.ir.tree import NOTHING, Comprehension, Expression, Literal, Name, Operation
from nndsl.record import record

# float: the type that the script calculates with; unknown: nothing but the shape is known;
# place: an index of images, whose shape is that of what it sees of a channel
Kind = OneOf["float", "bool", "int", "place", "other", "unknown"]
Order = tuple[int, ...]  # axes from the outermost to the innermost; () where that is as they stand


@record
class Value:
    """An array, or a number where the shape is (). `is_new`: no other name sees its memory.

    `order` is None where it is not known in which order the axes lie in memory.
    """

    shape: Dimensions
    kind: Kind = "float"
    is_new: bool = True
    order: Order | None = ()
    length: Dimension | None = None  # what it is, where it is a whole number that is known

    @property
    def is_large(self) -> bool:
        """Does it grow with the batch?"""
        return any(isinstance(length, Rows) for length in self.shape)


NUMBER = Value(())
Known = Mapping[str, Value]


def value_of(node: Expression, known: Known) -> Value | None:
    """Return what is known of an expression's value, or None."""
    match node:
        case Literal(int(length)):
            return Value((), length=length)
        case Literal(float()):
            return NUMBER
        case Name(name) if name in known:
            found = known[name]
            return replace(found, is_new=found.shape == ())
        case Name(name):
            return NUMBER if name.startswith("math.") else None
        case Operation(op):
            rule = RULES.get("math.()" if op.startswith("math.") else op)
            return rule(node, known) if rule is not None else None
        case Comprehension("[]", element, (clause,)):
            count, around = _gone_through(clause.target, clause.iterable, known)
            one = value_of(element, around)
            return Value((count, *one.shape), one.kind) if one is not None and count else None
    return None


def length_of(node: Expression, known: Known) -> Dimension | None:
    """Return the length that an expression says: `64`, `-1`, `N`, `T * N`, `x.shape[1]` …"""
    match node:
        case Literal(int(number)):
            return number
        case Operation("-", (inner,)):
            length = length_of(inner, known)
            return -length if isinstance(length, int) else None
        case Name(name):
            length = known[name].length if name in known else None
            return Rows() if length is None and name == "N" else length
        case Operation("len()", (inner,)) | Operation("[]", (Operation(".shape", (inner,)), _)):
            value = value_of(inner, known)
            at = length_of(node.operands[1], known) if node.op == "[]" else 0
            if value is None or not isinstance(at, int) or not -1 <= at < len(value.shape):
                return None
            return value.shape[at] if value.shape else None
        case Operation("+" | "-" | "*" | "//" as op, (left, right)):
            return _calculated(op, length_of(left, known), length_of(right, known))
    return None


def _lengths(nodes: Sequence[Expression], known: Known) -> Dimensions | None:
    found: list[Dimension | None] = []
    for node in nodes:
        match node:
            case Operation("*", (Operation("places()") as several,)):  # *places(x.shape, …)
                places = _window_places(several, known)
                found += places[1] if places is not None else (None,)
            case _:
                found.append(length_of(node, known))
    lengths = [length for length in found if length is not None]
    return tuple(lengths) if len(lengths) == len(found) else None


def _calculated(op: str, left: Dimension | None, right: Dimension | None) -> Dimension | None:
    if left is None or right is None:
        return None
    if op == "*":
        return length_from(size([left, right]))
    if isinstance(left, Rows) or isinstance(right, Rows):
        return None
    if op == "//":
        return left // right if right else None
    return left + right if op == "+" else left - right


# --- Operations on each number alone ----------------------------------------------------


def _elementwise(node: Operation, known: Known) -> Value | None:
    values = [value_of(operand, known) for operand in node.operands]
    shape: Dimensions | None = ()
    for value in values:
        shape = broadcast(shape, value.shape) if value is not None else None
    if shape is None or node.options:
        return None
    if not shape and (length := length_of(node, known)) is not None:
        return Value((), length=length)
    found = [value for value in values if value is not None]
    kinds = {value.kind for value in found if value.shape}
    is_float = not kinds or ("float" in kinds and kinds <= {"float", "bool"})
    orders = {value.order for value in found if value.shape == shape}
    order = orders.pop() if len(orders) == 1 else None if orders else ()
    kind: Kind = "float" if is_float else "unknown" if "unknown" in kinds else "other"
    return Value(shape, kind, order=order)


def _compared(node: Operation, known: Known) -> Value | None:
    found = _elementwise(node, known)
    return replace(found, kind="bool") if found is not None else None


def _alike(node: Operation, known: Known) -> Value | None:
    """What is as its first operand is, and has memory of its own."""
    found = value_of(node.operands[0], known)
    kind: Kind = "bool" if Name("bool") in node.operands[1:] else "float"
    return Value(found.shape, kind, order=found.order) if found is not None else None


def _copied(node: Operation, known: Known) -> Value | None:
    found = value_of(node.operands[0], known)
    return Value(found.shape, found.kind) if found is not None else None


def _converted(node: Operation, known: Known) -> Value | None:
    """`x.astype(dtype)`, the type that the script calculates with."""
    match node.operands:
        case (inner, Name("dtype" | "np.float32" | "np.float64")):
            found = value_of(inner, known)
            return Value(found.shape, order=found.order) if found is not None else None
    return None


def broadcast(left: Dimensions | None, right: Dimensions | None) -> Dimensions | None:
    """Return the shape of an operation on each number of two arrays."""
    if left is None or right is None:
        return None
    short, long = sorted((left, right), key=len)
    padded = (1,) * (len(long) - len(short)) + tuple(short)
    joined = tuple(_said(a, b) for a, b in zip(padded, long, strict=True))
    fits = all(a in (1, c) and b in (1, c) for a, b, c in zip(padded, long, joined, strict=True))
    return joined if fits else None


def _said(length: Dimension, other: Dimension) -> Dimension:
    """Return the one that is not 1, and of equal ones what says more: `HIDDEN` rather than 100."""
    if length == 1 or (other != 1 and type(length) is int):
        return other
    return length


# --- Products and reductions ------------------------------------------------------------


def _product(node: Operation, known: Known) -> Value | None:
    left, right = (value_of(operand, known) for operand in node.operands)
    if left is None or right is None:
        return None
    kind: Kind = "float" if {left.kind, right.kind} == {"float"} else "unknown"
    if len(left.shape) == 1 and len(right.shape) == 2 and left.shape[0] == right.shape[0]:
        return Value(right.shape[1:], kind)
    if len(left.shape) == 2 and len(right.shape) == 1 and left.shape[1] == right.shape[0]:
        return Value(left.shape[:1], kind)
    if min(len(left.shape), len(right.shape)) < 2 or left.shape[-1] != right.shape[-2]:
        return None
    before = broadcast(left.shape[:-2], right.shape[:-2])
    return Value((*before, left.shape[-2], right.shape[-1]), kind) if before is not None else None


def _reduced(node: Operation, known: Known) -> Value | None:
    """`x.sum()`, `x.max(axis=1, keepdims=True)` …"""
    value = value_of(node.operands[0], known)
    if value is None or len(node.operands) > 1:
        return None
    kind: Kind = "float" if value.kind in ("float", "bool") else "unknown"
    if not node.options:
        return Value((), kind)
    axes, keep = reduced_axes(value, node.options)
    if not axes:
        return None
    shape = tuple(
        1 if axis in axes else n for axis, n in enumerate(value.shape) if keep or axis not in axes
    )
    return Value(shape, kind, order=() if value.order == () or len(shape) < 2 else None)


def reduced_axis(
    value: Value, options: Sequence[tuple[str, Expression]]
) -> tuple[int | None, bool]:
    """Return the axis that a reduction takes away, counted from 0, and whether it stays as 1."""
    axes, keeps = reduced_axes(value, options)
    return (axes[0] if len(axes) == 1 else None), keeps


def reduced_axes(
    value: Value, options: Sequence[tuple[str, Expression]]
) -> tuple[tuple[int, ...], bool]:
    """Return all axes that a reduction takes away; none where they are not known."""
    given = dict(options)
    match given.get("axis"):
        case Operation("tuple", axes):
            found = [reduced_axes(value, (*options, ("axis", axis))) for axis in axes]
            return tuple(axis for one, _ in found for axis in one), all(k for _, k in found)
    axis = length_of(given["axis"], {}) if "axis" in given else None
    if not isinstance(axis, int) or not -len(value.shape) <= axis < len(value.shape):
        return (), False
    keeps = given.get("keepdims", Literal(False, "False"))
    if set(given) - {"axis", "keepdims"} or not isinstance(keeps, Literal):
        return (), False
    return (axis % len(value.shape),), bool(keeps.value)


def _argmax(node: Operation, known: Known) -> Value | None:
    """`x.argmax(axis=1)`: where along an axis the largest number stands."""
    found = _reduced(node, known)
    return replace(found, kind="int") if found is not None else None


def _taken(node: Operation, known: Known) -> Value | None:
    """`np.take_along_axis(x, places, axis=1)`: a number for each place."""
    value, places = (value_of(operand, known) for operand in node.operands)
    return Value(places.shape, value.kind) if value is not None and places is not None else None


def _reduced_by_function(node: Operation, known: Known) -> Value | None:
    """`np.add.reduce(x)` along the first axis, or of all with `axis=None`."""
    value = value_of(node.operands[0], known)
    whole = node.options == (("axis", Literal(None, "None")),)
    if value is None or len(node.operands) > 1 or (node.options and not whole):
        return None
    return Value(() if whole else value.shape[1:])


# --- Views ------------------------------------------------------------------------------


def _turned(node: Operation, known: Known) -> Value | None:
    value = value_of(node.operands[0], known)
    return _transposed(value, range(len(value.shape))[::-1]) if value is not None else None


def _with_axes(node: Operation, known: Known) -> Value | None:
    value = value_of(node.operands[0], known)
    if value is None:
        return None
    found = [length_of(axis, known) for axis in node.operands[1:]]
    axes = [axis for axis in found if isinstance(axis, int)]
    fits = sorted(axes) == list(range(len(value.shape))) == list(range(len(node.operands) - 1))
    return _transposed(value, axes) if fits else None


def _transposed(value: Value, axes: Sequence[int]) -> Value:
    order = value.order
    if order is not None:
        order = _short([axes.index(axis) for axis in order or range(len(value.shape))])
    return Value(tuple(value.shape[axis] for axis in axes), value.kind, False, order)


def _short(order: Sequence[int]) -> Order:
    return () if list(order) == sorted(order) else tuple(order)


def _reshaped(node: Operation, known: Known) -> Value | None:
    """A result that must be a copy is new; any other may share the memory."""
    inner, *arguments = node.operands
    value = value_of(inner, known)
    match arguments:
        case [Operation(".shape", (other,))]:
            like = value_of(other, known)
            shape = like.shape if like is not None else None
        case _:
            lengths = _lengths(arguments, known)
            whole = value.shape if value is not None else None
            shape = _filled(whole, lengths) if lengths is not None else None
    if shape is None or node.options:
        return None
    if value is None:
        return Value(shape, "unknown", False, None)
    return Value(shape, value.kind, _copies(value.shape, value.order, shape), ())


def _filled(shape: Dimensions | None, lengths: Sequence[Dimension]) -> Dimensions | None:
    """Return the shape that `reshape(lengths)` makes, where a length may be -1."""
    if -1 not in lengths:
        return tuple(lengths)
    if shape is None:
        return None
    whole, rest = size(shape), size([length for length in lengths if length != -1])
    if not rest[0] or whole[0] % rest[0] or whole[1] < rest[1]:
        return None
    missing = length_from((exactly(whole[0], rest[0]), whole[1] - rest[1]))
    return None if missing is None else tuple(missing if n == -1 else n for n in lengths)


def _copies(shape: Dimensions, order: Order | None, new: Dimensions) -> bool:
    """Must `reshape` copy, since axes that become one do not lie side by side in memory?"""
    if not order:
        return False
    place = {axis: order.index(axis) for axis in order}
    ends = {size(new[:n]) for n in range(len(new) + 1)}
    long = [axis for axis, n in enumerate(shape) if n != 1]
    return any(
        size(shape[:after]) not in ends and place[after] != place[before] + 1
        for before, after in pairwise(long)
    )


def _indexed(node: Operation, known: Known) -> Value | None:
    """`x[rows, t]` picks one number from each row; `x[:, 0:4]` is a view of some columns."""
    inner, *indices = node.operands
    if isinstance(inner, Operation) and inner.op == ".shape":
        return Value((), length=length_of(node, known))
    if inner == Name("np.s_"):
        return _window_index(indices, known)
    value = value_of(inner, known)
    if value is None:
        return None
    found = [value_of(index, known) for index in indices]
    if 2 <= len(indices) <= len(value.shape) and all(
        f is not None and f.kind == "int" and f.shape == value.shape[:1] for f in found
    ):
        return Value((value.shape[0], *value.shape[len(indices) :]), value.kind)
    if len(found) == 1 and found[0] is not None and found[0].kind == "int" and found[0].shape:
        return Value((*found[0].shape, *value.shape[1:]), value.kind)  # rows that are looked up
    if len(found) == 1 and found[0] is not None and found[0].kind == "place":
        return Value((*value.shape[:2], *found[0].shape), value.kind, False)
    shape: list[Dimension] = []
    lengths = list(value.shape)
    for index, number in zip(indices, found, strict=True):
        is_new_axis = isinstance(index, Literal) and index.value is None
        if not is_new_axis and not lengths:
            return None
        length = 1 if is_new_axis else lengths.pop(0)
        match index:
            case Literal(None):
                shape.append(1)
            case Operation("slice", (first, last, *step)):
                kept = _slice_length(length, first, last, known)
                if kept is None or (step and (kept != length or length_of(step[0], known) != -1)):
                    return None
                shape.append(kept)
            case _ if number is None or number.shape:
                return None
    return Value((*shape, *lengths), value.kind, False, () if value.order == () else None)


def _window_index(indices: Sequence[Expression], known: Known) -> Value | None:
    """`np.s_[:, :, k:k + stride * places:stride]`, an index of what a window sees at all places."""
    lengths: list[Dimension | None] = []
    for index in indices[2:]:
        match index:
            case Operation("slice", (first, Operation("+", (begins, reach)), step)) if (
                first == begins
            ):
                moved = length_of(reach, known), length_of(step, known)
                lengths.append(_calculated("//", *moved))
    found = tuple(length for length in lengths if length is not None)
    return Value(found, "place") if len(found) == len(indices) - 2 else None


def _slice_length(
    length: Dimension, first: Expression, last: Expression, known: Known
) -> Dimension | None:
    """Return how much of an axis `first:last` keeps; both may be left out."""
    if first == last == NOTHING:
        return length
    match last:
        case Operation("+", (begins, count)) if begins == first:
            return length_of(count, known)  # as many from wherever it begins
    start = 0 if first == NOTHING else length_of(first, known)
    end = length if last == NOTHING else length_of(last, known)
    if not (isinstance(length, int) and isinstance(start, int) and isinstance(end, int)):
        return None
    start, end = (length + at if at < 0 else at for at in (start, end))
    return end - start if 0 <= start <= end <= length else None


def _split(node: Operation, known: Known) -> Value | None:
    """`a, b = np.split(x, 2, axis=1)`: parts of equal lengths, each of which is a view."""
    match node:
        case Operation(_, (inner, Literal(int(count))), (("axis", Literal(int(axis))),)):
            value = value_of(inner, known)
            if value is None or axis >= len(value.shape):
                return None
            length = value.shape[axis]
            if isinstance(length, Rows) or length % count:
                return None
            shape = (*value.shape[:axis], length // count, *value.shape[axis + 1 :])
            return Value((count, *shape), value.kind, False, None)
    return None


def unpacked(value: Value | None, count: int) -> Value | None:
    """Return what is known of each of `a, b, c = value`."""
    if value is None or not value.shape or value.shape[0] != count:
        return None
    order = value.order
    if order is not None:
        order = _short([axis - 1 for axis in order or range(len(value.shape)) if axis])
    return Value(value.shape[1:], value.kind, len(value.shape) == 1, order)


def with_named_lengths(value: Value, names: Sequence[str]) -> Value:
    """Return an array whose lengths got names, as by `N, C, H, W = x.shape`."""
    lengths = [
        length if isinstance(length, Rows) else as_int(symbol(name, int(length)))
        for name, length in zip(names, value.shape, strict=True)
    ]
    return replace(value, shape=tuple(lengths))


# --- Arrays that are made ---------------------------------------------------------------


def _stacked(node: Operation, known: Known) -> Value | None:
    match node:
        case Operation(_, (Comprehension() as items,), options):
            whole = value_of(items, known)
            axis = reduced_axis(whole, options)[0] if whole is not None and options else 0
            if whole is None or axis is None:
                return None
            count, *one = whole.shape
            return Value((*one[:axis], count, *one[axis:]), whole.kind)
        case Operation(_, (Operation("list", items),), ()):
            parts = [value_of(item, known) for item in items]
            first = parts[0] if parts else None
            if first is not None and all(
                part is not None and part.shape == first.shape for part in parts
            ):
                is_plain = all(part is not None and part.order == () for part in parts)
                order: Order | None = () if is_plain else None
                return Value((len(parts), *first.shape), first.kind, order=order)
    return None


def _gone_through(
    target: Expression, iterable: Expression, known: Known
) -> tuple[Dimension | None, Known]:
    """Return how many items there are to go through, and what is known while that is done."""
    whole = value_of(iterable, known)
    if whole is None or not whole.shape or not isinstance(target, Name):
        return None, known
    return whole.shape[0], {**known, target.id: Value(whole.shape[1:], whole.kind)}


def _summed(node: Operation, known: Known) -> Value | None:
    """`sum(x[spot] for spot in …)`: like each of its terms."""
    match node.operands:
        case (Comprehension("()", element, (clause,)),):
            _, around = _gone_through(clause.target, clause.iterable, known)
            found = value_of(element, around)
            return Value(found.shape, found.kind) if found is not None else None
    return None


def _window_places(node: Operation, known: Known) -> tuple[int, tuple[int, int]] | None:
    """Return how long a window is, and how many places it has in images: down, and across."""
    match node.operands:
        case (Operation(".shape", (images,)) | (Name() as images), size, stride):
            value = value_of(images, known)
            steps = length_of(size, known), length_of(stride, known)
        case _:
            return None
    match steps, value and value.shape:
        case (int(length), int(step)), (_, _, int(height), int(width)):
            return length, ((height - length) // step + 1, (width - length) // step + 1)
    return None


def _slices(node: Operation, known: Known) -> Value | None:
    """`slices(x.shape, size, stride)`: an index for each spot of a window."""
    found = _window_places(node, known)
    return Value((found[0] ** 2, *found[1]), "place") if found is not None else None


def _columns(node: Operation, known: Known) -> Value | None:
    """`im2col(x, size, stride)`: what a window sees, a column for each place."""
    found, images = _window_places(node, known), value_of(node.operands[0], known)
    if found is None or images is None or not isinstance(images.shape[1], int):
        return None
    length, (rows, columns) = found
    return Value((images.shape[0], images.shape[1] * length**2, rows * columns))


def _images(node: Operation, known: Known) -> Value | None:
    """`col2im(cols, x.shape, size, stride)`: like `x`."""
    match node.operands:
        case (_, Operation(".shape", (images,)), _, _):
            found = value_of(images, known)
            return Value(found.shape) if found is not None else None
    return None


def _repeated(node: Operation, known: Known) -> Value | None:
    """`x.repeat(2, axis=1)`: each part along an axis several times."""
    value = value_of(node.operands[0], known)
    axis = reduced_axis(value, node.options)[0] if value is not None else None
    times = length_of(node.operands[1], known) if len(node.operands) == 2 else None
    if value is None or axis is None or not isinstance(times, int):
        return None
    longer = _calculated("*", value.shape[axis], times)
    if longer is None:
        return None
    return Value((*value.shape[:axis], longer, *value.shape[axis + 1 :]), value.kind)


def _padded(node: Operation, known: Known) -> Value | None:
    """`np.pad(x, ((0, 0), (1, 1)))`: zeros before and behind each axis."""
    match node.operands:
        case (inner, Operation("tuple", sides)):
            value = value_of(inner, known)
        case _:
            return None
    if value is None or len(sides) != len(value.shape):
        return None
    shape: list[Dimension] = []
    for length, side in zip(value.shape, sides, strict=True):
        ends = _lengths(side.operands, known) if isinstance(side, Operation) else None
        if ends is None or len(ends) != 2:
            return None
        more = _calculated("+", *ends)
        longer = length if more == 0 else _calculated("+", length, more)
        if longer is None:
            return None
        shape.append(longer)
    return Value(tuple(shape), value.kind)


def _joined(node: Operation, known: Known) -> Value | None:
    """`np.concatenate([a, b], axis=1)`: alike but for the axis along which they are joined."""
    match node:
        case Operation(_, (Operation("list", items),), (("axis", _),)) if items:
            found = [value_of(item, known) for item in items]
        case _:
            return None
    parts = [part for part in found if part is not None]
    if len(parts) < len(items) or len({part.kind for part in parts}) > 1:
        return None
    first = parts[0]
    axis, _ = reduced_axis(first, node.options)
    if axis is None:
        return None
    lengths = [n for part in parts if isinstance(n := part.shape[axis], int)]
    rest = {(*part.shape[:axis], *part.shape[axis + 1 :]) for part in parts}
    if len(rest) > 1 or len(lengths) < len(parts):
        return None
    shape = (*first.shape[:axis], sum(lengths), *first.shape[axis + 1 :])
    return Value(shape, first.kind, order=None)


def _broadcast(node: Operation, known: Known) -> Value | None:
    """`np.broadcast_to(a, b.shape)`: a view in which numbers stand several times."""
    match node.operands:
        case (_, Operation(".shape", (like,))):
            found = value_of(like, known)
            shape = found.shape if found is not None else None
        case (_, Operation("tuple", sides)):
            shape = _lengths(sides, known)
        case _:
            return None
    inner = value_of(node.operands[0], known)
    if shape is None or inner is None or broadcast(inner.shape, shape) != shape:
        return None
    return Value(shape, inner.kind, False, None)


def _filled_array(node: Operation, known: Known) -> Value | None:
    match node.operands:
        case (Operation("tuple", sides), _, *_):
            shape = _lengths(sides, known)
            return Value(shape) if shape is not None else None
    return None


def _counted(node: Operation, known: Known) -> Value | None:
    match node.operands:
        case (first, last) if node.op == "range()":
            counted = _calculated("-", length_of(last, known), length_of(first, known))
            return Value((counted,), "int") if counted is not None else None
        case (count,) if not node.options and (length := length_of(count, known)) is not None:
            return Value((length,), "int")
    return None


def _drawn(node: Operation, known: Known) -> Value | None:
    match node.operands[:2]:
        case (_, Operation(".shape", (like,))):
            found = value_of(like, known)
            return Value(found.shape, "other") if found is not None else None
        case (_, Operation("tuple", sides)):
            shape = _lengths(sides, known)
            return Value(shape, "other") if shape is not None else None
    return None


def _drawn_between(node: Operation, known: Known) -> Value | None:
    """`rng.integers(low, high, (2, N))`, or as many as a number says."""
    if (count := length_of(node.operands[-1], known)) is not None:
        return Value((count,), "int")
    found = _drawn(Operation(node.op, node.operands[2:]), known)
    return replace(found, kind="int") if found is not None else None


def _number(node: Operation, known: Known) -> Value | None:
    return Value((), length=length_of(node, known))


# Functions that treat each number alone, take `out=` and output numbers of the type they take.
FUNCTIONS = frozenset(
    """
    abs exp expm1 log log1p logaddexp sqrt tanh sin cos sign square negative maximum minimum
    """.split()
)
# Those that a script defines itself, or that take no `out=` here.
DEFINED = "sigmoid() np.abs() np.clip() np.tan() np.sinh() np.cosh()".split()
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "&", "|", "^")


def _chosen(node: Operation, known: Known) -> Value | None:
    """Return what `a if c else b` is of numbers: a number."""
    found = [value_of(one, known) for one in (node.operands[0], node.operands[2])]
    return NUMBER if all(one is not None and not one.shape for one in found) else None


RULES: dict[str, Callable[[Operation, Known], Value | None]] = {
    **dict.fromkeys(["+", "-", "*", "/", "//", "%", "**", "np.where()"], _elementwise),
    **dict.fromkeys([f"np.{name}()" for name in FUNCTIONS], _elementwise),
    **dict.fromkeys(DEFINED, _elementwise),
    **dict.fromkeys(["softmax()", "log_softmax()"], _alike),
    **dict.fromkeys(COMPARISONS, _compared),
    "@": _product,
    **dict.fromkeys([".sum()", ".mean()", ".max()", ".min()"], _reduced),
    ".argmax()": _argmax,
    "np.take_along_axis()": _taken,
    **dict.fromkeys([f"np.{n}.reduce()" for n in FUNCTIONS | {"add"}], _reduced_by_function),
    ".T": _turned,
    ".transpose()": _with_axes,
    ".reshape()": _reshaped,
    "[]": _indexed,
    ".copy()": _copied,
    "if": _chosen,
    ".astype()": _converted,
    **dict.fromkeys(["np.zeros_like()", "np.empty_like()", "np.full_like()"], _alike),
    **dict.fromkeys(["np.triu()", "np.tril()"], _alike),
    "np.stack()": _stacked,
    "sum()": _summed,
    "slices()": _slices,
    "im2col()": _columns,
    "col2im()": _images,
    ".repeat()": _repeated,
    "np.pad()": _padded,
    **dict.fromkeys(["np.full()", "np.zeros()", "np.ones()", "np.empty()"], _filled_array),
    "np.split()": _split,
    "np.concatenate()": _joined,
    "np.broadcast_to()": _broadcast,
    "np.arange()": _counted,
    "range()": _counted,
    ".integers()": _drawn_between,
    ".random()": _drawn,
    ".standard_normal()": _drawn,
    **dict.fromkeys(
        [".size", "math.()", "max()", "min()", "len()", "float()", "int()", "abs()"], _number
    ),
}
