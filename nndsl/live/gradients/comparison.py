"""The gradient of one array at one point, compared with the complex step."""

from __future__ import annotations

import numpy as np

from nndsl.live.gradients.builds import Builds, gradients_of
from nndsl.live.gradients.executable import INPUT, Array, Point
from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.gradients.oracles import by_directions, by_entries
from nndsl.live.gradients.verdict import (
    PARTS,
    Check,
    Entry,
    compare,
    compare_directions,
    rounding,
)

DIRECTIONS = 8
CONDITION = 8  # times what a last digit moves a gradient by, rounding may
CANCELLED = 4 * np.finfo(np.float64).eps  # of the largest gradient: what is left of a zero
TOTAL, DATA_LOSS, PENALTY = PARTS
Parts = dict[str, tuple[Array, float]]  # the gradient, and how far rounding may move it


def compare_array(
    builds: Builds,
    name: str,
    point: Point,
    rng: np.random.Generator,
    *,
    largest: float,
    samples: int | None,
) -> tuple[list[Check], str]:
    """Return the checks of one array at one point, and the likely mistake if it is wrong.

    `largest` is the size of the gradients of all values: rounding leaves a part of it where they
    cancel. `samples` entries are compared, and the whole array along directions; None: every entry.
    """
    parts = _parts(builds, name, point, largest)
    shape = point.values[name].shape
    for analytic, _ in parts.values():
        if analytic.shape != shape:
            zeros = np.zeros(shape)
            entry = Entry((), np.nan, np.nan)
            check = Check(point.label, TOTAL, 0, np.nan, np.nan, entry, "wrong")
            return [check], likely_mistake(analytic, zeros, len(point.t), None)
    if samples is not None:
        checks = _sampled(builds, name, point, parts, rng, samples)
        if all(check.status != "wrong" for check in checks):
            return checks, ""
    entries = np.arange(point.values[name].size)
    numeric = by_entries(builds.forward, point, name, range(len(entries)))
    columns = _columns(numeric)
    checks = [
        compare(
            analytic.reshape(-1),
            columns[part],
            noise,
            shape=shape,
            entries=entries,
            point=point.label,
            part=part,
        )
        for part, (analytic, noise) in parts.items()
    ]
    for check in checks:
        if check.status == "wrong":
            analytic = parts[check.part][0]
            true = columns[check.part].reshape(shape)
            penalty = columns[PENALTY] if check.part == TOTAL else np.zeros(len(entries))
            return checks, likely_mistake(analytic, true, len(point.t), penalty.reshape(shape))
    return checks, ""


def _parts(builds: Builds, name: str, point: Point, largest: float) -> Parts:
    """Return the gradient of each part of the loss, and how far rounding may move it."""
    texts = {TOTAL: builds.script} if name != INPUT else {}
    if builds.data_loss and (name == INPUT or len(builds.parsed.losses) > 1):
        texts[DATA_LOSS] = builds.data_loss
    found: Parts = {}
    for part, text in texts.items():
        gradients = gradients_of(text, point)
        single = [gradients_of(text.single, other) for other in point.singles()]
        assert gradients is not None
        gradient = gradients[name]
        noise = rounding(gradient, [made[name] for made in single if made is not None])
        # Where float32 happens to cancel exactly, what the last digits of float64 do tells more.
        near = [gradients_of(text, other) for other in point.rounded(np.float64)]
        away = [np.abs(gradient - made[name]).max(initial=0) for made in near if made is not None]
        noise = max(noise, CONDITION * max((d for d in away if np.isfinite(d)), default=0.0))
        found[part] = gradient, noise + CANCELLED * largest
    if len(found) == 2:
        (total, noise), (data, more) = found[TOTAL], found[DATA_LOSS]
        if total.shape == data.shape:
            found[PENALTY] = total - data, noise + more
    return found


def _sampled(
    builds: Builds, name: str, point: Point, parts: Parts, rng: np.random.Generator, samples: int
) -> list[Check]:
    value = point.values[name]
    directions = rng.standard_normal((DIRECTIONS, *value.shape))
    along = _columns(by_directions(builds.forward, point, name, directions))
    checks = [
        compare_directions(analytic, directions, along[part], noise, point=point.label, part=part)
        for part, (analytic, noise) in parts.items()
    ]
    if not samples:
        return checks
    entries = rng.choice(value.size, min(samples, value.size), replace=False)
    columns = _columns(by_entries(builds.forward, point, name, list(entries)))
    return checks + [
        compare(
            analytic.reshape(-1)[entries],
            columns[part],
            noise,
            shape=value.shape,
            entries=entries,
            point=point.label,
            part=part,
        )
        for part, (analytic, noise) in parts.items()
    ]


def _columns(numeric: Array) -> dict[str, Array]:
    """Return the derivative of each part of the loss from columns (loss, penalty)."""
    data = numeric[:, 0]
    penalty = numeric[:, 1] if numeric.shape[1] > 1 else np.zeros(len(numeric))
    return dict(zip(PARTS, (data + penalty, data, penalty), strict=True))
