"""Does the output of the network fit the loss, and the loss the data?"""

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import Any

from nndsl.analysis.graph import Graph
from nndsl.analysis.heads import narrowed
from nndsl.analysis.metrics import check_metric_name
from nndsl.analysis.node import Value
from nndsl.analysis.spec import Head, Spec
from nndsl.analysis.suggest import did_you_mean, typo_fix
from nndsl.diagnostics import Diagnostics, Label
from nndsl.shapes import SequenceShape, Shape, Tokens, count, describe, places
from nndsl.source import Origin
from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.loss import RESCALE
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.optimizer import schedules_of
from nndsl.vocabulary.sections.train import Train

Error = tuple[str, str, Origin, tuple[Label, ...], str | None]  # code, message, …, help


def check_training(spec: Spec, graph: Graph, diagnostics: Diagnostics) -> None:
    """Report an output that does not fit the loss or the data, and what cannot be trained."""
    if spec.train is None:
        return
    for schedule in schedules_of(spec.train.optimizer):
        if schedule.watches:
            where = spec.origins["train.optimizer"]
            check_metric_name(schedule.watches, spec, where, diagnostics)
    if spec.train.stop is not None:
        check_metric_name(spec.train.stop.metric, spec, spec.origins["train.stop"], diagnostics)
    learnt = {head.name for head in spec.named_heads}
    for name, value in graph.outputs.items() if learnt and learnt <= graph.outputs.keys() else ():
        if name not in learnt and not value.readers:
            where = value.producer.origin if value.producer else spec.origins["network"]
            wrong = f"nothing is learnt of the output `{name}`: it has no loss"
            way_out = f"write `loss {name} = …`, or leave the line out"
            diagnostics.report("NN321", wrong, where, help=way_out)
    if spec.heads and not spec.compared:
        wrong = f"`{spec.heads[0].loss.keyword()}` reads no target, and nothing else is learnt"
        way_out = "such a loss is of one of several outputs, beside one that has targets"
        diagnostics.report("NN306", wrong, spec.origins["train"], help=way_out)
        return
    for number, head in enumerate(spec.heads):
        errors = _head_errors(spec, head, graph)
        if not errors:
            one = narrowed(spec, head)
            assert one.train is not None
            checks = _Checks(one, one.train, graph, graph.output_of(head.name))
            errors = [*checks.errors(is_first=not number)]
        for code, message, where, labels, help in errors:
            wrong, known = _names_of(code, spec, head, graph)
            fixes = typo_fix(where.span, wrong, known) if wrong else ()
            diagnostics.report(code, message, where, *labels, help=help, fixes=fixes)


def _names_of(code: str, spec: Spec, head: Head, graph: Graph) -> tuple[str, list[str]]:
    """Return the name that an error says is not there, and those that are; none of others."""
    if code == "NN321":
        return head.name, [name for name in graph.outputs if name]
    if code == "NN320":
        return spec.part_of(head), [*spec.description.parts, *spec.description.names]
    return "", []


def _head_errors(spec: Spec, head: Head, graph: Graph) -> list[Error]:
    """Return what is wrong with the names of an output and of what it learns."""
    if head.name and head.name not in graph.outputs:
        known = [name for name in graph.outputs if name]
        where = spec.origins[f"train.loss.{head.name}.name"]
        wrong = f"the network has no output `{head.name}`"
        help = did_you_mean(head.name, known) or f"name one: `output {head.name} = …`"
        return [("NN321", wrong, where, (), help)]
    if not head.loss.has_targets:
        return []
    parts, name = spec.description.parts, spec.part_of(head)
    columns = spec.description.names if spec.description.outputs is not None and head.name else ()
    key = f"train.target.{head.name}"
    if head.target and not parts and head.target in graph.inputs and head.target not in columns:
        wrong = f"`{head.target}` is an input, and this data hands out no arrays by name to learn"
        help = f'save it as an npz file without targets: npz(FILE, x=["{head.target}"], t=[])'
        data = Label(spec.origins["data"].span, "the data")
        return [("NN320", wrong, spec.origins[key], (data,), help)]
    if name in parts or (not parts and (name in columns or len(columns) < 2)):
        return _scaled_error(spec, head)
    of_loss = spec.origins.get(f"train.loss.{head.name}", spec.origins["train"])
    at = spec.origins.get(key) or head.origin or of_loss
    targets = [known for known, part in parts.items() if part.is_target] or [*columns]
    wrong = f"the data has no targets `{name}`" if name else "the data has several targets"
    help = (
        did_you_mean(name, [*parts, *columns])
        or f"it has {', '.join(f'`{one}`' for one in targets)}"
    )
    if not name:
        help = f"name the outputs, and write `loss {targets[0]} = …`"
    data = Label(spec.origins["data"].span, "the data")
    return [("NN320", wrong, at, (data,), help)]


