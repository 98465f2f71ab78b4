"""What variables are on the way: before a loop, when its passes end, and after lines that change
them. At the end of a function one cannot tell which line is wrong.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

import ast
import contextlib
import sys
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

import numpy as np

from nndsl.live.judging.assignments import Assigned
from nndsl.live.judging.keys import FIRST, LAST, PASSES, SECOND, START, VALUE
from nndsl.live.judging.observation import (
    ESTIMATED,
    NUMBERS,
    SECONDS,
    Array,
    Endless,
    call_step,
    limited,
    returns,
    variables_of,
    within,
)

# --- The lines and the passes of a function ------------------------------------------

CHANGES = "changes"  # `point0/first pass changes/rnn/h/1/97`: what line 97 made of it, secondly
ON_THE_WAY = (*PASSES, *(f"{state} {CHANGES}" for state in (VALUE, FIRST, SECOND)))
MOST_KEPT = 3_000_000  # numbers that lines gave
POINT = "point0"  # whose passes are kept: one is enough to tell a line


def trace_step(
    names: dict[str, Any],
    given: dict[str, Array],
    path: str,
    functions: Mapping[str, Assigned],
) -> dict[str, Array]:
    """Return what variables of loops are at the end of passes: `point0/first pass/rnn/h`.

    What they are before the first one has START in its place, and CHANGES what lines made of
    variables that several change, also by another name. It takes longer than to call the functions
    alone, so it is for what is known to be wrong.
    """
    point = within(given, POINT)
    if ESTIMATED in point:
        return {}
    watch = _Watched(path, functions)
    before = sys.gettrace()
    try:
        with contextlib.suppress(Exception, SystemExit, Endless), limited(SECONDS):
            sys.settrace(watch.call)
            call_step(names, point)
    finally:
        sys.settrace(before)
    return {f"{POINT}/{name}": array for name, array in watch.arrays.items()}


class _Watched:
    """Follows the first call of each function, and no other."""

    def __init__(self, path: str, functions: Mapping[str, Assigned]) -> None:
        self.path, self.functions = path, functions
        self.seen: set[str] = set()
        self.arrays: dict[str, Array] = {}

    def call(self, frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_qualname
        function = self.functions.get(name)
        is_new = frame.f_code.co_filename == self.path and name not in self.seen
        if not is_new or function is None:
            return None
        self.seen.add(name)
        return _Frame(name, function, self.arrays, frame).line


class _Frame:
    """Keeps what the variables of a call are: after its lines, and at the end of passes."""

    def __init__(
        self, name: str, function: Assigned, arrays: dict[str, Array], frame: FrameType
    ) -> None:
        self.name, self.function, self.arrays = name, function, arrays
        self.now: dict[str, Array] = {}  # what variables are
        self.changes: dict[tuple[str, str], dict[int, Array]] = {}  # of the last time, in order
        self.kept = 0  # numbers of these
        self.number = [0] * len(function.loops)  # of the pass that a loop is in
        self.is_within = [False] * len(function.loops)
        self.begun: set[int] = set()
        self.inner: list[list[str]] = [
            [name for name in function.lines if function.loops_of(name)[-1:] == [loop]]
            for loop in function.loops
        ]
        self.at = frame.f_lineno
        self._look(frame)

    def line(self, frame: FrameType, event: str, argument: Any) -> Any:
        has_ended = event == "return"
        if event != "line" and not has_ended:
            return self.line
        if has_ended or not self._goes_on(frame.f_lineno):
            self._look(frame)
        self.at = frame.f_lineno
        has_failed = has_ended and not returns(frame)
        for at, loop in reversed([*enumerate(self.function.loops)]):
            is_left = has_ended or not loop.first <= frame.f_lineno <= loop.last
            is_within = not is_left and frame.f_lineno >= loop.body
            number = self.number[at]
            if self.is_within[at] and not is_within and 0 < number < PASSES.index(LAST):
                self._keep(PASSES[number], at, frame, has_failed=has_failed)
            if is_left and number >= PASSES.index(LAST) and not has_failed:
                self._keep(LAST, at, frame)
            if is_within and not self.is_within[at]:
                if at not in self.begun:
                    self._keep(START, at, frame)
                self.begun.add(at)
                self.number[at] += 1
            self.is_within[at] = is_within
            if is_left:
                self.number[at] = 0
        if has_ended:
            for (state, name), changes in self.changes.items():
                for number, line in enumerate(changes if len(changes) > 1 else ()):
                    key = f"{state} {CHANGES}/{self.name}/{name}/{number}/{line}"
                    self.arrays[key] = changes[line]
        return self.line

    def _goes_on(self, line: int) -> bool:
        """Is a loop in more passes than are kept? It is looked at again when it is left."""
        return any(
            number >= PASSES.index(LAST) and loop.first <= min(line, self.at) and loop.last >= line
            for number, loop in zip(self.number, self.function.loops, strict=True)
        )

    def _look(self, frame: FrameType) -> None:
        """Note which variables the line that was run has changed, or the loop that was left."""
        number, loop = 0, None
        for n, one in enumerate(self.function.loops):
            if one.first <= self.at <= one.last:
                number, loop = self.number[n], one
        for name, value in variables_of(frame).items():
            if not isinstance(value, np.ndarray | np.number | float):
                continue
            array, before = np.asarray(value), self.now.get(name)
            is_new = before is None or before.shape != array.shape
            if before is not None and not is_new and before.tobytes() == array.tobytes():
                continue
            if array.dtype.kind not in NUMBERS or self.kept > MOST_KEPT:
                continue
            self.now[name] = array.copy()
            self.kept += array.size
            line, changes = self.at, self.changes.setdefault((VALUE, name), {})
            if loop and number >= PASSES.index(LAST):
                known = (*changes, self.function.lines.get(name, 0))
                line = next((n for n in known[::-1] if loop.body <= n <= loop.last), line)
            changes.pop(line, None)
            changes[line] = self.now[name]
            state = PASSES[min(number, PASSES.index(LAST))]
            if state in (FIRST, SECOND) and f"{state}/{self.name}/{name}" not in self.arrays:
                self.changes.setdefault((state, name), {})[line] = self.now[name]

    def _keep(self, state: str, at: int, frame: FrameType, *, has_failed: bool = False) -> None:
        """Keep variables of a loop: of a pass that failed, those that it came to."""
        lines, held = self.function.lines, variables_of(frame)
        counts = self.function.loops[at].counts if state != START else ""
        loop = self.function.loops[at]
        held |= dict(_parts(self.function.parts_of(loop), held)) if state in (FIRST, SECOND) else {}
        for name in (*self.inner[at], counts, *(n for n in held if "[" in n)):
            key, value = f"{state}/{self.name}/{name}", held.get(name)
            is_come_to = not has_failed or lines.get(name, 0) < frame.f_lineno
            is_new = state == LAST or key not in self.arrays
            if is_come_to and is_new and isinstance(value, np.ndarray | np.number | float | int):
                array = np.array(value)
                if array.size and array.dtype.kind in NUMBERS:
                    self.arrays[key] = array


def _parts(parts: Iterator[str], held: Mapping[str, Any]) -> Iterator[tuple[str, Array]]:
    """Yield parts of the arrays among some variables, where all that they are told by is there."""
    whole = {name: value for name, value in held.items() if isinstance(value, int | np.integer)}
    for part in parts:
        node = ast.parse(part, mode="eval").body
        base = held.get(part.partition("[")[0])
        if isinstance(node, ast.Subscript) and isinstance(base, np.ndarray):
            with contextlib.suppress(KeyError, IndexError, TypeError):
                yield part, np.array(base[_index(node.slice, whole)])


def _index(node: ast.expr | None, whole: Mapping[str, Any]) -> Any:
    """Return what a part of an array is told by. KeyError where a name is of no whole number."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return whole[name]
        case ast.UnaryOp(operand=operand):
            return -_index(operand, whole)
        case ast.BinOp(left=left, op=op, right=right):
            one, other = _index(left, whole), _index(right, whole)
            return one + other if isinstance(op, ast.Add) else one - other
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(*(_index(one, whole) for one in (lower, upper, step)))
        case ast.Tuple(elts=elts):
            return tuple(_index(one, whole) for one in elts)
    return None
