"""The results of a comparison: which variant is best, and a verdict in a sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nndsl.analysis.metrics import higher_is_better
from nndsl.experiment.comparison.difference import Difference, difference
from nndsl.experiment.comparison.plan import Plan, Repetition
from nndsl.experiment.comparison.results import (
    CONFIDENCE,
    LOSS,
    Criterion,
    Spread,
    VariantResults,
    choose_criterion,
    column_title,
    decimals,
    format_interval,
    format_spread,
)
from nndsl.experiment.comparison.training import Outcomes
from nndsl.experiment.job import Outcome
from nndsl.languages import clauses, listed, sentence

MAX_NAMES = 4  # variants that a sentence names
FEW = 5  # trainings of a variant: with fewer, only a large difference can be told from chance


@dataclass(frozen=True)
class Comparison:
    """The results of all variants of a plan."""

    plan: Plan
    variants: tuple[VariantResults, ...]

    @cached_property
    def criterion(self) -> Criterion:
        """What `choose_criterion` chooses from the results that all variants have."""
        ended = [variant for variant in self.variants if variant.ended]
        first = ended[0].columns if ended else []
        common = [name for name in first if all(name in variant.columns for variant in ended)]
        column = choose_criterion(common)
        return Criterion(column, higher_is_better(column))

    @cached_property
    def ranked(self) -> list[VariantResults]:
        """The variants that have a finite result from every training, the best one first.

        Among equals the one with the smaller loss comes first.
        """
        sign = -1 if self.criterion.higher_is_better else 1
        part = self.criterion.column.partition("_")[0]
        means = {
            variant.name: (
                sign * found.mean,
                loss.mean if (loss := variant.spread(f"{part}_{LOSS}")) else 0.0,
            )
            for variant in self.variants
            if not variant.divergence
            and (found := variant.spread(self.criterion.column))
            and not math.isnan(found.mean)
        }
        known = [variant for variant in self.variants if variant.name in means]
        return sorted(known, key=lambda variant: means[variant.name])

    def __repr__(self) -> str:
        return f"<Comparison: {self.verdict}>"

    def _repr_html_(self) -> str:
        from html import escape

        from nndsl.report.notebook import element, table
        from nndsl.report.page import Table

        columns = result_columns(self)
        names = [variant.name for variant in self.variants]
        rows = zip(names, *(cells for _, cells, _ in columns), strict=True)
        shown = Table("", ("variant", *(title for title, *_ in columns)), tuple(rows))
        return element([f"<p><b>{escape(self.verdict)}</b></p>", table(shown)])

    @property
    def is_of_one_step(self) -> bool:
        """Is each training one step, which says nothing of which variant learns best?"""
        return all(variant.variant.train.steps == 1 for variant in self.variants)

    @property
    def verdict(self) -> str:
        """Which variant is best by what, in a sentence with numbers."""
        return verdict(self)

    @property
    def best(self) -> VariantResults | None:
        """The best variant by the criterion; None if all diverged."""
        return self.ranked[0] if self.ranked else None

    @cached_property
    def differences(self) -> dict[str, Difference]:
        """By how much each variant that is ranked differs from the best one, by the criterion.

        There are none after one step, or with one training of each, which say nothing of chance.
        """
        if self.plan.repetitions == 1 or self.is_of_one_step:
            return {}
        best, column = self.best, self.criterion.column
        pairs = math.comb(len(self.ranked), 2)
        return {
            variant.name: difference(variant, best, column, pairs)
            for variant in self.ranked[1:]
            if best is not None
        }

    @property
    def undecided(self) -> list[VariantResults]:
        """The variants whose difference from the best one may be chance."""
        known = self.differences
        return [v for v in self.ranked[1:] if v.name not in known or not known[v.name].is_shown]

    def beats_baseline(self, variant: VariantResults) -> bool:
        """Whether a variant is better, by the criterion, than all answers without a network."""
        column = self.criterion.column
        own, baseline = variant.spread(column), variant.baseline(column)
        if own is None or baseline is None:
            return True
        return own.mean > baseline[1] if self.criterion.higher_is_better else own.mean < baseline[1]


def collect(plan: Plan, outcomes: Outcomes) -> Comparison:
    """Return the results of a plan whose trainings are done."""
    of_variants: dict[str, dict[Repetition, Outcome]] = {v.name: {} for v in plan.variants}
    for (name, repetition), outcome in outcomes.items():
        of_variants[name][repetition] = outcome
    return Comparison(plan, tuple(VariantResults(v, of_variants[v.name]) for v in plan.variants))


def verdict(comparison: Comparison) -> str:
    """Return which variant is best, by which result, and whether that may be chance.

    `adam is best by validation accuracy: 0.972 ± 0.004 over 5 seeds; seed by seed its lead over
    sgd (0.052, 95% interval 0.031 to 0.073) is more than chance.`
    """
    best, criterion = comparison.best, comparison.criterion
    diverged = [variant for variant in comparison.variants if variant.divergence]
    if best is None and len(diverged) == 1:
        return sentence("{name} {how}.", name=diverged[0].name, how=diverged[0].divergence)
    if best is None:
        return sentence("all {count} variants diverged.", count=len(comparison.variants))
    if comparison.is_of_one_step:
        begun = "after one step no variant is best: what its figures show is how each begins"
        return clauses(begun, *_divergence(diverged, comparison.plan.kind))
    places = decimals(variant.spread(criterion.column) for variant in comparison.ranked)

    def value(variant: VariantResults) -> str:
        return format_spread(variant.spread(criterion.column), places)

    plan = comparison.plan
    over = sentence("over {runs}", runs=plan.repeated)
    known = {
        "name": best.name,
        "metric": criterion.title,
        "value": value(best),
        "over": over if plan.repetitions > 1 else sentence("with one seed"),
    }
    others = comparison.ranked[1:]
    divergence = _divergence(diverged, plan.kind)
    if not others:
        head = sentence("{name} reaches {value} {over} by {metric}", **known)
        return _beside_baseline(comparison, places, clauses(head, *divergence))
    place = "ahead" if comparison.undecided else "best"
    said = [sentence(f"{{name}} is {place} by {{metric}}: {{value}} {{over}}", **known)]
    if plan.repetitions == 1:
        next_ = sentence("{name} follows with {value}", name=others[0].name, value=value(others[0]))
        if others[0].spread(criterion.column) == best.spread(criterion.column):
            next_ = sentence("{name} reaches the same", name=others[0].name)
        advice = "one seed says nothing about chance: --seeds 5 does"
        whole = clauses(*said, next_, *divergence, advice)
        return _beside_baseline(comparison, places, whole)
    said += _leads(comparison, places)
    return _beside_baseline(comparison, places, clauses(*said, *divergence))


def _leads(comparison: Comparison, places: int | None) -> list[str]:
    """Return over which variants the lead of the best one may be chance, and over which not."""
    differences, undecided = comparison.differences, comparison.undecided
    others = comparison.ranked[1:]
    said = []
    for variants, is_more in (
        (undecided, "may be chance"),
        ([variant for variant in others if variant not in undecided], "is more than chance"),
    ):
        if variants:
            first = _lead(variants[0], differences[variants[0].name], places)
            names = _rest(first, variants)
            said.append(sentence(f"its lead over {{names}} {is_more}", names=names))
    unpaired = [variant for variant in others if not differences[variant.name].is_paired]
    if len(unpaired) < len(others):
        by = "seed by seed" if comparison.plan.folds is None else "fold by fold"
        said[0] = sentence(f"{by} {{clause}}", clause=said[0])
    if unpaired:
        how = "not paired with {names}, whose data or seeds are others"
        said.append(sentence(how, names=_names(unpaired)))
    if undecided and comparison.plan.repetitions < FEW:
        said.append("so few seeds show little: --seeds 10 shows more")
    return said


def _lead(variant: VariantResults, found: Difference, places: int | None) -> str:
    """Return a variant and how far the best one is before it."""
    known = {"name": variant.name, "lead": format_spread(Spread(abs(found.mean), None), places)}
    if found.interval is None:
        return sentence("{name} ({lead} each time)", **known)
    low, high = sorted(-end if found.mean < 0 else end for end in found.interval)
    interval = format_interval((low, high), places)
    level = f"{CONFIDENCE:.0%}"
    return sentence(
        "{name} ({lead}, {level} interval {interval})", **known, level=level, interval=interval
    )


def _beside_baseline(comparison: Comparison, places: int | None, said: str) -> str:
    """Return a verdict, behind what variants are no better than an answer without a network."""
    behind = [one for one in comparison.ranked if not comparison.beats_baseline(one)]
    found = behind[0].baseline(comparison.criterion.column) if behind else None
    if found is None:
        return said
    answer, number = found
    reached = format_spread(Spread(number, None), places)
    every = len(behind) == len(comparison.ranked)
    isnt = "{names} is no better" if len(behind) == 1 else "{names} are no better"
    if every and len(behind) > 1:
        isnt = "no variant is better"
    first = sentence(
        f"{isnt} than without a network: by {{how}}, the {{metric}} is {{value}}.",
        names=_names(behind),
        how=sentence(answer),
        metric=comparison.criterion.title,
        value=reached,
    )
    return sentence("{before} {then}", before=first, then=said)


def _rest(first: str, variants: Sequence[VariantResults]) -> str:
    if len(variants) > 2:
        return sentence("{name} and the {count} behind it", name=first, count=len(variants) - 1)
    return listed(first, *(variant.name for variant in variants[1:]))


def _divergence(diverged: Sequence[VariantResults], kind: str) -> list[str]:
    if len(diverged) == 1:
        one = diverged[0]
        if not one.ended:
            return [sentence("{names} diverged", names=one.name)]
        number, _, all_ = one.divergence.partition(" diverged ")[0].partition(" of ")
        some = sentence(f"{{count}} of {{all}} {kind}", count=number, all=all_)
        return [sentence("{name} diverged with {some}", name=one.name, some=some)]
    return [sentence("{names} diverged", names=_names(diverged))] if diverged else []


def _names(variants: Sequence[VariantResults]) -> str:
    names = [variant.name for variant in variants]
    if len(names) > MAX_NAMES:
        others = sentence("{count} others", count=len(names) - MAX_NAMES + 1)
        names = [*names[: MAX_NAMES - 1], others]
    return listed(*names)


# --- A table for people ------------------------------------------------------------------


def chosen_columns(comparison: Comparison) -> list[str]:
    """Return the columns to show: that of the criterion first, then the most telling ones."""
    criterion = comparison.criterion.column
    part, _, measure = criterion.partition("_")
    known = dict.fromkeys(name for variant in comparison.variants for name in variant.columns)
    wanted = [criterion, f"test_{measure or LOSS}", f"{part}_{LOSS}", LOSS]
    if criterion == LOSS:  # no validation part: the first metric of each other part
        parts = [[name for name in known if name.startswith(f"{p}_")] for p in ("training", "test")]
        metrics_first = [
            sorted(names, key=lambda name: name.endswith(f"_{LOSS}")) for names in parts
        ]
        wanted = [criterion, *(name for names in metrics_first for name in names[:1])]
    return [name for name in dict.fromkeys(wanted) if name in known]


def cells(comparison: Comparison, column: str) -> list[str]:
    """Return mean and standard deviation of a result, for each variant."""
    spreads = [variant.spread(column) for variant in comparison.variants]
    places = decimals(spreads)
    return [format_spread(found, places) for found in spreads]


def result_columns(comparison: Comparison) -> list[tuple[str, list[str], str]]:
    """Return the columns to show: a heading, a cell for each variant, and that of the baseline.

    Behind the criterion stand the differences from the best variant and their intervals, or the
    interval of its mean where there is one variant alone, if there are several trainings of each.
    """
    found = [
        (column_title(column), cells(comparison, column), baseline_cell(comparison, column))
        for column in chosen_columns(comparison)
    ]
    variants, known = comparison.variants, comparison.differences
    spreads = [variant.spread(comparison.criterion.column) for variant in variants]
    places = decimals(spreads)
    interval = f"{CONFIDENCE:.0%} interval"
    if known:
        differences = [known.get(variant.name) for variant in variants]
        means = [format_spread(Spread(d.mean, None) if d else None, places) for d in differences]
        intervals = [format_interval(d.interval if d else None, places) for d in differences]
        found[1:1] = [("difference from best", means, "-"), (interval, intervals, "-")]
    elif comparison.plan.repetitions > 1 and found:
        shown = [format_interval(one.interval if one else None, places) for one in spreads]
        found.insert(1, (interval, shown, "-"))
    return found


def baseline_cell(comparison: Comparison, column: str) -> str:
    """Return what the best answer without a network reaches: `0.102`, `-` where it has none.

    Variants of other data may have another one: `0.102 to 0.5`.
    """
    places = decimals(variant.spread(column) for variant in comparison.variants)
    known = [found[1] for v in comparison.variants if (found := v.baseline(column)) is not None]
    ends = [min(known), max(known)] if known else []
    shown = dict.fromkeys(format_spread(Spread(number, None), places) for number in ends)
    low, *high = [*shown, "-"][: len(shown) or 1]
    return sentence("{low} to {high}", low=low, high=high[0]) if high else low


def baseline_answer(comparison: Comparison) -> str:
    """Return what the best answer without a network goes by, or "" where there is none."""
    found = (variant.baseline(comparison.criterion.column) for variant in comparison.variants)
    return next((one[0] for one in found if one is not None), "")


def best_epochs(comparison: Comparison, variant: VariantResults) -> str:
    """Return the best epoch of a variant: `12`, or `9-14` over several seeds."""
    rows = [comparison.criterion.best(outcome.rows) for outcome in variant.ended]
    epochs = sorted(int(row["epoch"]) for row in rows if row)
    if not epochs:
        return "-"
    return str(epochs[0]) if epochs[0] == epochs[-1] else f"{epochs[0]}-{epochs[-1]}"


def remark(comparison: Comparison, variant: VariantResults) -> str:
    """Return a remark on a variant beside its numbers, if there is one."""
    if variant.divergence:
        return variant.divergence
    if comparison.is_of_one_step:
        return ""
    if not comparison.beats_baseline(variant):
        return "not past baseline"
    if variant is comparison.best:
        return ("ahead" if comparison.undecided else "best") if len(comparison.ranked) > 1 else ""
    return "undecided" if variant in comparison.undecided and comparison.differences else ""
