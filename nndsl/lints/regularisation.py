"""Lints of penalties, and of networks that are too large for their data."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, SpecContext
from nndsl.vocabulary.schedule import Schedule

MOST_PARAMETERS = 1000  # for each example
LEAST_DECAY = 5e-4  # a weaker penalty hardly matters, divided or not


def coupled_decay(context: SpecContext) -> Iterator[Finding]:
    """L2 regularisation with an optimizer that divides it away."""
    train = context.spec.train
    if train is None or train.regularize is None or not train.regularize.decays:
        return
    optimizer, word = train.optimizer, train.regularize.word()
    strength = getattr(train.regularize, train.regularize.decays)
    if not optimizer.decoupled or strength < LEAST_DECAY:
        return
    label = (Label(context.setting("optimizer").span, "the optimizer"),)
    if optimizer.decay:
        yield Finding(
            f"`{optimizer.word()}` makes the weights decay itself, and `{word}` does it again",
            context.setting("regularize"),
            "keep one of them",
            label,
        )
    else:
        yield Finding(
            f"`{optimizer.word()}` divides each gradient by its usual size, and with it the "
            f"penalty of `{word}`: weights with large gradients hardly decay",
            context.setting("regularize"),
            f"use `{optimizer.decoupled}`, which has a weight_decay of its own",
            label,
        )


def overshooting_decay(context: SpecContext) -> Iterator[Finding]:
    """A penalty that takes more than all of a weight at each step."""
    train = context.spec.train
    if train is None or train.regularize is None or not train.regularize.decays:
        return
    penalty, optimizer = train.regularize, train.optimizer
    rate = optimizer.lr.greatest() if isinstance(optimizer.lr, Schedule) else optimizer.lr
    strength = getattr(penalty, penalty.decays)
    if rate is not None and not optimizer.adapts and rate * strength >= 1:
        yield Finding(
            f"lr times `{penalty.decays}` is {rate * strength:g}: each step takes a "
            "weight to 0 or past it, whatever the data says",
            context.argument(penalty, context.setting("regularize"), penalty.decays),
            "1e-4 is usual",
        )


def too_many_parameters(context: LintContext) -> Iterator[Finding]:
    """So many parameters for so few examples, and nothing that holds them back."""
    examples, train = context.examples, context.spec.train
    if train is None or not examples:
        return
    held = train.regularize or train.stop or train.optimizer.decay
    if held or any(
        node.layer.drop_rate or node.layer.compares_examples for node in context.graph.nodes
    ):
        return
    parameters = context.graph.parameter_count
    if any(p.regularize for node in context.weighted for p in node.parameters.values()):
        return
    if parameters > MOST_PARAMETERS * examples:
        origins = context.spec.origins
        yield Finding(
            f"{parameters:,} parameters learn from {examples:,} examples, and nothing keeps them "
            "from learning these by heart",
            context.places.name_of(origins["network"]),
            "a smaller network, a penalty, dropout or early stopping helps",
            (Label(origins["data"].span, f"{examples:,} examples to train on"),),
        )
