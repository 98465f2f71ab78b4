"""One vector of all parameters, cut in blocks: what an optimized script has beside its network."""

from nndsl.ir import Expression, Name, Operation, Statement, block, parse_text, quoted
from nndsl.ir.printer import on_lines
from nndsl.ir.symbols import number
from nndsl.program.constants import literal
from nndsl.program.program import Function, ParameterSlice, Update, Workspace

ONE_BLOCK = 2**17  # numbers of a vector up to which all of it stays in the cache
WIDTH = 84  # of entries that stand side by side
BLOCK = 2**16  # numbers of a block where it does not


def write_parts(workspace: Workspace) -> Function:
    """Write `parts`, which says where in a vector each parameter stands."""
    in_order = [part.start for part in workspace.slices]
    order = "" if in_order == sorted(in_order) else ": weights first, for they alone decay"
    return Function(
        "parts",
        ("vector",),
        f"Return the part of each parameter in a vector of all{order}.",
        (),
        _views(workspace.slices),
    )


def write_vectors(workspace: Workspace, dtype: str, *, moves_all: bool) -> tuple[Statement, ...]:
    """Return the statements that put all parameters, or those that are trained, into one vector."""
    what, put = "all parameters", "params = parts(theta)"
    if not moves_all:
        what, put = "all that is trained", "params |= parts(theta)"
    return parse_text(
        f"""
        theta = aligned(({workspace.size},), {dtype})   # {what} in a row:
        gradient = aligned(theta.shape, theta.dtype)   # the optimizer passes over all
        for name, part in parts(theta).items():
            part[...] = params[name]
        {put}
        """
    )


def write_blocks(update: Update, workspace: Workspace) -> tuple[Statement, ...]:
    """Return the vectors of an optimizer, and the blocks in which it goes through them."""
    step = workspace.step
    assert step is not None
    made: list[Statement] = []
    for name, first, note in update.states:
        if name in step.sums:
            note = f"times {step.sums[name]}: {note}"
        value = f", {literal(first)}" if first else ""
        (state,) = parse_text(f"{name} = aligned(theta.shape, theta.dtype{value})")
        made.append(state.with_comment(note))
    length, why = "theta.size", "the vectors fit into the cache"
    if workspace.size > ONE_BLOCK:
        length, why = str(BLOCK), "numbers of each vector that fit into the cache"
    arrays = ["theta", "gradient", *(name for name, _, _ in update.states)]
    count = len(step.scratch)
    decaying = sum(p.end - p.start for p in workspace.slices if p.is_weight) if step.decay else 0
    cuts = "range(0, theta.size, BLOCK)"
    if decaying:
        cuts = f"range(0, {decaying}, BLOCK), *range({decaying}, theta.size, BLOCK)"
    decays = f"i < {decaying}, " * bool(decaying)
    scratch = ", *scratch[:, :j - i]" if count else "," * (not decays)
    return (
        *made,
        *parse_text(f"BLOCK = {length}   # {why}"),
        *parse_text(f"scratch = aligned(({count}, BLOCK), theta.dtype)") * bool(count),
        *parse_text(f"cuts = [*{cuts}, theta.size]"),
        *parse_text(
            f"""
            blocks = [
                ({decays}*(a[i:j] for a in ({", ".join(arrays)})){scratch})
                for i, j in pairwise(cuts)
            ]
            """
        ),
    )


def write_vector_step(update: Update, workspace: Workspace, *, moves_all: bool) -> Function:
    """Write the optimizer's step on the vector."""
    step = workspace.step
    assert step is not None
    names = ["decays"] * bool(step.decay) + ["p", "g"]
    names += [*(name for name, _, _ in update.states), *step.scratch]
    decay = [block("if decays:   # weights, and not biases", step.decay)] * bool(step.decay)
    each = block(f"for {', '.join(names)} in blocks:", [*decay, *step.statements])
    return Function(
        "update",
        update.arguments,
        f"Move {'all parameters' if moves_all else 'what is trained'} one step downhill "
        f"({update.source}).",
        (*step.before, *step.numbers, each),
    )


def _views(slices: tuple[ParameterSlice, ...]) -> Expression:
    """Return a dictionary of views, those without another shape as many on a line as fit."""
    views = []
    for part in slices:
        cut = Operation("slice", (number(part.start), number(part.end)))
        view = Operation("[]", (Name("vector"), cut))
        if len(part.shape) != 1:
            view = Operation(".reshape()", (view, *map(number, part.shape)))
        views.append(Operation("pair", (quoted(part.name), view)))
    joins = [len(part.shape) == 1 for part in slices]
    return on_lines(Operation("dict", tuple(views)), WIDTH, joins)
