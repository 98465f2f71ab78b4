"""How an array differs from what it should be: in words, with the number that is farthest away.

What follows the mark is also a part of the tests that a student gets: numpy is enough for it.
"""

from collections.abc import Mapping

import numpy as np

from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.judging.causes import CLOSE, is_close, numbers
from nndsl.live.judging.observation import ESTIMATED, Array, within

# --- How an array differs ------------------------------------------------------------

CLOSE_GRADIENT = 1e-11  # of gradients: closer than differences of the loss come to them
CLOSE_ESTIMATE = 1e-5  # of those that are differences, with a step of any sensible width
ABOUT = 0.02  # relative: a difference to one side alone is so far from half of one to both
UNLIKELY = 5.0  # standard deviations of numbers that are drawn in another order


class Differences:
    """Of what was observed, how it differs from what it should be, which is `expected`."""

    def __init__(self, expected: Mapping[str, Array]) -> None:
        self.expected = expected

    def said(self, key: str, title: str, actual: Array, calls: int = 0) -> str:
        """Say how an array differs from what it should be. Empty: by rounding alone.

        `calls` are those of the function that was called most: for differences of the loss it is
        two for each number.
        """
        where = key.partition("/")[0]
        actual, right = numbers(actual), numbers(self.expected[key])
        examples = self.examples(where)
        of = title.removeprefix("gradient of ").removeprefix("d" * title.startswith("d"))
        penalty = self.expected.get(f"{where}/of penalty/{of}")
        largest = largest_gradient(self.expected, where)
        is_estimate = f"{where}/{ESTIMATED}" in self.expected
        close = CLOSE_ESTIMATE if is_estimate else CLOSE
        said = different(actual, right, examples, penalty, largest, close)
        if (
            not (said or is_estimate)
            and title.startswith("gradient of ")
            and not is_close(actual, right, largest, CLOSE_GRADIENT)
        ):
            said = "it is right to about nine digits, and should be to more"
            if calls >= 2 * right.size:
                said = "it is right to about nine digits, as differences of the loss are"
                said += ": the chain rule gives it exactly"
        return f"{title}: {self._of_step(key, said, actual, right)}" if said else ""

    def _of_step(self, key: str, said: str, actual: Array, right: Array) -> str:
        """Say what is wrong with the first step of the optimizer, where that can be told."""
        start, _, name = key.rpartition("/update/1 ")
        before = self.expected.get(f"update/params/{name}")
        if start != "update" or before is None or actual.shape != right.shape:
            return said
        likely = likely_mistake(actual - before, right - before, 1, None)
        return f"in the step: {likely} ({said.rpartition(' (')[2].rstrip(')')})" if likely else said

    def examples(self, where: str) -> int:
        """Return how many examples there are at a point."""
        given = within(self.expected, where, "input")
        return len(next(iter(given.values()))) if given else 1


def largest_gradient(arrays: Mapping[str, Array], where: str) -> float:
    """Return the largest number in the gradients at a point."""
    gradients = [a for name, a in within(arrays, where).items() if "gradient of" in name]
    return max((float(np.abs(a).max()) for a in gradients if a.size), default=0.0)


def different(
    actual: Array,
    right: Array,
    examples: int,
    penalty: Array | None = None,
    largest: float = 0.0,
    close: float = CLOSE,
) -> str:
    """Say how an array differs from what it should be, and why, if that can be told.

    `largest` is the largest gradient there: what rounding leaves of others goes by its size.
    """
    if actual.shape == right.shape and is_close(actual, right, largest, close):
        return ""
    if close == CLOSE:
        likely = likely_mistake(np.asarray(actual, np.float64), right, examples, penalty)
    else:
        likely = _of_estimates(actual, right)
    if actual.shape != right.shape or not np.isfinite(actual).all():
        return likely
    away = np.abs(actual - right)
    at = np.unravel_index(int(away.argmax()), right.shape) if right.ndim else ()
    place = f" at [{', '.join(map(str, at))}]" if at else ""
    it_is, should = (a[at] + 0.0 for a in (actual, right))  # no zero has a sign
    numbers = f"it is {it_is:.6g}{place}, and should be {should:.6g}"
    return f"{likely} ({numbers})" if likely else numbers


def _of_estimates(actual: Array, right: Array) -> str:
    """Say what is wrong with gradients that are differences of the loss."""
    if actual.shape != right.shape or not np.isfinite(actual).all() or not actual.any():
        return likely_mistake(actual, right, 1, None)
    factor = float((actual * right).sum() / (right * right).sum())
    if not is_close(actual, factor * right, close=ABOUT):
        return ""
    exact = likely_mistake(actual, right, 1, None)
    about = f"{factor:.2g}"
    if exact or about != "1":
        return exact or f"it is about {about} times what it should be"
    return "it is near what it should be: is the difference taken on both sides of the weight?"


def drawn_otherwise(name: str, actual: Array, right: Array) -> str:
    """Say what is wrong with initial weights: drawn in another order, they are right as well."""
    if actual.shape != right.shape:
        return f"{name}: its shape is {actual.shape}, and should be {right.shape}"
    if not np.isfinite(actual).all():
        return f"{name}: it is not finite"
    if is_close(actual, right):
        return ""
    spread, count = right.std(), right.size
    if count == 1 and right.item() not in (0, 1):  # it may be drawn, and one number tells nothing
        return ""
    if spread == 0:
        return f"{name}: it should be {right.reshape(-1)[0]:.4g} everywhere"
    if not actual.any():
        return f"{name}: it is zero, and should be drawn"
    factor = float((actual * right).sum() / (right * right).sum())
    if factor > 0 and is_close(actual, factor * right):
        return f"{name}: it is {factor:.4g} times what it should be"
    if len(np.unique(right)) == count and len(np.unique(actual)) < 0.9 * count:
        return f"{name}: it has equal numbers, and should be drawn, each by itself"
    if abs(actual.mean() - right.mean()) > UNLIKELY * spread * (2 / count) ** 0.5:
        return f"{name}: it has the mean {actual.mean():.3g}, and should have {right.mean():.3g}"
    away = abs(np.log(max(actual.std(), 1e-300) / spread))
    if away > UNLIKELY / count**0.5:
        return f"{name}: it spreads by {actual.std():.3g}, and should by {spread:.3g}"
    return ""
