"""Lints of how weights begin."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt
from typing import TYPE_CHECKING

from nndsl.lints.context import Finding, LintContext
from nndsl.lints.rule import NetworkLint, example
from nndsl.lints.variance import is_off_scale, predicted
from nndsl.vocabulary import registry
from nndsl.vocabulary.initializer import Initializer

if TYPE_CHECKING:
    from nndsl.analysis.node import Node
    from nndsl.data import Signal

_DEEP = "; ".join(["dense(64, {0}); relu"] * 4) + "; dense(10)"


@NetworkLint(
    "NN411",
    "weights all equal",
    wrong=example("dense(50, init=zeros); sigmoid; dense(10, init=zeros)"),
    right=example("dense(50); sigmoid; dense(10, init=zeros)"),
)
def equal_weights(context: LintContext) -> Iterator[Finding]:
    """The weights of a hidden layer all begin with the same value, and those behind it as well; or
    they begin as 0 in front of an activation that outputs 0 there and has no slope.

    Units that begin equal compute the same, get the same gradient, and stay equal: fifty of them
    learn what one could. Zeros in front of relu learn nothing at all.

    Source: Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.4.
    """
    for node in context.weighted_nodes:
        if node in context.last_weighted or not _is_equal(node):
            continue
        value = _weights(node)[0].mean
        behind = list(context.downstream(node))
        activation = node.activation
        is_dead = activation is not None and activation.layer.is_dead_at(0.0)
        help = f"leave `init` out: `{node.recommended_init}` draws them at random"
        where = context.init_origin(node)
        if is_dead and activation and value == 0 and _starts_at_zero(node):
            word = activation.layer.keyword()
            what = f"all weights begin as 0: `{word}` outputs 0 and has no slope there, so that"
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


@NetworkLint(
    "NN412",
    "initializer does not suit the activation",
    wrong=example(_DEEP.format("init=lecun")),
    right=example(_DEEP.format("init=he")),
)
def weak_weights(context: LintContext) -> Iterator[Finding]:
    """Several layers in front of relu or one of its family begin with weights for symmetric
    activations.

    Relu lets half of a signal's mean square through. Weights that do not make up for it lose a part
    of the signal at each layer, and training starts slowly.

    Source: He et al. 2015, section 2.2.
    """
    prediction = context.prediction
    if prediction is None or is_off_scale(prediction):
        return
    weak = [
        (stage.layer, ratio)
        for stage in prediction.hidden
        if stage.activation.layer.recommended_init and (ratio := _strength(stage.layer)) is not None
    ]
    if not weak or prod(ratio for _, ratio in weak) >= 0.5:
        return
    node, suited = weak[0][0], weak[0][0].recommended_init
    init = next(p.init for p in node.parameters.values() if p.is_weight)
    assert isinstance(init, Initializer)
    activation = node.activation
    assert activation is not None
    yield Finding(
        f"`{init.keyword()}` is too small for `{activation.layer.keyword()}`, which lets half of "
        f"the signal through: over {len(weak)} layers its predicted standard deviation falls to "
        f"{predicted(prediction)}",
        context.init_origin(node),
        _better(context, suited),
    )


def _better(context: LintContext, suited: str) -> str:
    better = context.recommended
    would = f": {predicted(better)}" if better and not is_off_scale(better) else ""
    return f"`init={suited}` keeps it{would}"


def _strength(node: Node) -> float | None:
    """Return how large weights are, as a part of those that suit; None where they are as large."""
    for parameter in node.parameters.values():
        init = parameter.init
        if parameter.is_weight and isinstance(init, Initializer) and init.by_fan:
            suited = registry.get(Initializer, node.recommended_init)()
            here = init.moments(parameter.fan_in, parameter.fan_out)
            best = suited.moments(parameter.fan_in, parameter.fan_out)
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
