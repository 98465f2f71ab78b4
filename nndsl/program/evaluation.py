"""How a network is judged: its loss and its metrics, in evaluation mode."""

from collections.abc import Mapping
from functools import partial
from math import prod

from nndsl.analysis.metrics import head_metrics
from nndsl.ir import (
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    names_of,
    parse_text,
    parse_value,
    renamed,
    wrapped,
)
from nndsl.ir.statement import names_in
from nndsl.ir.symbols import number
from nndsl.languages import listed, sentence
from nndsl.program.context import Context
from nndsl.program.gradients import GradientWriter
from nndsl.program.heads import HeadWriter, write_sum
from nndsl.program.layers import Layers
from nndsl.program.names import Names
from nndsl.program.passes import eliminate_dead_code, inline, propagate_copies
from nndsl.program.program import Function
from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary import registry
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.preparation import RESTORE

FRAME = "N np math predict".split()  # names that the function reads, whatever it computes
MAX_SAID = 48  # letters of a list of metrics in a docstring
SHORT = 44  # as long as a line may get by writing two steps in one
MAX_NUMBERS = 2**22  # that a layer may output for all examples at once
EXAMPLE_WEIGHTS = "w"  # what it takes behind the targets, where some examples count more
SAVES_MEMORY = "a thousand at a time, to save memory"


def write_evaluation(
    context: Context,
    layers: Layers,
    gradients: GradientWriter,
    *,
    loss_layers: Mapping[str, str] | None = None,
) -> Function:
    """Write the function that judges the network, in evaluation mode, on any examples.

    `loss_layers` are the objects that compute the losses, where there are such, by their outputs.
    """
    heads, weights = gradients.heads, [EXAMPLE_WEIGHTS] * context.spec.weighs
    begun = _predictions(context, layers)
    begun += [count.with_comment("") for count in layers.counts()]  # said in training
    if weights:
        begun = [*parse_text("w = w / w.sum()   # how much an example counts, 1 in all"), *begun]
        context.shapes.annotate(begun)
    statements: list[Statement] = []
    reported, words = ["loss"], ["loss"]
    variables: Names | None = None
    for head in heads:
        layer = (loss_layers or {}).get(head.output, "")
        made, values = _judged(context, head, layer)
        if variables is None or heads[1:]:
            taken = {name for _, value in values for name in names_of(value)}
            taken |= {*FRAME, *layers.inputs, *gradients.targets, *layers.outputs}
            variables = Names(taken | names_in([*statements, *made]) | {*reported})
        statements += made
        if head.head.name and not values:
            reported.append(head.loss)
            words.append(f"{head.head.name}_loss")
        for metric, value in values:
            word = f"{head.head.name}_{metric.keyword()}" if head.head.name else metric.keyword()
            reported.append(variables.fresh(word))
            words.append(word)
            statements.append(assign(reported[-1], value).with_comment(metric.note))
    statements += write_sum(heads)
    statements = [*begun, *statements]
    statements, _ = propagate_copies(statements, reported)
    statements = inline(eliminate_dead_code(statements, reported), SHORT, reported)
    if loss_layers and not heads[1:]:
        statements = [s.rename({heads[0].output: "y"}) for s in statements]
    says = listed(*(sentence("the {measure}", measure=measure(word)) for word in words))
    if len(says) > MAX_SAID:
        says = sentence("the loss and {count} metrics", count=len(words) - 1)
    results = tuple(Operation("float()", (Name(name),)) for name in reported)
    arguments = (*layers.inputs, *gradients.targets, *weights)
    return Function(
        "evaluate",
        arguments,
        sentence("Return {values} on ({of}).", values=says, of=", ".join(arguments)),
        tuple(context.shapes.annotate(statements)),
        results[0] if len(results) == 1 else wrapped(Operation("tuple", results), 7),
    )


def measure(word: str) -> str:
    """Return what a loss or a metric is called in a text; one of the page keeps its name."""
    name = word.replace("_", " ")
    is_known = word in ("loss", *registry.names("metrics"))
    return sentence(name) if is_known else name


