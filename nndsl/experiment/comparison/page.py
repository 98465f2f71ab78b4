"""The report of a comparison: one page that says all of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nndsl.analysis.targets import training_examples
from nndsl.experiment.comparison.comparison import Comparison, verdict
from nndsl.experiment.comparison.results import column_title
from nndsl.experiment.comparison.summary import best_epochs, cells, chosen_columns, remark
from nndsl.interchange import command_line
from nndsl.report.page import NAME, Page, Part, Table, write_page
from nndsl.report.verdict import expectation_table


def write_report(comparison: Comparison, parts: Sequence[Part], folder: Path) -> None:
    """Write the page, with these parts behind the results. OSError where that fails."""
    plan = comparison.plan
    count = len(plan.variants)
    held = [(variant.name, one) for variant in comparison.variants for one in variant.held]
    page = Page(
        title=f"{plan.spec.name}: {count} variant{'s' * (count != 1)} compared",
        verdict=verdict(comparison).replace(" ± ", "\u00a0±\u00a0"),
        facts=_facts(comparison),
        parts=(_results(comparison), *parts, _variants(comparison), *expectation_table(held)),
        spec=plan.source.text,
        commands=(command_line(plan.command),),
    )
    write_page(page, folder / NAME)


def _facts(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    plan = comparison.plan
    outcomes = [o for variant in comparison.variants for o in variant.outcomes.values()]
    counts = sorted({variant.graph.parameter_count for variant in plan.variants})
    examples = sorted({n for v in plan.variants if (n := training_examples(v.spec)) is not None})
    facts = {
        "trainings": f"{len(outcomes)}, {plan.seeds} of each variant",
        "judged by": comparison.criterion.title,
        "parameters": _range(counts),
        "training examples": _range(examples),
        "left out": "; ".join(dict.fromkeys(v.spec.description.leaving_out for v in plan.variants)),
        "time of all trainings": f"{sum(outcome.seconds for outcome in outcomes):.1f} s",
    }
    return tuple((label, said) for label, said in facts.items() if said)


def _range(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    ends = dict.fromkeys((numbers[0], numbers[-1]))
    return " to ".join(f"{number:,}" for number in ends)


def _results(comparison: Comparison) -> Table:
    columns = chosen_columns(comparison)
    known = [cells(comparison, column) for column in columns]
    rows = [
        (
            variant.name,
            *(found[number] for found in known),
            best_epochs(comparison, variant),
            remark(comparison, variant),
        )
        for number, variant in enumerate(comparison.variants)
    ]
    seeds = comparison.plan.seeds
    note = "The numbers are those of the weights that are kept."
    if seeds > 1:
        note = (
            f"Mean ± standard deviation over {seeds} seeds, of the weights that are kept. "
            "A variant is within the spread where its range meets that of the best one."
        )
    heads = ("variant", *map(column_title, columns), "best epoch", "")
    return Table("Results", heads, tuple(rows), note)


def _variants(comparison: Comparison) -> Table:
    rows = []
    for variant in comparison.variants:
        seconds = [outcome.seconds for outcome in variant.outcomes.values()]
        overrides = variant.variant.overrides.items()
        said = "; ".join(f"{name} = {value}" for name, value in overrides) or "nothing"
        count = f"{variant.variant.graph.parameter_count:,}"
        rows.append((variant.name, said, count, f"{sum(seconds) / len(seconds):.2f}"))
    heads = ("variant", "changes", "parameters", "seconds")
    return Table("Variants", heads, tuple(rows), "Seconds: the mean of a training.")
