"""Descents on a formula, side by side: the variants of a `compare` beside a `minimize`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nndsl.analysis.compare import Comparing
from nndsl.analysis.compile import Checked, analyse_tree
from nndsl.analysis.expectation_results import ExpectationResult, check_expectations
from nndsl.analysis.override import override
from nndsl.analysis.spec import Spec
from nndsl.analysis.toplevel import without_experiments
from nndsl.diagnostics import Diagnostics
from nndsl.files import write_text
from nndsl.interchange import csv_text, json_text
from nndsl.live.descent import Descent
from nndsl.report.descents.pages import report_descents
from nndsl.report.descents.walk import Walk

PATHS, RESULTS = "paths.csv", "results.json"


@dataclass(frozen=True, slots=True)
class Descents:
    """The path of each variant, and what became of its expectations."""

    spec: Spec
    walks: tuple[Walk, ...]
    held: tuple[tuple[str, ExpectationResult], ...]  # the variant's name, and an expectation


def compare_descents(checked: Checked) -> Descents:
    """Descend with every variant of a checked spec that holds a formula and a `compare`.

    They are tiny, and run here one after another. What `expect` says at the top is for the spec
    itself; a variant is held to its own comparisons. SpecError where a variant has errors.
    """
    spec = checked.spec
    assert spec is not None
    comparing: Comparing = spec.experiments["compare"]
    walks: list[Walk] = []
    held: list[tuple[str, ExpectationResult]] = []
    for variant in comparing.variants:
        tree, _ = override(without_experiments(spec.tree), variant.values)
        diagnostics = Diagnostics()
        of_variant = analyse_tree(tree, diagnostics)
        diagnostics.raise_if_failed()
        descent = Descent(of_variant)
        name = variant.name.text
        walk = Walk(name, descent, descent.walk())
        walks.append(walk)
        found = check_expectations(variant.expectations, walk.trajectory.results)
        held += [(name, one) for one in found]
    return Descents(spec, tuple(walks), tuple(held))


def keep_descents(descents: Descents, command: str, folder: Path) -> str:
    """Write paths, results, figures and a page into a folder.

    Return what is missing and the way to get it, or an empty text. OSError where a file cannot be
    written.
    """
    write_text(folder / PATHS, _paths(descents.walks))
    write_text(folder / RESULTS, json_text(_results(descents)))
    return report_descents(descents.walks, descents.held, command, folder, descents.spec)


def _paths(walks: Sequence[Walk]) -> str:
    """Return all steps of all variants as one table."""
    rows = ([walk.name, *row] for walk in walks for row in walk.trajectory.rows())
    return csv_text(["variant", "step", *walks[0].trajectory.variables, "f"], rows)


def _results(descents: Descents) -> dict[str, Any]:
    """Return where each variant ended."""
    found: dict[str, Any] = {}
    for walk in descents.walks:
        path = walk.trajectory
        own = [one.to_json() for name, one in descents.held if name == walk.name]
        found[walk.name] = {
            "steps": len(path.values) - 1,
            **path.results,
            **({"expectations": own} if own else {}),
        }
    return {"variants": found}
