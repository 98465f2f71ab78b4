"""`loss_and_gradients` without a backward pass: from many evaluations of the loss."""

from __future__ import annotations

import textwrap

from nndsl.ir import parse_text, parse_value, reads
from nndsl.program.context import Context
from nndsl.program.gradients import LOSS
from nndsl.program.program import Function
from nndsl.vocabulary.gradient import Gradient


def write_estimate(
    context: Context, gradient: Gradient, loss: Function, *, has_penalty: bool, has_state: bool
) -> Function:
    """Return the function from a batch to its loss and all gradients; `loss` is of the script.

    Every evaluation sees the same noise, and running statistics see the batch once.
    """
    has_chance = "noise_rng" in reads(loss.statements)
    losses = "loss, penalty" if has_penalty else "loss"
    total = f"sum({LOSS}(X, t))" if has_penalty else f"{LOSS}(X, t)"
    text = [
        *["chance = noise_rng.bit_generator.state"] * has_chance,
        "def total():",
        *["    noise_rng.bit_generator.state = chance    # the same units are off"] * has_chance,
        f"    return {total}",
        f"{losses} = {LOSS}(X, t)",
        *["seen = {name: s.copy() for name, s in state.items()}"] * has_state,
        "gradients = {}",
        "for name, p in params.items():",
        textwrap.indent(textwrap.dedent(gradient.estimate).strip("\n"), "    "),
        "    gradients[name] = g",
        *[
            "for name, s in state.items():",
            "    s[...] = seen[name]                       # they see a batch once",
        ]
        * has_state,
    ]
    statements = parse_text("\n".join(text))
    fields = context.constants.of_fields(gradient, reads(statements))
    return Function(
        "loss_and_gradients",
        ("X", "t"),
        f"Return what {LOSS} does, and the gradient of it all {gradient.method}.",
        tuple(statement.rename(fields) for statement in statements),
        parse_value(f"{losses}, gradients"),
    )
