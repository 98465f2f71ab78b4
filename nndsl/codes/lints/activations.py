"""Codes of activations, and of what the network puts out."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_MOONS = "moons(samples=200, test=0.2)"
_CURVE = "sine(samples=200, test=0.2)"
_SQUARES = "loss = mean_squared_error"
_YES_NO = "loss = binary_cross_entropy"

CODES = (
    Code(
        "NN421",
        "no activation between layers",
        "Two linear layers follow each other with nothing nonlinear between them, and the first is "
        "not narrower than what it connects.",
        "A linear function of a linear function is a linear function: the two layers compute what "
        "one could, with more parameters.",
        example("dense(50); dense(10)"),
        example("dense(50); relu; dense(10)"),
        "Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.1.",
    ),
    Code(
        "NN422",
        "activation applied twice",
        "The network ends with an activation that its loss applies itself.",
        "Applied twice, it presses all probabilities together: gradients become small, and the "
        "network can never be sure.",
        example("dense(50); relu; dense(10); softmax"),
        example("dense(50); relu; dense(10)"),
        "PyTorch, CrossEntropyLoss and BCEWithLogitsLoss: the input is expected to contain logits.",
    ),
    Code(
        "NN423",
        "bounded scores",
        "The network ends with an activation that cannot put out every number, and its loss takes "
        "scores.",
        "The probability of a class follows from differences of scores. Where scores are bounded, "
        "so are probabilities; where they cannot be negative, many have no gradient.",
        example("dense(20); tanh; dense(1); relu", loss=_YES_NO, data=_MOONS),
        example("dense(20); tanh; dense(1)", loss=_YES_NO, data=_MOONS),
        "Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.2.2.",
    ),
    Code(
        "NN424",
        "bounded prediction",
        "A regression ends with an activation that cannot put out the targets of the data, or one "
        "that is 0 without a slope for all negative numbers.",
        "Targets out of reach stay out of reach; and where the output is 0 and has no slope, "
        "nothing learns.",
        example("dense(20); tanh; dense(1); relu", loss=_SQUARES, data=_CURVE),
        example("dense(20); tanh; dense(1)", loss=_SQUARES, data=_CURVE),
        "Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.2.2.1.",
    ),
    Code(
        "NN425",
        "distance as a loss for classes",
        "The data has classes, and the loss measures distances of numbers.",
        "Classes have no distance. The gradient of a squared error is bounded where a class is "
        "missed by far, and a cross-entropy learns faster and generalises better.",
        example("dense(50); relu; dense(10)", loss=_SQUARES),
        example("dense(50); relu; dense(10)"),
        "Bishop 2006, Pattern Recognition and Machine Learning, section 4.1.3; Golik et al. 2013.",
    ),
)
