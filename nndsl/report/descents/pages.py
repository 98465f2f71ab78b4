"""Reports of descents: one of a run, one of variants side by side."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nndsl.analysis.builtin_printer import print_builtin
from nndsl.analysis.imports import self_contained
from nndsl.analysis.spec import Spec
from nndsl.diagram.formula import formula_diagram
from nndsl.languages import clauses, sentence
from nndsl.live.descent import SCRIPT, Trajectory
from nndsl.report.descents.figures import draw_paths, draw_values
from nndsl.report.descents.result import DescentResult, number
from nndsl.report.drawing import NEEDED
from nndsl.report.page import NAME, Page, Part, Picture, Table, Text, graph_part, write_page
from nndsl.report.verdict import expectation_table
from nndsl.shapes import count

MAX_ROWS = 20  # of a table of steps
FURTHER = 1.001  # of the way down: a step that went further is worth a word
MAX_DRAWN = 2  # variables: of more, f over the steps is drawn and not the path


def report_descent(result: DescentResult, command: str, folder: Path) -> str:
    """Draw a descent and write its page, both into its folder.

    Return what is missing and the way to get it, or an empty text. OSError where a file cannot be
    written.
    """
    descent, path = result.descent, result.trajectory
    facts = (
        ("optimizer", print_builtin(descent.program.minimizing.optimizer)),
        ("start", _point(path.variables, path.points[0])),
        ("end", _point(path.variables, path.points[-1])),
        ("f at the end", number(path.values[-1])),
    )
    title = f"{_steps_of(path)} of {descent.program.update.title}"
    parts = [*expectation_table([("", one) for one in result.expectations]), _steps(path)]
    commands = (command, f"python {SCRIPT}")
    return _write(descent.spec, [result], title, verdict(path), facts, parts, commands, folder)


def report_descents(
    spec: Spec, results: Sequence[DescentResult], command: str, folder: Path
) -> str:
    """Draw descents side by side and write their page, as `report_descent` does for one."""
    path = results[0].trajectory
    facts = (("start", _point(path.variables, path.points[0])),)
    expectations = [(result.name, one) for result in results for one in result.expectations]
    parts = [ending_table(results), *expectation_table(expectations)]
    title = f"{len(results)} descents compared"
    said = verdict_of_all(results)
    return _write(spec, results, title, said, facts, parts, (command,), folder)


def _write(
    spec: Spec,
    results: Sequence[DescentResult],
    title: str,
    verdict: str,
    facts: tuple[tuple[str, str], ...],
    parts: Sequence[Part],
    commands: tuple[str, ...],
    folder: Path,
) -> str:
    pictures, missing = descent_pictures(results, folder)
    program = results[0].descent.program
    caption = "The numbers are those at the start: forward above, gradients below."
    graph = graph_part(formula_diagram(program, values=True), caption)
    equations = Text("The formula and its gradient", program.equations)
    page = Page(
        title=f"{spec.name}: {title}",
        verdict=verdict,
        facts=facts,
        parts=(*pictures, *parts, graph, equations),
        spec=self_contained(spec.source).text,
        commands=commands,
    )
    write_page(page, folder / NAME)
    return missing


def ending_table(results: Sequence[DescentResult]) -> Table:
    """Return where each descent ended."""
    variables = results[0].trajectory.variables
    shown = variables if len(variables) <= MAX_DRAWN * 3 else ()
    rows = []
    for result in results:
        path = result.trajectory
        ends = [number(value) for value in path.points[-1][: len(shown)]]
        optimizer = print_builtin(result.descent.program.minimizing.optimizer, defaults=False)
        steps = str(len(path.points) - 1)
        rows.append((result.name, optimizer, steps, *ends, number(path.values[-1])))
    return Table("Where they end", ("variant", "optimizer", "steps", *shown, "f"), tuple(rows))


def verdict(path: Trajectory) -> str:
    """Return what became of f, in a sentence."""
    first, last, steps = float(path.values[0]), float(path.values[-1]), _steps_of(path)
    if not math.isfinite(last):
        step = len(path.values) - 1
        return f"f is no finite number after step {step}: the descent has diverged."
    if path.is_unchanged:
        return f"f is {number(last)} after {steps}, as it was at the start."
    if last > first:
        return f"f grew from {number(first)} to {number(last)} in {steps}: it diverges."
    end = _point(path.variables, path.points[-1]) if len(path.variables) <= MAX_DRAWN else ""
    lowest = int(np.argmin(path.values))
    said = f"f fell from {number(first)} to {number(last)} in {steps}"
    said += f", and ends at {end}" if end else ""
    if lowest != len(path.values) - 1 and path.values[lowest] < first - FURTHER * (first - last):
        said += f"; it was lowest, {number(path.values[lowest])}, after step {lowest}"
    return f"{said}."


def verdict_of_all(results: Sequence[DescentResult]) -> str:
    """Return which descent ended lowest, and which diverged, in a sentence."""
    converging = [result for result in results if not result.trajectory.has_diverged]
    diverging = [result.name for result in results if result.trajectory.has_diverged]
    said: list[str] = []
    if converging:
        order = sorted(converging, key=lambda result: result.trajectory.values[-1])
        ends = ("{name} ends lowest, at f = {value}", "then {name} at {value}")
        for text, one in zip(ends, order, strict=False):
            said.append(sentence(text, name=one.name, value=number(one.trajectory.values[-1])))
    if diverging:
        end = "ends" if len(diverging) == 1 else "end"
        names = ", ".join(diverging)
        said.append(sentence(f"{{names}} {end} higher than the start", names=names))
    return clauses(*said)


def descent_pictures(results: Sequence[DescentResult], folder: Path) -> tuple[list[Part], str]:
    """Draw descents into a folder; return what shows them, and what is missing for it, if any."""
    few = len(results[0].trajectory.variables) <= MAX_DRAWN
    parts: list[Part] = []
    try:
        if few:
            notes = [f"{result.name}: {result.note}" for result in results if result.note]
            said = ["The circle is where it starts, the star where it ends"]
            if len(results[0].trajectory.variables) == 2:
                said.append("the lines are those of equal f")
                if len(results) == 1:
                    said.append("arrows point downhill, and are long where it is steep")
            caption = ". ".join(["; ".join(said), *notes]) + "."
            parts.append(Picture("The path", draw_paths(results, folder), caption))
        parts.append(Picture("f over the steps", draw_values(results, folder)))
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


def _point(variables: Sequence[str], point: Sequence[float]) -> str:
    if len(variables) > MAX_DRAWN * 3:
        return f"a point of {len(variables)} variables"
    pairs = zip(variables, point, strict=True)
    return ", ".join(f"{name} = {number(value)}" for name, value in pairs)
