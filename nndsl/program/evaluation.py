"""How a network is judged: its loss and its metrics, in evaluation mode."""

from __future__ import annotations

from math import prod

from nndsl.analysis.metrics import reported_metrics
from nndsl.ir import Name, Operation, assign, names_of, parse_text, parse_value, renamed, wrapped
from nndsl.ir.statement import names_in
from nndsl.ir.symbols import number
from nndsl.program.context import Context
from nndsl.program.gradients import GradientWriter
from nndsl.program.layers import Layers
from nndsl.program.names import Names
from nndsl.program.passes import eliminate_dead_code, inline, propagate_copies
from nndsl.program.program import Function
from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.preparation import RESTORE
from nndsl.vocabulary.sections.train import Train

FRAME = "X t N np math predict".split()  # names that the function reads, whatever it computes
MAX_SAID = 48  # letters of a list of metrics in a docstring
SHORT = 44  # as long as a line may get by writing two steps in one
MAX_NUMBERS = 2**22  # that a layer may output for all examples at once
CHUNKS = "np.concatenate([predict(X[i:i + 1000]) for i in range(0, len(X), 1000)])"
SAVES_MEMORY = "a thousand at a time, to save memory"


def write_evaluation(
    context: Context,
    train: Train,
    layers: Layers,
    gradients: GradientWriter,
    *,
    loss_layer: str = "",
) -> Function:
    """Write the function that judges the network, in evaluation mode, on any examples.

    `loss_layer` is the object that computes the loss, where there is one.
    """
    metrics = reported_metrics(train, context.spec)
    loss, output, shape = train.loss, layers.output, layers.graph.output.shape
    predicted, true = class_texts(loss, shape)
    estimated = gradients.written(loss.estimate)
    answer = (estimated[-1].target if estimated else None) or output
    written = gradients.written(loss.forward)
    if loss_layer and not any(metric.takes_estimate for metric in metrics if estimated):
        written = [*parse_text(f"loss = {loss_layer}.forward({output}, {gradients.rows['t']})")]
    statements = [
        *gradients.targets(),
        *written,
        *estimated,
        assign("predicted", renamed(parse_value(predicted), {"x": output})),
        assign("true", renamed(parse_value(true), gradients.rows)),
    ]
    targets = gradients.rows["t"]
    if context.spec.preparation.targets:
        keeps = context.spec.preparation.targets.keeps
        kept = {name: f'statistics["{name}"]' for name in keeps}
        for name, scaled in (("values", output), ("true_values", targets)):
            statements.append(assign(name, parse_value(RESTORE.format(x=scaled, **kept))))
        statements[-2] = statements[-2].with_comment("in the units of the file")
        answer, targets = "values", "true_values"
    values = [parse_value(metric.for_outputs(shape[-1])) for metric in metrics]
    taken = {name for value in values for name in names_of(value)} | {*FRAME, output}
    variables = Names(taken | names_in(statements))
    reported = ["loss"]
    for metric, value in zip(metrics, values, strict=True):
        x = answer if metric.takes_estimate or targets != gradients.rows["t"] else output
        names = {"x": x, "t": targets, "N": "N", "loss": "loss", "math": "math"}
        names |= context.constants.of_fields(metric, names_of(value), prefix=False)
        reported.append(variables.fresh(metric.keyword()))
        made = assign(reported[-1], renamed(value, names))
        statements.append(made.with_comment(metric.note))
    predictions = parse_value("predict(X)" if _is_small(context, layers) else CHUNKS)
    if isinstance(shape, SequenceShape):
        predictions = Operation(".reshape()", (predictions, number(-1), number(shape[-1])))
    begun = assign(output, predictions).with_comment(SAVES_MEMORY)
    if _is_small(context, layers):
        begun = begun.with_comment("")
    counts = [count.with_comment("") for count in layers.counts()]  # said in training
    statements = [begun, *counts, *statements]
    statements, _ = propagate_copies(statements, reported)
    statements = inline(eliminate_dead_code(statements, reported), SHORT, reported)
    if loss_layer:
        statements = [s.rename({output: "y"}) for s in statements]
    words = ["loss", *(metric.keyword() for metric in metrics)]
    *rest, last = (f"the {word.replace('_', ' ')}" for word in words)
    says = f"{', '.join(rest)} and {last}" if rest else last
    if len(says) > MAX_SAID:
        says = f"the loss and {len(rest)} metrics"
    results = tuple(Operation("float()", (Name(name),)) for name in reported)
    return Function(
        "evaluate",
        ("X", "t"),
        f"Return {says} on (X, t).",
        tuple(context.shapes.annotate(statements)),
        results[0] if len(results) == 1 else wrapped(Operation("tuple", results), 7),
    )


def _is_small(context: Context, layers: Layers) -> bool:
    """May all examples go through the network at once?"""
    examples = context.spec.training_examples
    largest = max(prod(node.output.shape) for node in layers.graph.nodes)
    return examples is not None and examples * largest <= MAX_NUMBERS


def class_texts(loss: Loss, output: Shape) -> tuple[str, str]:
    """Return how class numbers are read off outputs `x`, and off targets `t`, as expressions."""
    column = output[-1:] == (1,) and (len(output) == 1 or isinstance(output, SequenceShape))
    true = "t" if loss.targets == "classes" else "t[:, 0] > 0.5" if column else "t.argmax(axis=1)"
    return loss.binary_decision if column else loss.decision, true
