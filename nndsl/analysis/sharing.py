"""Trained arrays that a layer takes from another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nndsl.analysis.suggest import did_you_mean
from nndsl.explained import ExplainedError
from nndsl.shapes import Shape, show_shape
from nndsl.vocabulary.layer import TiedParameter

if TYPE_CHECKING:
    from nndsl.analysis.node import Node

MAX_SHOWN = 3


class SharingError(ExplainedError):
    """No array fits. `places` are other layers, and what to say of each."""

    def __init__(
        self,
        message: str,
        help: str,
        *places: tuple[Node, str],
        is_about_shapes: bool = False,
    ) -> None:
        super().__init__(message, help)
        self.places = places
        self.is_about_shapes = is_about_shapes


def resolve_tied(wanted: TiedParameter, known: Mapping[str, Sequence[Node]]) -> Node:
    """Return the node whose array a layer takes. SharingError.

    `known` are the nodes before the layer, by their word and by the name that they have.
    """
    named = known.get(wanted.layer, ())
    if not named:
        raise SharingError(
            f"no `{wanted.layer}` stands before this layer",
            did_you_mean(wanted.layer, list(known))
            or "the layer whose weights are used stands before the one that uses them",
        )
    if len(named) > 1 and named[0].name == wanted.layer:
        raise SharingError(
            f"`{wanted.layer}` stands {len(named)} times before this layer: which one is meant?",
            "let it stand once, or leave out `weights`: the layer then has its own",
            *((node, "it stands here") for node in named[:MAX_SHOWN]),
        )
    if len(named) > 1:
        raise SharingError(
            f"{len(named)} layers `{wanted.layer}` stand before this one: whose weights are meant?",
            f"give one of them a name: let table = {named[0].layer.keyword()}(…), and "
            "`table` where "
            "it stands",
            *((node, "one of them") for node in named[:MAX_SHOWN]),
        )
    (owner,) = named
    found = owner.parameters.get(wanted.parameter)
    if found is None:
        raise SharingError(
            f"`{owner.layer.keyword()}` has no weights of its own that another layer could use",
            "leave out `weights`: the layer then has its own",
            (owner, "the other layer"),
        )
    if found.shape != wanted.shape:
        raise SharingError(
            f"the weights of `{wanted.layer}` are {show_shape(found.shape)}, "
            f"and this layer needs {show_shape(wanted.shape)}",
            _way_out(found.shape, wanted.shape),
            (owner, f"makes weights of {show_shape(found.shape)}"),
            is_about_shapes=True,
        )
    return owner


def _way_out(found: Shape, wanted: Shape) -> str:
    if len(found) != len(wanted):
        return "leave out `weights`: the layer then has its own"
    said = [f"give it {found[0]} units"] * (found[0] != wanted[0])
    said += [f"make what comes in {found[1]} wide"] * (found[1] != wanted[1])
    return ", and ".join(said)
