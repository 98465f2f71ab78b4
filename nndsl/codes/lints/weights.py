"""Codes of how weights begin."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_DEEP = "; ".join(["dense(64, {0}); relu"] * 4) + "; dense(10)"

CODES = (
    Code(
        "NN411",
        "weights all equal",
        "The weights of a hidden layer all begin with the same value, and those behind it as well; "
        "or they begin as 0 in front of an activation that puts out 0 there and has no slope.",
        "Units that begin equal compute the same, get the same gradient, and stay equal: fifty of "
        "them learn what one could. Zeros in front of relu learn nothing at all.",
        example("dense(50, init=zeros); sigmoid; dense(10, init=zeros)"),
        example("dense(50); sigmoid; dense(10, init=zeros)"),
        "Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.4.",
    ),
    Code(
        "NN412",
        "initializer does not suit the activation",
        "Several layers in front of relu or one of its family begin with weights for symmetric "
        "activations.",
        "Relu lets half of a signal's mean square through. Weights that do not make up for it lose "
        "a part of the signal at each layer, and training starts slowly.",
        example(_DEEP.format("init=lecun")),
        example(_DEEP.format("init=he")),
        "He et al. 2015, section 2.2.",
    ),
)
