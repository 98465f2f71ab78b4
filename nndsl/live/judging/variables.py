"""Which variables of a script's functions are wrong, and which of them first.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from nndsl.live.judging.assignments import Assigned
from nndsl.live.judging.causes import are_equal, is_close, numbers
from nndsl.live.judging.data_flow import DataFlow, Moment
from nndsl.live.judging.differences import Differences, different
from nndsl.live.judging.keys import (
    FIRST,
    PASSES,
    SECOND,
    START,
    VALUE,
    Key,
    Variable,
    by_key,
)
from nndsl.live.judging.observation import (
    DRAWN,
    LOSS_ALONE,
    RETURNED,
    STEP,
    Array,
    Observed,
    within,
)
from nndsl.live.judging.tracing import CHANGES, POINT

# --- Which variable is wrong ---------------------------------------------------------

CALLS = {"prediction": "predict", "evaluation": "evaluate", "update": "update", DRAWN: DRAWN}
LATER = 1_000_000  # than any line
RESULTS = {function: item for item, function in CALLS.items()}


class Variables:
    """What variables of a script were seen to be, which is `seen`, and what is `right`."""

    def __init__(
        self,
        observed: Observed,
        expected: Mapping[str, Array],
        functions: Mapping[str, Assigned],
    ) -> None:
        self.observed, self.functions = observed, functions
        self.seen, self.right = by_key(observed.arrays), by_key(expected)
        self.differences = Differences(expected)
        self.there = [key for key in self.seen if key.state == VALUE and key in self.right]
        self.left = dict.fromkeys(key.function for key in self.there)  # one by one
        self.flow = DataFlow(functions, self.left)
        self._wrong: dict[Key, bool] = {}
        self._undone: dict[Key, int] = {}
        self._changes, self._on_the_way = _changes(observed.arrays), _changes(expected)

    def first_wrong_state(self, key: Key) -> Key | None:
        """Return what is wrong first of a variable: a pass of its loop, or the end. None: nothing.

        Of a function that fails it is what it had not come to.
        """
        passes = [
            one
            for one in map(key.at, PASSES)
            if one in self.seen and one in self.right and self._goes_alike(one)
        ]
        wrong = next(filter(self._is_wrong, passes), None)
        stopped = self._stopped_before(key)
        if wrong and not stopped and self._ends_right(key):
            return None  # it goes another way to the same end
        if wrong or not stopped:
            return wrong or (key if self._is_wrong(key) else None)
        is_come_to = self.line(key.variable) < stopped  # in the pass that failed
        return None if is_come_to and (passes or key.where != POINT) else key

    def _ends_right(self, key: Key) -> bool:
        """Is a variable right at the end of its function, and all that this returns?"""
        ends = [one for one in self.there if one.of(key.name) == key.at(VALUE)]
        results = [one for one in ends if one.name.startswith(RETURNED)]
        own = [one for one in ends if one.name == key.name]
        return bool(results) and not any(map(self._is_wrong, (*own, *results)))

    def _is_wrong(self, key: Key) -> bool:
        if key not in self._wrong:
            actual = self.array(key)
            if key.state == START:
                self._wrong[key] = bool(self.said_of_start(key)) and self._starts_what_is_wrong(key)
                return self._wrong[key]
            is_wrong = actual is None or bool(self.differences.said(str(key), key.name, actual))
            if is_wrong and (line := self.undone(key)) and not self._is_read_after(key, line):
                is_wrong = False
            if actual is not None and key.name == RETURNED and not actual.size:
                is_wrong = bool(self.right[key].size)
            self._wrong[key] = is_wrong
        return self._wrong[key]

    def said_of_start(self, key: Key) -> str:
        """Say how a variable differs from what it should be before a loop, where that stays."""
        actual, right = numbers(self.seen[key]), numbers(self.right[key])
        end = self.right.get(key.at(VALUE))
        try:
            actual, right = np.broadcast_arrays(actual, right)  # `0` is as good as zeros
        except ValueError:
            return ""
        if end is not None and end.shape == right.shape and (stays := right == end).any():
            actual = np.where(stays, actual, right)  # the rest is filled
        return different(actual, right, 1)

    def _starts_what_is_wrong(self, key: Key) -> bool:
        """Is a variable read in the first pass before it has another value, and that is wrong?"""
        known = self.functions[key.function]
        (*_, loop) = known.loops_of(key.name)
        is_read = known.line_before(key.name, loop) and known.is_read_first(key.variable, loop)
        firsts = (key.at(FIRST).of(other) for other in known.lines)
        return bool(is_read) and any(
            key.variable in {first.variable, *self.flow.reached(first.variable)}
            and loop in known.loops_of(first.name)
            and self._is_wrong(first)
            for first in firsts
            if first in self.right and first in self.seen
        )

    def array(self, key: Key) -> Array | None:
        """Return what a variable was seen to be. None: it was not come to."""
        is_there = key.state in PASSES or not self._stopped_before(key)
        return self.seen.get(key) if is_there else None

    def undone(self, key: Key) -> int:
        """Return the line that made a variable wrong which was right before it. 0: none did."""
        known = key._replace(where=POINT)
        if known not in self._undone:
            self._undone[known] = 0
            for line, array in reversed(
                self._changes.get(known, ()) if known in self.right else ()
            ):
                if not self.differences.said(str(known), known.name, array):
                    break
                self._undone[known] = line
            else:
                self._undone[known] = 0
        return self._undone[known]

    def _is_read_after(self, key: Key, line: int) -> bool:
        """Is a variable read after a line, and before it is given all of a new value?"""
        known = self.functions[key.function]
        loops = known.loops_around(line)
        return any(known.is_read_first(key.variable, loop) for loop in loops) or any(
            at > line and reader != key.name for at, reader in known.readers(key.variable)
        )

    def _stopped_before(self, key: Key) -> int:
        """Return the line that a function failed in before a variable had its last value. 0: none.

        What a loop gives has it once the loop has ended.
        """
        stopped = self.observed.arrays.get(f"{key.where}/stopped/{key.function}")
        is_line = stopped is not None and stopped.dtype.kind == "i" and stopped.size == 1
        line = int(stopped.item()) if stopped is not None and is_line else 0
        known = self.functions.get(key.function)
        if not (line and known) or self._is_misshapen(key, known):
            return 0
        is_in_loop = any(loop in known.loops_around(line) for loop in known.loops_of(key.name))
        is_in_loop = is_in_loop or key.at(FIRST)._replace(where=POINT) in self.right
        return line if is_in_loop or self.line(key.variable) >= line else 0

    def _is_misshapen(self, key: Key, known: Assigned) -> bool:
        """Has an array, which a loop is to fill, another shape before that?"""
        actual, right = self.seen.get(key), self.right.get(key)
        begins = known.begins.get(key.name, 0)
        if actual is None or right is None or not begins or known.loops_around(begins):
            return False
        return actual.ndim == right.ndim > 0 and actual.shape != right.shape

    def _goes_alike(self, key: Key) -> bool:
        """Does a loop count up, or down, as that of the page does? Else its passes are others."""
        known = self.functions.get(key.function)
        loops = known.loops_of(key.name) if known else []
        counter = key.of(loops[-1].counts if loops else "")
        keys = [counter.at(FIRST), counter.at(SECOND)]
        both = [
            [arrays[one].item() for one in keys if one in arrays and arrays[one].size == 1]
            for arrays in (self.seen, self.right)
        ]
        ups = [numbers[0] < numbers[1] for numbers in both if len(numbers) == len(keys)]
        return len({*ups}) < 2

    def first_ones(self, keys: Iterable[Key]) -> Iterator[tuple[Key, bool]]:
        """Yield what may be wrong first, of the keys of wrong values, and if nobody knows why.

        What a function is given may be made of what is not known; else its call is what is wrong.
        """
        handed: set[Variable] = set()
        for key in sorted(keys, key=self.moment):
            reached = self.flow.reached(key.variable)
            is_handed = any(of in handed and of[0] == key.function for of in reached)
            if self.array(key) is None or is_handed:
                continue
            is_given = self._is_given(key.variable)
            is_unknown = is_given and any(self.is_own(Key(key.where, VALUE, *n)) for n in reached)
            if is_unknown or not is_given or self.undone(key) or self.line(key.variable):
                yield key, is_unknown
            else:
                handed.add(key.variable)

    def _is_given(self, variable: Variable) -> bool:
        is_known = variable[0] in self.functions and variable[0] not in RESULTS
        return is_known and self.flow.is_handed_on(variable)

    def is_own(self, key: Key) -> bool:
        """Is it of a variable that the page does not have?"""
        return key in self.seen and key not in self.right

    def moment(self, key: Key) -> Moment:
        """Return when a variable had such a value."""
        return self.flow.moment(key.variable, key.state, self.undone(key))

    def line(self, variable: Variable) -> int:
        """Return the last line that gives a variable a value. 0: none is known."""
        function, name = variable
        known = self.functions.get(function)
        return known.lines.get(name.partition("[")[0], 0) if known else 0

    def lines_of(self, key: Key) -> list[int]:
        """Return the lines of which one made a variable wrong. Empty: none is known.

        They give it its value, or one to what it is made of and the page does not have. Those
        before something that was right are not among them.
        """
        known = self.functions.get(key.function, Assigned([]))
        loop = next(reversed(known.loops_of(key.name)), None)
        if key.state == START and loop:
            return [known.line_before(key.name, loop)]
        if line := self.undone(key):
            return [line]
        found: set[int] = set()
        left = [(key.name, LATER)]
        while left:
            one, before = left.pop()
            for line, used, is_whole, _ in reversed(known.given.get(one, ())):
                is_before = key.state in PASSES and loop and line < loop.first
                if (one == key.name and is_before) or self._is_right_after(line, one, key):
                    break
                if line >= before or line in found:
                    continue
                found.add(line)
                is_given_later = known.loops_around(line) and key.state != FIRST  # before it
                read = (key.at(VALUE).of(n) for of, n in used if of == key.function)
                own = (other.name for other in read if self.is_own(other))
                left += [(n, LATER if is_given_later else line) for n in own]
                if is_whole:
                    break
        return sorted(found)

    def _is_right_after(self, line: int, name: str, key: Key) -> bool:
        """Is what a line makes of a variable what the page has on the way to another one, or to it?

        Of one that the page does not have it may be any: it has another name there.
        """
        own = key._replace(where=POINT, name=name)
        is_last = line == self.line(own.variable)
        made = dict(self._changes.get(own, ())).get(line)
        if made is None and is_last:
            made = self.seen.get(own)
        if made is None or (name == key.name and is_last):
            return False
        ways = (self._on_the_way.get(own.of(one), ()) for one in {name, key.name})
        right = [array for changes in ways for _, array in changes]
        if name == key.name:
            return any(made.shape == a.shape and is_close(made, a) for a in right)
        right += (array for one, array in self.right.items() if one.of(name) == own)
        return any(are_equal(made, array) for array in right)


def _changes(arrays: Mapping[str, Array]) -> dict[Key, list[tuple[int, Array]]]:
    """Return what lines made of variables, in their order."""
    found: dict[Key, list[tuple[int, Array]]] = {}
    for name, array in within(arrays, POINT).items():
        state, *rest = name.split("/")
        if state.endswith(f" {CHANGES}"):
            function, variable, _, line = rest
            key = Key(POINT, state.removesuffix(f" {CHANGES}"), function, variable)
            found.setdefault(key, []).append((int(line), array))
    return found


def call_of(where: str, function: str) -> str:
    """Return what was called, so that a function was: it is called by the step, or alone."""
    is_called = function in RESULTS or function == LOSS_ALONE
    return function if is_called or not where.startswith("point") else STEP
