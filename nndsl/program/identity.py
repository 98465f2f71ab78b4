"""The identity of a network: what weights belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from nndsl.program.constants import Constants
from nndsl.program.layers import Layers
from nndsl.program.passes import eliminate_dead_code, propagate_copies

DIGITS = 8


def identity(layers: Layers, constants: Constants, dtype: str) -> str:
    """Return digits that two networks share where they predict alike from the same arrays.

    It is made from the input's shape, the names and shapes of parameters and states, and the
    statements of prediction. Their comments, the names of what is between, and whatever concerns
    training alone (dropout, initial weights, the type of numbers) have no part in it.
    """
    statements, renamed = propagate_copies(layers.forward(evaluate=True), ())
    output = renamed.get(layers.output, layers.output)
    statements = eliminate_dead_code(statements, {output})
    made = dict.fromkeys(name for statement in statements for name in statement.writes)
    meaning = {name: f"v{number}" for number, name in enumerate(made, 1)}
    meaning |= {constant.name: constant.code for constant in constants} | {dtype: "dtype"}
    texts = [statement.rename(meaning).text for statement in statements]
    shapes = [f"{array.name} {array.shape}" for array in (*layers.parameters, *layers.states)]
    return _digits([f"X {layers.graph.input.shape}", *shapes, *texts, meaning.get(output, output)])


def _digits(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:DIGITS]
