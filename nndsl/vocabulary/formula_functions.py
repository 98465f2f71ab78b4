"""The functions of formulas: what the field calls them, and the operations that they are."""

from nndsl.ir.scalar import SMOOTH
from nndsl.record import record
from nndsl.vocabulary.functions import LOG_SOFTMAX, SIGMOID, SOFTMAX


@record
class Function:
    """An operation that a formula may name. `operands` is None where it takes two or more."""

    op: str
    operands: int | None = 1
    says: str = ""


_EACH = "of each number alone"
_ALL = "of an example's numbers, which meets all of them"
FUNCTIONS = {
    **{name: Function(f"np.{name}()", says=f"{name} {_EACH}") for name in SMOOTH},
    "sign": Function("np.sign()", says="-1, 0 or 1: the sign of each number"),
    "sigmoid": Function("sigmoid()", says=f"1 / (1 + exp(-x)) {_EACH}"),
    "relu": Function("relu()", says=f"max(0, x) {_EACH}"),
    "softplus": Function("softplus()", says=f"log(1 + exp(x)) {_EACH}"),
    "maximum": Function("np.maximum()", 2, "the larger of two, number by number"),
    "minimum": Function("np.minimum()", 2, "the smaller of two, number by number"),
    "where": Function("np.where()", 3, "where(x > 0, a, b): a where it holds, and b elsewhere"),
    "clip": Function("np.clip()", 3, "clip(x, low, high): no number beyond the limits"),
    "sum": Function(".sum()", says=f"the sum {_ALL}"),
    "mean": Function(".mean()", says=f"the mean {_ALL}"),
    "max": Function(".max()", says=f"the largest {_ALL}"),
    "min": Function(".min()", says=f"the smallest {_ALL}"),
    "softmax": Function("softmax()", says="a row as probabilities: exp(x) / sum(exp(x))"),
    "log_softmax": Function("log_softmax()", says="the logarithm of a row's softmax"),
    "concat": Function("np.concatenate()", None, "concat(a, b): rows side by side"),
    "pick": Function("pick()", 2, "pick(x, 0): one of a row; in a loss pick(x, t), of the class"),
    "transpose": Function("transpose()", says="a parameter of two lengths, turned"),
    "reshape": Function("reshape()", None, "reshape(x, 2, 5): each example's numbers as 2 x 5"),
}
# Those of rows, and those that a script has to define.
_OF_ROWS = "sigmoid softmax log_softmax concat pick transpose reshape".split()
OF_PARAMETERS = {name: one for name, one in FUNCTIONS.items() if name not in _OF_ROWS}
# Noise, in initializers and in layers.
NOISE = {
    "normal": Function("rng.normal()", 2, "normal(mean, deviation): noise, anew for each number"),
    "uniform": Function("rng.uniform()", 2, "uniform(low, high): noise, anew for each number"),
}
# Of layers that look along the positions of an example, as mean(x, axis=positions) does.
POSITIONS = "positions"
OF_POSITIONS = {
    "previous": Function("previous()", says="what stands one position before; zeros at the first")
}
# Of a backward pass that a page writes, which looks across the examples.
OF_BACKWARD = {
    "transpose": Function(".T"),
    "one_hot": Function("one_hot()", says="one_hot(t): 1 in the place of each example's class"),
}
# All that a formula may call, somewhere. What several call so is explained as in most of them.
EVERY = OF_BACKWARD | OF_POSITIONS | NOISE | FUNCTIONS
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
