"""What was seen of a script, held to what its page's script does: in words that help.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from nndsl.live.judging.assignments import Assigned
from nndsl.live.judging.causes import (
    are_equal,
    of_a_failure_in_words,
)
from nndsl.live.judging.differences import drawn_otherwise
from nndsl.live.judging.keys import PASSES, START, VALUE, Key, Variable
from nndsl.live.judging.observation import (
    BEGIN,
    DRAWN,
    LOSS_ALONE,
    MADE,
    MOST_CALLS,
    RETURNED,
    STEP,
    Array,
    Endless,
    Observed,
    item_of,
    method_of,
    within,
)
from nndsl.live.judging.reasons import Reasons, title_of
from nndsl.live.judging.variables import CALLS, RESULTS, Variables, call_of

# --- Held to what it should do -------------------------------------------------------

IN_WORDS = ("NameError", "UnboundLocalError", "SyntaxError", "IndentationError", "TabError")
RESULTS_OF_PARTS = {  # of a script, and the result that they are for
    "backward": "gradient",
    "forward": "prediction",
    "loss": "loss",
    "update": "update",
    "init": DRAWN,
}
RETURN_VALUE = "return value of "  # a result: of a function, which no gradient shows
ORDER = (
    *(DRAWN, "loss", "penalty", "gradient", RETURN_VALUE.removesuffix(" of ")),
    *("update", "prediction", "evaluation"),
)


def items(expected: dict[str, Array]) -> list[str]:
    """Return what is looked at, in the order of a script."""
    found = dict.fromkeys(map(item_of, expected))
    kinds = {item: item.partition(" of ")[0] for item in found}
    return sorted(
        (item for item in found if kinds[item] in ORDER), key=lambda item: ORDER.index(kinds[item])
    )


class Checks:
    """What was observed of a script, beside what it should be, and what its functions assign."""

    def __init__(
        self,
        observed: Observed,
        expected: dict[str, Array],
        functions: Mapping[str, Assigned],
    ) -> None:
        self.observed, self.expected, self.functions = observed, expected, functions
        self.variables = Variables(observed, expected, functions)
        self.reasons = Reasons(self.variables, expected)
        self._differences = self.variables.differences
        self.stops: dict[str, int] = {}  # the lines that scripts stop at, by what is said of them

    def item(self, item: str) -> str:
        """Say what is wrong with a result: `gradient of W1`. Empty: nothing."""
        names = [name for name in self.expected if item_of(name) == item]
        return next(filter(None, map(self._result, names)), "")

    def blank(self, function: str, variables: list[str], part: str) -> str:
        """Say what is wrong with a blank: with its variables, or else with what it is for."""
        if any(key[1:] == (VALUE, function, n) for n in variables for key in self.variables.right):
            return next(filter(None, (self.value(function, name) for name in variables)), "")
        if RETURNED in variables and (said := self._first_of([function])):
            return said
        kinds = RESULTS_OF_PARTS.get(part, tuple(RESULTS_OF_PARTS.values()))
        found = [item for item in items(self.expected) if item.startswith(kinds)]
        return next(filter(None, map(self.item, found)), "")

    def value(self, function: str, name: str) -> str:
        """Say what is wrong with a variable of a function. Empty: nothing that shows.

        Where all results are right it may be another one: there are other ways to write it.
        """
        for key in self.variables.right:
            if key[1:] != (VALUE, function, name):
                continue
            state = self.variables.first_wrong_state(key)
            if state and not self._is_kept_by_another(key) and (said := self.said_of(state)):
                return "" if self.is_right and self._keeps_right else self._follows(state) or said
        return ""

    def _follows(self, key: Key) -> str:
        """Say which wrong variable one follows from, the first of them. Empty: from none."""
        first = self._origin(key)
        if first == key:
            return ""
        what = title_of(first)
        if first.function != key.function and what == first.name:
            what += f" in {first.function}"
        if lines := self._lines(first):
            what += f" (lines {lines})" if " " in lines else f" (line {lines})"
        return f"{title_of(key)} follows from {what}, which is wrong: mend that first"

    def _origin(self, key: Key) -> Key:
        """Return which wrong variable one follows from, the first of them: itself, where it is one.

        In a loop of which no pass is known they are made of each other, and none is the first.
        """
        known = self.variables
        if known.array(key) is None:
            return key

        def is_right(variable: Variable) -> bool:  # in that call of the function
            one = Key(key.where, VALUE, *variable)
            is_known = one.function == key.function and known.array(one) is not None
            return is_known and one in known.right and known.first_wrong_state(one) is None

        variables = known.flow.reached(key.variable, is_right)
        reached = (Key(key.where, VALUE, *one) for one in variables)
        reached = (one for one in reached if not self._is_kept_by_another(one))
        states = (known.first_wrong_state(one) for one in reached if one in known.right)
        first, _ = next(known.first_ones([key, *filter(None, states)]), (key, False))
        return first if known.moment(first) < known.moment(key) else key

    def first_wrong(self) -> str:
        """Say which variable is the first that is wrong, and why, in a function that gives less."""
        return self._first_of(self._wrong_functions)

    def first_wrong_variable(self) -> Key | None:
        """Return the first variable that is wrong, of which something can be said. None: none."""
        key = self._first_key(self._wrong_functions)
        return self._origin(key) if key else None

    @property
    def _wrong_functions(self) -> list[str]:
        """The functions that have a part in a result that is wrong."""
        wrong = [item for item in items(self.expected) if self.item(item)]
        of_step = {*wrong} - {*CALLS}
        is_wrong = {
            f: RESULTS[f] in wrong if f in RESULTS else of_step for f in self.variables.left
        }
        return [function for function in self.variables.left if is_wrong[function]]

    def _first_of(self, functions: Collection[str]) -> str:
        """Say which variable of some functions is the first that is wrong. Empty: none can be told.

        Where a call fails and all before was right, that is what is wrong.
        """
        if key := self._first_key(functions):
            return self._follows(key) or self.said_of(key)
        failed = {what.partition("/")[2] for what in self.observed.failures}
        for function in (f for f in functions if f in RESULTS and f not in failed):
            line, said = self.variables.line((function, "params")), self.item(RESULTS[function])
            if said and line:
                return f"{said}\nline {line} gives it"
        return ""

    def _first_key(self, functions: Collection[str]) -> Key | None:
        """Return the first variable of some functions that is wrong, or that follows from one.

        What a function is given is none, nor what follows from it: that was wrong before.
        """
        there = (key for key in self.variables.there if key.function in functions)
        keys = [key for key in there if not self._is_kept_by_another(key)]
        failed = {what.partition("/")[2] for what in self.observed.failures}
        for where in dict.fromkeys(key.where for key in keys):
            if where in failed:  # an update, whose variables are then of another parameter
                continue
            here = (key for key in keys if key.where == where)
            wrong = [*filter(None, map(self.variables.first_wrong_state, here))]
            wrong = [one for one in wrong if not self._is_kept(one)] or wrong  # changed in a call
            outside: set[Variable] = set()  # wrong before, in what nobody knows
            for key, is_unknown in self.variables.first_ones(wrong):
                if is_unknown:
                    outside.add(key.variable)
                elif not outside.intersection(self.variables.flow.reached(key.variable)):
                    return key
            if follows := next((one for one in wrong if self._origin(one) != one), None):
                return follows
        return None

    @property
    def is_right(self) -> bool:
        """Is every result as it should be?"""
        return not any(map(self.item, items(self.expected)))

    @property
    def _keeps_right(self) -> bool:
        """Is what a step keeps for predictions, which no result shows, as it should be?"""
        kept = filter(self._is_kept, self.variables.right)
        return not any(map(self.variables.first_wrong_state, kept))

    def _is_kept(self, key: Key) -> bool:
        return key.function == STEP and f"{key.where}/state/{key.name}" in self.expected

    def _is_kept_by_another(self, key: Key) -> bool:
        """Is it a running average that a function changed, which the step calls?"""
        seen = self.variables.seen
        return (
            self._is_kept(key)
            and key in seen
            and any(
                one.where == key.where
                and one.function != STEP
                and np.array_equal(seen[one], seen[key])
                for one in self.variables.there
            )
        )

    @property
    def is_told_by_a_trace(self) -> bool:
        """Is something wrong, and may its lines tell what, of a step that has an end?"""
        kinds = [failed["kind"] for failed in self.observed.failures.values()]
        return self.variables.there != [] and Endless.__name__ not in kinds and not self.is_right

    def _result(self, key: str) -> str:
        where, item, *_ = key.split("/")
        if item.startswith(RETURN_VALUE):
            return self._returned(key)
        actual = self.observed.arrays.get(key)
        if actual is None and f"{where}/{STEP}" in self.observed.failures:  # it may be there
            variable = f"d{item.removeprefix('gradient of ')}" if " of " in item else item
            made = self.variables.array(Key(where, VALUE, STEP, variable))
            actual = made if made is not None and made.any() else None  # or it has but begun
            if actual is None and self._is_made(key):
                return ""
        if actual is None:
            lacks = "the script has no `params`" if item == DRAWN else f"the {item} is not returned"
            return self._missing(where, CALLS.get(item, STEP), lacks)
        if item == DRAWN:
            return drawn_otherwise(key.rpartition("/")[2], actual, self.expected[key])
        calls = int(self.observed.arrays.get(f"{where}/{MOST_CALLS}", 0))
        return self._differences.said(key, item, actual, calls)

    def _returned(self, key: str) -> str:
        """Say what is wrong with what a function returns, of which no gradient tells.

        Where all else is right, another function may divide by N, and this one may not be there.
        """
        where, item, name = key.split("/")
        function, right = item.removeprefix(RETURN_VALUE), self.expected[key]
        others = (one for one in items(self.expected) if not one.startswith(RETURN_VALUE))
        is_right = not any(map(self.item, others))
        if is_right and self.functions and function not in self.functions:
            return ""
        actual = self.variables.array(returned := Key(where, VALUE, function, name))
        if actual is None or not actual.size:
            return self._missing(where, STEP, f"{function} returns no array")
        N, title = self._differences.examples(where), title_of(returned)
        if actual.shape != right.shape:
            return self._differences.said(key, title, actual)
        even = np.ptp(rows_of(right), axis=1) == 0
        actual = evened(actual, even)
        if is_right and any(are_equal(actual, right * factor) for factor in (N, 1 / N)):
            return ""
        apart = np.where(even.reshape(-1, *[1] * (right.ndim - 1)), right, actual)
        said = self._differences.said(key, title, apart)
        return said or self._differences.said(key, f"{title}, on average over an example", actual)

    def _is_made(self, key: str) -> bool:
        """Is a gradient there, where what would return it was not reached?"""
        where, item, *_ = key.split("/")
        of, right = item.removeprefix("gradient of "), self.expected[key]
        if of == item or not right.any():
            return False
        wanted = [right]
        penalty = self.expected.get(f"{where}/of penalty/{of}")
        if penalty is not None and any(map(method_of, self.observed.arrays)):
            wanted.append(right - penalty)  # which is added to what methods give
        made = within(self.observed.arrays, where, MADE).values()
        return any(are_equal(array, one) for array in made for one in wanted)

    def said_of(self, key: Key) -> str:
        """Say what is wrong with a variable, and which line gives it. Empty: nothing."""
        where, state, function, name = key
        actual, right = self.variables.array(key), self.variables.right[key]
        if name == RETURNED and actual is not None and not actual.size:
            return f"{function} returns no array" if right.size else ""
        if actual is None:
            missing = f"{function} gives no array to `{name}`"
            return self._missing(where, call_of(where, function), missing)
        if state == START:
            said = self.variables.said_of_start(key)
            return f"{name}: {said}\nline {self._lines(key)} gives it, before its loop"
        said = self._differences.said(str(key), title_of(key), actual)
        if said and (line := self.variables.undone(key)):
            return f"{said}\nit was right before line {line}, which changes it"
        if said:
            said = self.reasons.with_cause(key, said)
        lines = self._lines(key)
        if not (said and lines):
            return said
        if actual.shape != right.shape and name in self.functions[function].begins:
            return f"{said}\nline {self.functions[function].begins[name]} gives it"
        place = f", in the {state} of its loop" if state in PASSES else ""
        them = f"one of the lines {lines}" if " " in lines else f"line {lines}"
        return f"{said}\n{them} gives it{place}"

    def _lines(self, key: Key) -> str:
        """Return the lines of which one made a variable wrong: `79`, `79 to 81`."""
        lines = self.variables.lines_of(key)
        return " to ".join(map(str, dict.fromkeys((lines[0], lines[-1])))) if lines else ""

    def _missing(self, where: str, call: str, otherwise: str) -> str:
        failures = self.observed.failures
        first = failures.get(f"{where}/{LOSS_ALONE}") if call == STEP else None
        failed = first or failures.get(f"{where}/{call}") or failures.get(BEGIN)
        if failed is None:
            return otherwise
        says, line = str(failed["says"]), failed["line"]
        if not line:
            return says
        said = of_a_failure_in_words(says, line, self.reasons.of_failed_product(where, failed))
        said = said or said_of(failed)
        self.stops[said] = line
        return said


def rows_of(array: Array) -> Array:
    """Return the numbers of each example in a row."""
    return array.reshape(len(array), -1)


def evened(array: Array, examples: Array) -> Array:
    """Return an array in which each number of some examples is the mean of its example."""
    made = np.array(array, np.float64, order="C")
    rows_of(made)[examples] = rows_of(made)[examples].mean(axis=1, keepdims=True)
    return made


def said_of(failed: Mapping[str, Any]) -> str:
    """Say why a call failed, and in which line."""
    says, line = str(failed["says"]), failed["line"]
    if not line:
        return says
    if failed["kind"] == "NotImplementedError":
        what, of = says.partition(": ")[2], failed.get("function", "<module>")
        place = f"line {line}" if "<" in of else f"line {line} in {of}"
        return f"{place} is not written yet" + (f": {what}" if what else "")
    return f"line {line}: {says}" if failed["kind"] in IN_WORDS else f"{says} (line {line})"