def _scaled_error(spec: Spec, head: Head) -> list[Error]:
    """Return what is wrong where targets are scaled together, and outputs learn some of them."""
    if not head.name or spec.preparation.targets is None:
        return []
    wrong = "targets are scaled together here, and each output learns some of them"
    help = "leave it out, and let losses count more or less: `loss NAME = 0.1 * …`"
    return [("NN306", wrong, spec.origins["data"], (), help)]


def fit_training(spec: Spec, graph: Graph, diagnostics: Diagnostics) -> Spec:
    """Return the spec with the loss and the metrics as they stand behind its network.

    What does not fit is reported: so are formulas of a metric of the page.
    """
    if spec.named_heads:
        fitted_heads = []
        for head in spec.named_heads:
            one = narrowed(spec, head)
            alone = _fitted(one, graph.output_of(head.name).shape, diagnostics).train
            assert alone is not None
            fitted_heads.append(replace(head, loss=alone.loss))
        first = fitted_heads[0]
        assert spec.train is not None
        train = spec.train.model_copy(update={"loss": first.loss, "metrics": first.metrics})
        return replace(spec, train=train, named_heads=tuple(fitted_heads))
    return _fitted(spec, graph.output.shape, diagnostics)


def _fitted(spec: Spec, shape: Shape, diagnostics: Diagnostics) -> Spec:
    """Return the spec with its only loss as it stands behind an output."""
    if spec.train is None or len(shape) != 1 + isinstance(shape, SequenceShape):
        return spec
    fitted: dict[str, Any] = {}
    used = spec.origins["train"]
    try:
        used = spec.origins.get("train.loss", used)
        fitted["loss"] = spec.train.loss.for_outputs(shape[-1])
        for number, metric in enumerate(spec.train.metrics or ()):
            used = spec.origins.get(f"train.metrics.{number}", spec.origins["train.metrics"])
            metric.for_outputs(shape[-1])
    except ShapeError as error:
        where = Origin(error.span, (used.span, *used.uses)) if error.span else used
        labels = tuple(Label(*place) for place in error.places)
        diagnostics.report("NN301", error.message, where, *labels, help=error.help)
        return spec
    return replace(spec, train=spec.train.model_copy(update=fitted))


