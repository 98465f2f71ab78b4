"""One allocator owns all names of a script."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Iterable, Mapping

from nndsl.vocabulary.builtin import Builtin, camel_case

COURSE = "course"  # among the letters: whose names classes have, where a word knows them

# Names of the frame of a script: nothing else in it may be called like this.
RESERVED = """
    np math Path N t params state rng split_rng init_rng batch_rng noise_rng
    load_data predict sample loss_and_gradients update evaluate train main first_wrong name g p step
    training validation test epoch epochs order batch results seen gradients wrong
    loss loss_sum penalty penalty_sum value predicted true shape fan_in fan_out w weights rate
    SEED BATCH_SIZE EPOCHS STEPS WEIGHTS
    batch_loss numerical_gradient check_gradients
    theta gradient vector parts memory lru_cache dtype blocks arrays cuts decays i j n BLOCK
    aligned size made start pairwise os sys statistics
""".split()

# Those that stand in other functions than values of the network, but for its inputs; some stand
# beside them in some scripts.
ELSEWHERE = frozenset("g p shape rate size order seen made start epoch state memory".split())


class Names:
    """Gives each thing in a script a name of its own."""

    def __init__(self, reserved: Iterable[str], letters: Mapping[str, str] | None = None) -> None:
        """Take no reserved name. `letters`: what some things are called instead."""
        self.letters = letters or {}
        self._taken = {*keyword.kwlist, *dir(builtins), *reserved}

    def fresh(self, name: str) -> str:
        """Return the name, or one like it if it is taken: `mask`, `mask_2`, `mask_3`."""
        chosen, number = name, 1
        while chosen in self._taken:
            number += 1
            chosen = f"{name}_{number}"
        self._taken.add(chosen)
        return chosen

    def of_class(self, builtin: Builtin, name: str) -> str:
        """Return a name for the class of a word: that of the course whose letters are written."""
        return self.fresh(builtin.class_names.get(self.letters.get(COURSE, "")) or camel_case(name))

    def release(self, names: Iterable[str]) -> None:
        """Let values of the network have names of the frame that stand where no such value does."""
        self._taken -= ELSEWHERE.intersection(names)

    def reserve(self, name: str) -> None:
        """Keep a name for what has it already."""
        self._taken.add(name)

    def differentiable(self, name: str) -> str:
        """Return a name like `fresh` does, whose gradient's name is taken with it: `a` and `da`."""
        chosen = self.fresh(name)
        while f"d{chosen}" in self._taken:
            chosen = self.fresh(name)
        self._taken.add(f"d{chosen}")
        return chosen


class CopyNames:
    """Gives what stands in a copy of layers the names of the first copy, with the copy's number."""

    def __init__(self, names: Names, suffix: str, first: CopyNames | None) -> None:
        self._names, self._suffix, self.letters = names, suffix, names.letters
        self._given: list[str] = []
        self._known = iter(first._given) if first is not None else None

    def fresh(self, name: str) -> str:
        return self._names.fresh(self._base(name, self._names.fresh) + self._suffix)

    def differentiable(self, name: str) -> str:
        named = self._names.differentiable
        return named(self._base(name, named) + self._suffix)

    def _base(self, name: str, named: Callable[[str], str]) -> str:
        base = name.removesuffix(self._suffix)
        self._given.append(next(self._known) if self._known is not None else named(base))
        return self._given[-1]
