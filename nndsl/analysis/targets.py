"""Does what the network puts out fit the loss, and the loss the data?"""

from __future__ import annotations

from nndsl.analysis.graph import Graph
from nndsl.analysis.metrics import check_metric_name
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics, Label
from nndsl.shapes import SequenceShape, count, describe
from nndsl.source import Origin
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.loss import RESCALE
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.schedule import Schedule


def check_training(spec: Spec, graph: Graph, diagnostics: Diagnostics) -> None:
    """Report an output that the loss or the data has no use for, and what cannot be trained."""
    if spec.train is None:
        return
    loss = spec.train.loss
    the_loss = Label(spec.origins.get("train.loss", spec.origins["train"]).span, "the loss")
    if spec.train.stop is not None:
        check_metric_name(spec.train.stop.metric, spec, spec.origins["train.stop"], diagnostics)
    last = graph.output.producer
    end = last.origin if last is not None else spec.origins["network"]
    for node in graph.nodes:
        if node.layer.only_predicts:
            diagnostics.error("NN305", node.layer.only_predicts, node.origin)
    has_positions = isinstance(graph.output.shape, SequenceShape)
    if len(graph.output.shape) != 1 + has_positions:
        diagnostics.error(
            "NN304",
            f"a loss takes rows of numbers, and here come {describe(graph.output.shape)}",
            end,
            the_loss,
            help="end with `flatten` and `dense`",
        )
        return
    units = graph.output.shape[-1]
    if spec.data is not None and has_positions != spec.description.per_position:
        _report_positions(spec, graph, end, diagnostics)
        return
    if spec.data is not None:
        _check_targets(spec, units, end, diagnostics)
    _check_lengths(spec, diagnostics)
    _check_precision(spec, diagnostics)
    if loss.targets == "classes" and units == 1 and spec.description.classes is None:
        diagnostics.error(
            "NN304",
            f"`{loss.keyword()}` chooses between classes, and the network has one output",
            end,
            the_loss,
            help="give it one output for each class, or use `binary_cross_entropy`",
        )
    words = [metric.keyword() for metric in spec.train.metrics or ()]
    for word in sorted({word for word in words if words.count(word) > 1}):
        diagnostics.error("NN203", f"`{word}` is given twice", spec.origins["train.metrics"])
    for metric in spec.train.metrics or ():
        wrong = _misplaced(metric, spec, units)
        if wrong is not None:
            other = the_loss
            if metric.needs_classes and spec.description.outputs is not None:
                other = Label(spec.origins["data"].span, "the data")
            diagnostics.error(
                "NN306", f"`{metric.keyword()}` {wrong}", spec.origins["train.metrics"], other
            )


def _report_positions(spec: Spec, graph: Graph, end: Origin, diagnostics: Diagnostics) -> None:
    """Report an output for each position where the data has one target an example, or not so."""
    data = Label(spec.origins["data"].span, "the data")
    shape = graph.output.shape
    if isinstance(shape, SequenceShape):
        wrong = (
            f"the network puts out something for each of {shape[0]} positions, "
            "and the data has one target for each example"
        )
        help = "keep the last position only, or put `flatten` before the last layer"
    else:
        wrong = (
            "the data has a target for each position, and the network puts out "
            f"{describe(shape)} for each example"
        )
        help = "leave out what joins the positions"
    diagnostics.error("NN304", wrong, end, data, help=help)


def _misplaced(metric: Metric, spec: Spec, units: int) -> str | None:
    """Say why a metric cannot be taken of this network, or None."""
    assert spec.train is not None
    if metric.needs_classes and spec.description.outputs is not None:
        return "needs classes, and the targets of the data are numbers"
    if metric.needs_values and spec.train.loss.targets == "classes":
        return f"compares numbers, and `{spec.train.loss.keyword()}` chooses between classes"
    if metric.needs_score_per_class and units == 1:
        return "needs an output for each class, and the network has one output"
    return None


