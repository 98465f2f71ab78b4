"""The parts of a script that are taught, and which of them each function belongs to."""

from collections.abc import Iterable, Iterator, Mapping

from nndsl.program.program import Function, Program

BACKWARD, FORWARD, LOSS, UPDATE, INIT, DATA, EVALUATION, NUMERICS = PARTS = (
    "backward",
    "forward",
    "loss",
    "update",
    "init",
    "data",
    "evaluation",
    "numerics",
)
WRITTEN = PARTS[:5]  # those that students are asked to write


def parts_of_functions(program: Program) -> dict[str, str]:
    """Return the part that each function belongs to as a whole; of a method, `Class.method`.

    A function that copies of a block call belongs where it is called.
    """
    found = {function.name: INIT for function in program.initializers}
    found |= {program.predict.name: FORWARD}
    training, loading = program.training, program.loading
    if training is not None:
        found |= {"update": UPDATE, training.evaluate.name: EVALUATION, "train": DATA, "main": DATA}
        if training.batch_loss is not None:  # gradients come from the loss, and no backward pass
            found |= {training.loss_and_gradients.name: BACKWARD, training.batch_loss.name: FORWARD}
    if loading is not None:
        found |= {one.name: DATA for one in (*loading.functions, loading.function)}
    found |= {name: method.part for name, method in program.methods.items() if method.part}
    return _with_called(found, program.blocks, _of_the_step(program))


def parts_of_all(program: Program) -> dict[str, str]:
    """Return also the parts of functions that layers and the optimizer call."""
    found = parts_of_functions(program)
    training = program.training
    schedules = training.update.schedules if training is not None else ()
    own = {one.name: one for one in (*program.blocks, program.predict)} | {**program.methods}
    callers = (({*one.reads}, found[name]) for name, one in own.items() if name in found)
    with_helpers = _with_called(found, program.functions, (*_of_the_step(program), *callers))
    return with_helpers | {one.name: UPDATE for one in schedules}


def _with_called(
    parts: Mapping[str, str],
    functions: Iterable[Function],
    callers: Iterable[tuple[set[str], str]],
) -> dict[str, str]:
    """Return parts with those of functions: that of what reads them first."""
    found, by_name = dict(parts), {one.name: one for one in functions}
    for reads, part in callers:
        waiting = [*sorted(reads & by_name.keys())]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = part
                waiting += sorted(by_name[name].reads & by_name.keys())
    return found


def _of_the_step(program: Program) -> Iterator[tuple[set[str], str]]:
    """Yield what a statement of the training step reads, and the pass that it stands in."""
    if program.training is not None:
        for made in program.training.loss_and_gradients.statements:
            if made.section.part:
                yield {*made.reads}, made.section.part
