"""`loss_and_gradients` without a backward pass: from many evaluations of the loss."""

from nndsl.ir import Statement, block, parse_text, parse_value, reads
from nndsl.languages import sentence
from nndsl.program.constants import literal
from nndsl.program.context import Context
from nndsl.program.gradients import LOSS
from nndsl.program.program import Function
from nndsl.vocabulary.gradient import Gradient

KEEP = """
before = {name: s.copy() for name, s in state.items()}   # as the batch leaves them
"""
RESTORE = """
for name, s in state.items():
    s[...] = before[name]   # what the other evaluations did is undone
"""


def write_estimate(
    context: Context,
    gradient: Gradient,
    loss: Function,
    *,
    has_penalty: bool,
    has_state: bool,
    arguments: tuple[str, ...],
    trained: tuple[str, ...],
) -> Function:
    """Return the function from a batch to its loss and all gradients; `loss` is of the script.

    `trained` are the parameters that move, where others are frozen; empty: all of them.
    Every evaluation sees the same noise, and running statistics see the batch once.
    """
    is_random = "noise_rng" in reads(loss.statements)
    losses = "loss, penalty" if has_penalty else "loss"
    given = ", ".join(arguments)
    total: list[Statement] = []
    names = {"total": LOSS}
    if is_random or has_penalty:
        body = (
            "noise_rng.bit_generator.state = random_state   # the same units are off\n" * is_random
        )
        body += (
            f"{losses} = {LOSS}({given})\nreturn loss + penalty"
            if has_penalty
            else f"return {LOSS}({given})"
        )
        total = [block(f"def total({given}):", parse_text(body))]
        names = {}
    statements = [
        *parse_text("random_state = noise_rng.bit_generator.state") * is_random,
        *total,
        *parse_text(f"{losses} = {LOSS}({given})"),
        *parse_text(KEEP) * has_state,
        *parse_text("gradients = {}"),
        block(
            f"for name in {literal(trained)}:" if trained else "for name, p in params.items():",
            [
                *parse_text("p = params[name]") * bool(trained),
                *parse_text(gradient.estimate),
                *parse_text("gradients[name] = g"),
            ],
        ),
        *parse_text(RESTORE) * has_state,
    ]
    names |= context.constants.of_fields(gradient, reads(statements))
    says = "Return the loss of the batch, and its gradient {method}."
    if has_penalty:
        says = (
            "Return the loss of the batch and the penalty, and the gradient of their sum {method}."
        )
    return Function(
        "loss_and_gradients",
        arguments,
        sentence(says, method=sentence(gradient.method)),
        tuple(statement.rename(names) for statement in statements),
        parse_value(f"{losses}, gradients"),
    )
