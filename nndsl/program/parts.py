"""The parts of a script that are taught, and which of them each function belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.program.program import Program

BACKWARD, FORWARD, LOSS, UPDATE, INIT = PARTS = ("backward", "forward", "loss", "update", "init")


def parts_of_functions(program: Program) -> dict[str, str]:
    """Return the part that each function belongs to as a whole; of a method, `Class.method`.

    A function that copies of a block call belongs where it is called.
    """
    found = {function.name: INIT for function in program.initializers}
    found |= {program.predict.name: FORWARD}
    training = program.training
    if training is not None:
        found["update"] = UPDATE
        if training.batch_loss is not None:  # gradients come from the loss, and no backward pass
            found |= {training.loss_and_gradients.name: BACKWARD, training.batch_loss.name: FORWARD}
    found |= {name: method.part for name, method in program.methods.items() if method.part}
    blocks = {block.name: block for block in program.blocks}
    for reads, part in _callers(program):
        waiting = [*sorted(reads & blocks.keys())]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = part
                waiting += sorted(blocks[name].reads & blocks.keys())
    return found


def _callers(program: Program) -> Iterator[tuple[set[str], str]]:
    """Yield what a statement of the training step reads, and the pass that it stands in."""
    if program.training is not None:
        for made in program.training.loss_and_gradients.statements:
            if made.section.part:
                yield {*made.reads}, made.section.part
