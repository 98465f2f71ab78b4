"""What rounding leaves of a result that cancels out: nobody can be held to it.

Two rows that are normalised over themselves, say, are one and minus one whatever they were: the
gradient before them is the rest of numbers that cancel, and is another one in each way to
write it.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from nndsl.live.judging.causes import CLOSE, is_close, numbers
from nndsl.live.judging.differences import CLOSE_GRADIENT, largest_gradient
from nndsl.live.judging.observation import ESTIMATED, Array

MOVES = 2  # of parameters, that round all anew
MOVED = 4 * float(np.finfo(np.float64).eps)  # relative: how far
SHARE = 0.01  # of what two scripts may differ by: another way to write it rounds more
NOTHING = 1e-12  # of the largest gradient: what is less is meant to be zero, and held to that


def moved(given: Mapping[str, Array]) -> Iterator[dict[str, Array]]:
    """Yield what is given with parameters moved so little that it shows in rounding alone."""
    rng = np.random.default_rng(0)
    for _ in range(MOVES):
        yield {
            key: array * (1 + MOVED * rng.standard_normal(array.shape))
            if key.partition("/")[2].startswith("params/")
            else array
            for key, array in given.items()
        }


def of_rounding(arrays: Mapping[str, Array], again: Mapping[str, Array]) -> set[str]:
    """Return the results that are others when all is rounded anew. Estimates are in any case."""
    points = {key.partition("/")[0] for key in arrays}
    largest = {where: largest_gradient(arrays, where) for where in points}
    found = set()
    for key in again.keys() & arrays.keys():
        where, _, item = key.partition("/")
        close = CLOSE_GRADIENT if item.startswith("gradient of ") else CLOSE
        right, other = numbers(arrays[key]), numbers(again[key])
        is_held = right.shape == other.shape and f"{where}/{ESTIMATED}" not in arrays
        is_nothing = np.abs(right).max(initial=0.0) <= NOTHING * largest[where]
        if is_held and not is_nothing and not is_close(other, right, close=SHARE * close):
            found.add(key)
    return found
