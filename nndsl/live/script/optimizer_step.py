"""Does `update` take the steps of the page's optimizer?"""

import numpy as np

from nndsl.live.network import take_step
from nndsl.live.script.under_test import ScriptUnderTest, copied, difference

FIRST = (1, 2, 3, 7, 40)  # steps
LARGE = 200_000  # numbers of a model, of which fewer steps are taken
SIZES = (10.0, 1e-3)  # of gradients: some that are clipped, and some that are not


def update(script: ScriptUnderTest) -> str:
    """Are several steps those of the optimizer's formula, at rates of the whole schedule?"""
    names, reference = script.names(), script.reference
    params, _ = script.point(names)
    if said := _downhill(script):
        return said
    rng = np.random.default_rng([script.seed, 5])
    states = reference.first_states(params)
    total = reference.spec.total_steps or 0
    late = {total // 3, total // 2, total - 1, total, total + 3} if total > 4 else set()
    is_large = sum(p.size for p in params.values()) > LARGE
    steps = (1, 2, total or 3) if is_large else sorted({*FIRST, *late} - {0})
    for number, step in enumerate(steps):
        size = SIZES[number % 2]
        trained = {name: params[name] for name in script.model.script.trained}
        gradients = {name: size * rng.standard_normal(p.shape) for name, p in trained.items()}
        reference.update(params, states, gradients, step)
        take_step(names, copied(gradients), step)
        for name, p in params.items():
            if said := difference(names["params"][name], p):
                return f"step {step} moves {name} to {said}"
    return ""


def _downhill(script: ScriptUnderTest) -> str:
    """Does the first step go against the gradient, whatever the optimizer? A step from 0 does."""
    names = script.names()
    rng = np.random.default_rng([script.seed, 6])
    for p in names["params"].values():
        p[...] = 0  # nothing decays
    trained = {name: names["params"][name] for name in script.model.script.trained}
    gradients = {name: rng.standard_normal(p.shape) for name, p in trained.items()}
    take_step(names, copied(gradients), 1)
    moved = {name: names["params"][name] * g for name, g in gradients.items()}
    uphill = [name for name, product in moved.items() if (product > 0).any()]
    return f"its first step moves {uphill[0]} along its gradient: uphill" if uphill else ""
