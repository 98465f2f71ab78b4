"""Lints of the training section."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, SpecContext
from nndsl.source import Origin
from nndsl.vocabulary.schedule import Schedule

SMALLEST_BOUND = 1e-3  # of a gradient
HIGHEST_SOFTENING = 0.5
DIED_OUT = -6  # decimal logarithm of the part of a learning rate that is left
GREW = 3


def learning_rate(context: SpecContext) -> Iterator[Finding]:
    """A learning rate far outside of what is usual for its optimizer."""
    train = context.spec.train
    if train is None:
        return
    optimizer, rate = train.optimizer, train.optimizer.lr
    greatest = rate.greatest() if isinstance(rate, Schedule) else rate
    if greatest is None:
        return
    low, high = optimizer.usual_rates
    place = context.argument(optimizer, context.setting("optimizer"), "lr")
    usual = f"usual for `{optimizer.word()}` are rates from {low:g} to {high:g}"
    if greatest == 0:
        yield Finding("with a learning rate of 0 nothing is learnt", place, usual)
    elif greatest < low:
        yield Finding(
            f"a learning rate of {greatest:g} is so small for `{optimizer.word()}` that hardly "
            "anything is learnt",
            place,
            usual,
        )
    elif greatest > high:
        yield Finding(
            f"a learning rate of {greatest:g} is so large for `{optimizer.word()}` that training "
            "is likely to diverge",
            place,
            usual,
        )


def endless_warmup(context: SpecContext) -> Iterator[Finding]:
    """A schedule that has not risen to its rate when training ends."""
    steps = context.total_steps
    for schedule, place in _schedules(context):
        rise = getattr(schedule, schedule.rise) if schedule.rise else 0
        if steps is not None and rise >= steps:
            yield Finding(
                f"the learning rate rises over {rise} steps, and the training has {steps}"
                f"{_epochs(context)}: it ends before the rate is reached",
                context.argument(schedule, place, schedule.rise),
                f"{schedule.rise} counts optimizer steps: batches, not epochs",
            )


def dying_rate(context: SpecContext) -> Iterator[Finding]:
    """A schedule whose factor is applied so often that nothing is left, or far too much."""
    steps = context.total_steps
    for schedule, place in _schedules(context):
        power = schedule.shrinks_to(steps) if steps is not None else None
        if power is not None and not DIED_OUT <= power <= GREW:
            what = "falls to a part" if power < 0 else "grows by a factor"
            yield Finding(
                f"over {steps} steps{_epochs(context)} the learning rate {what} of "
                f"1e{power:+.0f}".replace("+", ""),
                place,
                f"`{schedule.word()}` counts optimizer steps, and an epoch has "
                f"{context.epoch_steps or 'many'} of them",
            )


def vain_patience(context: SpecContext) -> Iterator[Finding]:
    """Early stopping that waits longer than the training lasts."""
    train, epochs = context.spec.train, context.epochs
    if train is None or train.stop is None or not train.stop.patience_field or epochs is None:
        return
    stop = train.stop
    patience = getattr(stop, stop.patience_field)
    if patience >= epochs:
        place = context.argument(stop, context.setting("stop"), stop.patience_field)
        yield Finding(
            f"`{stop.word()}` waits {patience} epochs, and the training has {epochs}: it never "
            "stops early",
            place,
            f"choose a smaller {stop.patience_field}, or train longer",
        )


def tiny_bound(context: SpecContext) -> Iterator[Finding]:
    """A bound on the gradient that is far below any gradient."""
    train = context.spec.train
    if train is None or train.clip is None or not train.clip.bound or train.optimizer.adapts:
        return
    clip = train.clip
    bound = getattr(clip, clip.bound)
    if bound < SMALLEST_BOUND:
        yield Finding(
            f"`{clip.word()}` cuts every gradient down to {bound:g}, so that each step is tiny",
            context.argument(clip, context.setting("clip"), clip.bound),
            "a bound is for the rare gradients that are too large: 1 is usual",
        )


def oversoft_targets(context: SpecContext) -> Iterator[Finding]:
    """Targets of which less than half is left."""
    loss = context.loss
    if loss is None or not loss.softens:
        return
    part = getattr(loss, loss.softens)
    if part > HIGHEST_SOFTENING:
        yield Finding(
            f"`{loss.softens}` spreads {part:.0%} of every target over all classes, so that "
            "little of the right one is left",
            context.argument(loss, context.setting("loss"), loss.softens),
            "0.1 is usual",
        )


def large_batch(context: SpecContext) -> Iterator[Finding]:
    """A batch that is larger than the training part."""
    train, examples = context.spec.train, context.examples
    if train is not None and examples and train.batch > examples:
        data = Label(context.spec.origins["data"].span, f"{examples} examples to train on")
        place = context.setting("batch")
        yield Finding(
            f"a batch of {train.batch} is larger than the training part of {examples:,} "
            "examples: every epoch is a single step",
            place,
            f"batch={examples} says that this is meant",
            (data,),
        )


def _schedules(context: SpecContext) -> Iterator[tuple[Schedule, Origin]]:
    train = context.spec.train
    if train is None:
        return
    optimizer = train.optimizer
    for field in type(optimizer).model_fields:
        schedule = getattr(optimizer, field)
        if isinstance(schedule, Schedule):
            yield schedule, context.argument(optimizer, context.setting("optimizer"), field)


def _epochs(context: SpecContext) -> str:
    if context.epochs is None or context.epoch_steps is None:
        return ""
    return f" ({context.epochs} epochs of {context.epoch_steps})"
