"""The derivatives of operations that treat each number alone: one line a rule."""

from nndsl.ir.algebra import ONE, ZERO, add, multiply, simplified
from nndsl.ir.parser import parse_value
from nndsl.ir.tree import Expression, Literal, Name, Operation

# What each operand contributes to the derivative of y = op(a, b, c), where `d` is its own. The
# operations are linear in `d`, and its rows are diagonal: read backwards, from `d` as the gradient
# of y, the same lines are the gradients of the operands. exp, sqrt, tan and tanh stand for
# themselves in theirs, so that nothing is computed again and nothing overflows.
RULES: dict[str, tuple[str, ...]] = {
    "+": ("d", "d"),
    "-": ("d", "-d"),  # -a is 0 - a: rules are counted from the last operand
    "*": ("d * b", "a * d"),
    "/": ("d / b", "-d * y / b"),
    "**": ("b * a**(b - 1) * d", "y * np.log(a) * d"),
    "np.sqrt()": ("d / (2 * y)",),
    "np.square()": ("2 * a * d",),
    "np.exp()": ("d * y",),
    "np.expm1()": ("d * np.exp(a)",),
    "np.log()": ("d / a",),
    "np.log1p()": ("d / (1 + a)",),
    "np.logaddexp()": ("d * np.exp(a - y)", "d * np.exp(b - y)"),
    "np.sin()": ("d * np.cos(a)",),
    "np.cos()": ("-d * np.sin(a)",),
    "np.tan()": ("d * (1 + y**2)",),
    "np.sinh()": ("d * np.cosh(a)",),
    "np.cosh()": ("d * np.sinh(a)",),
    "np.tanh()": ("d * (1 - y**2)",),
    "np.abs()": ("d * np.sign(a)",),  # 0 at the kink
    "sigmoid()": ("d * y * (1 - y)",),
    "np.clip()": ("d * ((b <= a) & (a <= c))", "0", "0"),  # between limits that are not learnt
    "np.sign()": ("0",),
    "np.maximum()": ("d * (a >= b)", "d * (b > a)"),
    "np.minimum()": ("d * (a <= b)", "d * (b < a)"),
    "np.where()": ("0", "np.where(a, d, 0)", "np.where(a, 0, d)"),
    **dict.fromkeys(["<", "<=", ">", ">=", "==", "!="], ("0", "0")),
}


class NotDifferentiable(Exception):
    """An operation has no rule, or its shapes are not known. `node` is what it is about."""

    def __init__(self, message: str, node: Expression | None = None) -> None:
        super().__init__(message)
        self.node = node


def differentiate(node: Expression, name: str) -> Expression:
    """Return the derivative of a simplified expression by the variable `name`, simplified."""
    match node:
        case Name():
            return ONE if node.id == name else ZERO
        case Operation("**", (Literal(0), _)):
            return ZERO
        case Operation(_, operands):
            slopes = [differentiate(operand, name) for operand in operands]
            return add(*(_term(node, at, d) for at, d in enumerate(slopes) if d != ZERO))
    return ZERO


def _term(node: Operation, at: int, d: Expression) -> Expression:
    """Return what an operand contributes; sums and products have any number of them."""
    operands = node.operands
    match node.op:
        case "+":
            return d
        case "*":
            return multiply(*operands[:at], d, *operands[at + 1 :])
    rule = parse_value(RULES[node.op][at - len(operands)])
    return simplified(rule, {**dict(zip("abc", operands, strict=False)), "y": node, "d": d})
