"""Descents on a formula, side by side: the variants of a `compare` beside a `minimize`."""

from collections.abc import Sequence
from pathlib import Path

from nndsl.analysis.compare import ComparisonSpec
from nndsl.analysis.compile import Checked, analyse_tree
from nndsl.analysis.expectation_results import check_expectations
from nndsl.analysis.override import override
from nndsl.analysis.spec import Spec
from nndsl.analysis.toplevel import without_experiments
from nndsl.diagnostics import Diagnostics
from nndsl.files import write_text
from nndsl.interchange import csv_text, json_text
from nndsl.live.descent import Descent
from nndsl.report.descents.pages import report_descents
from nndsl.report.descents.result import DescentResult

PATHS, RESULTS = "paths.csv", "results.json"


def compare_descents(checked: Checked) -> list[DescentResult]:
    """Descend with every variant of a checked spec that holds a formula and a `compare`.

    They are tiny, and run here one after another. What `expect` says at the top is for the spec
    itself; a variant is held to its own. SpecError where a variant has errors.
    """
    spec = checked.spec
    assert spec is not None
    comparing: ComparisonSpec = spec.experiments["compare"]
    results: list[DescentResult] = []
    for variant in comparing.variants:
        tree, _ = override(without_experiments(spec.tree), variant.values)
        descent = Descent(analyse_tree(tree, Diagnostics()))
        path = descent.trajectory()
        expectations = check_expectations(variant.expectations, path.results)
        results.append(DescentResult(variant.name.text, descent, path, expectations))
    return results


def keep_descents(spec: Spec, results: Sequence[DescentResult], command: str, folder: Path) -> str:
    """Write paths, results, figures and a page into a folder.

    Return what is missing and the way to get it, or an empty text. OSError where a file cannot be
    written.
    """
    columns = ["variant", *results[0].trajectory.columns]
    steps = ([result.name, *row] for result in results for row in result.trajectory.rows())
    write_text(folder / PATHS, csv_text(columns, steps))
    ends = {result.name: result.trajectory.to_json(result.expectations) for result in results}
    write_text(folder / RESULTS, json_text({"variants": ends}))
    return report_descents(spec, results, command, folder)
