"""The functions of formulas: what the field calls them, and the operations that they are."""

from __future__ import annotations

from nndsl.ir.scalar import SMOOTH
from nndsl.record import record


@record
class Function:
    """An operation that a formula may name. `operands` is None where it takes two or more."""

    op: str
    operands: int | None = 1


FUNCTIONS = {
    **{name: Function(f"np.{name}()") for name in SMOOTH},
    "sign": Function("np.sign()"),
    "sigmoid": Function("sigmoid()"),
    "relu": Function("relu()"),
    "softplus": Function("softplus()"),
    "maximum": Function("np.maximum()", 2),
    "minimum": Function("np.minimum()", 2),
    "where": Function("np.where()", 3),
    "clip": Function("np.clip()", 3),
    "sum": Function(".sum()"),
    "mean": Function(".mean()"),
    "max": Function(".max()"),
    "min": Function(".min()"),
    "softmax": Function("softmax()"),
    "log_softmax": Function("log_softmax()"),
    "concat": Function("np.concatenate()", None),
}
REDUCTIONS = (".sum()", ".mean()", ".max()", ".min()")
# Of operations on plain numbers: a scalar of numpy would turn float32 into float64.
OF_NUMBERS = {
    **{f"np.{name}()": f"math.{name}()" for name in SMOOTH},
    "np.abs()": "abs()",
    "np.maximum()": "max()",
    "np.minimum()": "min()",
}
# Those that numpy has not: a script that calls one defines it.
DEFINITIONS = '''
def sigmoid(z):
    """Return 1 / (1 + exp(-z)), in a form whose exp never overflows."""
    return np.exp(np.minimum(0, z)) / (1 + np.exp(np.minimum(z, -z)))


def softplus(z):
    """Return log(1 + exp(z)), in a form whose exp never overflows."""
    return np.maximum(0, z) + np.log1p(np.exp(np.minimum(z, -z)))


def relu(z):
    """Return z where it is positive, else 0."""
    return np.maximum(0, z)


def softmax(z):
    """Return exp(z) / sum(exp(z)) over the last axis: the largest exp is 1."""
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def log_softmax(z):
    """Return the logarithm of the softmax over the last axis."""
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
'''
