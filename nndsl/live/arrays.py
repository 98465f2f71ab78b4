"""Several arrays of the same examples by name, where a network takes or learns more than one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Examples = Any  # an array, or Arrays where there are several


class Arrays:
    """Arrays by name: `batch["left"]` is one of them, and `batch[:32]` holds some of the examples.

    It is counted by its examples, and is else as a dict: `dict(batch)` is one.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take arrays of the same number of examples."""
        self._arrays = dict(arrays)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, str):
            return self._arrays[which]
        return self.each(lambda array: array[which])

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(next(iter(self._arrays.values())))

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def keys(self) -> Iterable[str]:
        return self._arrays.keys()

    def values(self) -> Iterable[Array]:
        return self._arrays.values()

    def items(self) -> Iterable[tuple[str, Array]]:
        return self._arrays.items()

    def each(self, function: Callable[[Array], Array]) -> Arrays:
        """Return what a function makes of each array."""
        return Arrays({name: function(array) for name, array in self._arrays.items()})

    def copy(self) -> Arrays:
        return self.each(np.copy)

    def __repr__(self) -> str:
        return f"Arrays({', '.join(f'{name} {a.shape}' for name, a in self._arrays.items())})"


def each(function: Callable[[Array], Array], examples: Examples) -> Examples:
    """Return what a function makes of an array, or of each of several."""
    return examples.each(function) if isinstance(examples, Arrays) else function(examples)


def listed(*examples: Examples) -> tuple[Array, ...]:
    """Return arrays as a function of the script takes them, one after the other."""
    found: list[Array] = []
    for one in examples:
        found += one.values() if isinstance(one, Arrays) else [one]
    return tuple(found)


def named(names: Iterable[str], arrays: Iterable[Array]) -> Examples:
    """Return arrays by name, or the only one."""
    known = dict(zip(names, arrays, strict=True))
    return Arrays(known) if len(known) > 1 else next(iter(known.values()))


def of_name(examples: Examples, name: str) -> Array:
    """Return the array of a name; the only one needs none."""
    found: Array = examples[name] if isinstance(examples, Arrays) else examples
    return found
