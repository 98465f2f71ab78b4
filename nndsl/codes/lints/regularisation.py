"""Codes of penalties, and of too many parameters."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_NETWORK = "dense(50); relu; dense(10)"
_FEW = "xor(samples=100, test=50)"

CODES = (
    Code(
        "NN441",
        "penalty divided away",
        "L2 regularisation with an optimizer that divides each gradient by its usual size, and of "
        "which there is a form with a weight decay of its own; or both at once.",
        "The gradient of the penalty is divided as well: weights with large gradients decay least, "
        "though they should decay as the others do.",
        example(_NETWORK, "regularize = l2(1e-3)", optimizer="adam(lr=0.001)"),
        example(_NETWORK, optimizer="adamw(lr=0.001, weight_decay=0.01)"),
        "Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization.",
    ),
    Code(
        "NN449",
        "decay past zero",
        "The learning rate times the strength of the penalty is 1 or more.",
        "Each step takes more than all of every weight away: weights change their sign from step "
        "to step, and from 2 on they grow without end.",
        example(_NETWORK, "regularize = l2(10)"),
        example(_NETWORK, "regularize = l2(1e-4)"),
        "Krogh and Hertz 1991: the decay of a step is lr times the strength.",
    ),
    Code(
        "NN455",
        "too many parameters for the data",
        "The network has more than a thousand parameters for each example to learn from, and "
        "neither penalty, dropout, batch normalisation nor early stopping.",
        "It can learn all examples by heart, noise and all, and nothing keeps it from doing so.",
        example("dense(300); relu; dense(300); relu; dense(2)", data=_FEW),
        example("dense(30); relu; dense(30); relu; dense(2)", data=_FEW),
        "Zhang et al. 2017, Understanding deep learning requires rethinking generalization.",
    ),
)
