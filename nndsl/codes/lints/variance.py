"""Codes of the size of signals, predicted before training."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_FOUR = "; ".join(["dense(100{0}); relu"] * 4) + "; dense(10{0})"
_SATURATED = "dense(50, init=normal(std={0})); tanh; dense(10)"

CODES = (
    Code(
        "NN413",
        "signal fades or grows",
        "The standard deviation of what the hidden layers put out falls or grows a hundredfold "
        "from the first of them to the last. It is predicted from the spread of the weights, "
        "layer by layer, for inputs as the data has them (or standardised).",
        "What reaches the output does not depend on the input any more, or drowns it; the gradient "
        "on its way back shrinks or grows as much, and the first layers do not learn.",
        example(_FOUR.format(", init=normal(std=0.01)")),
        example(_FOUR.format("")),
        "Glorot and Bengio 2010; He et al. 2015; for the prediction Poole et al. 2016, equation 3.",
    ),
    Code(
        "NN414",
        "scores begin large",
        "The scores in front of the loss begin with a standard deviation above 10.",
        "An untrained network should find all classes about equally likely, with a loss of "
        "log(classes). With large scores it is sure of wrong answers, and spends its first epochs "
        "on unlearning them.",
        example("dense(100, init=normal(std=1)); relu; dense(10, init=normal(std=1))"),
        example("dense(100); relu; dense(10)"),
        "Karpathy 2019, A Recipe for Training Neural Networks: verify loss @ init.",
    ),
    Code(
        "NN415",
        "gradient fades or grows",
        "The gradient becomes a hundred times smaller or larger (ten thousand times, where the "
        "optimizer adapts to its size) on its way back through the hidden layers, though the "
        "signal keeps its size.",
        "The first layers hardly learn, or jump: the sigmoid has a slope of 1/4 at most, so that "
        "each layer of it takes three quarters of the gradient.",
        example("; ".join(["dense(50); sigmoid"] * 6) + "; dense(10)"),
        example("; ".join(["dense(50); tanh"] * 6) + "; dense(10)"),
        "Hochreiter 1991; Bengio et al. 1994; for the prediction Schoenholz et al. 2017.",
    ),
    Code(
        "NN416",
        "saturated units",
        "More than half of the units of a bounded activation begin where it has less than a "
        "twentieth of its greatest slope.",
        "They pass almost no gradient, and learn slowly or not at all.",
        example(_SATURATED.format(1), optimizer="adam(lr=0.001)"),
        example(_SATURATED.format(0.1), optimizer="adam(lr=0.001)"),
        "LeCun et al. 1998, Efficient BackProp, section 4.6; Glorot and Bengio 2010, section 3.",
    ),
)
