"""The learning-rate range test: one training whose rate rises from step to step (Smith 2017)."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nndsl.live.arrays import Array, listed
from nndsl.live.errors import PageError
from nndsl.live.model import Model
from nndsl.live.network import take_step
from nndsl.program.training_loop import ACCUMULATED, MIXED
from nndsl.record import record
from nndsl.vocabulary.schedule import Schedule

FIRST, LAST, STEPS = 1e-6, 10.0, 300
MEMORY = 0.95  # of the running mean that smooths the losses
LOST = 4  # times the least loss: there it has diverged
BELOW = 10  # how far below the rate of the least loss training is safe


@record
class RateTest:
    """The rates that were tried, the loss of the batch at each, and a running mean of it.

    `diverged`: the last one is where the loss was lost, and not the end of the test.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    diverged: bool

    @property
    def least(self) -> int:
        """The number of the rate with the least loss."""
        return int(np.argmin(self.smoothed))

    @property
    def falls(self) -> bool:
        """Does the loss fall at all, by more than a batch differs from others?"""
        early = self.losses[: max(2, len(self.losses) // 5)]
        return self.smoothed[0] - self.smoothed[self.least] > 2 * float(np.std(early))

    @property
    def suggested(self) -> float:
        """A rate well below that of the least loss, rounded to one digit."""
        return float(f"{self.rates[self.least] / BELOW:.0e}")


def try_rates(model: Model) -> RateTest:
    """Train a model from its initial weights, with a rate that rises; it is of no use afterwards.

    PageError where the loss is lost at the first rates already, DataError where there is no data.
    """
    set_rate, names = _rate_of(model), model.namespace
    learn = names.get(ACCUMULATED, names["loss_and_gradients"])
    tried: list[float] = []
    losses: list[float] = []
    smoothed: list[float] = []
    mean = 0.0
    with np.errstate(all="ignore"):
        for step, (rate, batch) in enumerate(
            zip(np.geomspace(FIRST, LAST, STEPS), _batches(model), strict=False), 1
        ):
            *terms, gradients = learn(*(names[MIXED](*batch) if MIXED in names else batch))
            loss = float(sum(terms))
            mean = MEMORY * mean + (1 - MEMORY) * loss
            now = mean / (1 - MEMORY**step)  # it began with 0
            if not tried and not np.isfinite(loss):
                raise PageError("the loss is not finite with the initial weights")
            if not np.isfinite(loss) or is_lost(now, smoothed):
                if len(tried) < 2:
                    wrong = f"the loss diverges at a rate of {FIRST:g} already"
                    raise PageError(wrong, "are inputs and targets scaled? `standardize` does it")
                return RateTest(tuple(tried), tuple(losses), tuple(smoothed), True)
            tried.append(float(rate))
            losses.append(loss)
            smoothed.append(now)
            set_rate(tried[-1])
            take_step(names, gradients, step)
    return RateTest(tuple(tried), tuple(losses), tuple(smoothed), False)


def is_lost(now: float, before: Sequence[float]) -> bool:
    """Is a loss so far above the lowest that steps lead away? It may be below 0."""
    lowest = min(before, default=np.inf)
    if lowest > 0:
        return now > LOST * lowest
    return now - lowest > (LOST - 1) * max(-lowest, before[0] - lowest)


def _batches(model: Model) -> Iterator[tuple[Array, ...]]:
    """Yield batches of the training part, in a new order whenever all were seen.

    Where examples have weights: the more weight, the more often, as in training.
    """
    X, t, *weights = model.data()["training"]
    arrays, batch = listed(X, t), model.training.batch
    share = weights[0] / weights[0].sum() if weights else None
    rng = np.random.default_rng(model.training.seed)
    while True:
        order = rng.permutation(len(X)) if share is None else rng.choice(len(X), len(X), p=share)
        for start in range(0, len(order), batch):
            yield tuple(array[order[start : start + batch]] for array in arrays)


def _rate_of(model: Model) -> Callable[[float], None]:
    """Return the function that sets the rate of a script's optimizer."""
    optimizer, names = model.training.optimizer, model.namespace
    name = optimizer.constants["lr"]

    def set_rate(rate: float) -> None:
        if isinstance(optimizer.lr, Schedule):  # it has a function then
            names[name.lower()] = lambda step: rate
        else:
            names[name] = rate

    return set_rate
