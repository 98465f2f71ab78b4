"""Lints of normalisation and dropout: their order, and how much of them."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.analysis.fixes import fix, without
from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, only_reader

HIGHEST_DROP_RATE = 0.8


def idle_offset(context: LintContext) -> Iterator[Finding]:
    """A bias that batch normalisation takes away again."""
    for node in context.weighted:
        field, reader = node.layer.offset, only_reader(node.output)
        if field and getattr(node.layer, field) and reader and reader.layer.removes_offset:
            yield Finding(
                f"the {field} has no effect: `{reader.layer.word()}` behind it takes every "
                "constant away, and adds one of its own",
                context.argument(node.layer, node.origin, field),
                f"write {field}=false",
                (Label(reader.origin.span, "taken away here"),),
                # Not safe: saved weights hold an array less, and a block may be used elsewhere.
                fix(f"write {field}=false", context.giving(node, field, "false")),
            )


def dropout_before_normalisation(context: LintContext) -> Iterator[Finding]:
    """Dropout directly before batch normalisation: the statistics of training do not fit."""
    for node in context.graph.nodes:
        if not node.layer.drop_rate or not getattr(node.layer, node.layer.drop_rate):
            continue
        for reader in context.behind(node):
            if reader.layer.compares_examples:
                yield Finding(
                    f"`{node.layer.word()}` stands before `{reader.layer.word()}`: it changes the "
                    "variance in training and not in prediction, so that the running statistics "
                    "are wrong",
                    node.origin,
                    f"put it behind `{reader.layer.word()}` and the activation",
                    (Label(reader.origin.span, "its statistics"),),
                )
                break


def dropout_of_output(context: LintContext) -> Iterator[Finding]:
    """Dropout with no layer behind it that could make up for what is missing."""
    if not context.weighted:
        return
    for node in context.graph.nodes:
        if node.layer.drop_rate and not any(n.has_weights for n in context.behind(node)):
            yield Finding(
                f"`{node.layer.word()}` stands behind the last layer with weights: it sets parts "
                "of the answer to 0",
                node.origin,
                "put it before the last layer, or leave it out",
                fixes=fix(f"leave `{node.layer.word()}` out", without(node.origin.span)),
            )


def high_drop_rate(context: LintContext) -> Iterator[Finding]:
    """A rate that looks like the part to keep."""
    for node in context.graph.nodes:
        field = node.layer.drop_rate
        if field and (rate := getattr(node.layer, field)) > HIGHEST_DROP_RATE:
            yield Finding(
                f"`{node.layer.word()}` switches {rate:.0%} of the units off: little of the signal "
                "is left",
                context.argument(node.layer, node.origin, field),
                f"the {field} is the part that is switched off; to keep {rate:.0%}, write "
                f"{1 - rate:.2g}",
            )


def single_example(context: LintContext) -> Iterator[Finding]:
    """A batch of one example, whose mean is the example itself."""
    train, examples = context.spec.train, context.examples
    comparing = [node for node in context.graph.nodes if node.layer.compares_examples]
    if train is None or not comparing:
        return
    word = comparing[0].layer.word()
    label = (Label(comparing[0].origin.span, "it compares the examples of a batch"),)
    vain = f"`{word}` makes 0 of every feature, and nothing before it learns"
    if train.batch == 1 or examples == 1:
        yield Finding(
            f"with one example in a batch {vain}",
            context.setting("batch"),
            "take larger batches, or normalise over the features of each example",
            label,
        )
    elif examples and examples > train.batch and examples % train.batch == 1:
        yield Finding(
            f"{examples} examples in batches of {train.batch} leave a last batch of one: in it "
            f"{vain}",
            context.setting("batch"),
            "change the batch or the parts of the data by a little",
            label,
        )