def _check_targets(spec: Spec, units: int, end: Origin, diagnostics: Diagnostics) -> None:
    assert spec.train is not None
    loss, described = spec.train.loss, spec.description
    data = Label(spec.origins["data"].span, "the data")
    if described.outputs is not None:
        if loss.targets == "classes":
            diagnostics.error(
                "NN306",
                f"`{loss.keyword()}` chooses between classes, and the targets of the data "
                "are numbers",
                spec.origins["train.loss"],
                data,
                help="use `mean_squared_error`",
            )
        elif described.outputs != units:
            diagnostics.error(
                "NN304",
                f"the network puts out {count(units, 'number')}, "
                f"and each target of the data has {described.outputs}",
                end,
                data,
                help=f"give the last layer {count(described.outputs, 'unit')}",
            )
        elif described.targets and (
            wrong := loss.misfit(min(described.targets), max(described.targets))
        ):
            diagnostics.error("NN306", wrong, spec.origins["train.loss"], data, help=RESCALE)
    elif described.classes is not None:
        as_column = loss.targets == "values" and described.classes == 2 and units == 1
        if units != described.classes and not as_column:
            diagnostics.error(
                "NN304",
                f"the network puts out {count(units, 'number')}, "
                f"and the data has {described.classes} classes",
                end,
                data,
                help=f"give the last layer {described.classes} units",
            )


def _check_lengths(spec: Spec, diagnostics: Diagnostics) -> None:
    train = spec.train
    assert train is not None
    if train.epochs is not None and train.steps is not None:
        diagnostics.error(
            "NN307",
            "`epochs` and `steps` are both given, and they say the same thing",
            spec.origins["train.steps"],
            Label(spec.origins["train.epochs"].span, "given here"),
            help="keep one of them",
        )
    examples = training_examples(spec)
    if examples is not None and examples <= 0:
        diagnostics.error(
            "NN310",
            "validation and test leave none of the "
            f"{spec.description.examples:_} examples to train on",
            spec.origins["data"],
        )
    _check_parts(spec, diagnostics)
    if examples is None and train.steps is None:
        _check_totals(spec, diagnostics)


def _check_precision(spec: Spec, diagnostics: Diagnostics) -> None:
    """Report a gradient that needs more digits than the numbers of the training have."""
    train = spec.train
    assert train is not None
    if train.gradient is not None and train.gradient.needs_float64 and train.dtype != "float64":
        dtype = spec.origins.get("train.dtype")
        diagnostics.error(
            "NN313",
            f"`{train.gradient.keyword()}` needs `dtype = float64`: {train.gradient.needs_float64}",
            spec.origins["train.gradient"],
            *([Label(dtype.span, "float32 is given here")] if dtype else []),
            help="write `dtype = float64` in `train`",
        )


def _check_parts(spec: Spec, diagnostics: Diagnostics) -> None:
    """Report a part of the data that is too small a fraction to hold an example."""
    examples = spec.description.examples
    if spec.data is None or examples is None:
        return
    for name in ("validation", "test"):
        part = getattr(spec.data, name)
        if isinstance(part, float) and part > 0 and round(part * examples) == 0:
            diagnostics.error(
                "NN310",
                f"`{name}` is {part:g} of {examples:_} examples, and holds none",
                spec.origins.get(f"data.{name}", spec.origins["data"]),
                help="a whole number is a count of examples",
            )
    rest = _rest(spec.data, examples)
    if spec.data.training is not None and spec.data.training > rest > 0:
        diagnostics.error(
            "NN310",
            f"`training` is {spec.data.training:_}, and there are {rest:_} examples to train on",
            spec.origins.get("data.training", spec.origins["data"]),
            help="left out, all of them are learnt from",
        )


def _check_totals(spec: Spec, diagnostics: Diagnostics) -> None:
    """Report a schedule that must know the length of a training whose length is not known."""
    assert spec.train is not None
    if spec.description.failed:
        return  # the data is wrong, and that is said
    optimizer = spec.train.optimizer
    for field in type(optimizer).model_fields:
        schedule = getattr(optimizer, field)
        if isinstance(schedule, Schedule) and "total_steps" in schedule.value:
            why = spec.description.note or "the spec names no data"
            diagnostics.error(
                "NN312",
                f"`{schedule.keyword()}` needs the number of steps, "
                f"and the number of examples is not known ({why})",
                spec.origins["train.optimizer"],
                help="give `steps` instead of `epochs`",
            )


def training_examples(spec: Spec) -> int | None:
    """Return the number of examples in the training part, or None where it is not known."""
    examples = spec.description.examples
    if spec.data is None or examples is None:
        return None
    rest = _rest(spec.data, examples)
    return rest if spec.data.training is None else min(rest, spec.data.training)


def _rest(data: Data, examples: int) -> int:
    """Return how many examples the validation and the test part leave."""
    parts = [data.validation, *([] if data.has_own_test else [data.test])]
    return examples - sum(
        part if isinstance(part, int) else round(part * examples) for part in parts
    )
