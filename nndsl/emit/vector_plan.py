"""The plan of what an optimized script has beside: one vector of all parameters, cut in blocks."""

from __future__ import annotations

from dataclasses import dataclass

from nndsl.emit import layout
from nndsl.program.constants import literal
from nndsl.program.program import Place, Update, VectorStep, Workspace

Lines = list[str]

ONE_BLOCK = 2**17  # numbers of a vector up to which all of it stays in the cache
BLOCK = 2**16  # numbers of a block where it does not
WIDTH = 92


@dataclass(frozen=True, slots=True)
class VectorPlan:
    order: str
    places: Lines
    made: Lines


@dataclass(frozen=True, slots=True)
class VectorStepPlan:
    source: str
    states: Lines
    block: str
    blocks: Lines
    before: Lines
    names: str
    decay: Lines
    statements: Lines


def vector_plan(workspace: Workspace, dtype: str) -> VectorPlan:
    """Return what is said of the vector of all parameters."""
    in_order = [place.start for place in workspace.places]
    return VectorPlan(
        order="" if in_order == sorted(in_order) else ": weights first, for they alone decay",
        places=_places(workspace.places),
        made=[
            _with(f"theta = aligned(({workspace.size},), {dtype})", "all parameters in a row:"),
            _with("gradient = aligned(theta.shape, theta.dtype)", "the optimizer passes over all"),
        ],
    )


def vector_step_plan(update: Update, workspace: Workspace) -> VectorStepPlan:
    """Return the optimizer's step on the vector."""
    step = workspace.step
    assert step is not None
    states = [name for name, _, _ in update.states]
    decaying = sum(p.end - p.start for p in workspace.places if p.is_weight) if step.decay else 0
    block, why = "theta.size", "the vectors fit into the cache"
    if workspace.size > ONE_BLOCK:
        block, why = str(BLOCK), "numbers of each vector that fit into the cache"
    names = [*["decays"] * bool(step.decay), "p", "g", *states, *step.scratch]
    return VectorStepPlan(
        source=update.source,
        states=_states(update, step),
        block=_with(f"BLOCK = {block}", why),
        blocks=_blocks(["theta", "gradient", *states], step, decaying),
        before=[*layout.lay_out(step.before), *layout.lay_out(step.numbers)],
        names=", ".join(names),
        decay=layout.lay_out(step.decay, 12),
        statements=layout.lay_out(step.statements, 8),
    )


def _states(update: Update, step: VectorStep) -> Lines:
    lines = []
    for name, first, note in update.states:
        if name in step.sums:
            note = f"times {step.sums[name]}: {note}"
        value = f", {literal(first)}" if first else ""
        line = f"{name} = aligned(theta.shape, theta.dtype{value})"
        lines.append(_with(line, note) if note else line)
    return lines


def _with(code: str, comment: str) -> str:
    return f"{code.ljust(layout.MARGIN)}# {comment}"


def _blocks(arrays: Lines, step: VectorStep, decaying: int) -> Lines:
    """Return the lines that cut the vectors into blocks."""
    count = len(step.scratch)
    own = ", *scratch[:, :j - i]" * bool(count)
    cuts = "range(0, theta.size, BLOCK)"
    if decaying:
        cuts = f"range(0, {decaying}, BLOCK), *range({decaying}, theta.size, BLOCK)"
    decays = f"i < {decaying}, " * bool(decaying)
    return [
        *[f"scratch = aligned(({count}, BLOCK), theta.dtype)"] * bool(count),
        f"cuts = [*{cuts}, theta.size]",
        "blocks = [",
        f"    ({decays}*(a[i:j] for a in ({', '.join(arrays)})){own})",
        "    for i, j in pairwise(cuts)",
        "]",
    ]


def _places(places: tuple[Place, ...]) -> Lines:
    """Return the entries of a dictionary of views, as many on a line as fit."""
    lines: Lines = []
    for place in places:
        entry = f'"{place.name}": vector[{place.start}:{place.end}]'
        if len(place.shape) != 1:
            entry += f".reshape({', '.join(map(str, place.shape))})"
        entry += ","
        if lines and len(lines[-1]) + len(entry) < WIDTH - 8 and len(place.shape) == 1:
            lines[-1] += f" {entry}"
        else:
            lines.append(entry)
    return lines
