"""The names that a program has already: a pass that makes new ones must leave them alone."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.program.program import Program

# Names of the frame of a script: nothing else in it may be called like this.
RESERVED = """
    np math Path N t params state rng split_rng init_rng batch_rng noise_rng
    load_data predict sample loss_and_gradients update evaluate train main first_wrong name g p step
    training validation test epoch epochs order batch results seen gradients wrong
    loss loss_sum penalty penalty_sum value predicted true shape fan_in fan_out w weights rate
    SEED BATCH_SIZE EPOCHS STEPS WEIGHTS
    batch_loss numerical_gradient check_gradients
    theta gradient vector parts memory lru_cache dtype blocks arrays cuts decays i j n BLOCK
    aligned size made start pairwise os sys statistics
""".split()


def identifiers(program: Program) -> Iterator[str]:
    """Yield every name that stands in the functions of a program, and those of its frame."""
    yield from RESERVED
    yield from program.loading.modules if program.loading is not None else ()
    yield from (constant.name for constant in program.constants)
    yield from (array.name for array in (*program.parameters, *program.states))
    functions = [*program.initializers, program.predict, *program.blocks]
    bodies = [function.statements for function in functions]
    training = program.training
    if training is not None:
        update = training.update
        made = [training.loss_and_gradients, training.batch_loss, *update.schedules]
        functions += [function for function in made if function is not None]
        bodies += [update.before, update.decay, update.statements]
    yield from (function.name for function in functions)
    for body in (*bodies, *(function.statements for function in functions)):
        for statement in body:
            yield from statement.reads
            yield from statement.writes
