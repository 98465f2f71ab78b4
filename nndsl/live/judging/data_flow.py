"""What the variables of a script follow from, and which is given its value first.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from collections.abc import Callable, Iterable, Mapping

from nndsl.live.judging.assignments import Assigned, Call
from nndsl.live.judging.keys import FIRST, PASSES, SECOND, START, Variable
from nndsl.live.judging.observation import ME, STEP

# --- Where a value comes from --------------------------------------------------------

CALLED = (STEP, "predict", "evaluate", "update")  # one after the other, by what observes a script
DEEPEST = 50  # of calls in calls
MOST_REACHED = 1_000  # variables that one follows from
AFTER = 1_000_000  # a variable has its value after the functions that its line calls
Moment = tuple[int, ...]


class DataFlow:
    """The variables of a script's functions: what each is made of, and when.

    `returned` are the functions in the order in which they were first left.
    """

    def __init__(self, functions: Mapping[str, Assigned], returned: Iterable[str]) -> None:
        self._functions = functions
        self._turns = {function: turn for turn, function in enumerate(returned)}
        self._begins: dict[str, Moment] = {}
        for turn, function in enumerate(CALLED):
            self._begin(function, (turn,))
        self._calls: dict[str, list[Call]] = {}  # by what is called
        for known in functions.values():
            for call in known.calls:
                self._calls.setdefault(call.function, []).append(call)

    def _begin(self, first: str, at_first: Moment) -> None:
        """Note when a function is first called, and those that it calls."""
        rest = [(first, at_first, 0)]
        while rest:
            function, moment, depth = rest.pop()
            if function in self._begins or function not in self._functions or depth > DEEPEST:
                continue
            self._begins[function] = moment
            lines: dict[str, int] = {}
            for call in sorted(self._functions[function].calls, key=lambda call: call.line):
                lines.setdefault(call.function, call.line)
            for called, line in reversed(lines.items()):  # the first is to be taken first
                at = (*self._at(function, line, FIRST), self._turns.get(called, 0))
                rest.append((called, (*moment, *at), depth + 1))

    def _at(self, function: str, line: int, state: str) -> Moment:
        """Return when a line is run; in a loop by passes, where `state` is one of them."""
        loops = self._functions[function].loops_around(line)
        if loops and state not in PASSES:
            return loops[0].first, AFTER, len(PASSES)
        moment: Moment = ()
        for loop in loops:
            is_in_first = loop is not loops[-1] and state in (START, SECOND)
            moment += (loop.first, AFTER, PASSES.index(FIRST if is_in_first else state))
        return (*moment, line)

    def moment(self, variable: Variable, state: str, line: int = 0) -> Moment:
        """Return when a variable has its value, at the end of a pass if `state` is one.

        `line` gives it that; left out, the last line that gives it one.

        What is known of no pass has it when the loop ends: then none in it is the first.
        """
        function = variable[0]
        begins = self._begins.get(function, (len(CALLED), self._turns.get(function, 0)))
        line = line or self._line(variable)
        return (*begins, *self._at(function, line, state), AFTER) if line else (*begins, 0)

    def _line(self, variable: Variable) -> int:
        function, name = variable
        known = self._functions.get(function)
        return known.lines.get(name.partition("[")[0], 0) if known else 0

    def sources(self, variable: Variable) -> set[Variable]:
        """Return what a variable is made of, also where a call gives it, or another method."""
        function, name = variable
        known = self._functions.get(function)
        if known is None:
            return set()
        whole = known.uses.get(name.partition("[")[0], set())
        found = {*known.uses.get(name, whole)}
        if name in known.parameters:
            places = (known.parameters.index(name), name)
            for call in self._calls.get(function, ()):
                found.update(*(call.given.get(place, ()) for place in places))
        owner = function.rpartition(".")[0]
        if owner and name.startswith(f"{ME}."):
            methods = (m for m in self._functions if m.startswith(f"{owner}."))
            found |= {(method, name) for method in methods if self._line((method, name))}
        return found

    def reached(
        self, variable: Variable, ends: Callable[[Variable], bool] = lambda _: False
    ) -> list[Variable]:
        """Return all that a variable follows from, itself left out, the nearest first.

        Of a variable that it `ends` at, what that is made of is not followed.
        """
        found, known = [variable], {variable}
        for one in found:  # which grows
            more = sorted(self.sources(one) - known) if one == variable or not ends(one) else ()
            found += more
            known.update(more)
            if len(found) > MOST_REACHED:
                break
        return found[1:]

    def is_handed_on(self, variable: Variable) -> bool:
        """Is a variable what the function is given, or only what another one is?"""
        function, name = variable
        return not self._line(variable) or name in self._functions[function].handed
