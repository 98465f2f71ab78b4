"""What the trials say about each name: its importance, and which of its values do well.

The names are taken one by one, the one that explains most first, and what it explains is subtracted
before the next: a sampler draws all names where trials did well, so that a name without any
effect would otherwise seem to have that of another. (Optuna's PED-ANOVA does not do so, and
its shares add up to 1 even if nothing matters.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Trial
from nndsl.languages import sentence
from nndsl.vocabulary.range import Range

Numbers = npt.NDArray[np.float64]
BINS = 6  # of a numeric range
SHUFFLES = 200
MIN_TRIALS = 10  # with fewer, nothing is said
ENOUGH_TRIALS = 30  # to say that a name makes no difference
TOO_FEW = "{count} trials are too few to say what {name} does"
DECIDES, MATTERS, MIN_SHARE = 0.3, 0.1, 0.02  # shares of the variance between trials


@dataclass(frozen=True, slots=True)
class Group:
    """Trials with similar values of one name."""

    label: str  # a value, or a sentence
    trials: int
    typical: float  # the median of the metric


@dataclass(frozen=True, slots=True)
class Insight:
    """What the trials say about one name. `share` is its part of the variance, 0 … 1."""

    name: str
    share: float
    groups: tuple[Group, ...]
    sentence: str


def insights(plan: Plan, trials: Sequence[Trial]) -> list[Insight]:
    """Return an insight for each name, the most important first; none for too few trials."""
    judged = [trial for trial in trials if trial.end != "failed"]
    if len(judged) < MIN_TRIALS:
        return []
    values = metric_values(plan, judged)
    left = _ranks(values if plan.maximize else -values)
    total = float(((left - left.mean()) ** 2).sum())
    rest = {name: _grouping(plan.ranges[name], judged, name) for name in plan.ranges}
    found: list[Insight] = []
    generator = np.random.default_rng(0)
    while rest:
        shares = {name: _share(left, groups, total, generator) for name, groups in rest.items()}
        name = max(shares, key=lambda name: shares[name])
        groups = rest.pop(name)
        # Where nothing more is shown, what chance has made alike is not taken from the others.
        is_shown = shares[name] >= MIN_SHARE and (not found or found[-1].share >= MIN_SHARE)
        share = shares[name] if is_shown else 0.0
        if is_shown:
            left = left - _means(left, groups)
        typical = _typical(plan.ranges[name], values, groups)
        said = _sentence(plan, name, share, typical, judged)
        found.append(Insight(name, share, typical, said))
    return found


def metric_values(plan: Plan, trials: Sequence[Trial]) -> Numbers:
    """Return the metric of each trial; that of diverged trials is the worst of the others."""
    known = [trial.value for trial in trials if trial.value is not None] or [0.0]
    worst = min(known) if plan.maximize else max(known)
    return np.array([worst if t.value is None else t.value for t in trials], dtype=np.float64)


def position(range_: Range, value: str) -> float:
    """Return the position of a value in its range, from 0 to 1; its index in a list of choices."""
    if not range_.numeric:
        return float(range_.written.index(value))
    low, high, here = (float(number) for number in (*range_.written, value))
    if range_.logarithmic:
        low, high, here = math.log(low), math.log(high), math.log(here)
    return (here - low) / (high - low)


def _grouping(range_: Range, trials: Sequence[Trial], name: str) -> npt.NDArray[np.int64]:
    """Return the group of each trial: the index of its choice, or its bin in the range."""
    places = np.array([position(range_, trial.settings[name]) for trial in trials])
    if not range_.numeric:
        return places.astype(np.int64)
    if range_.whole and _span(range_) < 2 * BINS:
        nearest: npt.NDArray[np.int64] = np.rint(places * _span(range_)).astype(np.int64)
        return nearest
    return np.minimum((places * BINS).astype(np.int64), BINS - 1)


def _span(range_: Range) -> int:
    low, high = (int(number) for number in range_.written)
    return high - low


def _label(range_: Range, group: int) -> str:
    if not range_.numeric:
        return range_.written[group]
    low, high = (float(number) for number in range_.written)
    if range_.whole and _span(range_) < 2 * BINS:
        return str(int(low) + group)
    if range_.logarithmic:
        edges = [low * (high / low) ** (edge / BINS) for edge in (group, group + 1)]
    else:
        edges = [low + (high - low) * edge / BINS for edge in (group, group + 1)]
    if range_.whole:
        ends = math.ceil(edges[0]), math.floor(edges[1])
        return sentence("{low} to {high}", low=ends[0], high=ends[1])
    low, high = (float(f"{edge:.2g}") for edge in edges)
    return sentence("{low} to {high}", low=f"{low:g}", high=f"{high:g}")


def _share(
    left: Numbers, groups: npt.NDArray[np.int64], total: float, generator: np.random.Generator
) -> float:
    """Return the share of the variance that groups explain, beyond what chance explains."""
    if total == 0 or len(np.unique(groups)) < 2:
        return 0.0
    explained = _explained(left, groups)
    chance = np.array([_explained(left, generator.permutation(groups)) for _ in range(SHUFFLES)])
    if explained <= np.quantile(chance, 0.99):
        return 0.0
    return max(0.0, (explained - float(chance.mean())) / total)


def _explained(left: Numbers, groups: npt.NDArray[np.int64]) -> float:
    means = _means(left, groups)
    return float(((means - left.mean()) ** 2).sum())


def _means(left: Numbers, groups: npt.NDArray[np.int64]) -> Numbers:
    sums = np.bincount(groups, weights=left)
    counts = np.maximum(np.bincount(groups), 1)
    means: Numbers = (sums / counts)[groups]
    return means


def _ranks(values: Numbers) -> Numbers:
    """Return the rank of each value; equal values share theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Numbers = (last - (counts - 1) / 2)[inverse]
    return ranks


