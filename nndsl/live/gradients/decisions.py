"""The decisions of a forward pass: comparisons, maxima, signs; where they change is a kink.

Statements are rewritten so that every decision goes through a `Recorder`; the result is the same,
but for rounding.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.ir import Expression, Literal, Operation, Statement
from nndsl.ir.scalar import COMPARISONS
from nndsl.ir.tree import transformed
from nndsl.live.gradients.complex_forms import complex_form

NUMBERS = "_numbers_"  # the type of numbers: real, or complex
RECORDER = "_decisions"
TIE = 1e-8  # relative: closer than this, a step decides otherwise
CANCELLED = 4 * np.finfo(np.float64).eps  # relative: what rounding leaves of a number less itself
_PAIRS = {"np.maximum()", "np.minimum()", "np.fmax()", "np.fmin()"}
_PEAKS = {".max", ".min", ".argmax", ".argmin", ".amax", ".amin"}


class Recorder:
    """Keeps what was decided, and counts the ties that a step would break."""

    def __init__(self) -> None:
        self.decided: list[npt.NDArray[Any]] = []
        self.ties = 0

    def compared(self, kind: str, left: Any, right: Any) -> Any:
        """Compare, and remember the result."""
        result = COMPARISONS[kind](left, right)
        self._near(np.asarray(left) - np.asarray(right), left, right)
        self.decided.append(np.asarray(result))
        return result

    def pair(self, name: str, left: Any, right: Any, **keywords: Any) -> Any:
        """Return the larger or the smaller of two, and remember which it was."""
        self._near(np.asarray(left) - np.asarray(right), left, right)
        self.decided.append(np.asarray(left) > right)
        return getattr(np, name)(left, right, **keywords)

    def peak(self, name: str, array: Any, *arguments: Any, **keywords: Any) -> Any:
        """Return the largest or the smallest along an axis, and remember where it was."""
        axis = arguments[0] if arguments else keywords.get("axis")
        array = np.asarray(array)
        if array.dtype == bool:  # truth values lie near nothing
            return getattr(np, name)(array, *arguments, **keywords)
        # No factor of -1 for both: a complex -inf times a number is nan.
        away = array - (array.min if "min" in name else array.max)(axis=axis, keepdims=True)
        finite = array.real[np.isfinite(array.real)]  # what is masked is -inf
        near = np.abs(away.real) <= TIE * np.abs(finite).max(initial=0)
        self.ties += int((near & (away.imag != 0)).sum()) if np.iscomplexobj(array) else 0
        self.decided.append(away.real == 0)
        return getattr(np, name)(array, *arguments, **keywords)

    def difference(self, left: Any, right: Any) -> Any:
        """Subtract. What is rounding alone is 0: no decision depends on its sign."""
        result = np.asarray(left) - np.asarray(right)
        if result.dtype.kind not in "fc":
            return result
        nothing = np.abs(result.real) <= CANCELLED * np.abs(np.real(left))
        return np.where(nothing, result - result.real, result) if nothing.any() else result

    def signs(self, name: str, array: Any, *arguments: Any) -> Any:
        """Return `np.sign` or `np.clip`, and remember the sides."""
        for bound in arguments or (0.0,):
            self._near(np.asarray(array) - bound, array, bound)
            self.decided.append(np.asarray(array) > bound)
        if name == "sign":  # of a complex number it is a direction, which turns with a step
            array = np.real(array)
        return getattr(np, name)(array, *arguments)

    def _near(self, distance: npt.NDArray[Any], left: Any, right: Any) -> None:
        """Count where two numbers are equal, and do not stay so."""
        if np.iscomplexobj(distance):
            scale = max(np.abs(np.real(left)).max(initial=0), np.abs(np.real(right)).max(initial=0))
            near = np.abs(distance.real) <= TIE * scale
            self.ties += int((near & (distance.imag != 0)).sum())


def same(one: Recorder, other: Recorder) -> bool:
    """Did two runs decide everything alike?"""
    return all(np.array_equal(a, b) for a, b in zip(one.decided, other.decided, strict=True))


def instrumented(body: Iterable[Statement]) -> list[Statement]:
    """Return statements whose decisions go through a recorder."""
    return [statement.rewrite(_recorded) for statement in body]


def _recorded(node: Expression) -> Expression:
    match node:
        case Operation(op, (_, _)) if op in COMPARISONS:
            return _call("compared", op, node)
        case Operation(op, (_, _)) if op in _PAIRS:
            return _call("pair", op[len("np.") : -len("()")], node)
        case Operation("-", (_, _)):
            return Operation(f"{RECORDER}.difference()", node.operands)
        case Operation("np.abs()"):
            return transformed(complex_form(node), _recorded)
        case Operation("np.sign()" | "np.clip()" as op, _, ()):
            return _call("signs", op[len("np.") : -len("()")], node)
        case Operation(op) if (name := op.removeprefix("np").removesuffix("()")) in _PEAKS:
            return _call("peak", name[1:], node)
        case Operation("np.maximum.reduce()" | "np.minimum.reduce()", operands, options):
            axis = () if len(operands) > 1 or options else (Literal(0, "0"),)
            peak = node.op[len("np.") : len("np.max")]
            return _call("peak", peak, replace(node, operands=(*operands, *axis)))
    return node


def _call(method: str, name: str, node: Operation) -> Operation:
    """Return the call of the recorder that stands for an operation."""
    operands = (Literal(name, f'"{name}"'), *node.operands)
    return Operation(f"{RECORDER}.{method}()", operands, node.options)
