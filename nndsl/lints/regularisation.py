"""Lints of penalties, and of networks that are too large for their data."""

from collections.abc import Iterator

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, SpecContext
from nndsl.lints.rule import NetworkLint, SpecLint, example
from nndsl.vocabulary.schedule import Schedule

MAX_PARAMETERS = 1000  # for each example
LEAST_DECAY = 5e-4  # a weaker penalty hardly matters, divided or not

_NETWORK = "dense(50); relu; dense(10)"
_FEW = "xor(samples=100, test=50)"


@SpecLint(
    "NN441",
    "penalty divided away",
    wrong=example(_NETWORK, "regularize = l2(1e-3)", optimizer="adam(lr=0.001)"),
    right=example(_NETWORK, optimizer="adamw(lr=0.001, weight_decay=0.01)"),
)
def coupled_decay(context: SpecContext) -> Iterator[Finding]:
    """L2 regularisation with an optimizer that divides each gradient by its usual size, and of
    which there is a form with a weight decay of its own; or both at once.

    The gradient of the penalty is divided as well: weights with large gradients decay least, though
    they should decay as the others do.

    Source: Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization.
    """
    train = context.spec.train
    if train is None or train.regularize is None or not train.regularize.decays:
        return
    optimizer, word = train.optimizer, train.regularize.keyword()
    strength = getattr(train.regularize, train.regularize.decays)
    if not optimizer.decoupled or strength < LEAST_DECAY:
        return
    label = (Label(context.setting_origin("optimizer").span, "the optimizer"),)
    if optimizer.decay:
        yield Finding(
            f"`{optimizer.keyword()}` makes the weights decay itself, and `{word}` does it again",
            context.setting_origin("regularize"),
            "keep one of them",
            label,
        )
    else:
        yield Finding(
            f"`{optimizer.keyword()}` divides each gradient by its usual size, and with it the "
            f"penalty of `{word}`: weights with large gradients hardly decay",
            context.setting_origin("regularize"),
            f"use `{optimizer.decoupled}`, which has a weight_decay of its own",
            label,
        )


@SpecLint(
    "NN449",
    "decay past zero",
    wrong=example(_NETWORK, "regularize = l2(10)"),
    right=example(_NETWORK, "regularize = l2(1e-4)"),
)
def overshooting_decay(context: SpecContext) -> Iterator[Finding]:
    """The learning rate times the strength of the penalty is 1 or more.

    Each step takes more than all of every weight away: weights change their sign from step to step,
    and from 2 on they grow without end.

    Source: Krogh and Hertz 1991: the decay of a step is lr times the strength.
    """
    train = context.spec.train
    if train is None or train.regularize is None or not train.regularize.decays:
        return
    penalty, optimizer = train.regularize, train.optimizer
    rate = optimizer.lr.greatest() if isinstance(optimizer.lr, Schedule) else optimizer.lr
    strength = getattr(penalty, penalty.decays)
    if rate is not None and not optimizer.adapts and rate * strength >= 1:
        yield Finding(
            f"lr times `{penalty.decays}` is {rate * strength:g}: each step takes a "
            "weight to 0 or past it, whatever the data says",
            context.argument_origin(penalty, context.setting_origin("regularize"), penalty.decays),
            "1e-4 is usual",
        )


@NetworkLint(
    "NN455",
    "too many parameters for the data",
    wrong=example("dense(300); relu; dense(300); relu; dense(2)", data=_FEW),
    right=example("dense(30); relu; dense(30); relu; dense(2)", data=_FEW),
)
def too_many_parameters(context: LintContext) -> Iterator[Finding]:
    """The network has more than a thousand parameters for each example to learn from, and neither
    penalty, dropout, batch normalisation nor early stopping.

    It can learn all examples by heart, noise and all, and nothing keeps it from doing so.

    Source: Zhang et al. 2017, Understanding deep learning requires rethinking generalization.
    """
    examples, train = context.examples, context.spec.train
    if train is None or not examples:
        return
    held = train.regularize or train.stop or train.optimizer.decay
    if held or any(
        node.layer.drop_rate or node.layer.compares_examples for node in context.graph.nodes
    ):
        return
    parameters = context.graph.parameter_count
    if any(p.regularize for node in context.weighted_nodes for p in node.parameters.values()):
        return
    if parameters > MAX_PARAMETERS * examples:
        origins = context.spec.origins
        yield Finding(
            f"{parameters:,} parameters learn from {examples:,} examples, and nothing keeps them "
            "from learning these by heart",
            context.call_sites.call_name(origins["network"]),
            "a smaller network, a penalty, dropout or early stopping helps",
            (Label(origins["data"].span, f"{examples:,} examples to train on"),),
        )