class _Checks:
    def __init__(self, spec: Spec, train: Train, graph: Graph, output: Value) -> None:
        self.spec, self.train, self.graph = spec, train, graph
        self.described = spec.description
        self.origins = spec.origins
        self.shape = output.shape
        last = output.producer
        self.end = last.origin if last is not None else self.origins["network"]
        self.loss = Label(self.origin("train.loss", "train").span, "the loss")

    def origin(self, name: str, otherwise: str) -> Origin:
        return self.origins.get(name, self.origins[otherwise])

    @property
    def knows_data(self) -> bool:
        """Is there data, and is it known what it holds? If not, that is said of the data."""
        is_known = self.spec.data is not None and not self.described.failed
        return is_known and self.train.loss.has_targets

    @property
    def data(self) -> Label:
        return Label(self.origins["data"].span, "the data")

    def errors(self, *, is_first: bool) -> Iterator[Error]:
        """Yield what is wrong with the output; of the `first` also what is wrong with all."""
        for node in self.graph.nodes if is_first else ():
            if node.layer.only_predicts:
                yield "NN305", node.layer.only_predicts, node.origin, (), None
        has_positions = isinstance(self.shape, SequenceShape)
        if len(self.shape) != 1 + has_positions:
            wrong = f"a loss takes rows of numbers, and here come {describe(self.shape)}"
            help = "end with `flatten` and `dense`"
            if len(self.shape) == 3 and self.described.per_position:
                help = "end with `patches(1)`: a row of scores for each pixel"
            elif self.train.loss.targets == "values" and self.described.outputs in (
                None if self.described.classes is None else 0,
                prod(self.shape),
            ):
                help = "end with `flatten`"
            yield "NN304", wrong, self.end, (self.loss,), help
        elif self.knows_data and has_positions != self.described.per_position:
            yield self.position_error()
        elif (
            has_positions
            and self.train.loss.has_targets
            and self.described.shape
            and self.shape[0] != prod(places(self.described.shape))
        ):
            wanted = prod(places(self.described.shape))
            wrong = (
                f"the network outputs something for each of {self.shape[0]} positions, and the "
                f"data has a target for each of {wanted}"
            )
            is_image = len(places(self.described.shape)) > 1
            help = (
                "keep the height and width of the image"
                if is_image
                else "keep as many positions as come in"
            )
            yield "NN304", wrong, self.end, (self.data,), help
        else:
            units = self.shape[-1]
            if self.knows_data:
                yield from self.target_errors(units)
            wrong = self.train.loss.misfit_of_classes(units)
            if wrong:
                yield "NN304", wrong, self.origins["train.loss"], (), None
            elif self.train.loss.found is not None and self.described.classes is None:
                wrong = "what is found on the training part needs data whose classes are known"
                yield "NN306", wrong, self.origins["train.loss"], (), "name them: [0.5, 7]"
            yield from self.mixing_errors()
            yield from self.state_errors() if is_first else ()
            if self.train.accumulate > 1 and self.described.has_gaps and len(self.spec.heads) > 1:
                wrong = "a piece of a batch counts as its targets do, and each output has others"
                help = "leave `accumulate` out, or the targets of -1"
                yield "NN311", wrong, self.origins["train.accumulate"], (self.data,), help
            if is_first:
                yield from self.length_errors()
                yield from self.precision_errors()
            yield from self.metric_errors(units)

    def state_errors(self) -> Iterator[Error]:
        """A state that goes on from batch to batch, and training that sees a batch in pieces."""
        node = next((node for node in self.graph.nodes if node.layer.carries), None)
        if node is None:
            return
        for field, is_given, why in (
            ("accumulate", self.train.accumulate > 1, "goes through a batch in pieces"),
            ("gradient", self.train.gradient is not None, "goes through a batch many times"),
            ("mix", self.train.mix is not None, "makes one example of two"),
        ):
            if is_given:
                wrong = (
                    f"`{node.layer.keyword()}` goes on where the batch before ended, and "
                    f"`{field}` {why}"
                )
                there = (Label(node.origin.span, "goes on from batch to batch"),)
                yield "NN305", wrong, self.origins[f"train.{field}"], there, f"leave out `{field}`"

    def position_error(self) -> Error:
        """An output for each position where the data has one target an example, or not so."""
        if isinstance(self.shape, SequenceShape):
            wrong = (
                f"the network outputs something for each of {self.shape[0]} positions, "
                "and the data has one target for each example"
            )
            help = "keep the last position only, or put `flatten` before the last layer"
        else:
            wrong = (
                "the data has a target for each position, and the network outputs "
                f"{describe(self.shape)} for each example"
            )
            help = "leave out what joins the positions"
        return "NN304", wrong, self.end, (self.data,), help

    def target_errors(self, units: int) -> Iterator[Error]:
        loss, described = self.train.loss, self.described
        said = f"the network outputs {count(units, 'number')}, and"
        if described.outputs is not None:
            if loss.targets == "classes":
                wrong = (
                    f"`{loss.keyword()}` chooses between classes, and the targets of the data "
                    "are numbers"
                )
                help = "use `mean_squared_error`"
                if described.outputs == units > 1:
                    help += "; of a probability for each class, `soft_target_cross_entropy`"
                yield "NN306", wrong, self.origins["train.loss"], (self.data,), help
            elif described.outputs != units:
                wrong = f"{said} each target of the data has {described.outputs}"
                help = f"give the last layer {count(described.outputs, 'unit')}"
                yield "NN304", wrong, self.end, (self.data,), help
            elif described.targets:
                misfit = loss.misfit(min(described.targets), max(described.targets))
                if misfit:
                    yield "NN306", misfit, self.origins["train.loss"], (self.data,), RESCALE
        elif described.has_gaps and loss.targets == "values":
            wrong = (
                f"`{loss.keyword()}` needs a target everywhere, and some of the data are -1: none"
            )
            help = "take a loss of classes: `softmax_cross_entropy`"
            yield "NN306", wrong, self.origins["train.loss"], (self.data,), help
        elif described.classes is not None:
            as_column = loss.targets == "values" and described.classes == 2 and units == 1
            if units != described.classes and not as_column:
                wrong = f"{said} the data has {described.classes} classes"
                help = f"give the last layer {described.classes} units"
                if loss.targets == "values":
                    help = "save targets that are quantities as floats, or take a loss of classes"
                yield "NN304", wrong, self.end, (self.data,), help

    def mixing_errors(self) -> Iterator[Error]:
        """What cannot be mixed: the numbers of tokens and of classes."""
        mix, loss = self.train.mix, self.train.loss
        if mix is None:
            return
        if any(isinstance(value.shape, Tokens) for value in self.graph.inputs.values()):
            wrong = f"`{mix.keyword()}` mixes numbers, and the network takes tokens"
            yield "NN306", wrong, self.origins["train.mix"], (), None
        elif loss.targets == "classes":
            wrong = (
                f"`{mix.keyword()}` mixes targets, and `{loss.keyword()}` takes the number of a "
                "class"
            )
            help = "take a loss of numbers for each class: `soft_target_cross_entropy`"
            yield "NN306", wrong, self.origins["train.mix"], (), help

    def length_errors(self) -> Iterator[Error]:
        train, examples = self.train, self.spec.training_examples
        if train.epochs is not None and train.steps is not None:
            wrong = "`epochs` and `steps` are both given, and they say the same thing"
            first = Label(self.origins["train.epochs"].span, "given here")
            yield "NN307", wrong, self.origins["train.steps"], (first,), "keep one of them"
        if examples is not None and examples <= 0:
            wrong = f"validation and test leave none of the {self.described.examples:_} examples"
            yield "NN310", f"{wrong} to train on", self.origins["data"], (), None
        yield from self.part_errors()
        # Where the data is wrong, that is said.
        if examples is None and train.steps is None and not self.described.failed:
            yield from self.schedule_errors()
        yield from self.rate_errors()

    def part_errors(self) -> Iterator[Error]:
        """A part of the data that is too small a fraction to hold an example, or too large."""
        data, examples = self.spec.data, self.described.examples
        if data is None:
            return
        if data.fold is not None:
            yield from self.fold_errors(data.fold)
        if examples is None:
            return
        for name, part in (("validation", data.validation), ("test", data.test)):
            if isinstance(part, float) and part > 0 and round(part * examples) == 0:
                wrong = f"`{name}` is {part:g} of {examples:_} examples, and holds none"
                help = "a whole number is a count of examples"
                yield "NN310", wrong, self.origin(f"data.{name}", "data"), (), help
        rest = self.spec.examples_left or 0
        if data.training is not None and data.training > rest > 0:
            wrong = f"`training` is {data.training:_}, and there are {rest:_} examples to train on"
            help = "left out, all of them are learnt from"
            yield "NN310", wrong, self.origin("data.training", "data"), (), help

    def fold_errors(self, fold: tuple[int, int]) -> Iterator[Error]:
        """A piece that there is not, or beside another validation part."""
        number, folds = fold
        assert self.spec.data is not None
        where, examples = self.origin("data.fold", "data"), self.described.examples
        if self.spec.data.validation:
            wrong = "`validation` and `fold` both say which examples are held back for validation"
            yield "NN311", wrong, where, (), "keep one of them"
        if not 1 <= number <= folds or folds < 2:
            wrong = f"there is no piece {number} of {folds}"
            yield "NN311", wrong, where, (), "`fold=(2, 5)` is the second of five pieces"
        elif examples is not None and folds + self.spec.data.is_ordered > (
            examples - self.spec.data.part_sizes(examples)["test"]
        ):
            wrong = f"{examples:_} examples do not make {folds:_} pieces"
            yield "NN311", wrong, where, (), None

    def schedule_errors(self) -> Iterator[Error]:
        """A schedule that must know the length of a training whose length is not known."""
        for schedule in schedules_of(self.train.optimizer):
            if "total_steps" in schedule.value:
                wrong = (
                    f"`{schedule.keyword()}` needs the number of steps, and the number of examples "
                    f"is not known ({self.described.note or 'the spec names no data'})"
                )
                help = "give `steps` instead of `epochs`"
                yield "NN312", wrong, self.origins["train.optimizer"], (), help

    def rate_errors(self) -> Iterator[Error]:
        """A schedule whose formulas have no value at some step of this training."""
        steps = self.spec.total_steps
        if not steps:
            return
        for schedule in schedules_of(self.train.optimizer):
            step = schedule.undefined_at(steps)
            if step is not None:
                wrong = f"`{schedule.keyword()}` has no value at step {step:_} of {steps:_}"
                yield "NN301", wrong, self.origins["train.optimizer"], (), None

    def precision_errors(self) -> Iterator[Error]:
        """A gradient that needs more digits than the numbers of the training have."""
        gradient = self.train.gradient
        if gradient is not None and gradient.needs_float64 and self.train.dtype != "float64":
            wrong = f"`{gradient.keyword()}` needs `dtype = float64`: {gradient.needs_float64}"
            dtype = self.origins.get("train.dtype")
            given = (Label(dtype.span, "float32 is given here"),) if dtype else ()
            where, help = self.origins["train.gradient"], "write `dtype = float64` in `train`"
            yield "NN313", wrong, where, given, help

    def metric_errors(self, units: int) -> Iterator[Error]:
        loss, metrics = self.train.loss, self.train.metrics or ()
        if loss.targets == "classes" and units == 1 and self.described.classes is None:
            wrong = f"`{loss.keyword()}` chooses between classes, and the network has one output"
            help = "give it one output for each class, or use `binary_cross_entropy`"
            yield "NN304", wrong, self.end, (self.loss,), help
        words = [metric.keyword() for metric in metrics]
        for word in sorted({word for word in words if words.count(word) > 1}):
            yield "NN203", f"`{word}` is given twice", self.origins["train.metrics"], (), None
        for number, metric in enumerate(metrics):
            wrong_metric = self.misplaced(metric, units)
            if wrong_metric is not None:
                message = f"`{metric.keyword()}` {wrong_metric}"
                needs_classes = metric.needs_classes and self.described.outputs is not None
                other = self.data if needs_classes else self.loss
                where = self.origin(f"train.metrics.{number}", "train.metrics")
                yield "NN306", message, where, (other,), None

    def misplaced(self, metric: Metric, units: int) -> str | None:
        """Say why a metric cannot be taken of this network, or None."""
        if metric.needs_classes and self.described.outputs is not None:
            return "needs classes, and the targets of the data are numbers"
        if metric.needs_values and self.train.loss.targets == "classes":
            return f"compares numbers, and `{self.train.loss.keyword()}` chooses between classes"
        if metric.needs_score_per_class and units == 1:
            return "needs an output for each class, and the network has one output"
        loss = self.train.loss
        makes_probabilities = loss.takes_scores or (bool(loss.applies) and units == 1)
        if metric.needs_probabilities and not makes_probabilities:
            return f"needs a probability for each class, and `{loss.keyword()}` makes none"
        return metric.misfit(max(units, 2))
