"""The functions of formulas: what the field calls them, and the operations that they are."""

from __future__ import annotations

from nndsl.ir.scalar import SMOOTH
from nndsl.record import record
from nndsl.vocabulary.functions import LOG_SOFTMAX, SIGMOID, SOFTMAX


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
    "pick": Function("pick()", 2),
    "transpose": Function("transpose()"),
    "reshape": Function("reshape()", None),
}
# Those of rows, and those that a script has to define.
_OF_ROWS = "sigmoid softmax log_softmax concat pick transpose reshape".split()
OF_PARAMETERS = {name: one for name, one in FUNCTIONS.items() if name not in _OF_ROWS}
# Noise, in initializers and in layers.
NOISE = {"normal": Function("rng.normal()", 2), "uniform": Function("rng.uniform()", 2)}
# Of a backward pass that a page writes, which looks across the examples.
OF_BACKWARD = {"transpose": Function(".T"), "one_hot": Function("one_hot()")}
REDUCTIONS = (".sum()", ".mean()", ".max()", ".min()")
# Of operations on plain numbers: a scalar of numpy would turn float32 into float64.
OF_NUMBERS = {
    **{f"np.{name}()": f"math.{name}()" for name in SMOOTH},
    "np.abs()": "abs()",
    "np.maximum()": "max()",
    "np.minimum()": "min()",
}
# Those that numpy has not: a script that calls one defines it.
DEFINITIONS = SIGMOID + SOFTMAX + LOG_SOFTMAX
