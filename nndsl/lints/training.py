"""Lints of the training section."""

from collections.abc import Iterator

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, SpecContext
from nndsl.lints.rule import NetworkLint, SpecLint, example
from nndsl.source import Origin
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.schedule import Schedule

SMALLEST_BOUND = 1e-3  # of a gradient
HIGHEST_SOFTENING = 0.5
DIED_OUT = -6  # decimal logarithm of the part of a learning rate that is left
GREW = 3

_NETWORK = "dense(50); relu; dense(10)"


def _spec(*settings: str, optimizer: str = "sgd(lr=0.1)") -> str:
    return example(_NETWORK, *settings, optimizer=optimizer)


@SpecLint(
    "NN442",
    "unusual learning rate",
    wrong=_spec(optimizer="adam(lr=0.5)"),
    right=_spec(optimizer="adam(lr=0.001)"),
)
def learning_rate(context: SpecContext) -> Iterator[Finding]:
    """The learning rate lies far outside of what is usual for its optimizer.

    With a rate that is too large the loss jumps or becomes infinite; with one that is too small
    nothing seems to happen. An optimizer that adapts its steps takes rates a hundred times smaller
    than plain gradient descent.

    Source: Bengio 2012, Practical recommendations for gradient-based training, section 3.1.1;
    Kingma and Ba 2015.
    """
    train = context.spec.train
    if train is None:
        return
    optimizer, rate = train.optimizer, train.optimizer.lr
    greatest = rate.greatest() if isinstance(rate, Schedule) else rate
    if greatest is None:
        return
    low, high = optimizer.usual_rates
    place = context.argument_origin(optimizer, context.setting_origin("optimizer"), "lr")
    usual = f"usual for `{optimizer.keyword()}` are rates from {low:g} to {high:g}"
    if greatest == 0:
        yield Finding("with a learning rate of 0 nothing is learnt", place, usual)
    elif greatest < low:
        yield Finding(
            f"a learning rate of {greatest:g} is so small for `{optimizer.keyword()}` that hardly "
            "anything is learnt",
            place,
            usual,
        )
    elif greatest > high and (train.clip is None or optimizer.adapts):  # a clip bounds the step
        yield Finding(
            f"a learning rate of {greatest:g} is far above what is usual for "
            f"`{optimizer.keyword()}`: training often diverges there",
            place,
            usual,
        )


@SpecLint(
    "NN444",
    "warm-up longer than the training",
    wrong=_spec("epochs = 5", optimizer="adam(lr=linear_warmup(0.001, warmup=1000))"),
    right=_spec("epochs = 5", optimizer="adam(lr=linear_warmup(0.001, warmup=20))"),
)
def endless_warmup(context: SpecContext) -> Iterator[Finding]:
    """The learning rate rises over as many steps as the training has, or more.

    Training ends before the rate has been reached. Warm-up counts optimizer steps, of which an
    epoch has one for each batch.

    Source: Goyal et al. 2017, section 2.2: the warm-up takes 5 of 90 epochs.
    """
    steps = context.spec.total_steps
    for schedule, place in _schedules(context):
        rise = getattr(schedule, schedule.rise) if schedule.rise else 0
        if steps is not None and rise >= steps:
            yield Finding(
                f"the learning rate rises over {rise} steps, and the training has {steps}"
                f"{_epochs(context)}: it ends before the rate is reached",
                context.argument_origin(schedule, place, schedule.rise),
                f"{schedule.rise} counts optimizer steps: batches, not epochs",
            )


@SpecLint(
    "NN445",
    "learning rate dies out",
    wrong=_spec("epochs = 20", optimizer="sgd(lr=step(0.1, every=10))"),
    right=_spec("epochs = 20", optimizer="sgd(lr=step(0.1, every=400))"),
)
def dying_rate(context: SpecContext) -> Iterator[Finding]:
    """The learning rate falls to less than a millionth of what it was, or grows a thousandfold.

    After a few epochs nothing changes any more. Schedules count optimizer steps, of which an epoch
    has one for each batch: every=10 is a part of an epoch, not ten.

    Source: PyTorch, StepLR and ExponentialLR, whose unit is a call of step().
    """
    steps = context.spec.total_steps
    for schedule, place in _schedules(context):
        power = schedule.shrinks_to(steps) if steps is not None else None
        if power is not None and not DIED_OUT <= power <= GREW:
            what = "falls to a part" if power < 0 else "grows by a factor"
            yield Finding(
                f"over {steps} steps{_epochs(context)} the learning rate {what} of "
                f"1e{power:+.0f}".replace("+", ""),
                place,
                f"`{schedule.keyword()}` counts optimizer steps, and an epoch has "
                f"{context.spec.epoch_steps or 'many'} of them",
            )


