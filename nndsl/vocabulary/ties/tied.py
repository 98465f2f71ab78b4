"""Weights of another layer, transposed."""

from pydantic import Field

from nndsl.vocabulary.builtin import LayerName
from nndsl.vocabulary.tie import WeightTying


class Tied(WeightTying):
    """The weights W of another layer, transposed: what that one does, done backwards.

    Of a value, as in `b = dense(y, 5, weights=tied(a))`, they are those of the equal layer or
    block that gave it, as they are.

    Both learn: the gradient is the sum of what both uses give. An embedding whose rows are the
    weights of the output layer: Press and Wolf 2017. An autoencoder: Vincent et al. 2010.
    """

    layer: LayerName = Field(
        description="the layer before it: its word, where there is one of it, or its name"
    )
