"""The decisions of a forward pass: comparisons, maxima, signs; where they change is a kink.

The text is rewritten so that every decision goes through a `Recorder`; its result is the same.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.live.gradients.listing import FUNCTION

NUMBERS = "_numbers_"  # the type of numbers: real, or complex
RECORDER = "_decisions"
TIE = 1e-8  # relative: closer than this, a step decides otherwise
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Eq": operator.eq,
    "NotEq": operator.ne,
}
_PAIRS = {"maximum", "minimum", "fmax", "fmin"}
_PEAKS = {"max", "min", "argmax", "argmin", "amax", "amin"}


class Recorder:
    """Keeps what was decided, and counts the ties that a step would break."""

    def __init__(self) -> None:
        self.decided: list[npt.NDArray[Any]] = []
        self.ties = 0

    def compared(self, kind: str, left: Any, right: Any) -> Any:
        """Compare, and remember the result."""
        result = _COMPARISONS[kind](left, right)
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
        sign = -1 if "min" in name else 1
        away = array - sign * (sign * array).max(axis=axis, keepdims=True)
        finite = array.real[np.isfinite(array.real)]  # what is masked is -inf
        near = np.abs(away.real) <= TIE * np.abs(finite).max(initial=0)
        self.ties += int((near & (away.imag != 0)).sum()) if np.iscomplexobj(array) else 0
        self.decided.append(away.real == 0)
        return getattr(np, name)(array, *arguments, **keywords)

    def signs(self, name: str, array: Any, *arguments: Any) -> Any:
        """Return `np.sign`, `np.abs` or `np.clip`, and remember the sides."""
        for bound in arguments or (0.0,):
            self._near(np.asarray(array) - bound, array, bound)
            self.decided.append(np.asarray(array) > bound)
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


def instrumented(text: str) -> str:
    """Return the script with a `loss_and_gradients` whose decisions go through `_decisions`."""
    tree = ast.parse(text)
    for position, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name == FUNCTION:
            tree.body[position] = ast.fix_missing_locations(_Decisions().visit(node))
    return ast.unparse(tree)


class _Decisions(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        kind = type(node.ops[0]).__name__
        if len(node.ops) != 1 or kind not in _COMPARISONS:
            return node
        return _recorded("compared", ast.Constant(kind), node.left, node.comparators[0])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if not isinstance(function, ast.Attribute):
            return node
        name = function.attr
        is_numpy = isinstance(function.value, ast.Name) and function.value.id == "np"
        if is_numpy and name in _PAIRS and len(node.args) == 2:
            return _recorded("pair", ast.Constant(name), *node.args, keywords=node.keywords)
        if is_numpy and name in ("sign", "abs", "clip") and not node.keywords:
            return _recorded("signs", ast.Constant(name), *node.args)
        if name in _PEAKS:
            array = [] if is_numpy else [function.value]
            return _recorded("peak", ast.Constant(name), *array, *node.args, keywords=node.keywords)
        if name == "reduce" and ast.unparse(function.value) in ("np.maximum", "np.minimum"):
            peak = ast.Constant("max" if "max" in ast.unparse(function.value) else "min")
            axis = [] if len(node.args) > 1 or node.keywords else [ast.Constant(0)]
            return _recorded("peak", peak, *node.args, *axis, keywords=node.keywords)
        return node


def _recorded(method: str, *arguments: ast.expr, keywords: Sequence[ast.keyword] = ()) -> ast.Call:
    return ast.Call(
        ast.Attribute(ast.Name(RECORDER, ast.Load()), method, ast.Load()),
        list(arguments),
        list(keywords),
    )
