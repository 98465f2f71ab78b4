"""The sections of a script in the order in which they are read, and what stands in each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from nndsl.analysis.spec import Spec
from nndsl.ir import (
    ExpressionStatement,
    Operation,
    Statement,
    assign,
    name_tuple,
    names_of,
    parse_text,
    parse_value,
    quoted,
    reads,
    statement,
    wrapped,
)
from nndsl.ir.printer import on_lines
from nndsl.ir.symbols import number, plain
from nndsl.languages import sentence
from nndsl.program.beginning import write_beginning
from nndsl.program.constants import Constant, constant, literal
from nndsl.program.passes import return_value
from nndsl.program.program import Array, Class, Function, Program, Training, Workspace
from nndsl.program.training_loop import (
    CHECK_ALONE,
    NO_ARGUMENTS,
    write_accumulation,
    write_guard,
    write_main,
    write_refusal,
    write_train,
)
from nndsl.program.updating import write_states, write_step
from nndsl.record import record
from nndsl.source import Origin
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train

STREAMS = "a stream each"
PARAMETERS, LAYERS, NETWORK, OPTIMIZER = KINDS = ("parameters", "layers", "network", "optimizer")
_OF_TRAIN = {"SEED": "train.seed", "BATCH_SIZE": "train.batch"}
_OF_TRAIN |= {"STEPS": "train.steps", "EPOCHS": "train.epochs"}


@record
class Settings:
    """Statements whose comments stand below each other."""

    statements: tuple[Statement, ...]


Part = Class | Function | Settings | tuple[Statement, ...]


@record
class Section:
    """A part of a script under a title; what has none stands behind the last one."""

    title: str
    parts: tuple[Part, ...]
    origin: Origin | None = None  # of those of its lines that do not say it themselves
    kind: str = ""  # one of KINDS: what is mathematics

    @property
    def reads(self) -> set[str]:
        """All names that it reads."""
        return {name for part in self.parts for name in _read(part)}


def _read(part: Part) -> set[str]:
    if isinstance(part, Class | Function):
        return part.reads
    return reads(part.statements if isinstance(part, Settings) else part)


def sections(program: Program) -> list[Section]:
    """Return the sections of the script of a program."""
    others = list(_others(program))
    settings = _settings(program, {name for section in others for name in section.reads})
    settings = (replace(one, origin=_origin_of(one, program.spec, others)) for one in settings)
    return [Section("Settings", (Settings(tuple(settings)),)), *others]


def _origin_of(setting: Statement, spec: Spec, sections: Sequence[Section]) -> Origin | None:
    """Return where a constant comes from: its own line of the page, or that of what reads it."""
    own = (_OF_TRAIN.get(name, f"let.{name}") for name in setting.writes)
    found = next((spec.origins[key] for key in own if key in spec.origins), None)
    readers = (one.origin for one in sections if one.origin and one.reads & {*setting.writes})
    return found or next(readers, None)


def _others(program: Program) -> Iterator[Section]:
    training, loading, workspace = program.training, program.loading, program.workspace
    if loading is not None:
        known = ", ".join(step.before for step in loading.preparation.steps if step.before)
        kept = parse_text(f"statistics = {{{known}}}   # of the training part: see load_data")
        begun = [kept] * bool(loading.preparation.keeps)
        functions: tuple[Part, ...] = (*begun, *loading.functions, loading.function)
        yield Section("Data", functions, program.spec.origins.get("data"))
    vector: tuple[Part, ...] = ()
    memory: tuple[Part, ...] = ()
    if workspace is not None:
        from nndsl.program.optimize.parameter_vector import write_parts, write_vectors

        moves_all = program.trained == program.parameters
        vectors = write_vectors(workspace, program.dtype, moves_all=moves_all)
        vector = (workspace.aligned, write_parts(workspace), vectors)
        memory = (_cached(workspace.memory),)
    parts: tuple[Part, ...] = (*program.initializers, tuple(_arrays(program)), *vector)
    if program.beginnings:
        parts = (*parts, write_beginning(program.beginnings))
    yield Section("Parameters", parts, kind=PARAMETERS)
    if program.classes:
        yield Section("Layers", (*program.functions, *program.classes), kind=LAYERS)
    learning = [training.batch_loss, training.loss_and_gradients] if training else []
    yield Section(
        "The network",
        (
            *(() if program.classes else program.functions),
            *([program.objects] if program.objects else []),
            *program.blocks,
            return_value(program.predict),
            *memory,
            *(function for function in learning if function is not None),
        ),
        kind=NETWORK,
    )
    if training is not None:
        yield _optimizer(program, training, workspace)
        main = [write_main(program)] if loading is not None else []
        sampling = [program.sampling] if program.sampling is not None else []
        pieces = [write_accumulation(program, training)] if training.pieces else []
        pieces += [training.mixing] if training.mixing else []
        loop = (training.evaluate, *pieces, write_train(program, training), *sampling, *main)
        yield Section("Training", loop)
    if program.checks:
        yield Section("The gradient check", program.checks)
    if training is not None and loading is not None:
        refused = CHECK_ALONE if program.checks else NO_ARGUMENTS
        yield Section("", (write_guard(refused, checks=bool(program.checks)),))
    else:
        yield Section("", (write_refusal("train" if training is not None else "predict"),))


def _optimizer(program: Program, training: Training, workspace: Workspace | None) -> Section:
    update = training.update
    memories = [update.memories] if update.memories else []
    title = sentence("The optimizer: {method}", method=sentence(update.title))
    origin = program.spec.origins.get("train.optimizer")
    moves_all = program.trained == program.parameters
    if workspace is not None and workspace.step is not None:
        from nndsl.program.optimize.parameter_vector import write_blocks, write_vector_step

        step = write_vector_step(update, workspace, moves_all=moves_all)
        blocks = write_blocks(update, workspace)
        return Section(title, (*memories, *update.schedules, blocks, step), origin, OPTIMIZER)
    states = write_states(update, program.parameters)
    remembered = [Settings(states)] if states else []
    step = write_step(update, moves_all=moves_all)
    return Section(title, (*memories, *update.schedules, *remembered, step), origin, OPTIMIZER)


def _settings(program: Program, read: set[str]) -> Iterator[Statement]:
    """Yield the constants of the script with their comments: those that are `read`."""
    yield assign("SEED", constant(plain(program.spec.seed)))
    read = with_needs(program.constants, read)
    frame = tuple(_frame(program.spec.train, read))
    own = [one for one in program.constants if one.is_of_spec]
    others = [one for one in program.constants if not one.is_of_spec]
    yield from constants([*own, *frame, *others], read.union(one.name for one in frame))
    for name, file in program.files.items():
        beside = parse_value("Path(__file__)")
        path = Operation(".with_name()", (beside, constant(name)))
        yield assign(file.constant, path)
    streams = name_tuple(program.streams)
    spawned = parse_value(f"np.random.default_rng(SEED).spawn({len(program.streams)})")
    yield assign(streams, spawned).with_comment(STREAMS)


def _frame(train: Train | None, read: set[str]) -> Iterator[Constant]:
    """Yield the constants of every training. What a `let` names for them alone is a number."""
    if train is not None:
        values = [("BATCH_SIZE", train.batch, "examples a step")]
        if train.steps is not None:
            values.append(("STEPS", train.steps, "optimizer steps of the whole training"))
        else:
            epochs = train.epochs or DEFAULT_EPOCHS
            values.append(("EPOCHS", epochs, "passes over the training part"))
        for name, value, comment in values:
            named = read.issuperset(names_of(number(value)))
            yield Constant(name, literal(value if named else plain(value)), comment)


def with_needs(named: Sequence[Constant], read: set[str]) -> set[str]:
    """Return names that are read, and those of what the constants among them are made of."""
    known = {one.name: one for one in named}
    found: set[str] = set()
    waiting = [*read]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += known[name].needs if name in known else ()
    return found


def constants(named: Sequence[Constant], read: set[str]) -> Iterator[Statement]:
    """Yield the statements of constants that are read; neighbours of one comment are one line.

    What others are made of stands before them.
    """
    read = with_needs(named, read)
    waiting = [one for one in named if one.name in read]
    ordered: list[Constant] = []
    while waiting:
        missing = {one.name for one in waiting}
        ordered.append(next(one for one in waiting if not one.needs & missing))
        waiting.remove(ordered[-1])
    for comment, group in groupby(ordered, lambda one: one.comment):
        for alone, some in groupby(group, lambda one: one.is_of_spec or bool(one.needs)):
            together = [*some]
            for few in [[one] for one in together] if alone else [together]:
                yield _together(few, comment)


def _together(named: list[Constant], comment: str) -> Statement:
    values = tuple(parse_value(one.code) for one in named)
    if len(named) == 1:
        value = values[0]
        if isinstance(value, Operation) and value.op in ("tuple", "list"):
            value = wrapped(value, len(named[0].name) + 5)
        return assign(named[0].name, value).with_comment(comment)
    names = name_tuple(one.name for one in named)
    return assign(names, Operation("tuple", values)).with_comment(comment)


def _arrays(program: Program) -> Iterator[Statement]:
    yield assign("params", _dictionary(program.parameters))
    for name, stacked in program.stacks.items():
        names = Operation("tuple", tuple(map(quoted, stacked)), enclosed=True)
        yield assign(name, wrapped(names)).with_comment("stacked: a row for every copy")
    if program.states:
        states = assign("state", _dictionary(program.states))
        kept = len(program.states) > len(program.carried)
        said = ["running statistics, for predict"] * kept
        said += ["where a batch ended, for the next"] * bool(program.carried)
        yield states.with_comment("; ".join(said))


def _dictionary(arrays: tuple[Array, ...]) -> Operation:
    """Return a dictionary of arrays, those of one layer on a line."""
    entries = (Operation("pair", (quoted(array.name), array.value)) for array in arrays)
    layers = (-1, *(array.layer for array in arrays[:-1]))
    before = zip(arrays, layers, strict=True) if arrays else ()
    joins = [array.layer == layer and not array.is_derived for array, layer in before]
    return on_lines(Operation("dict", tuple(entries)), joins=joins)


def _cached(function: Function) -> Function:
    decorator = Operation("@", (parse_value("lru_cache(maxsize=2)"),))
    comment = "for full batches, and for the last one"
    return replace(function, decorator=statement(ExpressionStatement(decorator), comment))
