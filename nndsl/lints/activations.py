"""Lints of activations, and of the output of the network."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

from nndsl.analysis.fixes import fix, without
from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, number, only_reader
from nndsl.lints.rule import NetworkLint, example

if TYPE_CHECKING:
    from nndsl.analysis.node import Node

_MOONS = "moons(samples=200, test=0.2)"
_CURVE = "sine(samples=200, test=0.2)"
_SQUARES = "loss = mean_squared_error"
_YES_NO = "loss = binary_cross_entropy"


@NetworkLint(
    "NN421",
    "no activation between layers",
    wrong=example("dense(50); dense(10)"),
    right=example("dense(50); relu; dense(10)"),
)
def missing_activation(context: LintContext) -> Iterator[Finding]:
    """Two linear layers follow each other with nothing nonlinear between them, and the first is not
    narrower than what it connects.

    A linear function of a linear function is a linear function: the two layers compute what one
    could, with more parameters.

    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.1.
    """
    # One that is narrower than its neighbours is a product of two small matrices, which may be
    # meant; `identity` says that it is.
    for node in context.weighted_nodes:
        reader = only_reader(node.output)
        while reader is not None and _passes(reader):
            reader = only_reader(reader.output)
        if reader is None or not (reader.has_weights and node.layer.linear and reader.layer.linear):
            continue
        widths = [
            shape[0] for shape in (node.inputs[0].shape, node.output.shape, reader.output.shape)
        ]
        if widths[1] >= min(widths[0], widths[2]):
            yield Finding(
                f"no activation stands between this `{reader.layer.keyword()}` and the "
                f"`{node.layer.keyword()}` before it: the two are one linear layer",
                reader.origin,
                "put an activation between them, or `identity` to say that there is none",
                (Label(node.origin.span, "the other one"),),
            )


def _passes(node: Node) -> bool:
    return node.layer.linear and not node.layer.stands_for_none and not node.has_weights


@NetworkLint(
    "NN422",
    "activation applied twice",
    wrong=example("dense(50); relu; dense(10); softmax"),
    right=example("dense(50); relu; dense(10)"),
)
def applied_twice(context: LintContext) -> Iterator[Finding]:
    """The network ends with an activation that its loss applies itself.

    Applied twice, it presses all probabilities together: gradients become small, and the network
    can never be sure.

    Source: PyTorch, CrossEntropyLoss and BCEWithLogitsLoss: the input is expected to contain
    logits.
    """
    loss, last = context.loss, context.output_activation()
    if loss is None or last is None or not loss.applies or last.layer.keyword() != loss.applies:
        return
    word = last.layer.keyword()
    yield Finding(
        f"`{loss.keyword()}` applies the {word} itself, and here it would be applied twice: "
        "gradients become small, and the network is never sure",
        last.origin,
        f"leave this `{word}` out",
        (Label(context.setting_origin("loss").span, "applied here"),),
        fix(f"leave `{word}` out", without(last.origin.span)),
    )


@NetworkLint(
    "NN423",
    "bounded scores",
    wrong=example("dense(20); tanh; dense(1); relu", loss=_YES_NO, data=_MOONS),
    right=example("dense(20); tanh; dense(1)", loss=_YES_NO, data=_MOONS),
)
def bounded_scores(context: LintContext) -> Iterator[Finding]:
    """The network ends with an activation that cannot output every number, and its loss takes
    scores.

    The probability of a class follows from differences of scores. Where scores are bounded, so are
    probabilities; where they cannot be negative, many have no gradient.

    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.2.2.
    """
    loss, last = context.loss, context.output_activation()
    if loss is None or last is None or last.layer.keyword() == loss.applies:
        return
    if not loss.applies and not loss.takes_any_number:
        return
    if last.layer.bounds != (-inf, inf):
        yield Finding(
            f"`{loss.keyword()}` takes scores, which may be any number, and "
            f"`{last.layer.keyword()}` outputs {_range(last)}",
            last.origin,
            f"leave this `{last.layer.keyword()}` out"
            + (f": the loss applies the {loss.applies}" if loss.applies else ""),
            (Label(context.setting_origin("loss").span, "the loss"),),
        )


@NetworkLint(
    "NN424",
    "bounded prediction",
    wrong=example("dense(20); tanh; dense(1); relu", loss=_SQUARES, data=_CURVE),
    right=example("dense(20); tanh; dense(1)", loss=_SQUARES, data=_CURVE),
)
def bounded_prediction(context: LintContext) -> Iterator[Finding]:
    """A regression ends with an activation that cannot output the targets of the data, or one that
    is 0 without a slope for all negative numbers.

    Targets out of reach stay out of reach; and where the output is 0 and has no slope, nothing
    learns.

    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.2.2.1.
    """
    loss, last = context.loss, context.output_activation()
    described = context.spec.description
    if loss is None or last is None or loss.estimate or loss.targets == "classes":
        return
    if described.classes is not None:
        return
    low, high = last.layer.bounds
    word = last.layer.keyword()
    reached = [target for target in described.targets if not low <= target <= high]
    if reached:
        worst = min(reached) if min(reached) < low else max(reached)
        yield Finding(
            f"`{word}` outputs {_range(last)}, and the data has the target {number(worst)}",
            last.origin,
            "end a regression with a layer without an activation",
        )
    elif last.layer.is_dead_at(-1.0):
        yield Finding(
            f"`{word}` ends a regression: it outputs {_range(last)}, and where it outputs 0 it "
            "has no slope and nothing learns",
            last.origin,
            "end a regression with a layer without an activation",
        )


@NetworkLint(
    "NN425",
    "distance as a loss for classes",
    wrong=example("dense(50); relu; dense(10)", loss=_SQUARES),
    right=example("dense(50); relu; dense(10)"),
)
def error_of_classes(context: LintContext) -> Iterator[Finding]:
    """The data has classes, and the loss measures distances of numbers.

    Classes have no distance. Behind a softmax or a sigmoid, a squared error has hardly a gradient
    where a class is missed by far; behind plain scores, a right answer costs where its output is
    not exactly the target. A cross-entropy learns faster and generalises better.

    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 4.1.3; Golik et al. 2013.
    """
    loss = context.loss
    if loss is None or loss.applies or loss.targets == "classes" or not loss.measures_distance:
        return
    if context.spec.description.classes is not None:
        data = Label(context.spec.origins["data"].span, "classes come from here")
        yield Finding(
            f"`{loss.keyword()}` measures distances of numbers, and the data has "
            f"{context.spec.description.classes} classes: even a right answer costs where its "
            "output is not exactly the target",
            context.setting_origin("loss"),
            f"use {' or '.join(f'`{word}`' for word in _losses_of_classes())}",
            (data,),
        )


def _losses_of_classes() -> list[str]:
    from nndsl.vocabulary import registry
    from nndsl.vocabulary.loss import Loss

    return [loss.keyword() for loss in registry.all_of(Loss) if loss.applies]


def _range(node: Node) -> str:
    low, high = node.layer.bounds
    return f"nothing below {low:g}" if high == inf else f"numbers from {low:g} to {high:g}"
