"""The sections of a script in the order in which they are read, and what stands in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from nndsl.ir import (
    ExpressionStatement,
    Operation,
    Statement,
    assign,
    name_tuple,
    parse_text,
    parse_value,
    quoted,
    reads,
    statement,
)
from nndsl.ir.printer import on_lines
from nndsl.program.constants import Constant, constant
from nndsl.program.passes import return_value
from nndsl.program.program import Array, Class, Function, Program, Training, Workspace
from nndsl.program.training_loop import (
    CHECK_ALONE,
    NO_ARGUMENTS,
    write_guard,
    write_main,
    write_train,
)
from nndsl.program.updating import write_states, write_step
from nndsl.record import record
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS

STREAMS = "random numbers: a stream for each use"


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

    @property
    def reads(self) -> set[str]:
        """All names that it reads."""
        return {name for part in self.parts for name in _read(part)}


def _read(part: Part) -> set[str]:
    if isinstance(part, Class | Function):
        return part.reads
    return reads(part.statements if isinstance(part, Settings) else part)


def sections(program: Program) -> Iterator[Section]:
    """Yield the sections of the script of a program."""
    training, loading, workspace = program.training, program.loading, program.workspace
    yield Section("Settings", (Settings(tuple(_settings(program))),))
    if loading is not None:
        kept = parse_text("statistics = {}   # of the inputs: see load_data")
        yield Section("Data", (*[kept] * loading.standardizes, loading.function))
    vector: tuple[Part, ...] = ()
    memory: tuple[Part, ...] = ()
    if workspace is not None:
        from nndsl.program.optimize.parameter_vector import write_parts, write_vectors

        vectors = write_vectors(workspace, program.dtype)
        vector = (workspace.aligned, write_parts(workspace), vectors)
        memory = (_cached(workspace.memory),)
    yield Section("Parameters", (*program.initializers, tuple(_arrays(program)), *vector))
    if program.classes:
        yield Section("Layers", (*program.functions, *program.classes))
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
    )
    if training is not None:
        yield _optimizer(program, training, workspace)
        main = [write_main(program)] if loading is not None else []
        sampling = [program.sampling] if program.sampling is not None else []
        loop = (training.evaluate, write_train(training, loading), *sampling, *main)
        yield Section("Training", loop)
    if program.checks:
        yield Section("The gradient check", program.checks)
    if training is not None and loading is not None:
        refused = CHECK_ALONE if program.checks else NO_ARGUMENTS
        yield Section("", (write_guard(refused, checks=bool(program.checks)),))


def _optimizer(program: Program, training: Training, workspace: Workspace | None) -> Section:
    update = training.update
    title = f"The optimizer: {update.title}"
    if workspace is not None and workspace.step is not None:
        from nndsl.program.optimize.parameter_vector import write_blocks, write_vector_step

        step = write_vector_step(update, workspace)
        return Section(title, (*update.schedules, write_blocks(update, workspace), step))
    states = write_states(update, program.parameters)
    remembered = [Settings(states)] if states else []
    return Section(title, (*update.schedules, *remembered, write_step(update)))


def _settings(program: Program) -> Iterator[Statement]:
    """Yield the constants of the script with their comments."""
    train = program.spec.train
    yield assign("SEED", constant(program.spec.seed))
    if train is not None:
        values = (train.batch, train.steps or train.epochs or DEFAULT_EPOCHS)
        length = "STEPS" if train.steps is not None else "EPOCHS"
        whole = "optimizer steps of the whole training"
        what = whole if train.steps is not None else "passes over the training part"
        sizes = [Constant(n, str(v)) for n, v in zip(("BATCH_SIZE", length), values, strict=True)]
        yield _together(sizes, f"examples a step, {what}")
    yield from constants(program.constants)
    for name, file in program.loading.files.items() if program.loading else ():
        beside = parse_value("Path(__file__)")
        path = Operation(".with_name()", (beside, constant(name)))
        yield assign(file.constant, path)
    streams = name_tuple(program.streams)
    spawned = parse_value(f"np.random.default_rng(SEED).spawn({len(program.streams)})")
    yield assign(streams, spawned).with_comment(STREAMS)


def constants(named: tuple[Constant, ...]) -> Iterator[Statement]:
    """Yield the statements of constants; neighbours of one comment are one line."""
    for comment, group in groupby(named, key=lambda constant: constant.comment):
        yield _together([*group], comment)


def _together(named: list[Constant], comment: str) -> Statement:
    values = tuple(parse_value(one.code) for one in named)
    if len(named) == 1:
        return assign(named[0].name, values[0]).with_comment(comment)
    names = name_tuple(one.name for one in named)
    return assign(names, Operation("tuple", values)).with_comment(comment)


def _arrays(program: Program) -> Iterator[Statement]:
    yield assign("params", _dictionary(program.parameters))
    if program.states:
        states = assign("state", _dictionary(program.states))
        yield states.with_comment("running statistics, for predict")


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
