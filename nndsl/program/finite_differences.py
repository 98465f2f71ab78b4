"""`loss_and_gradients` without a backward pass: from many evaluations of the loss."""

from __future__ import annotations

from nndsl.ir import block, parse_text, parse_value, reads
from nndsl.program.context import Context
from nndsl.program.gradients import LOSS
from nndsl.program.program import Function
from nndsl.vocabulary.gradient import Gradient

RESTORE = """
for name, s in state.items():
    s[...] = before[name]   # they see a batch once
"""


def write_estimate(
    context: Context, gradient: Gradient, loss: Function, *, has_penalty: bool, has_state: bool
) -> Function:
    """Return the function from a batch to its loss and all gradients; `loss` is of the script.

    Every evaluation sees the same noise, and running statistics see the batch once.
    """
    is_random = "noise_rng" in reads(loss.statements)
    losses = "loss, penalty" if has_penalty else "loss"
    total = f"sum({LOSS}(X, t))" if has_penalty else f"{LOSS}(X, t)"
    restore = (
        "noise_rng.bit_generator.state = random_state   # the same units are off\n" * is_random
    )
    statements = [
        *parse_text("random_state = noise_rng.bit_generator.state") * is_random,
        block("def total():", parse_text(f"{restore * is_random}return {total}")),
        *parse_text(f"{losses} = {LOSS}(X, t)"),
        *parse_text("before = {name: s.copy() for name, s in state.items()}") * has_state,
        *parse_text("gradients = {}"),
        block(
            "for name, p in params.items():",
            [*parse_text(gradient.estimate), *parse_text("gradients[name] = g")],
        ),
        *parse_text(RESTORE) * has_state,
    ]
    fields = context.constants.of_fields(gradient, reads(statements))
    return Function(
        "loss_and_gradients",
        ("X", "t"),
        f"Return what {LOSS} does, and the gradient of it all {gradient.method}.",
        tuple(statement.rename(fields) for statement in statements),
        parse_value(f"{losses}, gradients"),
    )
