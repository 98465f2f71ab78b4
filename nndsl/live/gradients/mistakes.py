"""What is likely wrong with a gradient, told from how it differs from the true one.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

import re
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# --- Why a gradient is wrong ---------------------------------------------------------

ALIKE = 1e-8  # norm-relative: so close are two arrays that differ by rounding
MAX_PARTS = 10_000  # a smaller part is told as a number
NEAR = 1e-6  # a factor so close to 1 is told by its distance
NO_SUM = 1e-3  # of the sum of sizes: numbers whose sum is zero whatever is done to them
TRANSPOSED = "it is the transpose of what it should be"
DIFFERENT = 1e-6  # of the largest entry: an entry that is wrong

# What is wrong where the gradient of a penalty is added to that of the data loss.
OF_PENALTY = ("the penalty's term", "the term of the data loss")


def likely_mistake(analytic: Array, numeric: Array, examples: int, others: Array | None) -> str:
    """Return the likely mistake in words, or an empty string where it cannot be told.

    `others` is the part of the true gradient that comes from the penalty.
    """
    if analytic.shape != numeric.shape:
        return _of_shapes(analytic, numeric)
    if not np.isfinite(analytic).all():
        return "it is not finite: a division by zero, or a root or logarithm of nothing"
    if not np.isfinite(numeric).all():
        return ""
    if not numeric.any():
        return "it should be zero"
    largest = np.abs(numeric).max()  # so that squares are neither zero nor infinite
    analytic, numeric = analytic / largest, numeric / largest
    others = None if others is None else others / largest
    if not (analytic * numeric).any() and are_alike(analytic, 0 * numeric):
        return "it is zero: a term is missing, or nothing is passed on"
    if (
        analytic.ndim == 2
        and analytic.shape[0] == analytic.shape[1]
        and are_alike(analytic.T, numeric)
    ):
        return TRANSPOSED
    if others is not None and others.any():
        if are_alike(analytic, numeric - others):
            return "the penalty's term is missing"
        if are_alike(analytic, others):
            return "the term of the data loss is missing"
        if are_alike(analytic, numeric - 2 * others):
            return "the penalty's term has the wrong sign"
    factor = float((analytic * numeric).sum() / (numeric * numeric).sum())
    if are_alike(analytic, factor * numeric):
        return _of_factors(factor, examples, numeric.size)
    differs = np.abs(analytic - numeric) > DIFFERENT * np.abs(numeric).max()
    if not differs.any():
        return f"no entry is off by more than {np.abs(analytic - numeric).max():.1g} of the largest"
    if differs.sum() <= max(1, 0.02 * differs.size) and differs.size > 1:
        wrong = int(differs.sum())
        are = "entry is" if wrong == 1 else "entries are"
        return f"{wrong} {are} wrong, the other {differs.size - wrong} right"
    if not numeric[differs].any():
        return "a mask is missing: it should be zero where the forward pass was switched off"
    if not analytic[differs].any():
        return "a term is missing: where it is wrong, it is zero"
    if analytic.ndim >= 1 and analytic.size > 1 and np.ptp(analytic) == 0:
        return "all its entries are equal: a sum over too many axes"
    said = _of_axes(analytic, numeric)
    if not said and others is not None and others.any():
        said = likely_mistake(analytic - others, numeric - others, examples, None)
        return f"in the term of the data loss: {said}" if said else ""
    return said


def of_a_failure(error: BaseException) -> str:
    """Return the likely mistake behind an error of numpy."""
    if "matmul" in str(error):
        return "a transpose is missing, or one too many"
    shapes = [tuple(shape.split(",")) for shape in re.findall(r"\((\d+,\d+)\)", str(error))]
    if "broadcast" in str(error) and len(shapes) == 2 and shapes[0] == shapes[1][::-1]:
        return "a transpose is missing, or one too many"
    if "broadcast" in str(error):
        return "a sum over the wrong axis, or another variable than meant"
    return ""


def _of_shapes(analytic: Array, numeric: Array) -> str:
    has, wanted = (" x ".join(map(str, a.shape)) or "one number" for a in (analytic, numeric))
    what = f"its shape is {has} instead of {wanted}"
    if analytic.shape == numeric.shape[::-1] and are_alike(analytic.T, numeric):
        return f"{what}: {TRANSPOSED}"
    if analytic.shape == numeric.shape[::-1]:
        return f"{what}: a transpose is missing, or one too many"
    if analytic.ndim == numeric.ndim > 1:
        return what
    if analytic.size == numeric.size > 1:
        return f"{what}: another shape of as many numbers: a reshape is missing"
    if analytic.ndim < numeric.ndim > 1:
        return f"{what}: a sum over an axis too many, or a factor is missing"
    return f"{what}: a sum over the wrong axis, or none"


def _of_factors(factor: float, examples: int, size: int) -> str:
    if abs(factor + 1) <= ALIKE:
        return "its sign is wrong"
    if abs(factor - 1) <= NEAR:
        more, less = ("large", factor - 1), ("small", 1 - factor)
        word, by = more if factor > 1 else less
        return f"it is too {word} by {by:.2g} of itself"
    times = _times(abs(factor))
    if factor < 0:
        return f"its sign is wrong, and it is {times} what it should be"
    here = f", and N is {examples} here"
    known = {
        float(size): f"a mean over {size} numbers has become a sum",
        1 / size: f"a sum over {size} numbers has become a mean",
        float(examples): f"1/N is missing: it is {times} what it should be{here}",
        1 / examples: f"it is divided by N once too often: it is {times} what it should be{here}",
    }
    for value, meaning in known.items():
        if abs(factor / value - 1) <= ALIKE:
            return meaning
    whole = max(factor, 1 / factor)
    if size == 1 and abs(whole - round(whole)) > ALIKE * whole:
        return ""  # each number is some multiple of another
    return f"it is {times} what it should be"


def _times(factor: float) -> str:
    """Return a factor in words: what is far below 1 as a part."""
    part = 1 / factor
    if 1.5 <= part < MAX_PARTS and abs(part - round(part)) <= ALIKE * part:
        return f"1/{round(part)} of"
    return f"{factor:.8g} times"


def _of_axes(analytic: Array, numeric: Array) -> str:
    for axis in range(analytic.ndim):
        if analytic.shape[axis] > 1:
            was, is_now = (np.ptp(a, axis=axis).max() for a in (numeric, analytic))
            if is_now <= DIFFERENT * np.abs(analytic).max() < was:
                return f"it is the same all along axis {axis}: a sum over the wrong axis"
    sums, total = np.abs(analytic.sum() - numeric.sum()), np.abs(numeric).sum()
    is_zero = np.abs(numeric.sum()) <= NO_SUM * total  # as in the gradient of the last bias
    if analytic.ndim == 1 and sums <= DIFFERENT * total and not is_zero:
        return "its sum is right and its entries are not: a sum over the wrong axis"
    where = np.abs(np.abs(analytic) - np.abs(numeric)) <= DIFFERENT * np.abs(numeric).max()
    if where.all():
        return "some of its signs are wrong"
    return ""


def are_alike(one: Array, other: Array) -> bool:
    """Do two arrays differ by rounding alone?"""
    return bool(np.linalg.norm(one - other) <= ALIKE * np.linalg.norm(other))
