"""What was seen of a script, held to what its page's script does: in words that help.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nndsl.course.causes import (
    CLOSE,
    are_equal,
    cause_of_a_failure,
    is_close,
    likely_cause,
    numbers,
    of_a_failure_in_words,
    of_targets,
)
from nndsl.course.observation import (
    BEGIN,
    DRAWN,
    ESTIMATED,
    RETURNED,
    STEP,
    Array,
    Observed,
    method_of,
    within,
)
from nndsl.live.gradients.mistakes import TRANSPOSED, likely_mistake

# --- Held to what it should do -------------------------------------------------------

CLOSE_GRADIENT = 1e-11  # of gradients: closer than differences of the loss come to them
CLOSE_ESTIMATE = 1e-5  # of those that are differences, with a step of any sensible width
ABOUT = 0.02  # relative: a difference to one side alone is so far from half of one to both
UNLIKELY = 5.0  # standard deviations of numbers that are drawn in another order
CALLS = {"prediction": "predict", "evaluation": "evaluate", "update": "update", DRAWN: DRAWN}
IN_WORDS = ("NameError", "UnboundLocalError", "SyntaxError", "IndentationError", "TabError")
RESULTS = {function: item for item, function in CALLS.items()}
PARTS = {  # of a script, and the result that they are for
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
    """What was observed of a script, beside what it should be.

    By function and variable, `lines` says where one gets its value, and `uses` what it is made of.
    """

    def __init__(
        self,
        observed: Observed,
        expected: dict[str, Array],
        lines: dict[str, dict[str, int]],
        uses: dict[str, dict[str, set[str]]] | None = None,
    ) -> None:
        self.observed, self.expected, self.lines = observed, expected, lines
        self.uses = uses or {}
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
        if RETURNED in variables and (said := self._first_of(function)):
            return said
        kinds = PARTS.get(part, tuple(PARTS.values()))
        found = [item for item in items(self.expected) if item.startswith(kinds)]
        return next(filter(None, map(self.item, found)), "")

    def value(self, function: str, name: str) -> str:
        """Say what is wrong with a variable of a function. Empty: nothing that shows.

        Where all results are right it may be another one: there are other ways to write it.
        """
        ends = ("value", function, name)
        names = [key for key in self.expected if tuple(key.split("/")[1:]) == ends]
        key, said = next(((key, s) for key in names if (s := self._variable(key))), ("", ""))
        if not said or self.is_right:
            return ""
        return self._follows(key) or said

    def _follows(self, key: str) -> str:
        """Say which wrong variable one is made of, the first of them. Empty: it is itself wrong.

        In a loop they are made of each other, and none of those is the first.
        """
        start, _, name = key.rpartition("/")
        function = start.rpartition("/")[2]
        uses = self.uses.get(function, {})
        wrong, seen = [name], {name}
        while key in self.observed.arrays:
            used = sorted(uses.get(wrong[-1], set()) - seen)
            known = self.observed.arrays.keys() & self.expected.keys()
            there = [n for n in used if f"{start}/{n}" in known]
            wrong += [n for n in there if self._variable(f"{start}/{n}")][:1]
            if wrong[-1] in seen:
                break
            seen.add(wrong[-1])
        circle = (n for n in wrong[:-1] if n in uses.get(wrong[-1], ()))
        first = next(circle, wrong[-1])
        if first == name:
            return ""
        line = self.lines.get(function, {}).get(first)
        where = f" (line {line})" if line else ""
        return f"{self._title(key)} follows from {first}{where}, which is wrong: mend that first"

    def first_wrong(self) -> str:
        """Say which variable is the first that is wrong, and why, in a function that gives less."""
        there = (name for name in self.observed.arrays if name in self.expected)
        functions = dict.fromkeys(name.split("/")[2] for name in there if "/value/" in name)
        wrong = [item for item in items(self.expected) if self.item(item)]
        for function in functions:
            result = RESULTS.get(function)
            is_wrong = result in wrong if result else {*wrong} - {*CALLS}
            if is_wrong and (said := self._first_of(function)):
                return said
        return ""

    def _first_of(self, function: str) -> str:
        """Say which variable of a function is the first that is wrong. Empty: it is given wrong.

        Where a call fails and all before was right, that is what is wrong.
        """
        names = [n for n in self.expected if n.split("/")[1:-1] == ["value", function]]
        for where in dict.fromkeys(name.partition("/")[0] for name in names):
            has_failed = f"{where}/{self._call(where, function)}" in self.observed.failures
            if has_failed and where == "update":  # its variables are of another parameter
                return ""
            there = [n for n in names if n.startswith(f"{where}/") and n in self.observed.arrays]
            for key in there:
                if has_failed and self._is_begun(key):
                    continue
                if said := self._variable(key):
                    name = key.rpartition("/")[2].partition("[")[0]
                    is_given = name not in self.lines.get(function, {})
                    return "" if is_given and self.lines and function not in RESULTS else said
            if has_failed:
                return ""
        said = self.item(RESULTS.get(function, ""))
        line = self.lines.get(function, {}).get("params")
        return f"{said}\nline {line} gives it" if said and line else ""

    def _is_begun(self, key: str) -> bool:
        """Is an array wrong only where it is zero, as one is that a loop has yet to fill?"""
        actual, right = self.observed.arrays[key], self.expected[key]
        return actual.shape == right.shape and not actual[actual != right].any()

    def _call(self, where: str, function: str) -> str:
        """Return what was called, so that a function was: it is called by the step, or alone."""
        return function if function in RESULTS or not where.startswith("point") else STEP

    @property
    def is_right(self) -> bool:
        """Is every result as it should be?"""
        return not any(map(self.item, items(self.expected)))

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
            return _drawn(key.rpartition("/")[2], actual, self.expected[key])
        return self._different(key, item, actual)

    def _is_made_by_a_method(self, key: str) -> bool:
        """Is a gradient there, where what would collect them was not reached?"""
        where, item, *_ = key.split("/")
        of, right = item.removeprefix("gradient of "), self.expected[key]
        penalty = self.expected.get(f"{where}/of penalty/{of}")
        wanted = right if penalty is None else right - penalty
        made = (a for name, a in self.observed.arrays.items() if method_of(name))
        return of != item and any(are_equal(array, wanted) for array in made)

    def _variable(self, key: str) -> str:
        where, _, function, name = key.split("/")
        actual = self.observed.arrays.get(key)
        if name == RETURNED and actual is not None and not actual.size:
            return f"{function} returns no array" if self.expected[key].size else ""
        if actual is None:
            missing = f"{function} gives no array to `{name}`"
            return self._missing(where, self._call(where, function), missing)
        said = self._different(key, self._title(key), actual)
        if said:
            said = self._with_cause(key, said)
        line = self.lines.get(function, {}).get(name.partition("[")[0])
        return f"{said}\nline {line} gives it" if said and line else said

    def _with_cause(self, key: str, said: str) -> str:
        """Add what is likely to have been written, where that is not said yet."""
        where, _, function, name = key.split("/")
        title = self._title(key)
        actual, right = self.observed.arrays[key], self.expected[key]
        others = within(self.observed.arrays, where, "value", function)
        others = {n: a for n, a in others.items() if n.partition("[")[0] != RETURNED}
        same = [n for n, a in others.items() if n != name and are_equal(a, actual)]
        lines = self.lines.get(function, {})
        for other in same:
            shared = f"{where}/shared/{function}/{name}/{other}"
            is_later = lines.get(other, 0) > lines.get(name, 0) > 0
            if is_later and shared in self.observed.arrays.keys() - self.expected.keys():
                place = f"{other} (line {lines[other]})"
                return f"{title}: it is the same array as {place}, and changes with it"
        is_told = not said.startswith(f"{title}: it is ") or " (" in said
        if is_told and ("transpose" not in said or TRANSPOSED in said):
            return said
        numbers_say = said.partition(" (")[2].rstrip(")") if is_told else said.partition(": ")[2]
        targets = self.expected.get(f"{where}/target/0")
        examples = self._examples(where)
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

    def _examples(self, where: str) -> int:
        given = within(self.expected, where, "input")
        return len(next(iter(given.values()))) if given else 1

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
            said = f"line {line} is not written yet: {says.partition(': ')[2]}"
        else:
            said = of_a_failure_in_words(says, line, self._failed_product(where, failed))
        said = said or said_of(failed)
        self.stops[said] = line
        return said

    def _failed_product(self, where: str, failed: Mapping[str, Any]) -> str:
        """Say what is wrong with the product that a line fails at. Empty: it cannot be told."""
        for function, lines in self.lines.items():
            name = next((n for n, line in lines.items() if line == failed["line"]), "")
            key = f"{where}/value/{function}/{name}"
            if key in self.expected:
                others = within(self.observed.arrays, where, "value", function)
                right = self.expected[key]
                return cause_of_a_failure(failed["says"], right, others, self._terms(key))
        return ""

    def _different(self, key: str, title: str, actual: Array) -> str:
        where = key.partition("/")[0]
        actual, right = numbers(actual), numbers(self.expected[key])
        examples = self._examples(where)
        of = title.removeprefix("gradient of ").removeprefix("d" * title.startswith("d"))
        penalty = self.expected.get(f"{where}/of penalty/{of}")
        gradients = [a for name, a in within(self.expected, where).items() if "gradient of" in name]
        largest = max((float(np.abs(a).max()) for a in gradients if a.size), default=0.0)
        is_estimate = f"{where}/{ESTIMATED}" in self.expected
        close = CLOSE_ESTIMATE if is_estimate else CLOSE
        said = different(actual, right, examples, penalty, largest, close)
        if (
            not (said or is_estimate)
            and title.startswith("gradient of ")
            and not is_close(actual, right, largest, CLOSE_GRADIENT)
        ):
            said = "it is right to about nine digits, as differences of the loss are"
            said += ": the chain rule gives it exactly"
        return f"{title}: {self._of_step(key, said, actual, right)}" if said else ""

    def _of_step(self, key: str, said: str, actual: Array, right: Array) -> str:
        """Say what is wrong with the first step of the optimizer, where that can be told."""
        start, _, name = key.rpartition("/update/1 ")
        before = self.expected.get(f"update/params/{name}")
        if start != "update" or before is None or actual.shape != right.shape:
            return said
        likely = likely_mistake(actual - before, right - before, 1, None)
        return f"in the step: {likely} ({said.rpartition(' (')[2].rstrip(')')})" if likely else said


def said_of(failed: Mapping[str, Any]) -> str:
    """Say why a call failed, and in which line."""
    says, line = str(failed["says"]), failed["line"]
    if not line:
        return says
    return f"line {line}: {says}" if failed["kind"] in IN_WORDS else f"{says} (line {line})"


def different(
    actual: Array,
    right: Array,
    examples: int,
    penalty: Array | None = None,
    largest: float = 0.0,
    close: float = CLOSE,
) -> str:
    """Say how an array differs from what it should be, and why, if that can be told.

    `largest` is the largest gradient there: what rounding leaves of others goes by its size.
    """
    if actual.shape == right.shape and is_close(actual, right, largest, close):
        return ""
    if close == CLOSE:
        likely = likely_mistake(np.asarray(actual, np.float64), right, examples, penalty)
    else:
        likely = _of_estimates(actual, right)
    if actual.shape != right.shape or not np.isfinite(actual).all():
        return likely
    away = np.abs(actual - right)
    at = np.unravel_index(int(away.argmax()), right.shape) if right.ndim else ()
    place = f" at [{', '.join(map(str, at))}]" if at else ""
    it_is, should = (a[at] + 0.0 for a in (actual, right))  # no zero has a sign
    numbers = f"it is {it_is:.6g}{place}, and should be {should:.6g}"
    return f"{likely} ({numbers})" if likely else numbers


def _of_estimates(actual: Array, right: Array) -> str:
    """Say what is wrong with gradients that are differences of the loss."""
    if actual.shape != right.shape or not np.isfinite(actual).all() or not actual.any():
        return likely_mistake(actual, right, 1, None)
    factor = float((actual * right).sum() / (right * right).sum())
    if not is_close(actual, factor * right, close=ABOUT):
        return ""
    exact = likely_mistake(actual, right, 1, None)
    return exact or f"it is about {factor:.2g} times what it should be"


def _drawn(name: str, actual: Array, right: Array) -> str:
    """Say what is wrong with initial weights: drawn in another order, they are right as well."""
    if actual.shape != right.shape:
        return f"{name}: its shape is {actual.shape}, and should be {right.shape}"
    if not np.isfinite(actual).all():
        return f"{name}: it is not finite"
    if is_close(actual, right):
        return ""
    spread, count = right.std(), right.size
    if not actual.any() and right.any():
        return f"{name}: it is zero, and should be drawn"
    if spread == 0:
        return f"{name}: it should be {right.reshape(-1)[0]:.4g} everywhere"
    factor = float((actual * right).sum() / (right * right).sum())
    if factor > 0 and is_close(actual, factor * right):
        return f"{name}: it is {factor:.4g} times what it should be"
    if len(np.unique(right)) == count and len(np.unique(actual)) < 0.9 * count:
        return f"{name}: it has equal numbers, and should be drawn, each by itself"
    if abs(actual.mean() - right.mean()) > UNLIKELY * spread * (2 / count) ** 0.5:
        return f"{name}: it has the mean {actual.mean():.3g}, and should have {right.mean():.3g}"
    away = abs(np.log(max(actual.std(), 1e-300) / spread))
    if away > UNLIKELY / count**0.5:
        return f"{name}: it spreads by {actual.std():.3g}, and should by {spread:.3g}"
    return ""
