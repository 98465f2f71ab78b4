"""The results of a comparison as files for other programs: results.csv and results.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nndsl import __version__
from nndsl.experiment.comparison.comparison import Comparison, verdict
from nndsl.experiment.comparison.results import VariantResults
from nndsl.experiment.job import Outcome
from nndsl.files import write_text
from nndsl.interchange import csv_text, json_text

Row = dict[str, Any]


def write_tables(comparison: Comparison, folder: Path) -> None:
    """Write both files, each in one step. OSError where that fails."""
    rows = _rows(comparison)
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = csv_text(names, ([row.get(name, "") for name in names] for row in rows))
    write_text(folder / "results.csv", table)
    write_text(folder / "results.json", json_text(_document(comparison)))


def _rows(comparison: Comparison) -> list[Row]:
    """Return a row for each variant and seed: its last results, its best epoch, its time."""
    rows: list[Row] = []
    columns = dict.fromkeys(name for variant in comparison.variants for name in variant.columns)
    for variant in comparison.variants:
        for seed, outcome in variant.outcomes.items():
            results = dict.fromkeys(columns, "") | outcome.results
            best = comparison.criterion.best(outcome.rows)
            rows.append(
                {
                    "variant": variant.name,
                    "seed": seed,
                    **results,
                    "best_epoch": best.get("epoch", ""),
                    f"best_{comparison.criterion.column}": best.get(
                        comparison.criterion.column, ""
                    ),
                    "problem": outcome.problem,
                    "seconds": round(outcome.seconds, 3),
                }
            )
    return rows


def _document(comparison: Comparison) -> Row:
    best, criterion = comparison.best, comparison.criterion
    return {
        "model": comparison.plan.spec.name,
        "nndsl": __version__,
        "seeds": comparison.plan.seeds,
        "judged_by": criterion.column,
        "higher_is_better": criterion.higher_is_better,
        "best": best.name if best else None,
        "within_the_spread": [v.name for v in comparison.ranked[1:] if comparison.is_within(v)],
        "verdict": verdict(comparison),
        "variants": {
            variant.name: _variant(variant, comparison) for variant in comparison.variants
        },
    }


def _variant(variant: VariantResults, comparison: Comparison) -> Row:
    spreads = {name: found for name in variant.columns if (found := variant.spread(name))}
    return {
        "settings": dict(variant.variant.overrides),
        "parameters": variant.variant.graph.parameter_count,
        "diverged": variant.divergence or None,
        "mean": {name: found.mean for name, found in spreads.items()},
        "standard_deviation": {name: found.deviation for name, found in spreads.items()},
        "expectations": [held.to_json() for held in variant.held],
        "runs": [_run(seed, o, comparison) for seed, o in variant.outcomes.items()],
    }


def _run(seed: int, outcome: Outcome, comparison: Comparison) -> Row:
    return {
        "seed": seed,
        "folder": outcome.job.folder.name if outcome.job.folder else None,
        "results": outcome.results or None,
        "last_epoch": outcome.rows[-1] if outcome.rows else None,
        "best_epoch": comparison.criterion.best(outcome.rows) or None,
        "problem": outcome.problem or None,
        "seconds": round(outcome.seconds, 3),
    }
