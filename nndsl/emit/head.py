"""The head of a script: its title, its equations, and digits of the spec it was made from."""

import hashlib
import json
from collections.abc import Iterable

from nndsl.analysis.json_form import tree_to_json
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics
from nndsl.ir.rows import margin
from nndsl.languages.widths import pad, width
from nndsl.program.program import Equation, Program

COLUMN_WIDTH, LINE_WIDTH, MAX_WIDTH = 15, 80, 96


def head(program: Program) -> list[str]:
    """Return the equations of the model, and what training makes small."""
    lines = _equations(program.equations)
    if program.training is not None:
        first, *rest = program.training.terms
        loss = " + ".join([f"loss = {first}", *rest])
        wide = len(loss) > LINE_WIDTH
        lines += [f"loss = {first}", *(f"     + {term}" for term in rest)] if wide else [loss]
    return lines


def _equations(equations: Iterable[Equation]) -> list[str]:
    """Return lines of equations: one has those of a layer with weights and of what follows."""
    lines: list[str] = []
    block = ""
    for equation in equations:
        indent = "  " * bool(equation.block)
        starts = equation.has_weights or not lines or equation.block != block
        if equation.block and equation.block != block:
            lines.append(f"{equation.block}:")
        most = LINE_WIDTH
        for part in equation.text.split("    "):
            if starts or width(lines[-1]) + width(part) > most:
                lines.append(indent + part)
            else:
                lines[-1] = f"{pad(lines[-1], COLUMN_WIDTH)}    {part}"
            starts, most = False, MAX_WIDTH  # of one equation as much as fits stands together
        block = equation.block
    return lines


def title(program: Program) -> str:
    """Return the network in a line: `digits -> 100 relu -> 100 relu -> 10`."""
    given = (
        program.loading.title
        if program.loading
        else " x ".join(map(margin, program.graph.input.shape))
    )
    steps = [given]
    for node in program.graph.nodes:
        if node.has_weights:
            steps.append(" x ".join(map(margin, node.output.shape)))
        elif node.layer.equation and node.layer.backward and len(steps) > 1:
            steps[-1] += f" {node.layer.keyword()}"
    text = f"{program.spec.name}: {' -> '.join(steps)}"
    return text if len(text) <= 96 else text[:93].rpartition(" -> ")[0] + " -> …"


def fingerprint(spec: Spec) -> str:
    """Return eight digits that are the same for all layouts of the same spec."""
    canonical = json.dumps(tree_to_json(spec.tree, Diagnostics()))
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]
