"""One batch through a script's forward and backward pass, statement by statement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from types import CodeType, FrameType
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from nndsl.displayed import Displayed
from nndsl.live.descent import Descent
from nndsl.live.model import Model
from nndsl.live.watched import watched

FUNCTION = "loss_and_gradients"
_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TracedValue:
    """A value as it is when the function returns, and the last line that changed it."""

    name: str
    shape: tuple[int, ...]
    mean: float
    std: float
    zeros: float  # fraction of its elements
    line: int
    code: str
    call: str = ""  # of which function of a block it is a part, and which of its calls


class Trace(list[TracedValue], Displayed):
    """The values of a batch in the order of time, as a notebook shows them."""


def trace(model: Model, X: Any = None, t: Any = None) -> Trace:
    """Run `loss_and_gradients` on a batch; return its arrays and numbers in the order of time.

    Left out, (X, t) are the first of the training data.
    What a block's function computes stands where it is called, each time anew. The random
    streams and the running statistics move on as they do in a training step.
    ModelError where the spec has no `train`.
    """
    model.require_backward_pass()
    if X is None or t is None:
        X, t = model.first_batch()
    names = (FUNCTION, *model.script.blocks)
    source = model.source.split("\n")
    functions = [model.namespace[name] for name in names]
    frames = _frames(functions, source, model.loss_and_gradients, X, t)
    taken = model.namespace[FUNCTION].__code__
    given = {*taken.co_varnames[: taken.co_argcount], *model.parameters, *model.state}
    frames.sort(key=lambda frame: frame.code.co_name == FUNCTION)
    return Trace(_rows(frames, source, given, FUNCTION))


def trace_descent(descent: Descent, point: npt.ArrayLike) -> list[TracedValue]:
    """Run `f` and `gradient` at a point, (variables,); return their numbers in order of time."""
    functions = [descent.namespace[name] for name in ("f", "gradient")]
    source = descent.source.split("\n")
    rows: list[TracedValue] = []
    for function in functions:
        with np.errstate(all="ignore"):
            frames = _frames([function], source, function, *np.asarray(point, np.float64))
        name, given = function.__name__, set(descent.program.f.arguments)
        rows += [
            replace(row, call=name) for row in _rows(frames, source, given, name, aliases=True)
        ]
        if name == "f":
            (frame,) = frames
            value, line = frame.result, frame.line
            rows.append(_traced(name, value, line, source[line - 1].strip(), call=name))
    return rows


def _frames(
    functions: Sequence[Any], source: Sequence[str], call: Callable[..., Any], *given: Any
) -> list[_Frame]:
    """Return the calls of these functions, which stand in `source`, that a call makes."""
    codes = {function.__code__ for function in functions}
    frames: list[_Frame] = []
    moments = count()

    def entered(frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        if frame.f_code not in codes:
            return None
        frames.append(_Frame(frame, moments, source))
        return frames[-1].local

    with watched(entered):
        call(*given)
    return frames


def _rows(
    frames: Sequence[_Frame],
    source: Sequence[str],
    given: set[str],
    outer: str,
    *,
    aliases: bool = False,
) -> list[TracedValue]:
    """Return the values of calls in the order of time; what `outer` calls has a call's name.

    A value has one row, or with `aliases` one for each of its names.
    """
    known: dict[int, Any] = {}  # what a block returns is the value of the block
    calls: Counter[str] = Counter()
    rows = []
    for at in frames:
        function = at.code.co_name
        calls[function] += 1
        call = f"{function}, call {calls[function]}" * (function != outer)
        for name, (moment, line) in at.assigned.items():
            value = at.final.get(name)
            is_known = id(value) in (at.given if call else known)
            is_numeric = isinstance(value, np.ndarray | np.generic | float) and np.size(value) > 0
            if name not in given and is_numeric and (aliases or not is_known):
                known[id(value)] = value
                rows.append((moment, _traced(name, value, line, source[line - 1].strip(), call)))
    return [traced for _, traced in sorted(rows, key=lambda entry: entry[0])]


class _Frame:
    """One call of a function: when its variables were bound or changed last, on which lines."""

    def __init__(self, frame: FrameType, moments: Iterator[int], source: Sequence[str]) -> None:
        self.code: CodeType = frame.f_code
        self.assigned: dict[str, tuple[int, int]] = {}  # moment and line, by variable
        self.final: dict[str, Any] = {}
        self._moments = moments
        self._source = source
        self._before = {name: (value, _content(value)) for name, value in frame.f_locals.items()}
        values = [*frame.f_locals.values()]
        kept = [part for value in values if isinstance(value, tuple) for part in value]
        self.given = {id(value) for value in (*values, *kept)}
        self.line = frame.f_lineno  # in the end, that of `return`
        self.result: Any = None

    def local(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        """See which variables the last line has bound or changed: what stands in one is given."""
        if event == "line":  # one stands before `return`, too
            said = {*_NAME.findall(self._source[self.line - 1])}
            for name, value in frame.f_locals.items():
                before, content = self._before.get(name, (None, None))
                is_new = name not in self._before or value is not before
                if not is_new and name not in said:
                    continue  # what a line does not name it leaves alone
                found = _content(value)
                self._before[name] = value, found
                if is_new or found != content:
                    self.assigned[name] = next(self._moments), self.line
            self.line = frame.f_lineno
        if event == "return":
            self.final, self.result = dict(frame.f_locals), argument
        return self.local


def _traced(name: str, value: Any, line: int, code: str, call: str = "") -> TracedValue:
    array = np.asarray(value, np.float64)
    counted = array[array != -np.inf]  # what is masked says nothing of the others
    with np.errstate(all="ignore"):
        return TracedValue(
            name,
            array.shape,
            float(counted.mean()) if counted.size else -np.inf,
            float(counted.std()) if counted.size else 0.0,
            float((array == 0).mean()),
            line,
            code.split("  #")[0].rstrip(),
            call,
        )


def _content(value: Any) -> int:
    """Return a number that changes when an array is changed in place."""
    return crc32(np.ascontiguousarray(value).data) if isinstance(value, np.ndarray) else 0
