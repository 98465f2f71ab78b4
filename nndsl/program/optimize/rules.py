"""The tables of the passes: which operations of numpy do the same work, written otherwise."""

from nndsl.ir import Expression, Operation
from nndsl.ir.values import FUNCTIONS

# Operators between arrays: the function of numpy; the form in place is `+=` and so on.
BINARY = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
COMMUTATIVE = frozenset(["add", "multiply", "maximum", "minimum"])
REDUCTIONS = {".sum()": "add", ".mean()": "add", ".max()": "maximum", ".min()": "minimum"}

# Methods and functions whose result shares no memory with what they are given.
COPYING = frozenset(
    ["np.concatenate()", "np.where()", "np.clip()", "np.zeros_like()", "np.full_like()", ".copy()"]
)
LAYOUT = frozenset(["np.zeros_like()", "np.empty_like()", "np.stack()", ".reshape()"])
VIEWS = frozenset([".reshape()", ".transpose()", ".T"])
NARROW = 16  # columns up to which the maximum of each row is found faster column by column
_ELEMENTWISE = {*BINARY, *(f"np.{name}()" for name in FUNCTIONS)}


def is_elementwise(node: Expression) -> bool:
    """Is an expression one operation of the tables, on each number alone?"""
    return isinstance(node, Operation) and node.op in _ELEMENTWISE and not node.options


def is_operation(node: Expression) -> bool:
    """Is an expression one operation of the tables: on each number alone, or a matrix product?"""
    return is_elementwise(node) or (isinstance(node, Operation) and node.op in {"@", *LAYOUT})


def is_layout(node: Expression) -> bool:
    """Does an expression make an array without arithmetic: of zeros, of parts, by a reshape?

    A reshape is asked where the result is new: then it copies.
    """
    return isinstance(node, Operation) and node.op in LAYOUT


def viewed(node: Expression) -> Expression | None:
    """Return what `x.reshape(…)`, `x.transpose(…)` and `x.T` look at, else None."""
    match node:
        case Operation(op, (inner, *_)) if op in VIEWS:
            return inner
    return None
