"""How far rounding may move a result: it is computed with each number on the way shaken a little.

Float32 shows it, too, but not where it rounds to the same: a probability that is sure is exactly 1
there, and nothing is left of P - 1, of which float64 has a few digits (Parker 1997: Monte Carlo
arithmetic). For a gradient the backward pass is shaken, and what the forward pass decides stays.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from nndsl.ir import Expression, Literal, Operation, Statement
from nndsl.ir.derivatives import RULES

SHAKEN = "_shaken_"
EPSILON = float(np.finfo(np.float32).eps)  # as float32 would round it
_SUMS = {"@", ".sum()", ".mean()", "np.sum()", "np.mean()", "np.einsum()"}
_ARITHMETIC = {op for op in RULES if RULES[op] != ("0", "0")} | _SUMS


class Shaken:
    """Called for what an operation takes, and what a function makes of it."""

    def __init__(self, seed: int, epsilon: float = EPSILON) -> None:
        self._rng, self._epsilon = np.random.default_rng(seed), epsilon

    def __call__(self, value: Any) -> Any:
        if getattr(value, "dtype", np.dtype(bool)).kind != "f":
            return value
        return value * (1 + self._epsilon * self._rng.uniform(-1, 1, np.shape(value)))


def shaken(body: Iterable[Statement], forward: Iterable[Statement]) -> list[Statement]:
    """Return statements that compute with shaken numbers, but for those of the forward pass."""
    kept = {step.node for step in forward}
    return [step if step.node in kept else step.rewrite(shake) for step in body]


def shake(node: Expression) -> Expression:
    """Return an operation that takes shaken numbers."""
    match node:
        case Operation(op, operands, options, lines, enclosed) if op in _ARITHMETIC:
            taken = tuple(o if isinstance(o, Literal) else _call(o) for o in operands)
            made = Operation(op, taken, options, lines, enclosed)
            # What has options may write to memory that is known by another name.
            return _call(made) if op.startswith("np.") and not options else made
    return node


def _call(node: Expression) -> Expression:
    return Operation(f"{SHAKEN}()", (node,))
