"""Why a variable of a student's script is wrong: what is likely to have been written.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from nndsl.live.gradients.mistakes import TRANSPOSED
from nndsl.live.judging.assignments import Assigned
from nndsl.live.judging.causes import are_equal, likely_cause, numbers, of_targets
from nndsl.live.judging.keys import FIRST, PASSES, SECOND, VALUE, Key
from nndsl.live.judging.observation import RETURNED, Array, within
from nndsl.live.judging.repairs import repair
from nndsl.live.judging.variables import Variables

# --- Why a variable is wrong ---------------------------------------------------------

VAGUE = ("it is ", "its sign is wrong, and", "a term is missing")
EXACT = "it is divided by N"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


class Reasons:
    """What is likely to have been written where a variable is wrong."""

    def __init__(self, variables: Variables, expected: Mapping[str, Array]) -> None:
        self.variables, self.expected = variables, expected
        self.functions = variables.functions

    def with_cause(self, key: Key, said: str) -> str:
        """Add what is likely to have been written, where that is not said yet."""
        where, state, function, name = key
        title = title_of(key)
        known = self.functions.get(function, Assigned([]))
        filled = key.of(known.filled.get(name, ""))  # of an array that a loop fills
        of = filled if filled in self.variables.seen and filled in self.variables.right else key
        actual, right = self.variables.seen[of], self.variables.right[of]
        others = self._beside(key.at(VALUE)) | self._beside(key)
        if state in (FIRST, SECOND):  # what is given its value further below has that from before
            line, before = self.variables.line(key.variable), PASSES[PASSES.index(state) - 1]
            had = self._beside(key.at(before)).items()
            others |= {n: a for n, a in had if self.variables.line((function, n)) > line}
        right_here = of_variables(self.expected, key).items()
        others = {n: a for n, a in right_here if "[" in n} | others  # parts that no line reads
        others.pop(known.filled.get(name, ""), None)  # it is itself
        same = [n for n, a in others.items() if n != name and are_equal(a, actual)]
        is_told = not said.startswith(f"{title}: it is ") or " (" in said
        is_vague = said.startswith(tuple(f"{title}: {what}" for what in VAGUE))
        is_vague = is_vague and EXACT not in said
        if is_told and not is_vague and ("transpose" not in said or TRANSPOSED in said):
            return said
        numbers_say = said.partition(" (")[2].rstrip(")") if is_told else said.partition(": ")[2]
        targets = self.expected.get(f"{where}/target/0")
        likeliest = self._likeliest_first(key, others)
        rest = {n: others[n] for n in likeliest if known.can_read(name, n)}
        cause = of_targets(numbers(actual), numbers(right), targets)
        cause = cause or self._repair(key, others, [*rest], actual, right)
        if is_told and is_vague and not cause:
            return said
        cause = cause or likely_cause(actual, right, rest)
        if cause and actual.shape != right.shape:
            return f"{said.partition(': a ')[0]}: {cause}"
        if cause:
            return f"{title}: {cause} ({numbers_say})"
        return f"{said}: it is the same as {same[0]}" if same and not is_told else said

    def _repair(
        self,
        key: Key,
        others: Mapping[str, Array],
        meant: list[str],
        actual: Array | None,
        right: Array,
    ) -> str:
        """Say what change of its expression makes a variable right."""

        def is_own(name: str) -> bool:
            return self.variables.is_own(key.at(VALUE).of(name))

        known = self.functions.get(key.function, Assigned([]))
        return repair(known, key.name, others, meant, is_own, actual, right)

    def _beside(self, key: Key) -> dict[str, Array]:
        """Return what the variables of its function were seen to be in the state of one."""
        return of_variables(self.variables.observed.arrays, key)

    def _likeliest_first(self, key: Key, others: Collection[str]) -> list[str]:
        """Return the other variables: those that the page has, too, or that a line reads, first."""
        read = self.variables.flow.sources(key.variable)

        def is_unlikely(name: str) -> bool:
            other = key.at(VALUE).of(name)
            return other not in self.variables.right and other.variable not in read

        return sorted((other for other in others if other != key.name), key=is_unlikely)

    def of_failed_product(self, where: str, failed: Mapping[str, Any]) -> str:
        """Say what is wrong with the product that a line fails at. Empty: it cannot be told."""
        for function, known in self.functions.items():
            name = next((n for n, line in known.lines.items() if line == failed["line"]), "")
            key = Key(where, VALUE, function, name)
            if key in self.variables.right:
                others = self._beside(key)
                likeliest = self._likeliest_first(key, others)
                return self._repair(key, others, likeliest, None, self.variables.right[key])
        return ""


def of_variables(arrays: Mapping[str, Array], key: Key) -> dict[str, Array]:
    """Return the arrays of a function in the state of one of its variables: not what it returns."""
    here = within(arrays, *key[:3])
    return {name: array for name, array in here.items() if name.partition("[")[0] != RETURNED}


def title_of(key: Key) -> str:
    """Return what a variable is called, or as a call what a function returns."""
    returned, _, place = key.name.partition("[")
    if returned != RETURNED:
        return key.name
    if not place:
        return f"{key.function}()"
    at = int(place.rstrip("]"))
    number = ORDINALS[at] if at < len(ORDINALS) else f"{at + 1}th"
    return f"the {number} value that {key.function}() returns"
