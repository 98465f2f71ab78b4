"""The gradient of one array at one point, compared with the complex step."""

from typing import Protocol

import numpy as np

from nndsl.live.arrays import Array
from nndsl.live.gradients.builds import gradients_of
from nndsl.live.gradients.executable import Executable, Point
from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.gradients.oracles import by_directions, by_entries
from nndsl.live.gradients.verdict import PARTS, Check, Entry, compare, compare_directions, rounding

DIRECTIONS = 8
CONDITION = 8  # times what a last digit moves a gradient by, rounding may
TOTAL, DATA_LOSS, PENALTY = PARTS
Parts = dict[str, tuple[Array, float]]  # the gradient, and how far rounding may move it


class Compared(Protocol):
    """What is compared: what a script computes, and the loss as it should be."""

    @property
    def script(self) -> Executable: ...
    @property
    def forward(self) -> Executable: ...
    @property
    def data_loss(self) -> Executable | None:
        """The script for the data loss alone, where it has penalties or a gradient of X."""


def compare_array(
    builds: Compared,
    name: str,
    point: Point,
    rng: np.random.Generator,
    *,
    noise: float,
    samples: int | None,
) -> tuple[list[Check], str]:
    """Return the checks of one array at one point, and the likely mistake if it is wrong.

    `noise` is how far rounding moves it at least. `samples` entries are compared, and the whole
    array along directions; None: every entry.
    """
    parts = _parts(builds, name, point, noise)
    value = point.values[name]
    for gradient, _ in parts.values():
        if gradient.shape != value.shape:
            entry = Entry((), np.nan, np.nan)
            check = Check(point.label, TOTAL, 0, np.nan, np.nan, entry, "wrong")
            return [check], likely_mistake(gradient, np.zeros(value.shape), point.count, None)
    if samples is not None:
        directions = rng.standard_normal((DIRECTIONS, *value.shape))
        along = _columns(by_directions(builds.forward, point, name, directions))
        checks = [
            compare_directions(gradient, directions, along[part], noise, point.label, part)
            for part, (gradient, noise) in parts.items()
        ]
        if samples:
            entries = rng.choice(value.size, min(samples, value.size), replace=False)
            checks += _by_entries(builds, name, point, parts, entries)[0]
        if all(check.status != "wrong" for check in checks):
            return checks, ""
    checks, columns = _by_entries(builds, name, point, parts, np.arange(value.size))
    wrong = next((check.part for check in checks if check.status == "wrong"), None)
    if wrong is None:
        return checks, ""
    true, penalty = (columns[part].reshape(value.shape) for part in (wrong, PENALTY))
    others = penalty if wrong == TOTAL else np.zeros(value.shape)
    return checks, likely_mistake(parts[wrong][0], true, point.count, others)


def _by_entries(
    builds: Compared, name: str, point: Point, parts: Parts, entries: Array
) -> tuple[list[Check], dict[str, Array]]:
    """Return the comparison of some entries, and the true gradient of each part of the loss."""
    columns = _columns(by_entries(builds.forward, point, name, list(entries)))
    checks = [
        compare(gradient, columns[part], noise, entries, point.label, part)
        for part, (gradient, noise) in parts.items()
    ]
    return checks, columns


def _parts(builds: Compared, name: str, point: Point, least: float) -> Parts:
    """Return the gradient of each part of the loss, and how far rounding may move it."""
    scripts = {TOTAL: builds.script} if name not in point.inputs else {}
    if builds.data_loss and (name in point.inputs or len(builds.script.losses(point)) > 1):
        scripts[DATA_LOSS] = builds.data_loss
    parts: Parts = {}
    for part, script in scripts.items():
        gradients = gradients_of(script, point)
        single = [gradients_of(script.single, other) for other in point.singles()]
        assert gradients is not None
        gradient = gradients[name]
        noise = rounding(gradient, [other[name] for other in single if other is not None])
        # Where float32 happens to cancel exactly, what the last digits of float64 do tells more.
        near = [gradients_of(script, other) for other in point.rounded(np.float64)]
        away = [np.abs(gradient - other[name]).max(initial=0) for other in near if other]
        noise = max(noise, CONDITION * max((d for d in away if np.isfinite(d)), default=0.0))
        parts[part] = gradient, noise + least
    if len(parts) == 2:
        (total, noise), (data, more) = parts[TOTAL], parts[DATA_LOSS]
        if total.shape == data.shape:
            parts[PENALTY] = total - data, noise + more
    return parts


def _columns(numeric: Array) -> dict[str, Array]:
    """Return the derivative of each part of the loss from columns (loss, penalty)."""
    data = numeric[:, 0]
    penalty = numeric[:, 1] if numeric.shape[1] > 1 else np.zeros(len(numeric))
    return dict(zip(PARTS, (data + penalty, data, penalty), strict=True))
