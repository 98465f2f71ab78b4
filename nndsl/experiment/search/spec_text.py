"""The specs that a search writes: one with the best values, and one to search further."""

from collections.abc import Sequence
from pathlib import Path

from nndsl.analysis.spec_edits import (
    apply_edits,
    comment_out,
    move_paths,
    parse,
    section,
    set_values,
)
from nndsl.diagnostics import Edit
from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Trial
from nndsl.syntax.ast import Setting


def best_spec(plan: Plan, best: Trial, heading: str, folder: Path) -> str:
    """Return the spec with the values of a trial. Its search becomes a comment below `heading`.

    `folder` is where the text will stand: paths of data lead from there.
    """
    tree = parse(plan.source)
    edits = [
        *set_values(tree, {**plan.settings, **best.settings}),
        comment_out(section(tree, "search"), heading),
    ]
    return move_paths(apply_edits(plan.source, tree, edits), folder)


def next_spec(plan: Plan, best: Sequence[Trial], folder: Path) -> str:
    """Return the spec with the best values, and ranges that just hold those of the best trials."""
    tree = parse(plan.source)
    edits = [*set_values(tree, {**plan.settings, **best[0].settings})]
    body = section(tree, "search").body
    assert body is not None
    for statement in body.statements:
        name = statement.name.text
        if isinstance(statement, Setting) and name in plan.ranges:
            range_ = plan.ranges[name]
            arguments = range_.narrowed([trial.settings[name] for trial in best])
            narrowed = f"{range_.keyword()}({', '.join(arguments)})"
            edits.append(Edit(statement.value.span, narrowed))
    return move_paths(apply_edits(plan.source, tree, edits), folder)
