"""What was seen of a script, held to what its page's script does: in words that help.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from nndsl.course.assignments import Assigned, Variable
from nndsl.course.causes import (
    are_equal,
    cause_of_a_failure,
    likely_cause,
    numbers,
    of_a_failure_in_words,
    of_targets,
)
from nndsl.course.differences import Differences, drawn_otherwise
from nndsl.course.observation import (
    BEGIN,
    DRAWN,
    RETURNED,
    STEP,
    Array,
    Endless,
    Observed,
    method_of,
    within,
)
from nndsl.course.origins import Moment, Origins
from nndsl.course.passes import FIRST, PASSES, POINT, SECOND
from nndsl.live.gradients.mistakes import TRANSPOSED

# --- Held to what it should do -------------------------------------------------------

CALLS = {"prediction": "predict", "evaluation": "evaluate", "update": "update", DRAWN: DRAWN}
IN_WORDS = ("NameError", "UnboundLocalError", "SyntaxError", "IndentationError", "TabError")
RESULTS = {function: item for item, function in CALLS.items()}
RESULTS_OF_PARTS = {  # of a script, and the result that they are for
    "backward": "gradient",
    "forward": "prediction",
    "loss": "loss",
    "update": "update",
    "init": DRAWN,
}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
ORDER = (DRAWN, "loss", "penalty", "gradient", "update", "prediction", "evaluation")


def items(expected: dict[str, Array]) -> list[str]:
    """Return what is looked at, in the order of a script."""
    found = dict.fromkeys(name.split("/")[1] for name in expected)
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
        self._there = [n for n in observed.arrays if "/value/" in n and n in expected]
        self._left = dict.fromkeys(name.split("/")[2] for name in self._there)  # one by one
        self._origins = Origins(functions, self._left)
        self._differences = Differences(expected)
        self._wrong: dict[str, bool] = {}
        self.stops: dict[str, int] = {}  # the lines that scripts stop at, by what is said of them

    def item(self, item: str) -> str:
        """Say what is wrong with a result: `gradient of W1`. Empty: nothing."""
        names = [name for name in self.expected if name.split("/")[1] == item]
        return next(filter(None, map(self._result, names)), "")

    def blank(self, function: str, variables: list[str], part: str) -> str:
        """Say what is wrong with a blank: with its variables, or else with what it is for."""
        if any(
            key.split("/")[1:] == ["value", function, n] for n in variables for key in self.expected
        ):
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
        ends = ("value", function, name)
        names = [key for key in self.expected if tuple(key.split("/")[1:]) == ends]
        for key in names:
            state = self._first_wrong_state(key)
            if state and (said := self._variable(state)):
                return "" if self.is_right else self._follows(state) or said
        return ""

    def _first_wrong_state(self, key: str) -> str:
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
        if wrong or not stopped:
            return wrong or (key if self._is_wrong(key) else "")
        is_come_to = self._line(function, name) < stopped  # in the pass that failed
        return "" if is_come_to and (passes or where != POINT) else key

    def _is_wrong(self, key: str) -> bool:
        if key not in self._wrong:
            actual, name = self._array(key), key.rpartition("/")[2]
            is_wrong = actual is None or bool(self._differences.said(key, name, actual))
            if actual is not None and name == RETURNED and not actual.size:
                is_wrong = bool(self.expected[key].size)
            self._wrong[key] = is_wrong
        return self._wrong[key]

    def _array(self, key: str) -> Array | None:
        """Return what a variable was seen to be. None: it was not come to."""
        is_of_a_pass = key.split("/")[1] in PASSES
        is_there = is_of_a_pass or not self._stopped_before(key)
        return self.observed.arrays.get(key) if is_there else None

    def _stopped_before(self, key: str) -> int:
        """Return the line that a function failed in before a variable had its last value. 0: none.

        What a loop gives has it once the loop has ended.
        """
        where, _, function, name = key.split("/")
        stopped = self.observed.arrays.get(f"{where}/stopped/{function}")
        line = 0 if stopped is None else int(stopped.max())
        known = self.functions.get(function)
        if not (line and known):
            return 0
        if self._is_misshapen(key, known):
            return 0
        is_in_loop = any(loop in known.loops_around(line) for loop in known.loops_of(name))
        is_in_loop = is_in_loop or f"{POINT}/{FIRST}/{function}/{name}" in self.expected
        return line if is_in_loop or self._line(function, name) >= line else 0

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

    def _follows(self, key: str) -> str:
        """Say which wrong variable one follows from, the first of them. Empty: it is itself wrong.

        In a loop of which no pass is known they are made of each other, and none is the first.
        """
        where, _, function, name = key.split("/")
        if self._array(key) is None:
            return ""
        reached = (f"{where}/value/{of}/{n}" for of, n in self._origins.reached((function, name)))
        states = (self._first_wrong_state(one) for one in reached if one in self.expected)
        wrong = (one for one in states if one and self._array(one) is not None)
        first = min((key, *wrong), key=self._moment)
        if first == key:
            return ""
        of, variable = first.split("/")[2:]
        what = self._title(first)
        if of != function and what == variable:
            what += f" in {of}"
        if line := self._line(of, variable):
            what += f" (line {line})"
        return f"{self._title(key)} follows from {what}, which is wrong: mend that first"

    def _moment(self, key: str) -> Moment:
        _, state, function, name = key.split("/")
        return self._origins.moment((function, name), state)

    def _line(self, function: str, name: str) -> int:
        """Return the last line that gives a variable a value. 0: none is known."""
        known = self.functions.get(function)
        return known.lines.get(name.partition("[")[0], 0) if known else 0

    def first_wrong(self) -> str:
        """Say which variable is the first that is wrong, and why, in a function that gives less.

        Where a call fails and all before was right, that is what is wrong. What is handed to a
        function is not, nor what follows from it: that was wrong before.
        """
        wrong = [item for item in items(self.expected) if self.item(item)]
        of_step = {*wrong} - {*CALLS}
        is_wrong = {f: RESULTS[f] in wrong if f in RESULTS else of_step for f in self._left}
        return self._first_of([function for function in self._left if is_wrong[function]])

    def _first_of(self, functions: Collection[str]) -> str:
        """Say which variable of some functions is the first that is wrong. Empty: none can be told.

        Where a call fails and all before was right, that is what is wrong. What a function is given
        is not, nor what follows from it: that was wrong before.
        """
        names = [name for name in self._there if name.split("/")[2] in functions]
        failed = {what.partition("/")[2] for what in self.observed.failures}
        for where in dict.fromkeys(name.partition("/")[0] for name in names):
            if where in failed:  # an update, whose variables are then of another parameter
                continue
            handed: set[Variable] = set()
            here = [name for name in names if name.startswith(f"{where}/")]
            for key in sorted(filter(None, map(self._first_wrong_state, here)), key=self._moment):
                function, name = key.split("/")[2:]
                if self._array(key) is None:
                    continue
                is_known = function in self.functions and function not in RESULTS
                if is_known and self._origins.is_handed_on((function, name)):
                    if said := self._follows(key):
                        return said
                    handed.add((function, name))
                elif not handed.intersection(self._origins.reached((function, name))):
                    return self._variable(key)
        for function in (f for f in functions if f in RESULTS and f not in failed):
            line, said = self._line(function, "params"), self.item(RESULTS[function])
            if said and line:
                return f"{said}\nline {line} gives it"
        return ""

    def _call(self, where: str, function: str) -> str:
        """Return what was called, so that a function was: it is called by the step, or alone."""
        return function if function in RESULTS or not where.startswith("point") else STEP

    @property
    def is_right(self) -> bool:
        """Is every result as it should be?"""
        return not any(map(self.item, items(self.expected)))

    @property
    def is_told_by_passes(self) -> bool:
        """Is something wrong, and may the passes of a loop, which has an end, tell what it is?"""
        known = {name.split("/")[2] for name in self.expected if name.split("/")[1] in PASSES}
        has_loops = any(self.functions[name].loops for name in known & self.functions.keys())
        kinds = [failed["kind"] for failed in self.observed.failures.values()]
        return has_loops and Endless.__name__ not in kinds and not self.is_right

    def _result(self, key: str) -> str:
        where, item, *_ = key.split("/")
        actual = self.observed.arrays.get(key)
        if actual is None and f"{where}/{STEP}" in self.observed.failures:  # it may be there
            variable = f"d{item.removeprefix('gradient of ')}" if " of " in item else item
            actual = self.observed.arrays.get(f"{where}/value/{STEP}/{variable}")
            if actual is None and self._is_made_by_a_method(key):
                return ""
        if actual is None:
            lacks = "the script has no `params`" if item == DRAWN else f"the {item} is not returned"
            return self._missing(where, CALLS.get(item, STEP), lacks)
        if item == DRAWN:
            return drawn_otherwise(key.rpartition("/")[2], actual, self.expected[key])
        return self._differences.said(key, item, actual)

    def _is_made_by_a_method(self, key: str) -> bool:
        """Is a gradient there, where what would collect them was not reached?"""
        where, item, *_ = key.split("/")
        of, right = item.removeprefix("gradient of "), self.expected[key]
        penalty = self.expected.get(f"{where}/of penalty/{of}")
        wanted = right if penalty is None else right - penalty
        made = (a for name, a in self.observed.arrays.items() if method_of(name))
        return of != item and any(are_equal(array, wanted) for array in made)

    def _variable(self, key: str) -> str:
        where, state, function, name = key.split("/")
        actual = self._array(key)
        if name == RETURNED and actual is not None and not actual.size:
            return f"{function} returns no array" if self.expected[key].size else ""
        if actual is None:
            missing = f"{function} gives no array to `{name}`"
            return self._missing(where, self._call(where, function), missing)
        said = self._differences.said(key, self._title(key), actual)
        if said:
            said = self._with_cause(key, said)
        line = self._line(function, name)
        if not (said and line):
            return said
        if actual.shape != self.expected[key].shape and name in self.functions[function].begins:
            return f"{said}\nline {self.functions[function].begins[name]} gives it"
        place = f", in the {state} of its loop" if state in PASSES else ""
        return f"{said}\nline {line} gives it{place}"

    def _with_cause(self, key: str, said: str) -> str:
        """Add what is likely to have been written, where that is not said yet."""
        where, state, function, name = key.split("/")
        title = self._title(key)
        actual, right = self.observed.arrays[key], self.expected[key]
        others = within(self.observed.arrays, where, "value", function)
        others |= within(self.observed.arrays, where, state, function)
        if state == SECOND:  # what is given its value further below is that of the first
            line, first = (
                self._line(function, name),
                within(self.observed.arrays, where, FIRST, function),
            )
            others |= {n: a for n, a in first.items() if self._line(function, n) > line}
        others = {n: a for n, a in others.items() if n.partition("[")[0] != RETURNED}
        same = [n for n, a in others.items() if n != name and are_equal(a, actual)]
        for other in same:
            shared = f"{where}/shared/{function}/{name}/{other}"
            line = self._line(function, other)
            is_later = line > self._line(function, name) > 0
            if is_later and shared in self.observed.arrays.keys() - self.expected.keys():
                place = f"{other} (line {line})"
                return f"{title}: it is the same array as {place}, and changes with it"
        is_told = not said.startswith(f"{title}: it is ") or " (" in said
        if is_told and ("transpose" not in said or TRANSPOSED in said):
            return said
        numbers_say = said.partition(" (")[2].rstrip(")") if is_told else said.partition(": ")[2]
        targets = self.expected.get(f"{where}/target/0")
        examples = self._differences.examples(where)
        rest = {n: a for n, a in others.items() if n != name}
        cause = of_targets(numbers(actual), numbers(right), targets)
        cause = cause or likely_cause(actual, right, rest, self._terms(key), examples)
        if cause and actual.shape != right.shape:
            return f"{said.partition(': a ')[0]}: {cause}"
        if cause:
            return f"{title}: {cause} ({numbers_say})"
        return f"{said}: it is the same as {same[0]}" if same and not is_told else said

    def _terms(self, key: str) -> dict[str, Array]:
        """Return what may be added to a product: vectors, and the gradient of the penalty."""
        where, _, _, name = key.split("/")
        params = within(self.expected, where, "params")
        right = self.expected[key]
        terms = {n: p for n, p in params.items() if p.ndim == 1 and p.shape == right.shape[-1:]}
        penalty = self.expected.get(f"{where}/of penalty/{name.removeprefix('d')}")
        return terms if penalty is None else terms | {"the penalty": penalty}

    def _title(self, key: str) -> str:
        """Return what a variable is called, or as a call what a function returns."""
        _, _, function, name = key.split("/")
        returned, _, place = name.partition("[")
        if returned != RETURNED:
            return name
        if not place:
            return f"{function}()"
        at = int(place.rstrip("]"))
        number = ORDINALS[at] if at < len(ORDINALS) else f"{at + 1}th"
        return f"the {number} value that {function}() returns"

    def _missing(self, where: str, call: str, otherwise: str) -> str:
        failures = self.observed.failures
        failed = failures.get(f"{where}/{call}") or failures.get(BEGIN)
        if failed is None:
            return otherwise
        says, line = str(failed["says"]), failed["line"]
        if not line:
            return says
        if failed["kind"] == "NotImplementedError":
            what = says.partition(": ")[2]
            said = f"line {line} is not written yet" + (f": {what}" if what else "")
        else:
            said = of_a_failure_in_words(says, line, self._failed_product(where, failed))
        said = said or said_of(failed)
        self.stops[said] = line
        return said

    def _failed_product(self, where: str, failed: Mapping[str, Any]) -> str:
        """Say what is wrong with the product that a line fails at. Empty: it cannot be told."""
        for function, known in self.functions.items():
            name = next((n for n, line in known.lines.items() if line == failed["line"]), "")
            key = f"{where}/value/{function}/{name}"
            if key in self.expected:
                others = within(self.observed.arrays, where, "value", function)
                right = self.expected[key]
                return cause_of_a_failure(failed["says"], right, others, self._terms(key))
        return ""


def said_of(failed: Mapping[str, Any]) -> str:
    """Say why a call failed, and in which line."""
    says, line = str(failed["says"]), failed["line"]
    if not line:
        return says
    return f"line {line}: {says}" if failed["kind"] in IN_WORDS else f"{says} (line {line})"
