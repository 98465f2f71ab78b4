"""Of which variable of a script an array is, and when it was so.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nndsl.live.judging.observation import Array

# --- Whose an array is ---------------------------------------------------------------

VALUE = "value"  # at the end of a function
PASSES = START, FIRST, SECOND, LAST = ("start", "first pass", "second pass", "last pass")
Variable = tuple[str, str]  # of a function, what it returns among them: its function, and its name


class Key(NamedTuple):
    """A variable at the end of its function, or of a pass of its loop: `point0/value/f/x`."""

    where: str  # a point, or `update`
    state: str  # VALUE, or one of PASSES
    function: str  # of a method `Class.method`
    name: str

    @property
    def variable(self) -> Variable:
        return self.function, self.name

    def of(self, name: str) -> Key:
        """Return the key of another variable of the function."""
        return self._replace(name=name)

    def at(self, state: str) -> Key:
        """Return the key of the variable in another state."""
        return self._replace(state=state)

    def __str__(self) -> str:
        return "/".join(self)


def by_key(arrays: Mapping[str, Array]) -> dict[Key, Array]:
    """Return the arrays that are of variables."""
    split = ((name.split("/"), array) for name, array in arrays.items())
    return {Key(*n): a for n, a in split if len(n) == len(Key._fields) and n[1] in (VALUE, *PASSES)}
