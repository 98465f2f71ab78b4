"""An exercise in debugging: a script with one mistake that can be found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nndsl.live.gradients.listing import Listing
from nndsl.live.gradients.mutants import Mutant, backward_mutants
from nndsl.live.gradients.points import draw_examples, draw_targets, example_count
from nndsl.live.gradients.prints import gradients_of, in_float64
from nndsl.live.gradients.running import INPUT, Array, Point, Text
from nndsl.live.model import Model, ModelError

WRONG = 1e-6  # relative to the norm of the right gradient: far more than rounding


def choose_mutant(model: Model, seed: int) -> Mutant:
    """Return a mutant that runs, and has a wrong gradient. ModelError without `train`."""
    model.require_backward_pass()
    rng = np.random.default_rng(seed)
    listing = Listing(in_float64(model.source), model.script.blocks)
    path = f"{model.spec.name}.py"
    point = _point(model, rng).cast(np.float64)
    right = gradients_of(Text(listing.text, path), point)
    assert right is not None
    values: dict[str, Any] = Text(listing.with_locals(), path)(point)
    mutants = list(backward_mutants(replace(listing, text=model.source), values))
    for at in rng.permutation(len(mutants)):
        mutant: Mutant = mutants[at]
        made = gradients_of(Text(in_float64(mutant.text), path), point)
        if made is not None and any(_is_wrong(made[name], right[name]) for name in right):
            return mutant
    raise ModelError("the backward pass has no statement that could be wrong")


def _is_wrong(made: Array, right: Array) -> bool:
    if made.shape != right.shape:
        return True
    return not np.linalg.norm(made - right) <= WRONG * np.linalg.norm(right)


def _point(model: Model, rng: np.random.Generator) -> Point:
    count = example_count(model)
    values = {**model.parameters, INPUT: draw_examples(model, count, rng)}
    return Point("", values, model.state, draw_targets(model, count, rng))
