"""What somebody is likely to have written, told from the arrays that a function had.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

import re
from collections.abc import Mapping
from itertools import islice

import numpy as np

from nndsl.live.gradients.mistakes import of_a_failure
from nndsl.live.judging.observation import Array

# --- What was written instead --------------------------------------------------------

CLOSE = 1e-8  # relative: what rounding does in float64
CLOSE_SINGLE = 1e-4  # and in float32, in which a student may have computed
ENOUGH = 5  # numbers: so many agree by no accident
MOST_VARIABLES = 150  # that are tried: how many there are is up to a student
Arrays = Mapping[str, Array]


def likely_cause(actual: Array, right: Array, others: Arrays) -> str:
    """Say which variable lacks, of a value whose expression is not known. Empty: it is not told.

    `others` are the variables that the line could read, the likeliest first: of more than
    MOST_VARIABLES the rest is left out.
    """
    actual, right = numbers(actual), numbers(right)
    if actual.shape != right.shape:
        return ""
    if are_equal(np.sort(actual, axis=None), np.sort(right, axis=None)):
        return "its numbers are right, and stand in another order"
    if actual.any() and right.any() and not (actual * right).any():
        return "a mask lets through what it should not, and nothing else"
    same = ((n, numbers(a)) for n, a in others.items() if a.shape == right.shape and a.any())
    for name, other in islice(same, MOST_VARIABLES):
        if are_equal(actual * other, right):
            return f"the factor {name} is missing"
        made = actual * other
        if np.ptp(other) and np.count_nonzero(made) >= ENOUGH:
            times = float((made * right).sum() / (made * made).sum())
            if are_equal(times * made, right):
                return f"the factors {name} and {times:.6g} are missing"
        if are_equal(actual + other, right):
            return f"{name} is not added"
        if are_equal(actual - other, right):
            return f"{name} is not subtracted"
    return ""


def of_a_failure_in_words(says: str, line: int, cause: str) -> str:
    """Say what shapes numpy could not put together, and why. Empty: it failed at something else.

    `cause` is what the factors of the product tell; empty: nothing.
    """
    if sizes := _sizes(says):
        rows, columns = sizes
        cause = cause or f"the first has {columns} columns, and the second {rows} rows"
        return f"line {line}: the shapes of this matrix product do not fit: {cause}"
    if "matmul" in says and "enough dimensions" in says:
        return f"line {line}: a factor of this matrix product is a number"
    shapes = re.findall(r"\((\d+(?:,\d*)+)\)", says)
    if "broadcast" not in says or len(shapes) < 2:
        return ""
    one, other = (" x ".join(filter(None, shape.split(","))) for shape in shapes[:2])
    likely = cause or of_a_failure(Exception(says))
    return f"line {line}: the shapes {one} and {other} do not fit. Likely: {likely}"


def _sizes(says: str) -> tuple[int, int] | None:
    """Return how many rows the second factor of a failed product has, and columns the first."""
    matmul = re.search(r"size (\d+) is different from (\d+)", says)
    dot = re.search(r"not aligned: (\d+) \(dim \d+\) != (\d+)", says)
    if matmul:
        return int(matmul[1]), int(matmul[2])
    return (int(dot[2]), int(dot[1])) if dot else None


def of_targets(actual: Array, right: Array, targets: Array | None) -> str:
    """Say that a matrix is wrong in the columns of the targets alone. Empty: it is not so."""
    if targets is None or targets.dtype.kind not in "iu" or actual.shape != right.shape:
        return ""
    if right.ndim != 2 or targets.shape != right.shape[:1] or targets.max() >= right.shape[1]:
        return ""
    is_target = np.arange(right.shape[1]) == targets[:, None]
    is_wrong = np.abs(actual - right) > CLOSE * np.abs(right).max()
    alone = "it is wrong in the column of each example's target, and right in all others"
    return alone if np.array_equal(is_wrong, is_target) else ""


def numbers(array: Array) -> Array:
    """Return a mask as zeros and ones, of which one can be subtracted from another."""
    return array.astype(np.float64) if array.dtype.kind == "b" else array


def are_equal(one: Array, other: Array) -> bool:
    """Do two arrays, which are not zero, differ by rounding alone?"""
    fits = one.shape == other.shape and one.ndim > 0
    return fits and bool(one.any()) and is_close(numbers(one), numbers(other))


def is_close(actual: Array, right: Array, largest: float = 0.0, close: float = CLOSE) -> bool:
    """Do two arrays of one shape differ by rounding alone? `largest`: of what both are made of."""
    close = CLOSE_SINGLE if actual.dtype == np.float32 else close
    eps = np.finfo(np.float32 if actual.dtype == np.float32 else np.float64).eps
    allowed = close * np.linalg.norm(right) + 4 * eps * largest * right.size**0.5
    return bool(np.linalg.norm(actual - right) <= allowed + 1e-300)