@SpecLint(
    "NN446",
    "patience longer than the training",
    wrong=_spec("epochs = 10", "stop = early(patience=20)"),
    right=_spec("epochs = 100", "stop = early(patience=20)"),
)
def vain_patience(context: SpecContext) -> Iterator[Finding]:
    """Early stopping waits for as many epochs as the training has, or more.

    It never stops early.

    Source: Prechelt 1998, Early Stopping - But When?
    """
    train, epochs = context.spec.train, context.spec.epochs
    if train is None or train.stop is None or not train.stop.patience_field or epochs is None:
        return
    stop = train.stop
    patience = getattr(stop, stop.patience_field)
    if patience >= epochs:
        place = context.argument_origin(stop, context.setting_origin("stop"), stop.patience_field)
        yield Finding(
            f"`{stop.keyword()}` waits {patience} epochs, and the training has {epochs}: it never "
            "stops early",
            place,
            f"choose a smaller {stop.patience_field}, or train longer",
        )


@SpecLint(
    "NN447",
    "gradient cut to nothing",
    wrong=_spec("clip = global_norm(1e-5)"),
    right=_spec("clip = global_norm(1)"),
)
def tiny_bound(context: SpecContext) -> Iterator[Finding]:
    """The bound on the gradient is below 0.001, and the optimizer does not adapt to its size.

    Every gradient is cut, not only those that are too large, and each step is tiny.

    Source: Pascanu et al. 2013, section 3.2: half to ten times the average norm.
    """
    train = context.spec.train
    if train is None or train.clip is None or not train.clip.bound or train.optimizer.adapts:
        return
    clip = train.clip
    bound = getattr(clip, clip.bound)
    if bound < SMALLEST_BOUND:
        yield Finding(
            f"`{clip.keyword()}` cuts every gradient down to {bound:g}, so that each step is tiny",
            context.argument_origin(clip, context.setting_origin("clip"), clip.bound),
            "a bound is for the rare gradients that are too large: 1 is usual",
        )


@SpecLint(
    "NN448",
    "targets too soft",
    wrong=example(_NETWORK, loss="loss = softmax_cross_entropy(label_smoothing=0.9)"),
    right=example(_NETWORK, loss="loss = softmax_cross_entropy(label_smoothing=0.1)"),
)
def oversoft_targets(context: SpecContext) -> Iterator[Finding]:
    """Label smoothing spreads more than half of every target over all classes.

    Little of the right class is left to learn from.

    Source: Szegedy et al. 2016, section 7, with 0.1.
    """
    loss = context.loss
    if loss is None or not loss.softens:
        return
    part = getattr(loss, loss.softens)
    if part > HIGHEST_SOFTENING:
        yield Finding(
            f"`{loss.softens}` spreads {part:.0%} of every target over all classes, so that "
            "little of the right one is left",
            context.argument_origin(loss, context.setting_origin("loss"), loss.softens),
            "0.1 is usual",
        )


@NetworkLint(
    "NN450",
    "one question asked twice",
    wrong=example("dense(2)", loss="loss = binary_cross_entropy", data="moons(test=0.2)"),
    right=example("dense(1)", loss="loss = binary_cross_entropy", data="moons(test=0.2)"),
)
def one_question_twice(context: LintContext) -> Iterator[Finding]:
    """A loss of yes and no is taken of two outputs, and the data has two classes.

    Either output learns the same question, each by itself: is it the one class, is it the other?
    Their probabilities need not sum to 1.

    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.2.
    """
    spec = context.spec
    for head in spec.heads:
        loss, output = head.loss, context.graph.output_of(head.name)
        is_binary = loss.targets == "values" and loss.binary_limit != Loss.binary_limit
        if is_binary and output.shape[-1:] == (2,) and spec.description_of(head).classes == 2:
            yield Finding(
                f"the two outputs learn one question with `{loss.keyword()}`: yes or no",
                output.producer.origin if output.producer else spec.origins["network"],
                "one output says how sure a yes is; two that sum to 1 need a loss of classes",
                (Label(head.origin.span, "the loss"),) if head.origin else (),
            )


@SpecLint(
    "NN443",
    "batch larger than the data",
    wrong=_spec("batch = 5000"),
    right=_spec("batch = 50"),
)
def large_batch(context: SpecContext) -> Iterator[Finding]:
    """A batch is larger than the training part.

    Every epoch is a single step on all examples: the training takes far fewer steps than it seems.

    Source: Masters and Luschi 2018, Revisiting Small Batch Training for Deep Neural Networks.
    """
    train, examples = context.spec.train, context.examples
    if train is not None and examples and 0 < examples < train.batch:
        data = Label(context.spec.origins["data"].span, f"{examples} examples to train on")
        place = context.setting_origin("batch")
        yield Finding(
            f"a batch of {train.batch} is larger than the training part of {examples:,} "
            "examples: every epoch is a single step",
            place,
            f"batch={examples} says that this is meant",
            (data,),
        )


def _schedules(context: SpecContext) -> Iterator[tuple[Schedule, Origin]]:
    train = context.spec.train
    if train is None:
        return
    optimizer = train.optimizer
    for field in type(optimizer).model_fields:
        schedule = getattr(optimizer, field)
        if isinstance(schedule, Schedule):
            yield (
                schedule,
                context.argument_origin(optimizer, context.setting_origin("optimizer"), field),
            )


def _epochs(context: SpecContext) -> str:
    if context.spec.epochs is None or context.spec.epoch_steps is None:
        return ""
    return f" ({context.spec.epochs} epochs of {context.spec.epoch_steps})"
