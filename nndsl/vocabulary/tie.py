"""Ties: weights that a layer has in common with another."""

from nndsl.vocabulary.builtin import Builtin, LayerName


class WeightTying(Builtin):
    """Stands where a layer says whose weights it takes, instead of its own.

    `layer` names the other layer, which stands before it: by its word, or by the `let` that it is.
    """

    kind = "ties"
    layer: LayerName