def _typical(range_: Range, values: Numbers, groups: npt.NDArray[np.int64]) -> tuple[Group, ...]:
    return tuple(
        Group(
            _label(range_, int(group)),
            int((groups == group).sum()),
            float(np.median(values[groups == group])),
        )
        for group in np.unique(groups)
    )


def _sentence(
    plan: Plan, name: str, share: float, groups: tuple[Group, ...], trials: Sequence[Trial]
) -> str:
    if share < MIN_SHARE and len(trials) < ENOUGH_TRIALS:
        return sentence(TOO_FEW, count=len(trials), name=name)
    if share < MIN_SHARE:
        known = {"name": name, "count": len(trials)}
        return sentence("{name} makes no difference that {count} trials can show", **known)
    enough = [group for group in groups if group.trials >= 2] or list(groups)
    ordered = sorted(enough, key=lambda group: group.typical, reverse=plan.maximize)
    best, worst = ordered[0], ordered[-1]
    how = "decides" if share >= DECIDES else "matters" if share >= MATTERS else "matters a little"
    return sentence(
        f"{{name}} {how} ({{share}}): {{best}} typically gives {{good}}, {{worst}} {{bad}}",
        name=name,
        share=f"{share:.0%}",
        best=best.label,
        good=f"{best.typical:.3g}",
        worst=worst.label,
        bad=f"{worst.typical:.3g}",
    )


def edge_sentences(plan: Plan, best: Sequence[Trial]) -> list[str]:
    """Return sentences about ranges with the best trials at an end: a wider one may help."""
    said = []
    for name, range_ in plan.ranges.items():
        if not range_.numeric or len(best) < 3:
            continue
        places = np.array([position(range_, trial.settings[name]) for trial in best])
        for end, near in (("upper", places > 0.9), ("lower", places < 0.1)):
            if near.mean() > 0.5:
                limit = range_.written[1 if end == "upper" else 0]
                said.append(
                    f"{near.sum()} of the best {len(best)} have {name} near the {end} end of its "
                    f"range, {limit}: beyond it there may be better"
                )
    return said
