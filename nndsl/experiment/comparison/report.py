"""What a comparison writes: results.csv, results.json and the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nndsl import __version__
from nndsl.analysis.override import as_options
from nndsl.experiment.comparison.comparison import (
    Comparison,
    baseline_answer,
    best_epochs,
    remark,
    result_columns,
    verdict,
)
from nndsl.experiment.comparison.results import VariantResults
from nndsl.experiment.job import Outcome
from nndsl.files import write_text
from nndsl.interchange import command_line, csv_text, json_text
from nndsl.languages import sentence, translated
from nndsl.report.page import NAME, Page, Part, Table, write_page
from nndsl.report.verdict import expectation_table

Row = dict[str, Any]


# --- results.csv and results.json, for other programs -----------------------------------


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
        for outcome in variant.outcomes.values():
            results = dict.fromkeys(columns, "") | outcome.results
            best = comparison.criterion.best(outcome.rows)
            rows.append(
                {
                    "variant": variant.name,
                    **outcome.job.numbers,
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
        **({"folds": comparison.plan.folds} if comparison.plan.folds else {}),
        "judged_by": criterion.column,
        "higher_is_better": criterion.higher_is_better,
        "best": best.name if best and comparison.differences else None,
        "undecided": [variant.name for variant in comparison.undecided],
        "verdict": verdict(comparison),
        "variants": {
            variant.name: _variant(variant, comparison) for variant in comparison.variants
        },
    }


def _variant(variant: VariantResults, comparison: Comparison) -> Row:
    spreads = {name: found for name in variant.columns if (found := variant.spread(name))}
    apart = comparison.differences.get(variant.name)
    return {
        "settings": dict(variant.variant.overrides),
        "parameters": variant.variant.graph.parameter_count,
        "diverged": variant.divergence or None,
        "mean": {name: found.mean for name, found in spreads.items()},
        "standard_deviation": {name: found.deviation for name, found in spreads.items()},
        "interval_95": {name: found.interval for name, found in spreads.items()},
        "difference_from_best": apart
        and {"mean": apart.mean, "interval_95": apart.interval, "paired": apart.is_paired},
        "baseline": {name: one[1] for name in spreads if (one := variant.baseline(name))},
        "expectations": [one.to_json() for one in variant.expectation_results],
        "runs": [_run(o, comparison) for o in variant.outcomes.values()],
    }


def _run(outcome: Outcome, comparison: Comparison) -> Row:
    return {
        **outcome.job.numbers,
        "folder": outcome.job.folder.name if outcome.job.folder else None,
        "results": outcome.results or None,
        "last_epoch": outcome.rows[-1] if outcome.rows else None,
        "best_epoch": comparison.criterion.best(outcome.rows) or None,
        "problem": outcome.problem or None,
        "seconds": round(outcome.seconds, 3),
    }


# --- The page --------------------------------------------------------------------------


def write_report(comparison: Comparison, parts: Sequence[Part], folder: Path) -> None:
    """Write the page, with these parts behind the results. OSError where that fails."""
    plan = comparison.plan
    count = len(plan.variants)
    expectations = [
        (variant.name, one)
        for variant in comparison.variants
        for one in variant.expectation_results
    ]
    page = Page(
        title=sentence("{name}: {count} variants compared", name=plan.spec.name, count=count)
        if count != 1
        else sentence("{name}: 1 variant compared", name=plan.spec.name),
        verdict=translated(verdict(comparison)).replace(" ± ", "\u00a0±\u00a0"),
        facts=_facts(comparison),
        parts=(
            _results_table(comparison),
            *parts,
            _variants(comparison),
            *expectation_table(expectations),
        ),
        spec=plan.source.text,
        commands=(command_line(plan.command),),
    )
    write_page(page, folder / NAME)


def _facts(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    plan = comparison.plan
    outcomes = [o for variant in comparison.variants for o in variant.outcomes.values()]
    counts = sorted({variant.graph.parameter_count for variant in plan.variants})
    examples = sorted({n for v in plan.variants if (n := v.spec.training_examples) is not None})
    facts = {
        "trainings": sentence(
            "{count}, {each} of each variant", count=len(outcomes), each=plan.repetitions
        ),
        "judged by": comparison.criterion.title,
        "parameters": _range(counts),
        "training examples": _range(examples),
        "left out": "; ".join(dict.fromkeys(v.spec.description.leaving_out for v in plan.variants)),
        "changed by --set": ", ".join(as_options(plan.settings)[1::2]),
        "time of all trainings": f"{sum(outcome.seconds for outcome in outcomes):.1f} s",
    }
    return tuple((label, text) for label, text in facts.items() if text)


def _range(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    ends = dict.fromkeys((numbers[0], numbers[-1]))
    return " to ".join(f"{number:,}" for number in ends)


def _results_table(comparison: Comparison) -> Table:
    columns = result_columns(comparison)
    rows = [
        (
            variant.name,
            sentence(remark(comparison, variant)),
            *(known[number] for _, known, _ in columns),
            best_epochs(comparison, variant),
        )
        for number, variant in enumerate(comparison.variants)
    ]
    if answer := baseline_answer(comparison):
        rows.append((sentence("baseline"), "", *(cell for *_, cell in columns), "-"))
    plan = comparison.plan
    note = "The numbers are those of the weights that are kept."
    if plan.repetitions > 1:
        note = f"Mean ± standard deviation over {plan.repeated}, of the weights that are kept. "
    if comparison.differences:
        note += (
            "Differences are taken seed by seed where variants have the same data and seeds, and "
            "all 95% intervals hold the true differences in 95 of 100 comparisons (corrected "
            "resampled t, Nadeau and Bengio 2003; Bonferroni): an interval that holds 0 leaves "
            "undecided which is better."
        )
    elif plan.repetitions > 1:
        note += "The 95% interval of the mean is that of Student's t."
        if plan.folds is not None:
            note += " Folds share what they learn from: the true mean is less certain than that."
    if answer:
        note += f" The baseline is what is reached without a network, by {answer}."
    heads = ("variant", "", *(head for head, *_ in columns), "best epoch")
    return Table("Results", heads, tuple(rows), note)


def _variants(comparison: Comparison) -> Table:
    rows = []
    for variant in comparison.variants:
        seconds = [outcome.seconds for outcome in variant.outcomes.values()]
        overrides = variant.variant.overrides.items()
        text = "; ".join(f"{name} = {value}" for name, value in overrides) or "nothing"
        count = f"{variant.variant.graph.parameter_count:,}"
        rows.append((variant.name, text, count, f"{sum(seconds) / len(seconds):.2f}"))
    heads = ("variant", "changes", "parameters", "seconds")
    return Table("Variants", heads, tuple(rows), "Seconds: the mean of a training.")
