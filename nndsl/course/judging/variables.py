"""Which variables of a script's functions are wrong, and which of them first.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from nndsl.course.judging.assignments import Assigned, Variable
from nndsl.course.judging.differences import Differences, different
from nndsl.course.judging.observation import DRAWN, LOSS_ALONE, RETURNED, STEP, Array, Observed
from nndsl.course.judging.origins import Moment, Origins
from nndsl.course.judging.passes import FIRST, PASSES, POINT, SECOND, START

# --- Which variable is wrong ---------------------------------------------------------

CALLS = {"prediction": "predict", "evaluation": "evaluate", "update": "update", DRAWN: DRAWN}
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
            other = self.changed_with(key)
            if key.split("/")[1] == START:
                self._wrong[key] = bool(self.said_of_start(key)) and self._starts_what_is_wrong(key)
                return self._wrong[key]
            if other and not self._is_read_after(key, other):  # what it was is not known
                return False
            is_wrong = actual is None or bool(self.differences.said(key, name, actual))
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
        return known.is_read_first((function, name), loop) and any(
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

    def changed_with(self, key: str) -> str:
        """Return which variable is the same array, and is changed further below. Empty: none."""
        where, _, function, name = key.split("/")
        known, shared = self.functions.get(function), f"{where}/shared/{function}/{name}/"
        line = self.line((function, name))
        for found in self.observed.arrays.keys() - self.expected.keys() if known and line else ():
            other = found.removeprefix(shared)
            changes = self.line((function, other))
            if other != found and known and changes > max(line, known.begins.get(other, 0)):
                return other
        return ""

    def _is_read_after(self, key: str, other: str) -> bool:
        """Is a variable read after another one, which is the same array, was changed?"""
        function, _ = variable = variable_of(key)
        known, changed = self.functions[function], self.line((function, other))
        readers = [n for n, used in known.uses.items() if variable in used and n != other]
        return bool(known.loops_around(changed)) or any(
            self.line((function, reader)) > changed for reader in readers
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
        actual, right = self.observed.arrays.get(key), self.expected[key]
        begins = known.begins.get(key.rpartition("/")[2], 0)
        if actual is None or not begins or known.loops_around(begins):
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
            if is_unknown or not is_given or self.line(variable):
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
        return self.origins.moment(variable_of(key), key.split("/")[1])

    def line(self, variable: Variable) -> int:
        """Return the last line that gives a variable a value. 0: none is known."""
        function, name = variable
        known = self.functions.get(function)
        return known.lines.get(name.partition("[")[0], 0) if known else 0

    def line_of(self, key: str) -> int:
        """Return the line that gives a variable the value that it has there. 0: none is known."""
        _, state, function, name = key.split("/")
        if state == START:
            known = self.functions[function]
            return known.line_before(name, known.loops_of(name)[-1])
        return self.line((function, name))


def variable_of(key: str) -> Variable:
    """Return the function and the variable that a name of an array is of."""
    _, _, function, name = key.split("/")
    return function, name


def call_of(where: str, function: str) -> str:
    """Return what was called, so that a function was: it is called by the step, or alone."""
    is_called = function in RESULTS or function == LOSS_ALONE
    return function if is_called or not where.startswith("point") else STEP
