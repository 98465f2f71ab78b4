"""One batch through a script's forward and backward pass, statement by statement."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.live.model import Model

FUNCTION = "loss_and_gradients"


@dataclass(frozen=True, slots=True)
class Traced:
    """A value as it is when the function returns, and the last line that changed it."""

    name: str
    shape: tuple[int, ...]
    mean: float
    std: float
    zeros: float  # fraction of its elements
    line: int
    code: str


def trace(model: Model, X: npt.ArrayLike, t: npt.ArrayLike) -> list[Traced]:
    """Run `loss_and_gradients` on a batch; return its arrays and numbers in the order of lines.

    The streams of chance and the running statistics move on as they do in a training step.
    ModelError where the spec has no `train`.
    """
    model.require_backward_pass()
    code: CodeType = model.namespace[FUNCTION].__code__
    assigned: dict[str, int] = {}
    final: dict[str, Any] = {}
    before: dict[str, int] = {}
    line = code.co_firstlineno

    def note(frame: FrameType) -> None:
        """See which variables the last line has bound or changed."""
        for name, value in frame.f_locals.items():
            mark = _mark(value)
            if before.get(name) != mark:
                before[name] = mark
                assigned[name] = line

    def local(frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        nonlocal line
        if event == "line":  # one stands before `return`, too
            note(frame)
            line = frame.f_lineno
        if event == "return":
            final.update(frame.f_locals)
        return local

    def entered(frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        return local if frame.f_code is code else None

    previous = sys.gettrace()
    sys.settrace(entered)
    try:
        model.loss_and_gradients(X, t)
    finally:
        sys.settrace(previous)
    source = model.source.split("\n")
    given = {"X", "t", *model.parameters, *model.state}
    return [
        _traced(name, final[name], at, source[at - 1].strip())
        for name, at in sorted(assigned.items(), key=lambda entry: entry[1])
        if name not in given and _is_numeric(final.get(name))
    ]


def _traced(name: str, value: Any, line: int, code: str) -> Traced:
    array = np.asarray(value, np.float64)
    with np.errstate(all="ignore"):
        return Traced(
            name,
            array.shape,
            float(array.mean()),
            float(array.std()),
            float((array == 0).mean()),
            line,
            code.split("  #")[0].rstrip(),
        )


def _mark(value: Any) -> int:
    """Return a number that changes when a variable is bound to another value or is changed."""
    content = value.tobytes() if isinstance(value, np.ndarray) else b""
    return hash((id(value), content))


def _is_numeric(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic | float) and np.asarray(value).size > 0
