"""When a gradient is right: the tolerances, and the one comparison that uses them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nndsl.live.arrays import Array

NORM_RELATIVE = 1e-10
ENTRY_RELATIVE = 1e-9
SMALL = 1e-3  # of the largest entry: smaller ones are held to this
DIFFERENCES = 1e-7  # norm-relative, for the second oracle
PRECISION = 32 * float(np.finfo(np.float64).eps)  # of a number that is the sum of several
ROUNDING = PRECISION / np.finfo(np.float32).eps

Status = Literal["ok", "zero", "wrong"]
PARTS = ("total", "data loss", "penalty")


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a gradient, as the script computes it and as it should be."""

    index: tuple[int, ...]
    analytic: float
    numeric: float


@dataclass(frozen=True, slots=True)
class Check:
    """One gradient at one point, compared on some entries or along some directions."""

    point: str
    part: str  # of the loss: total, data loss or penalty
    entries: int  # compared one by one; 0: all together, along directions
    norm_relative: float
    entry_relative: float
    worst: Entry | None
    status: Status


def rounding(analytic: Array, single: Iterable[Array]) -> float:
    """Return how far rounding may move a gradient, given what float32 makes of it.

    The rounding of float32 is that of float64 on a larger scale; where terms cancel, both grow.
    `single` are several tries, for a single one may happen to be close. Little can hide in it:
    their distance is scaled by 6e-8.
    """
    # A mistake may have made it true or false, which has no difference.
    away = [np.abs(np.subtract(analytic, o, dtype=np.float64)).max(initial=0) for o in single]
    return float(ROUNDING * max((d for d in away if np.isfinite(d)), default=0.0))


def compare(
    gradient: Array, true: Array, noise: float, entries: Array, point: str, part: str = PARTS[0]
) -> Check:
    """Compare entries of a gradient with the true ones; `entries` are places in the flat array."""
    analytic = gradient.reshape(-1)[entries]
    error = np.abs(analytic - true)
    norm = float(np.linalg.norm(error))
    size = float(np.linalg.norm(analytic) + np.linalg.norm(true))
    largest = np.abs(true).max(initial=0)
    allowed = np.maximum(np.abs(true), SMALL * largest)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(error > 0, error / allowed, np.where(np.isnan(error), np.nan, 0.0))
    is_zero = bool(np.abs(analytic).max(initial=0) <= noise and largest <= noise)
    is_right = norm <= NORM_RELATIVE * size + noise * np.sqrt(len(error)) and bool(
        (error <= ENTRY_RELATIVE * allowed + noise).all()
    )
    at = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
    index = tuple(int(i) for i in np.unravel_index(int(entries[at]), gradient.shape))
    worst = Entry(index, float(analytic[at]), float(true[at]))
    norm_relative = norm / size if size != 0 else 0.0
    status: Status = "zero" if is_zero else "ok" if is_right else "wrong"
    entry_relative = float(relative.max(initial=0))
    return Check(point, part, len(error), norm_relative, entry_relative, worst, status)


def compare_directions(
    gradient: Array, directions: Array, true: Array, noise: float, point: str, part: str = PARTS[0]
) -> Check:
    """Compare a whole gradient with derivatives along normal random directions."""
    along = np.tensordot(directions, gradient, axes=gradient.ndim)
    error = float(np.abs(along - true).max())
    length = float(np.sqrt(np.mean(true**2)))  # of the true gradient: that of its projections
    size = float(np.linalg.norm(gradient)) + length
    allowed = noise * np.sqrt(gradient.size)
    is_zero = np.linalg.norm(gradient) <= allowed and length <= allowed
    is_right = error <= NORM_RELATIVE * size + 4 * allowed
    relative = error / size if size != 0 else 0.0
    status: Status = "zero" if is_zero else "ok" if is_right else "wrong"
    return Check(point, part, 0, relative, relative, None, status)


def worst_of(checks: Iterable[Check]) -> Check:
    """Return the check to show: a wrong one before a right one, then by its error."""
    order = {"wrong": 2, "ok": 1, "zero": 0}
    return max(
        checks,
        key=lambda c: (
            order[c.status],
            c.worst is not None,
            np.inf if np.isnan(c.norm_relative) else c.norm_relative,
        ),
    )
