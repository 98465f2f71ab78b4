"""Ties: weights that a layer has in common with another."""

from __future__ import annotations

from nndsl.vocabulary.word import LayerName, Word


class Tie(Word):
    """Stands where a layer says whose weights it takes, instead of its own.

    `layer` names the other layer, which stands before it: by its word, or by the `let` that it is.
    """

    role = "ties"
    layer: LayerName
