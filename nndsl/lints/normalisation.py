"""Lints of normalisation and dropout: their order, and how much of them."""

from collections.abc import Iterator

from nndsl.analysis.fixes import fix, without
from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, only_reader
from nndsl.lints.rule import NetworkLint, example

HIGHEST_DROP_RATE = 0.8

_NORMALISED = "dense(50, bias=false); batch_norm; relu; dense(10)"


@NetworkLint(
    "NN431",
    "bias without effect",
    wrong=example("dense(50); batch_norm; relu; dense(10)"),
    right=example(_NORMALISED),
)
def idle_offset(context: LintContext) -> Iterator[Finding]:
    """A layer with a bias stands directly before a batch normalisation.

    The normalisation takes every constant away again, and adds one of its own: the bias has a
    gradient of 0, and never changes.

    Source: Ioffe and Szegedy 2015, section 3.2.
    """
    for node in context.weighted_nodes:
        field, reader = node.layer.offset, only_reader(node.output)
        if field and getattr(node.layer, field) and reader and reader.layer.removes_offset:
            yield Finding(
                f"the {field} has no effect: `{reader.layer.keyword()}` behind it takes every "
                "constant away, and adds one of its own",
                context.argument_origin(node.layer, node.origin, field),
                f"write {field}=false",
                (Label(reader.origin.span, "taken away here"),),
                # Not safe: saved weights hold an array less, and a block may be used elsewhere.
                fix(f"write {field}=false", context.set_argument(node, field, "false")),
            )


@NetworkLint(
    "NN432",
    "dropout before batch normalisation",
    wrong=example("dense(50, bias=false); dropout(0.2); batch_norm; relu; dense(10)"),
    right=example("dense(50, bias=false); batch_norm; relu; dropout(0.2); dense(10)"),
)
def dropout_before_normalisation(context: LintContext) -> Iterator[Finding]:
    """Dropout stands before a batch normalisation, with no layer with weights between them.

    Dropout changes the variance in training and not in prediction. The normalisation learns its
    running statistics in training, and predicts with the wrong ones.

    Source: Li et al. 2019, Understanding the Disharmony between Dropout and Batch Normalization.
    """
    for node in context.graph.nodes:
        if not node.layer.drop_rate or not getattr(node.layer, node.layer.drop_rate):
            continue
        for reader in context.downstream(node):
            if reader.layer.compares_examples:
                yield Finding(
                    f"`{node.layer.keyword()}` stands before `{reader.layer.keyword()}`: it "
                    "changes the variance in training and not in prediction, so that the running "
                    "statistics are wrong",
                    node.origin,
                    f"put it behind `{reader.layer.keyword()}` and the activation",
                    (Label(reader.origin.span, "its statistics"),),
                )
                break


@NetworkLint(
    "NN433",
    "dropout of the output",
    wrong=example("dense(50); relu; dense(10); dropout(0.2)"),
    right=example("dense(50); relu; dropout(0.2); dense(10)"),
)
def dropout_of_output(context: LintContext) -> Iterator[Finding]:
    """Dropout stands behind the last layer with weights.

    It sets scores or predictions to 0 at random, and no layer behind it can make up for what is
    missing: the loss is noise.

    Source: Srivastava et al. 2014, section 4: dropout is for input and hidden units.
    """
    if not context.weighted_nodes:
        return
    for node in context.graph.nodes:
        if node.layer.drop_rate and not any(n.has_weights for n in context.downstream(node)):
            yield Finding(
                f"`{node.layer.keyword()}` stands behind the last layer with weights: it sets "
                "parts of the answer to 0",
                node.origin,
                "put it before the last layer, or leave it out",
                fixes=fix(f"leave `{node.layer.keyword()}` out", without(node.origin.span)),
            )


@NetworkLint(
    "NN434",
    "extreme dropout",
    wrong=example("dense(50); relu; dropout(0.9); dense(10)"),
    right=example("dense(50); relu; dropout(0.1); dense(10)"),
)
def high_drop_rate(context: LintContext) -> Iterator[Finding]:
    """Dropout switches more than 80% of the units off.

    Little of the signal is left, and training stalls. Often the part to keep was meant.

    Source: Srivastava et al. 2014, section 7.3: errors rise where few units are kept.
    """
    for node in context.graph.nodes:
        field = node.layer.drop_rate
        if field and (rate := getattr(node.layer, field)) > HIGHEST_DROP_RATE:
            yield Finding(
                f"`{node.layer.keyword()}` switches {rate:.0%} of the units off: little of the "
                "signal is left",
                context.argument_origin(node.layer, node.origin, field),
                f"the {field} is the part that is switched off; to keep {rate:.0%}, write "
                f"{1 - rate:.2g}",
            )


@NetworkLint(
    "NN435",
    "batch of one example",
    wrong=example(_NORMALISED, "batch = 32", data="digits(validation=197, test=319)"),
    right=example(_NORMALISED, "batch = 30", data="digits(validation=197, test=319)"),
)
def single_example(context: LintContext) -> Iterator[Finding]:
    """A batch, or the last one of an epoch, has a single example, and a layer normalises over the
    batch.

    The mean of one example is the example: the layer outputs 0 everywhere, and everything before
    it has a gradient of 0.

    Source: PyTorch, which refuses it: Expected more than 1 value per channel when training.
    """
    train, examples = context.spec.train, context.examples
    comparing = [node for node in context.graph.nodes if node.layer.compares_examples]
    if train is None or not comparing:
        return
    word = comparing[0].layer.keyword()
    label = (Label(comparing[0].origin.span, "it compares the examples of a batch"),)
    vain = f"`{word}` makes 0 of every feature, and nothing before it learns"
    if train.batch == 1 or examples == 1:
        yield Finding(
            f"with one example in a batch {vain}",
            context.setting_origin("batch"),
            "take larger batches, or normalise over the features of each example",
            label,
        )
    elif examples and examples > train.batch and examples % train.batch == 1:
        yield Finding(
            f"{examples} examples in batches of {train.batch} leave a last batch of one: in it "
            f"{vain}",
            context.setting_origin("batch"),
            "change the batch or the parts of the data by a little",
            label,
        )


@NetworkLint(
    "NN436",
    "normalisation of a single number",
    wrong=example("dense(1); layer_norm; relu; dense(10)"),
    right=example("dense(50); layer_norm; relu; dense(10)"),
)
def single_feature(context: LintContext) -> Iterator[Finding]:
    """A layer normalises over the features of an example, and there is one feature.

    One number less its mean is 0, whatever it was: the layer outputs the same for every example,
    and nothing before it learns.

    Source: Ba, Kiros and Hinton 2016, section 3: the mean is taken over the units of a layer.
    """
    for node in context.graph.nodes:
        x = node.inputs[0].shape
        if node.layer.normalises_rows and x[-1] == 1:
            word = node.layer.keyword()
            yield Finding(
                f"`{word}` normalises each example over its features, and there is one: it "
                "outputs the same for all examples, and nothing before it learns",
                node.origin,
                f"leave `{word}` out, or give the layer before it more units",
                fixes=fix(f"leave `{word}` out", without(node.origin.span)),
            )
