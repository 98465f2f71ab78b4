"""Lints of how weights begin."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt
from typing import TYPE_CHECKING

from nndsl.lints.context import Finding, LintContext
from nndsl.lints.prediction import next_activation, suited_initializer
from nndsl.lints.variance import is_off_scale, predicted
from nndsl.vocabulary import catalogue
from nndsl.vocabulary.initializer import Initializer

if TYPE_CHECKING:
    from nndsl.analysis.node import Node
    from nndsl.data import Signal


def equal_weights(context: LintContext) -> Iterator[Finding]:
    """Units that begin equal stay equal; weights of 0 before relu learn nothing at all."""
    for node in context.weighted:
        if id(node) in context.last_weighted or not _is_equal(node):
            continue
        value = _weights(node)[0].mean
        behind = list(context.behind(node))
        activation = next_activation(node)
        is_dead = activation is not None and activation.layer.curve(0.0) == (0.0, 0.0)
        help = f"leave `init` out: `{suited_initializer(node)}` draws them at random"
        where = context.init_place(node)
        if is_dead and activation and value == 0 and _starts_at_zero(node):
            word = activation.layer.word()
            what = f"all weights begin as 0: `{word}` puts out 0 and has no slope there, so that"
            yield Finding(f"{what} neither this layer nor those around it learn", where, help)
        elif _units(node) > 1 and all(
            _is_equal(other) if other.has_weights else not other.layer.drop_rate for other in behind
        ):
            units = f"all {_units(node)} units"
            what = f"all weights begin as {value:g}, and those of the next layer are equal too"
            yield Finding(
                f"{what}: {units} compute the same, get the same gradient, and remain one unit",
                where,
                help,
            )


def weak_weights(context: LintContext) -> Iterator[Finding]:
    """Weights drawn for symmetric activations halve a signal of relu at each layer."""
    prediction = context.prediction
    if prediction is None or is_off_scale(prediction):
        return
    weak = [
        (stage.layer, ratio)
        for stage in prediction.hidden
        if stage.activation.layer.suits and (ratio := _strength(stage.layer)) is not None
    ]
    if not weak or prod(ratio for _, ratio in weak) >= 0.5:
        return
    node, suited = weak[0][0], suited_initializer(weak[0][0])
    init = next(p.init for p in node.parameters.values() if p.is_weight)
    assert isinstance(init, Initializer)
    activation = next_activation(node)
    assert activation is not None
    yield Finding(
        f"`{init.word()}` is too small for `{activation.layer.word()}`, which lets half of the "
        f"signal through: over {len(weak)} layers its predicted standard deviation falls to "
        f"{predicted(prediction)}",
        context.init_place(node),
        _better(context, suited),
    )


def _better(context: LintContext, suited: str) -> str:
    better = context.suited
    would = f": {predicted(better)}" if better and not is_off_scale(better) else ""
    return f"`init={suited}` keeps it{would}"


def _strength(node: Node) -> float | None:
    """Return how large weights are, as a part of those that suit; None where they are as large."""
    for parameter in node.parameters.values():
        init = parameter.init
        if parameter.is_weight and isinstance(init, Initializer) and init.by_fan:
            word = catalogue.find(Initializer.role, suited_initializer(node))
            assert word is not None
            assert issubclass(word, Initializer)
            here = init.moments(parameter.fan_in, parameter.fan_out)
            best = word().moments(parameter.fan_in, parameter.fan_out)
            if here and best and here.variance < best.variance:
                return sqrt(here.variance / best.variance)
    return None


def _weights(node: Node) -> list[Signal]:
    return [p.moments for p in node.parameters.values() if p.is_weight and p.moments]


def _is_equal(node: Node) -> bool:
    """Is every unit of a layer like the others?"""
    known = [p.moments for p in node.parameters.values()]
    return not node.shared and all(
        moments is not None and moments.variance == 0 for moments in known
    )


def _starts_at_zero(node: Node) -> bool:
    return all(p.moments is not None and p.moments.mean == 0 for p in node.parameters.values())


def _units(node: Node) -> int:
    return node.output.shape[0]
