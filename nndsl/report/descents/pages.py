"""Reports of descents: one of a run, one of variants side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nndsl.analysis.expectation_results import ExpectationResult
from nndsl.analysis.spec import Spec
from nndsl.analysis.writing import write_word
from nndsl.live.descent import SCRIPT, Trajectory
from nndsl.report.descents.figures import draw_paths, draw_values
from nndsl.report.descents.walk import Walk, number
from nndsl.report.drawing import NEEDED
from nndsl.report.page import NAME, Page, Part, Picture, Table, Text, write_page
from nndsl.shapes import count

MAX_ROWS = 20  # of a table of steps
LOWER = 1.001  # of the way down: a step that went further is worth a word
MAX_DRAWN = 2  # variables: of more, f over the steps is drawn and not the path


def report_descent(
    walk: Walk, held: Sequence[ExpectationResult], command: str, folder: Path
) -> str:
    """Draw a descent and write its page, both into its folder.

    Return what is missing and the way to get it, or an empty text. OSError where a file cannot be
    written.
    """
    pictures, missing = _pictures([walk], folder)
    descent, path = walk.descent, walk.trajectory
    page = Page(
        title=f"{descent.spec.name}: {_steps_of(path)} of {_title(walk)}",
        verdict=verdict(path),
        facts=(
            ("optimizer", write_word(descent.program.minimizing.optimizer)),
            ("start", _point(path.variables, path.points[0])),
            ("end", _point(path.variables, path.points[-1])),
            ("f at the end", number(path.values[-1])),
        ),
        parts=(*pictures, *_expected([("", o) for o in held]), _steps(path), _equations(walk)),
        spec=descent.spec.source.text,
        commands=(command, f"python {SCRIPT}"),
    )
    write_page(page, folder / NAME)
    return missing


def report_descents(
    walks: Sequence[Walk],
    held: Sequence[tuple[str, ExpectationResult]],
    command: str,
    folder: Path,
    spec: Spec,
) -> str:
    """Draw descents side by side and write their page, as `report_descent` does for one."""
    pictures, missing = _pictures(walks, folder)
    page = Page(
        title=f"{spec.name}: {len(walks)} descents compared",
        verdict=verdict_of_all(walks),
        facts=(("start", _point(walks[0].trajectory.variables, walks[0].trajectory.points[0])),),
        parts=(*pictures, ending_table(walks), *_expected(held), _equations(walks[0])),
        spec=spec.source.text,
        commands=(command,),
    )
    write_page(page, folder / NAME)
    return missing


def ending_table(walks: Sequence[Walk]) -> Table:
    """Return where each descent ended."""
    variables = walks[0].trajectory.variables
    shown = variables if len(variables) <= MAX_DRAWN * 3 else ()
    rows = []
    for walk in walks:
        path = walk.trajectory
        ends = [number(value) for value in path.points[-1][: len(shown)]]
        optimizer = write_word(walk.descent.program.minimizing.optimizer, defaults=False)
        steps = str(len(path.points) - 1)
        rows.append((walk.name, optimizer, steps, *ends, number(path.values[-1])))
    return Table("Where they end", ("variant", "optimizer", "steps", *shown, "f"), tuple(rows))


def verdict(path: Trajectory) -> str:
    """Return what became of f, in a sentence."""
    first, last, steps = float(path.values[0]), float(path.values[-1]), _steps_of(path)
    if not math.isfinite(last):
        step = len(path.values) - 1
        return f"f is no finite number after step {step}: the descent has diverged."
    if path.is_still:
        return f"f is {number(last)} after {steps}, as it was at the start."
    if last > first:
        return f"f grew from {number(first)} to {number(last)} in {steps}: it diverges."
    end = _point(path.variables, path.points[-1]) if len(path.variables) <= MAX_DRAWN else ""
    lowest = int(np.argmin(path.values))
    said = f"f fell from {number(first)} to {number(last)} in {steps}"
    said += f", and ends at {end}" if end else ""
    if path.values[lowest] < first - LOWER * (first - last) and lowest != len(path.values) - 1:
        said += f"; it was lowest, {number(path.values[lowest])}, after step {lowest}"
    return f"{said}."


def verdict_of_all(walks: Sequence[Walk]) -> str:
    """Return which descent ended lowest, and which diverged, in a sentence."""
    calm = [walk for walk in walks if not walk.trajectory.has_diverged]
    wild = [walk.name for walk in walks if walk.trajectory.has_diverged]
    said = []
    if calm:
        order = sorted(calm, key=lambda walk: walk.trajectory.values[-1])
        said.append(f"{order[0].name} ends lowest, at f = {number(order[0].trajectory.values[-1])}")
        if len(order) > 1:
            said.append(f"then {order[1].name} at {number(order[1].trajectory.values[-1])}")
    if wild:
        said.append(
            f"{', '.join(wild)} {'ends' if len(wild) == 1 else 'end'} higher than the start"
        )
    return f"{'; '.join(said)}."


def _pictures(walks: Sequence[Walk], folder: Path) -> tuple[list[Part], str]:
    few = len(walks[0].trajectory.variables) <= MAX_DRAWN
    parts: list[Part] = []
    try:
        if few:
            notes = [f"{walk.name}: {walk.note}" for walk in walks if walk.note]
            marks = "The circle is where it starts, the star where it ends"
            said = [marks]
            if len(walks[0].trajectory.variables) == 2:
                said.append("the lines are those of equal f")
                if len(walks) == 1:
                    said.append("arrows point downhill, and are long where it is steep")
            caption = ". ".join(["; ".join(said), *notes]) + "."
            parts.append(Picture("The path", draw_paths(walks, folder), caption))
        parts.append(Picture("f over the steps", draw_values(walks, folder)))
    except ImportError:
        return [Text("Figures", (f"There are none here: {NEEDED}",))], f"no figures: {NEEDED}"
    return parts, ""


def _steps_of(path: Trajectory) -> str:
    return count(len(path.values) - 1, "step")


def _steps(path: Trajectory) -> Table:
    count = len(path.values)
    chosen = np.unique(np.linspace(0, count - 1, min(count, MAX_ROWS)).astype(int))
    few = len(path.variables) <= MAX_DRAWN * 3
    rows = tuple(
        (
            str(step),
            *(number(value) for value in (path.points[step] if few else ())),
            number(path.values[step]),
        )
        for step in chosen
    )
    note = "" if len(chosen) == count else "Every step stands in path.csv."
    return Table("The steps", ("step", *(path.variables if few else ()), "f"), rows, note)


def _equations(walk: Walk) -> Text:
    return Text("The formula and its gradient", walk.descent.program.equations)


def _expected(held: Sequence[tuple[str, ExpectationResult]]) -> list[Part]:
    rows = tuple(
        (
            f"{name}: {o.expectation}" if name else str(o.expectation),
            o.shown,
            "yes" if o.holds else "no",
        )
        for name, o in held
    )
    return [Table("Expectations", ("expected", "found", "holds"), rows)] if rows else []


def _title(walk: Walk) -> str:
    return walk.descent.program.update.title


def _point(variables: Sequence[str], point: Sequence[float]) -> str:
    if len(variables) > MAX_DRAWN * 3:
        return f"a point of {len(variables)} variables"
    pairs = zip(variables, point, strict=True)
    return ", ".join(f"{name} = {number(value)}" for name, value in pairs)
