"""What was seen of a script, held to what its page's script does: in words that help.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from __future__ import annotations

import numpy as np

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
from nndsl.live.gradients.mistakes import likely_mistake, of_a_failure

# --- Held to what it should do -------------------------------------------------------

CLOSE = 1e-8  # relative: what rounding does in float64
CLOSE_GRADIENT = 1e-11  # of gradients: closer than differences of the loss come to them
CLOSE_ESTIMATE = 1e-5  # of those that are differences, with a step of any sensible width
CLOSE_SINGLE = 1e-4  # and in float32, in which a student may have computed
UNLIKELY = 5.0  # standard deviations of numbers that are drawn in another order
CALLS = {"prediction": "predict", "evaluation": "evaluate", "update": "update", DRAWN: DRAWN}
PARTS = {  # of a script, and the result that they are for
    "backward": "gradient",
    "forward": "prediction",
    "loss": "loss",
    "update": "update",
    "init": DRAWN,
}
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
        """Say which wrong variable one is made of, the first of them. Empty: it is itself wrong."""
        start, _, name = key.rpartition("/")
        function = start.rpartition("/")[2]
        wrong, seen = [name], {name}
        while key in self.observed.arrays:
            used = sorted(self.uses.get(function, {}).get(wrong[-1], set()) - seen)
            known = self.observed.arrays.keys() & self.expected.keys()
            there = [n for n in used if f"{start}/{n}" in known]
            wrong += [n for n in there if self._variable(f"{start}/{n}")][:1]
            if wrong[-1] in seen:
                break
            seen.add(wrong[-1])
        if len(wrong) == 1:
            return ""
        line = self.lines.get(function, {}).get(wrong[-1])
        where = f" (line {line})" if line else ""
        return (
            f"{self._title(key)} follows from {wrong[-1]}{where}, which is wrong: mend that first"
        )

    def first_wrong(self) -> str:
        """Say which variable of the training step is the first that is wrong, and why."""
        there = (
            name
            for name in self.observed.arrays
            if name in self.expected and (f"/value/{STEP}/" in name or method_of(name))
        )
        return next(filter(None, map(self._variable, there)), "")

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
        return of != item and any(_are_equal(array, wanted) for array in made)

    def _variable(self, key: str) -> str:
        where, _, function, name = key.split("/")
        actual = self.observed.arrays.get(key)
        if name == RETURNED and actual is not None and not actual.size:
            return f"{function} returns no array"
        if actual is None:
            missing = f"{function} gives no array to `{name}`"
            call = STEP if where.startswith("point") else function
            return self._missing(where, call, missing)
        title = self._title(key)
        said = self._different(key, title, actual)
        if said.startswith(f"{title}: it is ") and " (" not in said:  # nothing likely was found
            others = within(self.observed.arrays, where, "value", function)
            if turned := _turned(actual, self.expected[key], others):
                numbers = said.partition(": ")[2]
                said = f"{title}: a transpose is missing, or one too many: of {turned} ({numbers})"
            params = within(self.expected, where, "params")
            if lacks := _without(actual, self.expected[key], params):
                said = f"{title}: {lacks} is not added ({said.partition(': ')[2]})"
            same = [n for n, a in others.items() if n != name and _are_equal(a, actual)]
            said += f": it is the same as {same[0]}" if same else ""
        line = self.lines.get(function, {}).get(name)
        return f"{said}\nline {line} gives it" if said and line else said

    def _title(self, key: str) -> str:
        """Return what a variable is called, or as a call what a function returns."""
        _, _, function, name = key.split("/")
        return f"{function}()" if name == RETURNED else name

    def _missing(self, where: str, call: str, otherwise: str) -> str:
        failures = self.observed.failures
        failed = failures.get(f"{where}/{call}") or failures.get(BEGIN)
        if failed is None:
            return otherwise
        if failed["kind"] == "NotImplementedError":
            return f"line {failed['line']} is not written yet: {failed['says'].partition(': ')[2]}"
        line = f" (line {failed['line']})" if failed["line"] else ""
        likely = of_a_failure(Exception(failed["says"]))
        return f"{failed['says']}{line}" + (f". Likely: {likely}" if likely else "")

    def _different(self, key: str, title: str, actual: Array) -> str:
        where = key.partition("/")[0]
        actual, right = _numbers(actual), _numbers(self.expected[key])
        given = within(self.expected, where, "input")
        examples = len(next(iter(given.values()))) if given else 0
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
        return f"{title}: {said}" if said else ""


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
    likely = likely_mistake(np.asarray(actual, np.float64), right, examples, penalty)
    if actual.shape != right.shape or not np.isfinite(actual).all():
        return likely
    away = np.abs(actual - right)
    at = np.unravel_index(int(away.argmax()), right.shape) if right.ndim else ()
    place = f" at [{', '.join(map(str, at))}]" if at else ""
    it_is, should = (a[at] + 0.0 for a in (actual, right))  # no zero has a sign
    numbers = f"it is {it_is:.6g}{place}, and should be {should:.6g}"
    return f"{likely} ({numbers})" if likely else numbers


def _numbers(array: Array) -> Array:
    """Return a mask as zeros and ones, of which one can be subtracted from another."""
    return array.astype(np.float64) if array.dtype.kind == "b" else array


def is_close(actual: Array, right: Array, largest: float = 0.0, close: float = CLOSE) -> bool:
    """Do two arrays of one shape differ by rounding alone? `largest`: of what both are made of."""
    close = CLOSE_SINGLE if actual.dtype == np.float32 else close
    eps = np.finfo(np.float32 if actual.dtype == np.float32 else np.float64).eps
    allowed = close * np.linalg.norm(right) + 4 * eps * largest * right.size**0.5
    return bool(np.linalg.norm(actual - right) <= allowed + 1e-300)


def _turned(actual: Array, right: Array, others: dict[str, Array]) -> str:
    """Return which array is to be transposed in a product, so that it is right. Empty: none is."""
    square = [name for name, a in others.items() if a.ndim == 2 and a.shape[0] == a.shape[1]]
    for name in square if actual.ndim == 2 else ():
        turned = others[name].T
        for other in others.values():
            for first, second, wrong in (
                (other, turned, (other, turned.T)),
                (turned, other, (turned.T, other)),
            ):
                if first.ndim == second.ndim == 2 and first.shape[1] == second.shape[0]:
                    product = first @ second
                    if _are_equal(product, right) and _are_equal(wrong[0] @ wrong[1], actual):
                        return name
    return ""


def _without(actual: Array, right: Array, params: dict[str, Array]) -> str:
    """Return which vector is missing in a sum. Empty: none is."""
    vectors = {n: p for n, p in params.items() if p.ndim == 1 and p.shape == right.shape[-1:]}
    fits = actual.shape == right.shape and right.ndim > 1
    return next((n for n, p in vectors.items() if fits and _are_equal(actual + p, right)), "")


def _are_equal(one: Array, other: Array) -> bool:
    return one.shape == other.shape and one.ndim > 0 and is_close(_numbers(one), _numbers(other))


def _drawn(name: str, actual: Array, right: Array) -> str:
    """Say what is wrong with initial weights: drawn in another order, they are right as well."""
    if actual.shape != right.shape:
        return f"{name}: its shape is {actual.shape}, and should be {right.shape}"
    if not np.isfinite(actual).all():
        return f"{name}: it is not finite"
    if is_close(actual, right):
        return ""
    spread, count = right.std(), right.size
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
