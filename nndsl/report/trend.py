"""The trend of a loss over the epochs, as far as it is larger than the jitter between them."""

from collections.abc import Sequence
from statistics import fmean, median

from nndsl.report.smoothing import smoothed

_RISE = 1.05  # over the smallest validation loss: more is overfitting
_FALL = 0.98  # of the loss a while ago: less is an improvement
_LOWEST = 1.01  # times the lowest point: so near is as low
_JUMP = 0.05  # of the loss: jitter that is no small noise
_MOVED = 0.95  # of the loss of the first epoch: less is a movement


def overfits(training: Sequence[float], validation: Sequence[float]) -> bool:
    """Did the validation loss rise from its lowest point while the training loss fell?"""
    smooth = smoothed(validation)
    best = smooth.index(min(smooth))
    rise = late(validation) - smooth[best]
    lowest = max(best, validation.index(min(validation)))
    is_past = lowest < len(validation) - 1 - window(validation)
    is_large = rise > max((_RISE - 1) * smooth[best], 2 * jitter(validation))
    return is_past and is_large and late(training) < smoothed(training)[best]


def still_falls(loss: Sequence[float]) -> bool:
    """Did a loss fall over the last quarter of the epochs, and to its lowest in the end?"""
    width = window(loss)
    means = [fmean(loss[at : at + width]) for at in range(len(loss) - width + 1)]
    before, now = means[-1 - max(width, len(loss) // 4)], means[-1]
    is_lowest = now <= _LOWEST * min(means)
    return is_lowest and now < _FALL * before and before - now > jitter(loss)


def jumps(loss: Sequence[float]) -> bool:
    """Does a loss go up and down from epoch to epoch by more than it fell in all?"""
    return jitter(loss) > max(_JUMP * fmean(loss), loss[0] - late(loss))


def hardly_falls(loss: Sequence[float]) -> bool:
    """Is a loss in the end where it began?"""
    return late(loss) > _MOVED * loss[0]


def late(values: Sequence[float]) -> float:
    """Return the mean of the last values."""
    return fmean(values[-window(values) :])


def window(values: Sequence[float]) -> int:
    return max(2, len(values) // 10)


def jitter(values: Sequence[float]) -> float:
    """Return the median distance of a value from the mean of its neighbours, in the second half."""
    half = values[len(values) // 2 :]
    around = zip(half, half[1:], half[2:], strict=False)
    return median([abs(b - (a + c) / 2) for a, b, c in around] or [0.0])