def _judged(
    context: Context, head: HeadWriter, loss_layer: str
) -> tuple[list[Statement], list[tuple[Metric, Expression]]]:
    """Return statements that judge an output, and what each metric of it is, in their names."""
    metrics = head_metrics(head.head, context.spec)
    loss, output, shape = head.of, head.x, head.shape
    predicted, true = class_texts(loss, shape)
    estimated = head.written(loss.estimate)
    answer = (estimated[-1].target if estimated else None) or output
    written = head.written(loss.forward)
    weighs = context.spec.weighs
    if weighs:
        context.shapes.annotate(written)  # it knows them then
        classes = head.rows["t"] if loss.targets == "classes" else ""
        written = [s.rewrite(partial(_weighted_mean, context, classes)) for s in written]
    elif loss_layer and not any(metric.takes_estimate for metric in metrics if estimated):
        given = f"{output}, {head.rows['t']}" if loss.has_targets else output
        written = [*parse_text(f"{head.loss} = {loss_layer}.forward({given})")]
    if not loss.has_targets:
        return written, []
    ending = f"_{head.head.name}" if head.head.name else ""
    local = {name: f"{name}{ending}" for name in ("predicted", "true", "values", "true_values")}
    statements = [
        *head.targets(),
        *written,
        *estimated,
        assign(local["predicted"], renamed(parse_value(predicted), {"x": output})),
        assign(local["true"], renamed(parse_value(true), head.rows)),
    ]
    targets = head.rows["t"]
    if context.spec.preparation.targets:
        keeps = context.spec.preparation.targets.keeps
        kept = {name: f'statistics["{name}"]' for name in keeps}
        for name, scaled in (("values", output), ("true_values", targets)):
            statements.append(assign(local[name], parse_value(RESTORE.format(x=scaled, **kept))))
        statements[-2] = statements[-2].with_comment("in the units of the file")
        answer, targets = local["values"], local["true_values"]
    values = []
    for metric in metrics:
        value = parse_value(metric.for_outputs(shape[-1], weighs=weighs))
        if head.has_gaps and metric.value_with_gaps:
            value = parse_value(metric.value_with_gaps)
        x = answer if metric.takes_estimate or targets != head.rows["t"] else output
        names = {
            **local,
            "x": x,
            "t": targets,
            "N": "N",
            "loss": head.loss,
            "math": "math",
            "w": "w",
            "example": head.example,
        }
        names |= context.constants.of_fields(metric, names_of(value), prefix=False)
        values.append((metric, renamed(value, names)))
    return statements, values


def _weighted_mean(context: Context, classes: str, node: Expression) -> Expression:
    """Return for a mean over the examples the one in which each counts as its weight says."""
    match node:
        case Operation(".mean()", (values,), ()):
            weighted = Operation("@", (Name(EXAMPLE_WEIGHTS), values))
            is_row = context.shapes.is_row(values, classes)
            return weighted if is_row else Operation(".mean()", (weighted,))
    return node


def _predictions(context: Context, layers: Layers) -> list[Statement]:
    """Return the statements that ask the network, all examples at once or some after others."""
    targets, small = layers.outputs, _is_small(context, layers)
    asked = f"predict({', '.join(layers.inputs)})"
    some = ", ".join(f"{name}[i:i + 1000]" for name in layers.inputs)
    chunks = f"[predict({some}) for i in range(0, len({layers.inputs[0]}), 1000)]"
    if small:
        value = parse_value(asked)
    elif targets[1:]:
        value = parse_value(f"map(np.concatenate, zip(*{chunks}))")
    else:
        value = parse_value(f"np.concatenate({chunks})")
    shapes = [value.shape for value in layers.graph.outputs.values()]
    if not targets[1:] and isinstance(shapes[0], SequenceShape):
        value = Operation(".reshape()", (value, number(-1), number(shapes[0][-1])))
    begun = assign(name_tuple(targets) if targets[1:] else targets[0], value)
    made = [begun.with_comment("" if small else SAVES_MEMORY)]
    for name, shape in zip(targets, shapes, strict=True) if targets[1:] else ():
        if isinstance(shape, SequenceShape):
            rows = Operation(".reshape()", (Name(name), number(-1), number(shape[-1])))
            made.append(assign(name, rows))
    return made


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
