"""What a comparison says, in a sentence with numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from nndsl.experiment.comparison.results import Comparison, Spread, VariantResults

MOST_NAMES = 4  # of variants in a sentence
FEWEST, MOST = 3, 5  # decimals


def decimals(spreads: Iterable[Spread | None]) -> int | None:
    """Return how many decimals show three digits of each mean; None where none would do."""
    means = [abs(s.mean) for s in spreads if s and s.mean and math.isfinite(s.mean)]
    if not means:
        return FEWEST
    needed = 2 - math.floor(math.log10(min(means)))
    if needed > MOST or max(means) >= 1e6:
        return None
    return max(needed, FEWEST)


def show(found: Spread | None, places: int | None) -> str:
    """Return `0.972 ± 0.004`, or the mean alone where there is no deviation."""
    if found is None:
        return "-"
    numbers = [found.mean, *([] if found.deviation is None else [found.deviation])]
    return " ± ".join(f"{n:.2e}" if places is None else f"{n:.{places}f}" for n in numbers)


def verdict(comparison: Comparison) -> str:
    """Return which variant is best by what, and whether the seeds spread as much as that.

    `adam is best by validation accuracy: 0.972 ± 0.004 over 3 seeds; sgd is within the spread.`
    """
    best, judge = comparison.best, comparison.judge
    diverged = [variant for variant in comparison.variants if variant.divergence]
    if best is None and len(diverged) == 1:
        return f"{diverged[0].name} {diverged[0].divergence}."
    if best is None:
        return f"all {len(comparison.variants)} variants diverged."
    places = decimals(variant.spread(judge.column) for variant in comparison.ranked)

    def value(variant: VariantResults) -> str:
        return show(variant.spread(judge.column), places)

    seeds = comparison.plan.seeds
    over = f"over {seeds} seeds" if seeds > 1 else "with one seed"
    others = comparison.ranked[1:]
    if not others:
        head = f"{best.name} reaches {value(best)} {over} by {judge.title}"
        return _joined([head, *_divergence(diverged)])
    head = f"{best.name} is best by {judge.title}: {value(best)} {over}"
    if seeds == 1:
        next_ = f"{others[0].name} follows with {value(others[0])}"
        if others[0].spread(judge.column) == best.spread(judge.column):
            next_ = f"{others[0].name} reaches the same"
        advice = "one seed says nothing about chance: --seeds 3 does"
        return _joined([head, next_, *_divergence(diverged), advice])
    within = [variant for variant in others if comparison.is_within(variant)]
    beyond = [variant for variant in others if not comparison.is_within(variant)]
    says = [head]
    if within:
        says.append(f"{_names(within)} {'is' if len(within) == 1 else 'are'} within the spread")
    if beyond:
        lead = "the lead over" if within else "its lead over"
        says.append(
            f"{lead} {beyond[0].name} ({value(beyond[0])}){_rest(beyond)} exceeds the spread"
        )
    return _joined([*says, *_divergence(diverged)])


def _rest(variants: Sequence[VariantResults]) -> str:
    return (
        f" and the {len(variants) - 1} behind it"
        if len(variants) > 2
        else (f" and {variants[1].name}" if len(variants) == 2 else "")
    )


def _divergence(diverged: Sequence[VariantResults]) -> list[str]:
    if len(diverged) == 1:
        one = diverged[0]
        some = one.divergence.partition(" diverged ")[0] if one.ended else ""
        return [f"{one.name} diverged{f' with {some} seeds' if some else ''}"]
    return [f"{_names(diverged)} diverged"] if diverged else []


def _names(variants: Sequence[VariantResults]) -> str:
    names = [variant.name for variant in variants]
    if len(names) > MOST_NAMES:
        names = [*names[: MOST_NAMES - 1], f"{len(names) - MOST_NAMES + 1} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _joined(parts: Sequence[str]) -> str:
    return f"{'; '.join(parts)}."
