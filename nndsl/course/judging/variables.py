"""Which variables of a script's functions are wrong, and which of them first.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from nndsl.course.judging.assignments import Assigned, Variable
from nndsl.course.judging.causes import are_equal, is_close
from nndsl.course.judging.differences import Differences, different
from nndsl.course.judging.observation import (
    DRAWN,
    LOSS_ALONE,
    RETURNED,
    STEP,
    Array,
    Observed,
    within,
)
from nndsl.course.judging.origins import Moment, Origins
from nndsl.course.judging.passes import CHANGES, FIRST, PASSES, POINT, SECOND, START, VALUE

# --- Which variable is wrong ---------------------------------------------------------

CALLS = {"prediction": "predict", "evaluation": "evaluate", "update": "update", DRAWN: DRAWN}
LATER = 1_000_000  # than any line
RESULTS = {function: item for item, function in CALLS.items()}


class Variables:
    """What variables of a script were seen to be, and what they should be, by `point0/value/f/x`.

    `first pass` and its like stand in the place of `value` for what is at the end of a pass of a
    loop.
    """

    def __init__(
        self,
        observed: Observed,
        expected: Mapping[str, Array],
        functions: Mapping[str, Assigned],
    ) -> None:
        self.observed, self.expected, self.functions = observed, expected, functions
        self.differences = Differences(expected)
        self.there = [n for n in observed.arrays if "/value/" in n and n in expected]
        self.left = dict.fromkeys(name.split("/")[2] for name in self.there)  # one by one
        self.origins = Origins(functions, self.left)
        self._wrong: dict[str, bool] = {}
        self._undone: dict[str, int] = {}
        self._changes, self._on_the_way = _changes(observed.arrays), _changes(expected)

    def first_wrong_state(self, key: str) -> str:
        """Return what is wrong first of a variable: a pass of its loop, or the end. Empty: nothing.

        Of a function that fails it is what it had not come to.
        """
        where, _, function, name = key.split("/")
        passes = [
            one
            for one in (f"{where}/{state}/{function}/{name}" for state in PASSES)
            if one in self.observed.arrays and one in self.expected and self._goes_alike(one)
        ]
        wrong = next(filter(self._is_wrong, passes), "")
        stopped = self._stopped_before(key)
        if wrong and not stopped and self._ends_right(key):
            return ""  # it goes another way to the same end
        if wrong or not stopped:
            return wrong or (key if self._is_wrong(key) else "")
        is_come_to = self.line((function, name)) < stopped  # in the pass that failed
        return "" if is_come_to and (passes or where != POINT) else key

    def _ends_right(self, key: str) -> bool:
        """Is a variable right at the end of its function, and all that this returns?"""
        where, _, function, name = key.split("/")
        ends = [one for one in self.there if one.split("/")[0::2] == [where, function]]
        results = [one for one in ends if variable_of(one)[1].startswith(RETURNED)]
        own = [one for one in ends if variable_of(one)[1] == name]
        return bool(results) and not any(map(self._is_wrong, (*own, *results)))

    def _is_wrong(self, key: str) -> bool:
        if key not in self._wrong:
            actual, name = self.array(key), key.rpartition("/")[2]
            if key.split("/")[1] == START:
                self._wrong[key] = bool(self.said_of_start(key)) and self._starts_what_is_wrong(key)
                return self._wrong[key]
            is_wrong = actual is None or bool(self.differences.said(key, name, actual))
            if is_wrong and (line := self.undone(key)) and not self._is_read_after(key, line):
                is_wrong = False
            if actual is not None and name == RETURNED and not actual.size:
                is_wrong = bool(self.expected[key].size)
            self._wrong[key] = is_wrong
        return self._wrong[key]

    def said_of_start(self, key: str) -> str:
        """Say how a variable differs from what it should be before a loop, where that stays."""
        where, _, function, name = key.split("/")
        actual, right = self.observed.arrays[key], self.expected[key]
        end = self.expected.get(f"{where}/value/{function}/{name}")
        try:
            actual, right = np.broadcast_arrays(actual, right)  # `0` is as good as zeros
        except ValueError:
            return ""
        if end is not None and end.shape == right.shape and (stays := right == end).any():
            actual = np.where(stays, actual, right)  # the rest is filled
        return different(actual, right, 1)

    def _starts_what_is_wrong(self, key: str) -> bool:
        """Is a variable read in the first pass before it has another value, and that is wrong?"""
        where, _, function, name = key.split("/")
        known = self.functions[function]
        (*_, loop) = known.loops_of(name)
        is_read = known.line_before(name, loop) and known.is_read_first((function, name), loop)
        return bool(is_read) and any(
            (function, name) in {(function, other), *self.origins.reached((function, other))}
            and loop in known.loops_of(other)
            and self._is_wrong(first)
            for other in known.lines
            if (first := f"{where}/{FIRST}/{function}/{other}") in self.expected
            and first in self.observed.arrays
        )

    def array(self, key: str) -> Array | None:
        """Return what a variable was seen to be. None: it was not come to."""
        is_of_a_pass = key.split("/")[1] in PASSES
        is_there = is_of_a_pass or not self._stopped_before(key)
        return self.observed.arrays.get(key) if is_there else None

    def undone(self, key: str) -> int:
        """Return the line that made a variable wrong which was right before it. 0: none did."""
        _, state, function, name = key.split("/")
        known = f"{POINT}/{state}/{function}/{name}"
        if known not in self._undone:
            self._undone[known] = 0
            changes = self._changes.get((state, function, name), ())
            for line, array in reversed(changes if known in self.expected else ()):
                if not self.differences.said(known, name, array):
                    break
                self._undone[known] = line
            else:
                self._undone[known] = 0
        return self._undone[known]

    def _is_read_after(self, key: str, line: int) -> bool:
        """Is a variable read after a line, and before it is given all of a new value?"""
        variable = variable_of(key)
        known = self.functions[variable[0]]
        loops = known.loops_around(line)
        return any(known.is_read_first(variable, loop) for loop in loops) or any(
            at > line and reader != variable[1] for at, reader in known.readers(variable)
        )

    def _stopped_before(self, key: str) -> int:
        """Return the line that a function failed in before a variable had its last value. 0: none.

        What a loop gives has it once the loop has ended.
        """
        where, _, function, name = key.split("/")
        stopped = self.observed.arrays.get(f"{where}/stopped/{function}")
        is_line = stopped is not None and stopped.dtype.kind == "i" and stopped.size == 1
        line = int(stopped.item()) if stopped is not None and is_line else 0
        known = self.functions.get(function)
        if not (line and known):
            return 0
        if self._is_misshapen(key, known):
            return 0
        is_in_loop = any(loop in known.loops_around(line) for loop in known.loops_of(name))
        is_in_loop = is_in_loop or f"{POINT}/{FIRST}/{function}/{name}" in self.expected
        return line if is_in_loop or self.line((function, name)) >= line else 0

    def _is_misshapen(self, key: str, known: Assigned) -> bool:
        """Has an array, which a loop is to fill, another shape before that?"""
        actual, right = self.observed.arrays.get(key), self.expected.get(key)
        begins = known.begins.get(key.rpartition("/")[2], 0)
        if actual is None or right is None or not begins or known.loops_around(begins):
            return False
        return actual.ndim == right.ndim > 0 and actual.shape != right.shape

    def _goes_alike(self, key: str) -> bool:
        """Does a loop count up, or down, as that of the page does? Else its passes are others."""
        where, _, function, name = key.split("/")
        loops = self.functions[function].loops_of(name) if function in self.functions else []
        counts = loops[-1].counts if loops else ""
        keys = [f"{where}/{state}/{function}/{counts}" for state in (FIRST, SECOND)]
        both = [
            [arrays[one].item() for one in keys if one in arrays and arrays[one].size == 1]
            for arrays in (self.observed.arrays, self.expected)
        ]
        ups = [numbers[0] < numbers[1] for numbers in both if len(numbers) == len(keys)]
        return len({*ups}) < 2

    def first_ones(self, keys: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """Yield what may be wrong first, of the keys of wrong values, and if nobody knows why.

        What a function is given may be made of what is not known; else its call is what is wrong.
        """
        handed: set[Variable] = set()
        for key in sorted(keys, key=self.moment):
            function, _ = variable = variable_of(key)
            reached = self.origins.reached(variable)
            if self.array(key) is None or any(n in handed and n[0] == function for n in reached):
                continue
            is_given = self._is_given(variable)
            is_unknown = is_given and self._is_of_unknown(key.partition("/")[0], reached)
            if is_unknown or not is_given or self.undone(key) or self.line(variable):
                yield key, is_unknown
            else:
                handed.add(variable)

    def _is_given(self, variable: Variable) -> bool:
        is_known = variable[0] in self.functions and variable[0] not in RESULTS
        return is_known and self.origins.is_handed_on(variable)

    def _is_of_unknown(self, where: str, variables: Iterable[Variable]) -> bool:
        keys = (f"{where}/value/{function}/{name}" for function, name in variables)
        return any(key in self.observed.arrays and key not in self.expected for key in keys)

    def moment(self, key: str) -> Moment:
        """Return when a variable had such a value."""
        return self.origins.moment(variable_of(key), key.split("/")[1], self.undone(key))

    def line(self, variable: Variable) -> int:
        """Return the last line that gives a variable a value. 0: none is known."""
        function, name = variable
        known = self.functions.get(function)
        return known.lines.get(name.partition("[")[0], 0) if known else 0

    def lines_of(self, key: str) -> list[int]:
        """Return the lines of which one made a variable wrong. Empty: none is known.

        They give it its value, or one to what it is made of and the page does not have. Those
        before something that was right are not among them.
        """
        _, state, function, name = key.split("/")
        known = self.functions.get(function, Assigned([]))
        loop = next(reversed(known.loops_of(name)), None)
        if state == START and loop:
            return [known.line_before(name, loop)]
        if line := self.undone(key):
            return [line]
        found: set[int] = set()
        left = [(name, LATER)]
        while left:
            one, before = left.pop()
            for line, used, is_whole in reversed(known.given.get(one, ())):
                is_before = state in PASSES and loop and line < loop.first
                if (one == name and is_before) or self._is_right_after(line, one, key):
                    break
                if line >= before or line in found:
                    continue
                found.add(line)
                is_given_later = known.loops_around(line) and state != FIRST  # in the pass before
                own = (n for of, n in used if of == function and self._is_own(key, n))
                left += [(n, LATER if is_given_later else line) for n in own]
                if is_whole:
                    break
        return sorted(found)

    def _is_own(self, key: str, name: str) -> bool:
        """Is another variable of the function an array that the page does not have?"""
        where, _, function, _ = key.split("/")
        other = f"{where}/{VALUE}/{function}/{name}"
        return other in self.observed.arrays and other not in self.expected

    def _is_right_after(self, line: int, name: str, key: str) -> bool:
        """Is what a line makes of a variable what the page has on the way to another one, or to it?

        Of one that the page does not have it may be any: it has another name there.
        """
        _, state, function, wanted = key.split("/")
        made = dict(self._changes.get((state, function, name), ())).get(line)
        if made is None and line == self.line((function, name)):
            made = self.observed.arrays.get(f"{POINT}/{state}/{function}/{name}")
        if made is None or (name == wanted and line == self.line((function, name))):
            return False
        of_page = [(*of, array) for of, known in self._on_the_way.items() for _, array in known]
        right = [a for s, f, n, a in of_page if (s, f) == (state, function) and n in (name, wanted)]
        if name == wanted:
            return any(made.shape == a.shape and is_close(made, a) for a in right)
        right += within(self.expected, POINT, state, function).values()
        return any(are_equal(made, array) for array in right)


def _changes(arrays: Mapping[str, Array]) -> dict[tuple[str, str, str], list[tuple[int, Array]]]:
    """Return what lines made of variables, in their order, by the state, function and variable."""
    found: dict[tuple[str, str, str], list[tuple[int, Array]]] = {}
    for name, array in within(arrays, POINT).items():
        state, *rest = name.split("/")
        if state.endswith(f" {CHANGES}"):
            function, variable, _, line = rest
            of = (state.removesuffix(f" {CHANGES}"), function, variable)
            found.setdefault(of, []).append((int(line), array))
    return found


def variable_of(key: str) -> Variable:
    """Return the function and the variable that a name of an array is of."""
    _, _, function, name = key.split("/")
    return function, name


def call_of(where: str, function: str) -> str:
    """Return what was called, so that a function was: it is called by the step, or alone."""
    is_called = function in RESULTS or function == LOSS_ALONE
    return function if is_called or not where.startswith("point") else STEP
