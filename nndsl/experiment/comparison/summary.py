"""A comparison in a table for people: a row for each variant."""

from __future__ import annotations

from nndsl.experiment.comparison.comparison import Comparison
from nndsl.experiment.comparison.results import LOSS, VariantResults, decimals, format_spread

Cells = list[str]


def chosen_columns(comparison: Comparison) -> list[str]:
    """Return the results to show, the one that judges first, then the more telling ones."""
    criterion = comparison.criterion.column
    part, _, measure = criterion.partition("_")
    known = dict.fromkeys(name for variant in comparison.variants for name in variant.columns)
    wanted = [criterion, f"{part}_{LOSS}", f"test_{measure or LOSS}", LOSS]
    if criterion == LOSS:  # without a validation part: the first measure of each other part, if any
        parts = [[name for name in known if name.startswith(f"{p}_")] for p in ("training", "test")]
        wanted = [criterion, *(min(names, key=_is_loss) for names in parts if names)]
    return [name for name in dict.fromkeys(wanted) if name in known]


def _is_loss(name: str) -> bool:
    return name.endswith(f"_{LOSS}")


def cells(comparison: Comparison, column: str) -> Cells:
    """Return mean and standard deviation of a result, for each variant."""
    spreads = [variant.spread(column) for variant in comparison.variants]
    places = decimals(spreads)
    return [format_spread(found, places) for found in spreads]


def best_epochs(comparison: Comparison, variant: VariantResults) -> str:
    """Return the epochs in which a variant was at its best: `12`, or `9-14` of several seeds."""
    rows = [comparison.criterion.best(outcome.rows) for outcome in variant.ended]
    epochs = sorted(int(row["epoch"]) for row in rows if row)
    if not epochs:
        return "-"
    return str(epochs[0]) if epochs[0] == epochs[-1] else f"{epochs[0]}-{epochs[-1]}"


def remark(comparison: Comparison, variant: VariantResults) -> str:
    """Return what is to say of a variant beside its numbers."""
    if variant.divergence:
        return variant.divergence
    if variant is comparison.best:
        return "best" if len(comparison.ranked) > 1 else ""
    has_spread = comparison.plan.seeds > 1
    return "within spread" if has_spread and comparison.is_within(variant) else ""
