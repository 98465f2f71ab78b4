"""One allocator owns all names of a script."""

from __future__ import annotations

import builtins
import keyword
from collections import Counter
from collections.abc import Iterable


class Names:
    """Gives each thing in a script a name of its own."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self._taken = {*keyword.kwlist, *dir(builtins), *reserved}
        self._counts: Counter[str] = Counter()

    def fresh(self, name: str) -> str:
        """Return the name, or one like it if it is taken: `mask`, `mask_2`, `mask_3`."""
        chosen, number = name, 1
        while chosen in self._taken:
            number += 1
            chosen = f"{name}_{number}"
        self._taken.add(chosen)
        return chosen

    def differentiable(self, name: str) -> str:
        """Return a name like `fresh` does, whose gradient's name is taken with it: `a` and `da`."""
        chosen = self.fresh(name)
        while f"d{chosen}" in self._taken:
            chosen = self.fresh(name)
        self._taken.add(f"d{chosen}")
        return chosen

    def count(self, letter: str) -> int:
        """Return 1, 2, 3 … for the next thing of this letter."""
        self._counts[letter] += 1
        return self._counts[letter]
