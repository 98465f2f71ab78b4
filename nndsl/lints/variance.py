"""Lints of the size of signals and gradients, predicted before training."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf, log

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, number
from nndsl.lints.prediction import Prediction, Stage
from nndsl.lints.rule import NetworkLint, example
from nndsl.source import Origin, Span
from nndsl.vocabulary.layer import flat_share

MAX_CHANGE = 100.0  # of a signal or a gradient, from the first hidden layer to the last
MAX_CHANGE_ADAPTED = 1e4  # of a gradient, where each parameter's step has a size of its own
LARGEST_SCORES = 10.0
MAX_FLAT = 0.5  # part of the units
MAX_LISTED = 8

_FOUR = "; ".join(["dense(100{0}); relu"] * 4) + "; dense(10{0})"
_SATURATED = "dense(50, init=normal(std={0})); tanh; dense(10)"


def change(sizes: Sequence[float]) -> float:
    """Return the size of the hidden layer that differs most from the first one, in its unit."""
    if not sizes or not all(0 < size < inf for size in sizes):
        return 1.0  # no size is known, or another lint says why there is none
    return max(sizes, key=lambda size: abs(log(size) - log(sizes[0]))) / sizes[0]


def is_off_scale(prediction: Prediction) -> bool:
    """Does the signal fade or grow on its way?"""
    ratio = change([stage.std for stage in prediction.hidden])
    return not 1 / MAX_CHANGE <= ratio <= MAX_CHANGE


@NetworkLint(
    "NN413",
    "signal fades or grows",
    wrong=example(_FOUR.format(", init=normal(std=0.01)")),
    right=example(_FOUR.format("")),
)
def signal_scale(context: LintContext) -> Iterator[Finding]:
    """The standard deviation of the outputs of the hidden layers falls or grows a hundredfold from
    the first of them to the last. It is predicted from the spread of the weights, layer by layer,
    for inputs as the data has them (or standardised).

    What reaches the output does not depend on the input any more, or drowns it; the gradient on its
    way back shrinks or grows as much, and the first layers do not learn.

    Source: Glorot and Bengio 2010; He et al. 2015; for the prediction Poole et al. 2016, equation
    3.
    """
    prediction = context.prediction
    if prediction is None or not is_off_scale(prediction):
        return
    hidden = prediction.hidden
    fades = change([stage.std for stage in hidden]) < 1
    what = "fades" if fades else "grows"
    gradient = hidden[0].gradient / hidden[-1].gradient if hidden[-1].gradient else 0.0
    alike = (gradient < 1) == fades and gradient > 0
    also = f", and the gradient to {number(gradient)} of itself on its way back" if alike else ""
    yield Finding(
        f"the signal {what} from layer to layer: its predicted standard deviation is "
        f"{predicted(prediction)} behind the {len(hidden)} hidden layers{also}",
        _culprit(context, prediction),
        _help(context),
        _labels(hidden),
    )


@NetworkLint(
    "NN414",
    "scores begin large",
    wrong=example("dense(100, init=normal(std=1)); relu; dense(10, init=normal(std=1))"),
    right=example("dense(100); relu; dense(10)"),
)
def large_scores(context: LintContext) -> Iterator[Finding]:
    """The scores in front of the loss begin with a standard deviation above 10.

    An untrained network should find all classes about equally likely, with a loss of log(classes).
    With large scores it is sure of wrong answers, and spends its first epochs on unlearning them.

    Source: Karpathy 2019, A Recipe for Training Neural Networks: verify loss @ init.
    """
    prediction, loss = context.prediction, context.loss
    if prediction is None or loss is None or not loss.applies or is_off_scale(prediction):
        return
    if _is_sure(prediction) and not _is_sure(context.recommended):  # else it is not the weights
        assert prediction.output is not None
        yield Finding(
            "the network begins with scores of a predicted standard deviation of "
            f"{number(prediction.output)}: sure of its answers before it has learnt any, it starts "
            "with a huge loss",
            _culprit(context, prediction),
            _help(context),
            _labels(prediction.hidden),
        )


def _is_sure(prediction: Prediction | None) -> bool:
    return prediction is not None and (prediction.output or 0) > LARGEST_SCORES


@NetworkLint(
    "NN416",
    "saturated units",
    wrong=example(_SATURATED.format(1), optimizer="adam(lr=0.001)"),
    right=example(_SATURATED.format(0.1), optimizer="adam(lr=0.001)"),
)
def saturation(context: LintContext) -> Iterator[Finding]:
    """More than half of the units of a bounded activation begin where it has less than a twentieth
    of its greatest slope.

    They pass almost no gradient, and learn slowly or not at all.

    Source: LeCun et al. 1998, Efficient BackProp, section 4.6; Glorot and Bengio 2010, section 3.
    """
    prediction = context.prediction
    if prediction is None or is_off_scale(prediction):
        return
    for position, stage in enumerate(prediction.hidden):
        layer = stage.activation.layer
        if -inf in layer.bounds or inf in layer.bounds:
            continue
        share = flat_share(layer, stage.before)
        suited = (
            context.recommended.hidden[position:]
            if share > MAX_FLAT and context.recommended
            else ()
        )
        if suited and flat_share(layer, suited[0].before) < MAX_FLAT:  # else it is not the weights
            yield Finding(
                f"{share:.0%} of the units of `{layer.keyword()}` begin where it is flat (its "
                f"input has a predicted standard deviation of {number(stage.before.std)}), and "
                "pass almost no gradient",
                context.init_origin(stage.layer),
                f"weights of `init={stage.layer.recommended_init}` keep the input small",
                (Label(stage.activation.origin.span, "saturated"),),
            )
            return


@NetworkLint(
    "NN415",
    "gradient fades or grows",
    wrong=example("; ".join(["dense(50); sigmoid"] * 6) + "; dense(10)"),
    right=example("; ".join(["dense(50); tanh"] * 6) + "; dense(10)"),
)
def gradient_scale(context: LintContext) -> Iterator[Finding]:
    """The gradient becomes a hundred times smaller or larger (ten thousand times, where the
    optimizer adapts to its size) on its way back through the hidden layers, though the signal keeps
    its size.

    The first layers hardly learn, or jump: the sigmoid has a slope of 1/4 at most, so that each
    layer of it takes three quarters of the gradient.

    Source: Hochreiter 1991; Bengio et al. 1994; for the prediction Schoenholz et al. 2017.
    """
    prediction, train = context.prediction, context.spec.train
    if prediction is None or is_off_scale(prediction) or not prediction.hidden:
        return
    sizes = [stage.gradient for stage in reversed(prediction.hidden)]
    adapts = train is None or train.optimizer.adapts
    most = MAX_CHANGE_ADAPTED if adapts else MAX_CHANGE
    ratio = change(sizes)
    if 1 / most <= ratio <= most:
        return
    what = "fades to" if ratio < 1 else "grows to"
    yield Finding(
        f"the gradient {what} {number(ratio)} of itself on its way back through "
        f"{len(sizes)} hidden layers, so that the first ones "
        f"{'hardly learn' if ratio < 1 else 'jump'}",
        _culprit(context, prediction),
        "fewer layers, another activation, normalisation or residual connections help",
        tuple(
            Label(span, f"gradient {text}")
            for span, text in _by_span(prediction.hidden, [number(s) for s in reversed(sizes)])
        ),
    )


def predicted(prediction: Prediction) -> str:
    """List the standard deviations behind the hidden layers: `0.055, 0.0039, 0.00027`."""
    listed = [number(stage.std) for stage in prediction.hidden]
    if len(listed) > MAX_LISTED:
        listed[MAX_LISTED - 2 : -1] = ["…"]
    return ", ".join(listed)


def _help(context: LintContext) -> str:
    prediction = context.prediction
    assert prediction is not None
    better = context.recommended
    node = prediction.hidden[0].layer if prediction.hidden else context.weighted_nodes[0]
    if better is None or is_off_scale(better) or _is_sure(better):
        return "normalisation between the layers keeps the signal at one size"
    would = f": {predicted(better)}" if better.hidden else ""
    return f"`init={node.recommended_init}` keeps the signal at one size{would}"


def _culprit(context: LintContext, prediction: Prediction) -> Origin:
    """Return where the first layer begins that changes the signal as much as any, or nearly so."""
    hidden = prediction.hidden
    if not hidden:
        return context.init_origin(context.weighted_nodes[0])
    before = [prediction.inputs.std or 1.0, *(stage.std for stage in hidden)]
    logs = [abs(log(b) - log(a)) if a and b else 0.0 for a, b in pairwise(before)]
    first = next(i for i, size in enumerate(logs) if size >= max(logs) / 2)
    return context.init_origin(hidden[first].layer)


def _labels(hidden: Sequence[Stage]) -> tuple[Label, ...]:
    stds = [number(stage.std) for stage in hidden]
    return tuple(Label(span, f"predicted std {text}") for span, text in _by_span(hidden, stds))


def _by_span(hidden: Sequence[Stage], texts: Sequence[str]) -> Iterator[tuple[Span, str]]:
    """Yield each place with what is said of its layers; a repeated layer has one place."""
    said: dict[Span, list[str]] = {}
    for stage, text in zip(hidden, texts, strict=True):
        said.setdefault(stage.activation.origin.span, []).append(text)
    for span, several in said.items():
        if len(several) > MAX_LISTED:
            several[MAX_LISTED - 2 : -1] = ["…"]
        yield span, ", ".join(several)
