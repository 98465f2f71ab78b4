"""Operations that lose an imaginary part, in forms that keep it, for the complex step.

On real numbers both forms are equal. The script has the one that a reader expects.
"""

from dataclasses import replace

from nndsl.ir import Expression, Operation, parse_value
from nndsl.ir.tree import putting, transformed

# Over the operands `a` and `b`. Complex numbers are compared by their real parts first, and where
# these are equal by the imaginary ones: so all decisions take the side to which a step goes.
FORMS = {
    "np.abs()": parse_value("np.maximum(a, -a)"),
    "sigmoid()": parse_value("np.exp(np.minimum(0, a)) / (1 + np.exp(np.minimum(a, -a)))"),
    "np.sign()": parse_value("np.sign(np.real(a))"),
    "np.logaddexp()": parse_value(
        "np.add(np.maximum(a, b), np.log1p(np.exp(np.minimum(a - b, b - a))))"
    ),
}


def complex_form(node: Expression) -> Expression:
    """Return an operation that keeps an imaginary part, with the value of this one."""
    match node:
        case Operation(op, operands, options) if op in FORMS:
            form = transformed(FORMS[op], putting(dict(zip("ab", operands, strict=False))))
            assert isinstance(form, Operation)
            return replace(form, options=options) if options else form  # such as `out`
    return node
