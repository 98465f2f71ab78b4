"""An exercise in debugging: a script with one mistake that can be found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nndsl.live.gradients.check import check_gradients
from nndsl.live.gradients.listing import Listing
from nndsl.live.gradients.mutants import Mutant, backward_mutants
from nndsl.live.gradients.points import draw_examples, draw_targets, example_count
from nndsl.live.gradients.running import INPUT, Point, Text
from nndsl.live.model import Model, ModelError


def choose_mutant(model: Model, seed: int) -> Mutant:
    """Return a mutant that runs, and has a wrong gradient. ModelError without `train`."""
    model.require_backward_pass()
    rng = np.random.default_rng(seed)
    listing = Listing(model.source, model.script.blocks)
    mutants = list(backward_mutants(listing, _values(model, listing, rng)))
    for at in rng.permutation(len(mutants)):
        mutant: Mutant = mutants[at]
        report = check_gradients(Model(model.checked, replace(model.script, text=mutant.text)))
        if report.rows and report.failures:
            return mutant
    raise ModelError("the backward pass has no statement that could be wrong")


def _values(model: Model, listing: Listing, rng: np.random.Generator) -> dict[str, Any]:
    """Return the value of each variable of `loss_and_gradients`."""
    count = example_count(model)
    values = {**model.parameters, INPUT: draw_examples(model, count, rng)}
    point = Point("", values, model.state, draw_targets(model, count, rng))
    found: dict[str, Any] = Text(listing.with_locals(), f"{model.spec.name}.py")(point)
    return found
