"""From a program to a faster one, which computes the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import prod

from nndsl.ir import (
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    names_of,
    parse_text,
    parse_value,
    wrapped,
)
from nndsl.ir.printer import enclosed
from nndsl.ir.rows import Rows
from nndsl.ir.symbols import number
from nndsl.ir.tree import Clause, Comprehension, replacing, transformed
from nndsl.ir.values import Value
from nndsl.program.constants import known_numbers
from nndsl.program.names import Names
from nndsl.program.optimize.explain import explain, note_formulas
from nndsl.program.optimize.hoist import hoist_transposes
from nndsl.program.optimize.in_place import write_in_place
from nndsl.program.optimize.memory import allocate_buffers, coalesce, eligible_buffers
from nndsl.program.optimize.simplify import aligned
from nndsl.program.optimize.split import Splitter
from nndsl.program.optimize.vector_step import vector_step
from nndsl.program.optimize.write_out import write_out_calls
from nndsl.program.program import Array, Function, ParameterSlice, Program, Workspace
from nndsl.record import record
from nndsl.shapes import Tokens

ALIGNED = Function(
    "aligned",
    ("shape", "dtype"),
    "Return an array that begins at a cache line: there numpy's vector instructions are fastest.",
    parse_text(
        """
        size = math.prod(shape)
        made = np.full(size + 64, value, dtype)
        start = -made.ctypes.data % 64 // made.itemsize
        """
    ),
    parse_value("made[start:start + size].reshape(shape)"),
    defaults=(("value", number(0)),),
)


def optimize(program: Program) -> Program:
    """Return a program that writes into memory it has, and takes one pass over all parameters.

    A program that says nothing of training has no step, and stays as it is; so does one without
    a backward pass, and one whose layers are all frozen.
    """
    training = program.training
    if training is None or training.batch_loss is not None or not program.trained:
        return program
    names = Names(program.identifiers)
    slices = _slices(program.trained, weights_first=bool(training.update.decay))
    size = sum(part.end - part.start for part in slices)
    step = vector_step(training.update, program.constants, names)
    function, memory = _in_memory(program, training.loss_and_gradients, names)
    return replace(
        program,
        training=replace(training, loss_and_gradients=function),
        workspace=Workspace(ALIGNED, memory, slices, size, step),
    )


@record
class MemoryPlan:
    """Statements that write into memory, and what has to be there for them."""

    statements: list[Statement]
    arrays: dict[str, Value]  # to be made once, by the names that the statements have for them
    buffers: dict[str, str]  # of these, those that share memory -> the first that stands in it
    hoisted: dict[Expression, str]  # arrays that depend on N alone: what makes them -> name


def plan_memory(
    statements: Sequence[Statement],
    known: dict[str, Value],
    names: Names,
    *,
    places: Collection[str] = (),
    returned: Collection[str] = (),
) -> MemoryPlan:
    """Return statements that compute the same and write large results into memory.

    So they do with those in `places`, large or not. What is `returned` is left to itself.
    """
    splitter = Splitter(known, names)
    made = splitter.split(note_formulas(statements))
    known = splitter.known
    large = {name for name, value in known.items() if value.is_large}
    owned = eligible_buffers(made, known) & {*large, *places, *splitter.scratch_names}
    made = coalesce(made, known, owned, {*places, *returned})
    arrays = {n: known[n] for n in dict.fromkeys(n for s in made for n in s.writes) if n in owned}
    shares = allocate_buffers(made, known, owned, {*places, *returned})
    return MemoryPlan(write_in_place(made, known, owned), arrays, shares, splitter.hoisted.entries)


def _in_memory(program: Program, function: Function, names: Names) -> tuple[Function, Function]:
    """Return `loss_and_gradients` as it writes into memory, and the function that makes that."""
    trained = program.trained
    stacked = [parameter for parameter in trained if parameter.parts]
    gradients = [f"d{name}" for parameter in trained for name in parameter.arrays]
    written_out = write_out_calls(function.statements, program.functions, names)
    plan = plan_memory(
        [*hoist_transposes(written_out, names)],
        _known(program),
        names,
        places=gradients,
        returned=set(names_of(function.returns)) if function.returns is not None else (),
    )
    statements = plan.statements
    own = {name: value for name, value in plan.arrays.items() if name not in gradients}
    placed = {g: g if g in plan.arrays else names.fresh(f"{g}_place") for g in gradients}
    places = [f"d{p.name}" if p.parts else placed[f"d{p.name}"] for p in trained]
    taken = [*own, *plan.hoisted.values(), *places]
    like = trained[0].arrays[0]
    length = f"len({program.inputs[0]})"
    count = "N" if any("N" in s.reads for s in statements) else length
    given = [  # those of tokens are whole, whatever is calculated
        name
        for name, value in zip(program.inputs, program.graph.inputs.values(), strict=True)
        if not isinstance(value.shape, Tokens)
    ]
    dtype = f"np.result_type({', '.join([*given, like])})" if given else f"{like}.dtype"
    arrays = enclosed(wrapped(name_tuple(taken)))
    made = parse_value(f"memory({count}, {dtype})")
    call: tuple[Statement, ...] = (assign(arrays, made),)
    if count == "N" and not any("N" in s.writes for s in statements):
        call = (*parse_text(f"N = {length}"), *call)
    call += tuple(_unstacked(array, placed) for array in stacked)
    at = next((i for i, s in enumerate(statements) if s.section), 0)
    copies = [
        replace(parse_text(f"{place}[...] = {g}")[0], section=statements[-1].section)
        for g, place in placed.items()
        if g != place
    ]
    body = (*statements[:at], *call, *explain(statements[at:]), *copies)
    read = {name for code in plan.hoisted for name in names_of(code)}
    counts = [count for count in program.counts if count.target in read]
    returns = function.returns
    if returns is not None:
        written: dict[Expression, Expression] = {p.gradient: Name(f"d{p.name}") for p in stacked}
        returns = transformed(returns, replacing(written))
    return replace(function, statements=body, returns=returns), _memory(own, plan, counts)


def _unstacked(array: Array, placed: Mapping[str, str]) -> Statement:
    """Return the statement that gives names to the places of gradients that are stacked."""
    names = [placed[f"d{part}"] for part in array.parts]
    target: Expression = wrapped(name_tuple(names)) if names[1:] else Name(names[0])
    value: Expression = Name(f"d{array.name}")
    return assign(target, value if names[1:] else Operation("[]", (value, number(0))))


def _memory(own: dict[str, Value], plan: MemoryPlan, counts: Sequence[Statement]) -> Function:
    """Write the function that makes the arrays of a step; `counts` are of what they are long."""
    hoisted = plan.hoisted
    standing: dict[str, list[str]] = {}  # the first name in a memory -> all of them
    for name in own:
        standing.setdefault(plan.buffers.get(name, name), []).append(name)
    alone: dict[Value, list[str]] = {}
    for names in standing.values():
        if len(names) == 1:
            alone.setdefault(own[names[0]], []).extend(names)
    made = [_empty(value, group) for value, group in alone.items()]
    made += [_empty(own[g[0]], g, shares=True) for g in standing.values() if len(g) > 1]
    made += [assign(name, value) for value, name in hoisted.items()]
    vector = "vector = gradient if dtype == gradient.dtype else np.empty(gradient.size, dtype)"
    rest = Operation("*", (parse_value("parts(vector).values()"),))
    taken: tuple[Expression, ...] = (*map(Name, (*own, *hoisted.values())), rest)
    return Function(
        "memory",
        ("N", "dtype"),
        "Return the arrays that a step on N examples writes into: made once, used at every step.",
        (*counts, *made, *parse_text(vector)),
        enclosed(wrapped(Operation("tuple", taken))),
    )


def _empty(value: Value, names: list[str], *, shares: bool = False) -> Statement:
    """Return the line that makes the arrays of one shape, or one that all names share."""
    order = value.order or tuple(range(len(value.shape)))
    made = aligned([value.shape[axis] for axis in order])
    if value.order:
        axes = (number(order.index(axis)) for axis in range(len(order)))
        made = Operation(".transpose()", (made, *axes))
    if len(names) == 1:
        return assign(names[0], made)
    targets, count = wrapped(name_tuple(names)), number(len(names))
    if shares:
        times = Operation("*", (Operation("list", (made,)), count))
        return assign(targets, times).with_comment("one after the other")
    each = Clause(Name("_"), Operation("range()", (count,)))
    return assign(targets, Comprehension("()", made, (each,)))


def _known(program: Program) -> dict[str, Value]:
    """Return what is known of names before the first statement."""
    graph = program.graph
    known = {
        name: Value((Rows(), *value.shape), "int" if isinstance(value.shape, Tokens) else "float")
        for name, value in zip(program.inputs, graph.inputs.values(), strict=True)
    }
    known |= {
        "N": Value((), length=Rows()),
        **known_numbers(program.constants),
    }
    for array in (*program.parameters, *program.states):
        known[array.name] = Value(array.shape)
        known |= {name: Value(array.array_shape) for name in array.parts}
    for t, head in zip(program.targets, program.spec.compared, strict=True):
        shape = graph.output_of(head.name).shape
        of_classes = head.loss.targets == "classes"
        known[t] = Value(
            (Rows(), *(shape[:-1] if of_classes else shape)), "int" if of_classes else "float"
        )
    return known


def _slices(parameters: tuple[Array, ...], *, weights_first: bool) -> tuple[ParameterSlice, ...]:
    """Return where each parameter stands in the vector of all, in the order of the parameters.

    These are plain numbers: an optimized script is laid out for the sizes that it was made for.
    """
    order = sorted(parameters, key=lambda p: not p.is_weight) if weights_first else parameters
    starts: dict[str, int] = {}
    at = 0
    for parameter in order:
        starts[parameter.name] = at
        at += prod(map(int, parameter.shape))
    ends = {p.name: starts[p.name] + prod(map(int, p.shape)) for p in parameters}
    return tuple(
        ParameterSlice(p.name, p.shape, starts[p.name], ends[p.name], p.is_weight)
        for p in parameters
    )
