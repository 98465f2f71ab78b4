"""Loss, penalty, optimizer and stopping as statements."""

from __future__ import annotations

from dataclasses import replace

from nndsl.analysis.spec import Spec
from nndsl.program.constants import Constants, literal
from nndsl.program.layers import Layers
from nndsl.program.names import Names
from nndsl.program.passes import accumulate, drop_dead, fold_sums, forward_copies, inline
from nndsl.program.program import Array, Function, Stopping, Training, Update
from nndsl.program.shapes import Shapes
from nndsl.statements import Statement, parse_expression, parse_text
from nndsl.statements.statement import assign
from nndsl.vocabulary import catalogue
from nndsl.vocabulary.metric import Metric
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.schedule import Schedule
from nndsl.vocabulary.sections.train import Train

FORWARD = "Forward: from the input to the loss."
BACKWARD = "Backward: the chain rule, from the loss to the input."
OBSERVE = "Running statistics, for prediction."


class TrainingWriter:
    """Writes the functions that train a network."""

    def __init__(
        self, spec: Spec, train: Train, layers: Layers, names: Names, constants: Constants, shapes: Shapes, dtype: str
    ) -> None:
        self.spec = spec
        self.train = train
        self.layers = layers
        self.names = names
        self.constants = constants
        self.shapes = shapes
        self.dtype = dtype
        self.loss_roles = self._loss_roles()

    def write(self, parameters: tuple[Array, ...], states: tuple[Array, ...]) -> Training:
        metrics = self._metric_words()
        groups = self._penalties()
        return Training(
            loss_and_gradients=self._loss_and_gradients(parameters, states, groups),
            evaluate=self._evaluate(metrics),
            update=self._update(),
            metrics=tuple(metric.word() for metric in metrics),
            has_penalty=bool(groups),
            stopping=self._stopping(),
            due=self._due(),
            by_steps=self.train.steps is not None,
        )

    # --- Loss and gradients -----------------------------------------------------------

    def _loss_roles(self) -> dict[str, str]:
        loss = self.train.loss
        texts = [*parse_text(loss.forward), *parse_text(loss.backward)]
        output = self.layers.output
        roles = {"x": output, "dx": f"d{output}", "loss": "loss"}
        roles |= {"t": "t", "N": "N", "dtype": self.dtype, "np": "np", "math": "math"}
        roles |= self.constants.of_fields(loss, {name for s in texts for name in s.reads}, prefix=False)
        for name in (name for s in texts for name in s.writes):
            if name not in roles:
                roles[name] = self.names.fresh(name)
        return roles

    def _penalties(self) -> list[tuple[Regularizer, list[str], dict[str, str]]]:
        """Group the weights by the regularizer that applies to them."""
        groups: list[tuple[Regularizer, list[str], dict[str, str]]] = []
        for named in self.layers.nodes:
            for role, parameter in named.node.parameters.items():
                regularizer = parameter.regularize or self.train.regularize
                if not parameter.is_weight or regularizer is None:
                    continue
                for known, weights, _ in groups:
                    if known == regularizer:
                        weights.append(named.parameters[role])
                        break
                else:
                    read = {
                        name
                        for text in (regularizer.forward, regularizer.backward)
                        for statement in parse_text(text)
                        for name in statement.reads
                    }
                    constants = self.constants.of_fields(regularizer, read)
                    groups.append((regularizer, [named.parameters[role]], constants))
        return groups

    def _loss_and_gradients(
        self,
        parameters: tuple[Array, ...],
        states: tuple[Array, ...],
        groups: list[tuple[Regularizer, list[str], dict[str, str]]],
    ) -> Function:
        layers = self.layers
        forward = layers.forward() + self._written(self.train.loss.forward)
        for number, (regularizer, weights, constants) in enumerate(groups):
            roles = constants | {"weights": tuple(weights)}
            text = [statement.rename(roles) for statement in parse_text(regularizer.forward)]
            forward += [accumulate(s) if number and s.target == "penalty" else s for s in text]
        backward: list[Statement] = []
        for regularizer, weights, constants in groups:
            for weight in weights:
                roles = constants | {"w": weight, "dw": f"d{weight}"}
                text = [statement.rename(roles) for statement in parse_text(regularizer.backward)]
                backward += layers.contribute(text, {f"d{weight}": f"d{weight}_part"})
        output = f"d{layers.output}"
        backward += layers.contribute(self._written(self.train.loss.backward), {output: f"{output}_part"})
        backward += layers.backward()
        observed = layers.observe()
        gradients = [f"d{parameter.name}" for parameter in parameters]
        kept = {"loss", "penalty", *gradients, *(state.name for state in states)}
        statements = [
            *unpacked("params", parameters),
            *unpacked("state", states),
            *parse_text("N = len(X)"),
            *(replace(s, section=FORWARD) for s in forward),
            *(replace(s, section=BACKWARD) for s in backward),
            *(replace(s, section=OBSERVE) for s in observed),
        ]
        statements, _ = forward_copies(statements, kept)
        statements = self.shapes.annotate(drop_dead(fold_sums(statements), kept))
        pairs = entries([f'"{p.name}": {g}' for p, g in zip(parameters, gradients, strict=True)])
        penalty = "penalty, " if groups else ""
        says = "Return the mean loss of the batch, and its gradient with respect to every parameter."
        if groups:
            says = "Return the mean loss of the batch, the penalty, and the gradient of their sum."
        return Function(
            "loss_and_gradients",
            "X, t",
            says,
            tuple(statements),
            f"loss, {penalty}{{{pairs}}}",
        )

    def _written(self, text: str) -> list[Statement]:
        origin = self.spec.origins.get("train.loss")
        return [replace(s.rename(self.loss_roles), origin=origin) for s in parse_text(text)]

    # --- Metrics ----------------------------------------------------------------------

    def _metric_words(self) -> tuple[Metric, ...]:
        if self.train.metrics is not None:
            return self.train.metrics
        if self.spec.description.classes is None and self.train.loss.targets == "values":
            return ()
        word = catalogue.find(Metric.role, Metric.for_classes)
        assert word is not None
        assert issubclass(word, Metric)
        return (word(),)

    def _evaluate(self, metrics: tuple[Metric, ...]) -> Function:
        """Write the function that judges the network, in evaluation mode, on any examples."""
        loss, output = self.train.loss, self.layers.output
        column = self.layers.graph.output.shape == (1,)
        true = "t" if loss.targets == "classes" else "t[:, 0] > 0.5" if column else "t.argmax(axis=1)"
        decision = parse_expression(loss.binary_decision if column else loss.decision)
        statements = [
            *self._written(loss.forward),
            _assigned("predicted", decision.rename({"x": output})),
            _assigned("true", parse_expression(true)),
        ]
        for metric in metrics:
            value = parse_expression(metric.value)
            names = {"x": output} | self.constants.of_fields(metric, value.reads, prefix=False)
            statements.append(_assigned(metric.word(), value.rename(names)))
        reported = ["loss", *(metric.word() for metric in metrics)]
        chunks = f"{output} = np.concatenate([predict(X[i:i + 1000]) for i in range(0, len(X), 1000)])"
        statements = [*parse_text(chunks), *parse_text("N = len(X)"), *statements]
        statements, _ = forward_copies(statements, reported)
        statements = inline(drop_dead(statements, reported), SHORT)
        *rest, last = (f"the {name.replace('_', ' ')}" for name in reported)
        says = f"{', '.join(rest)} and {last}" if rest else last
        return Function(
            "evaluate",
            "X, t",
            f"Return {says} on (X, t), in evaluation mode.",
            tuple(self.shapes.annotate(statements)),
            ", ".join(f"float({name})" for name in reported) + "," * (len(reported) == 1),
        )

    # --- Optimizer --------------------------------------------------------------------

    def _update(self) -> Update:
        optimizer = self.train.optimizer
        texts = [*parse_text(optimizer.update), *parse_text(optimizer.decay)]
        read = {name for statement in texts for name in statement.reads}
        roles: dict[str, str] = {"p": "params[name]", "g": "g", "step": "step", "np": "np", "math": "math"}
        roles |= {state: f"{state}[name]" for state in optimizer.state}
        before: list[Statement] = []
        schedules: list[Function] = []
        if self.train.clip is not None:
            text = parse_text(self.train.clip.apply)
            names = {name for statement in text for name in statement.reads}
            constants = self.constants.of_fields(self.train.clip, names)
            before += [statement.rename(constants) for statement in text]
        for field in type(optimizer).model_fields:
            value = getattr(optimizer, field)
            if isinstance(value, Schedule) and field in read:
                name = optimizer.constants.get(field, field).lower()
                schedules.append(self._schedule(name, value))
                roles[field] = self.names.fresh(field)
                before += parse_text(f"{roles[field]} = {name}(step)")
        fixed = read - set(roles)
        roles |= self.constants.of_fields(optimizer, fixed, prefix=False)
        return Update(
            title=optimizer.title,
            source=optimizer.source,
            states=tuple((s, first, optimizer.notes.get(s, "")) for s, first in optimizer.state.items()),
            before=tuple(before),
            decay=tuple(s.rename(roles) for s in parse_text(optimizer.decay)),
            statements=tuple(s.rename(roles) for s in parse_text(optimizer.update)),
            schedules=tuple(schedules),
        )

    def _schedule(self, name: str, schedule: Schedule) -> Function:
        text = parse_text(schedule.value)
        read = {part for statement in text for part in statement.reads}
        roles: dict[str, str] = {"step": "step", "math": "math"}
        roles |= self.constants.of_fields(schedule, read, prefix=False)
        if "total_steps" in read:
            total, comment = self._total_steps()
            roles["total_steps"] = self.constants.add("TOTAL_STEPS", total, comment)
        return Function(
            self.names.fresh(name), "step", schedule.explanation, tuple(s.rename(roles) for s in text), "rate"
        )

    def _total_steps(self) -> tuple[str, str]:
        if self.train.steps is not None:
            return literal(self.train.steps), "steps of the whole training"
        examples = training_examples(self.spec)
        assert examples is not None, "checked before"
        batches = -(-examples // self.train.batch)
        epochs = self.train.epochs or DEFAULT_EPOCHS
        return literal(epochs * batches), f"{epochs} epochs of {batches} batches"

    # --- Stopping and reports ---------------------------------------------------------

    def _stopping(self) -> Stopping | None:
        stop = self.train.stop
        if stop is None:
            return None
        texts = {name: parse_text(getattr(stop, name)) for name in ("begin", "watch", "finish")}
        done = parse_expression(stop.done)
        read = {n for text in (*texts.values(), (done,)) for s in text for n in s.reads}
        roles = self.constants.of_fields(stop, read)
        return Stopping(
            metric=stop.metric,
            higher_is_better=higher_is_better(stop.metric),
            done="".join(done.rename(roles).value or ()),
            begin=tuple(s.rename(roles) for s in texts["begin"]),
            watch=tuple(s.rename(roles) for s in texts["watch"]),
            finish=tuple(s.rename(roles) for s in texts["finish"]),
        )

    def _due(self) -> str:
        """Return when a report is due, as an expression over `epoch`; empty: after every epoch."""
        names: dict[str, str] = {}
        if self.train.report is not None:
            due = parse_expression(self.train.report.due)
            names |= self.constants.of_fields(self.train.report, due.reads)
        else:
            every = -(-self._epochs() // MOST_REPORTS)
            if every <= 1:
                return ""
            due = parse_expression("epoch % REPORT_EVERY == 0")
            self.constants.add("REPORT_EVERY", literal(every), "epochs from one line of the report to the next")
        return "".join(due.rename(names).value or ())

    def _epochs(self) -> int:
        """Return the number of epochs, 1 where it is not known."""
        if self.train.steps is None:
            return self.train.epochs or DEFAULT_EPOCHS
        examples = training_examples(self.spec)
        return -(-self.train.steps // -(-examples // self.train.batch)) if examples else 1


SHORT = 44  # as long as a line may get by writing two steps in one
DEFAULT_EPOCHS = 20
MOST_REPORTS = 20  # lines of a run, where the spec does not say


def _assigned(name: str, expression: Statement) -> Statement:
    return assign(
        name, expression.value or (), expression.reads, primary=expression.value_is_primary
    )


def higher_is_better(metric: str) -> bool:
    """Is a larger value of a reported number (`validation_accuracy`) the better one?"""
    word = catalogue.find(Metric.role, metric.partition("_")[2])
    return word is not None and issubclass(word, Metric) and word.higher_is_better


def training_examples(spec: Spec) -> int | None:
    """Return the number of examples in the training part, or None where it is not known."""
    examples = spec.description.examples
    if spec.data is None or examples is None:
        return None
    parts = [spec.data.validation] + ([] if spec.data.has_own_test else [spec.data.test])
    return examples - sum(part if isinstance(part, int) else round(part * examples) for part in parts)


def unpacked(dictionary: str, arrays: tuple[Array, ...]) -> list[Statement]:
    """Return `W1, b1 = params.values()`, or nothing where there are no arrays."""
    if not arrays:
        return []
    names = [array.name for array in arrays]
    left = entries(names) + ("," if len(names) == 1 else "")
    return list(parse_text(f"({left}) = {dictionary}.values()" if "\n" in left else f"{left} = {dictionary}.values()"))


def entries(items: list[str], width: int = 72) -> str:
    """Join items by commas; on lines of their own, indented, where they do not fit on one."""
    joined = ", ".join(items)
    if len(joined) <= width:
        return joined
    lines: list[str] = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) + 2 > width:
            lines.append("")
        lines[-1] += f"{' ' * bool(lines[-1])}{item},"
    return "\n    " + "\n    ".join(lines) + "\n"


