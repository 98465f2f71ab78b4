"""What the words of a page say, executed one by one: without names, passes or layout of a script.

The mathematics is that of the vocabulary's texts. What may go wrong between a text and a script
(names, inlining, order, what a person edits) has no part in it.
"""

import io
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import numpy as np

from nndsl.analysis.compile import Checked
from nndsl.analysis.metrics import head_metrics, reported_names
from nndsl.analysis.node import Node
from nndsl.analysis.spec import Head
from nndsl.ir import parse_text, reads
from nndsl.live.arrays import Array, Examples, listed
from nndsl.live.execute import execute
from nndsl.live.network import require_training
from nndsl.program.evaluation import class_texts
from nndsl.program.program import Program
from nndsl.shapes import SequenceShape, Shape, Tokens
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.regularizer import Regularizer
from nndsl.vocabulary.schedule import Schedule
from nndsl.vocabulary.sections.train import Train

# By what the targets are scaled while `evaluate` is looked at.
TARGET_STATISTICS = {"target_mean": 3.0, "target_scale": 0.5}
PATH = "<the page's words>"


class ExecutedWords:
    """The words of a page that trains, as functions of arrays in float64."""

    def __init__(self, checked: Checked, program: Program) -> None:
        """`program` says which arrays there are, and where each layer has its own in them."""
        self.spec, self.graph = checked.network
        self.train: Train = require_training(self.spec)
        self._compiled: dict[tuple[str, ...], Callable[..., dict[str, Any]]] = {}
        nodes = self.graph.nodes
        self._places = {
            (node, role): program.array_of(node, role)
            for node in nodes
            for role in (*node.parameters, *node.layer.state)
        }
        self.begins = {  # what states are before training, where no file has them
            self._places[node, role][0]: first
            for node in nodes
            if not node.weights_from and node.keeps_for is None
            for role, first in node.layer.state.items()
        }
        self._trained: dict[str, list[Parameter]] = {array.name: [] for array in program.parameters}
        for node in nodes:
            for role, parameter in node.parameters.items():
                self._trained[self._places[node, role][0]].append(parameter)
        self._stacked = {array.name for array in program.parameters if array.parts}
        self._frozen = {array.name for array in program.parameters if array.is_frozen}
        self.weights = {name for name, (first, *_) in self._trained.items() if first.is_weight}

    def _run(self, text: str, functions: str = "", /, **given: Any) -> dict[str, Any]:
        """Execute a text of a word on what it may read; return all its variables."""
        given = {**self.spec.constants, **given}  # in whose names texts say lengths
        key = (text, functions, *given)
        if key not in self._compiled:
            body = textwrap.indent(textwrap.dedent(text).strip(), "    ")
            code = (
                f"import math\n\nimport numpy as np\n\n{textwrap.dedent(functions)}\n"
                f"def text({', '.join(given)}):\n{body}\n    return locals()\n"
            )
            self._compiled[key] = execute(code, PATH)["text"]
        return self._compiled[key](**given)

    def _value(self, code: str, functions: str = "", **given: Any) -> Any:
        """Return the value of an expression of a word."""
        return self._run(f"result = {code}", functions, **given)["result"]

    def mixed(self, arrays: Sequence[Array], noise: np.random.Generator) -> list[Array]:
        """Return the arrays of a batch as a training mixes them."""
        mix = self.train.mix
        assert mix is not None
        given = {"rng": noise, "N": len(arrays[0]), **fields(mix)}
        drawn = {**given, **self._run(mix.draw, **given)}
        return [self._value(mix.mixed, **drawn, a=array) for array in arrays]

    # --- The network -------------------------------------------------------------------

    def forward(
        self,
        parameters: Mapping[str, Array],
        state: Mapping[str, Array],
        X: Examples,
        noise: np.random.Generator | None = None,
        drawing: np.random.Generator | None = None,
    ) -> tuple[list[Array], dict[str, Array]]:
        """Return the outputs, a row for each position, and the states behind them.

        With `noise` as in training, else as in prediction; layers of the page's own that draw
        there, too, take their numbers from `drawing`.
        """
        values = dict(zip(self.graph.inputs.values(), listed(X), strict=True))
        states = {name: value.copy() for name, value in state.items()}
        for node in self.graph.nodes:
            layer = node.layer
            inputs = (values[value] for value in node.inputs)
            given: dict[str, Any] = dict(zip(layer.inputs, inputs, strict=True))
            given |= self._arrays(node, parameters)
            given |= {role: self._array(states, node, role) for role in layer.state}
            given |= fields(layer) | dict(layer.numbers(*node.shapes))
            rows = node.inputs[0].shape[0] if node.works_on_rows else 1
            given |= {"N": len(X) * rows, "dtype": np.float64, "rng": noise or drawing}
            text = layer.forward if noise else layer.inference_forward or layer.forward
            variables = self._run(text, layer.definitions, **given)
            values[node.output] = variables["y"]
            if noise and layer.update_running_stats:
                updated = self._run(layer.update_running_stats, layer.definitions, **variables)
                for role in layer.state:
                    self._array(states, node, role)[...] = updated[role]
        return [values[value] for value in self.graph.outputs.values()], states

    def _arrays(self, node: Node, parameters: Mapping[str, Array]) -> dict[str, Array]:
        owners = {role: (node, role) for role in node.parameters} | node.shared
        return {role: self._array(parameters, *owner) for role, owner in owners.items()}

    def _array(self, arrays: Mapping[str, Array], node: Node, role: str) -> Array:
        name, copy = self._places[node, role]
        return arrays[name] if copy is None else arrays[name][copy]

    def initial(self, seed: int) -> dict[str, Array]:
        """Return the parameters that training begins with."""
        _, stream = np.random.default_rng(seed).spawn(2)
        parameters = {}
        for name, trained in self._trained.items():
            first, init = trained[0], trained[0].init
            assert isinstance(init, Initializer)
            if name not in self._stacked:
                parameters[name] = self._drawn(first, stream)
            elif init.draws_numbers_alone and all(one.init == init for one in trained):
                stacked = replace(first, shape=(len(trained), *first.shape))
                parameters[name] = self._drawn(stacked, stream)
            else:
                parameters[name] = np.stack([self._drawn(one, stream) for one in trained])
        return parameters

    def _drawn(self, parameter: Parameter, stream: np.random.Generator) -> Array:
        init = parameter.init
        assert isinstance(init, Initializer)
        drawn = self._run(
            init.draw,
            init.definitions,
            **fields(init),
            shape=parameter.shape,
            fan_in=parameter.fan_in,
            fan_out=parameter.fan_out,
            dtype=np.float64,
            rng=stream.spawn(1)[0] if "rng" in init.draw else None,
        )
        return np.asarray(drawn["w"], np.float64)

    # --- The loss and the metrics ------------------------------------------------------

    def heads(
        self, outputs: Sequence[Array], t: Examples
    ) -> Iterator[tuple[Head, Shape, Array, Array, Array]]:
        """Yield each output that learns: its shape, itself and its targets, row by row.

        Last comes the number of the example of each row.
        """
        names, given = [*self.graph.outputs], iter(listed(t))
        for head in self.spec.heads:
            targets = next(given) if head.loss.has_targets else np.empty(0)
            at = names.index(head.name) if head.name in names else 0
            shape = self.graph.output_of(head.name).shape
            if isinstance(shape, SequenceShape) and head.loss.has_targets:
                of_classes = head.loss.targets == "classes"
                targets = targets.reshape(-1) if of_classes else targets.reshape(-1, shape[-1])
            x = outputs[at]
            example = np.arange(len(x)) // (shape[0] if isinstance(shape, SequenceShape) else 1)
            if self.spec.description_of(head).has_gaps:
                real = targets >= 0
                x, targets, example = x[real], targets[real], example[real]
            yield head, shape, x, targets, example

    def total_loss(self, outputs: Sequence[Array], t: Examples) -> float:
        """Return the data loss of all outputs together."""
        heads = self.heads(outputs, t)
        return sum(head.weight * self.loss(head.loss, x, rows) for head, _, x, rows, _ in heads)

    def loss(self, loss: Loss, x: Array, t: Array) -> float:
        """Return the data loss of an output and its targets, row by row."""
        return float(self._run(loss.forward, loss.definitions, **self._of_loss(loss, x, t))["loss"])

    def _of_loss(self, loss: Loss, x: Array, t: Array) -> dict[str, Any]:
        """Return what a text of a loss reads."""
        names = loss.found.keeps if loss.found is not None else ()
        known = {name: array for name, array in self.statistics.items() if name in names}
        given = {"x": x, "t": t, "N": len(x), "dtype": np.float64}
        return fields(loss) | given | known

    @property
    def statistics(self) -> dict[str, Any]:
        """What a script may have found on its training part, for checks of all but that."""
        preparation = self.spec.preparation
        known = TARGET_STATISTICS if preparation.targets is not None else {}
        found = preparation.loss.keeps if preparation.loss is not None else ()
        weights = 0.5 + np.arange(self.spec.description.classes or 0)
        return {**known, **dict.fromkeys(found, weights)}

    def penalty(self, parameters: Mapping[str, Array]) -> float | None:
        """Return what the regularizers add, or None where there are none."""
        groups: list[tuple[Regularizer, list[Array]]] = []
        for name, (first, *_) in self._trained.items():
            word = first.regularize or self.train.regularize
            if word is None or not first.is_weight or name in self._frozen:
                continue
            known = next((weights for other, weights in groups if other == word), None)
            if known is None:
                groups.append((word, known := []))
            known += [*parameters[name]] if name in self._stacked else [parameters[name]]
        if not groups:
            return None
        return sum(
            float(self._run(word.forward, **fields(word), weights=tuple(weights))["penalty"])
            for word, weights in groups
        )

    @property
    def reported(self) -> tuple[str, ...]:
        """The names of what `evaluate` returns."""
        return ("loss", *reported_names(self.spec))

    def evaluate(self, outputs: Sequence[Array], t: Examples) -> tuple[float, ...]:
        """Return the loss of all outputs together, and what is measured of each."""
        results = [self.total_loss(outputs, t)]
        for head, shape, x, rows, example in self.heads(outputs, t):
            found = self._measured(head, shape, x, rows, example)
            results += found[1:] or found * bool(head.name)
        return tuple(results)

    def _measured(
        self, head: Head, shape: Shape, x: Array, t: Array, example: Array
    ) -> list[float]:
        """Return the loss and the metrics of an output and its targets, row by row."""
        word = head.loss
        loss = self.loss(word, x, t)
        predicted, true = class_texts(word, shape)
        results, answer = [loss], x
        if word.estimate:
            text = f"{textwrap.dedent(word.forward)}\n{textwrap.dedent(word.estimate)}"
            made = self._run(text, word.definitions, **self._of_loss(word, x, t))
            answer = made[parse_text(text)[-1].target or ""]
        if self.spec.preparation.targets is not None:  # metrics are in the units of the file
            scale, mean = TARGET_STATISTICS["target_scale"], TARGET_STATISTICS["target_mean"]
            answer = x = x * scale + mean
            t = t * scale + mean
        for metric in head_metrics(head, self.spec):
            given = fields(metric) | {
                "x": answer if metric.takes_estimate else x,
                "t": t,
                "N": example[-1] + 1,
                "example": example,
                "loss": loss,
            }
            if metric.needs_classes:
                given["predicted"] = self._value(predicted, x=x)
                given["true"] = self._value(true, t=t)
            code = metric.for_outputs(x.shape[-1])
            if self.spec.description_of(head).has_gaps:
                code = metric.value_with_gaps or code
            results.append(float(self._value(code, metric.definitions, **given)))
        return results

    # --- The optimizer -----------------------------------------------------------------

    def first_states(self, parameters: Mapping[str, Array]) -> dict[str, dict[str, Array]]:
        """Return the optimizer's states before the first step, by state and parameter."""
        return {
            state: {name: np.full_like(p, first) for name, p in parameters.items()}
            for state, first in self.train.optimizer.state.items()
        }

    def update(
        self,
        parameters: dict[str, Array],
        states: dict[str, dict[str, Array]],
        gradients: Mapping[str, Array],
        step: int,
    ) -> None:
        """Take one step of the optimizer, in place."""
        optimizer, clip = self.train.optimizer, self.train.clip
        if clip is not None:
            given = fields(clip) | {"gradients": dict(gradients)}
            gradients = self._run(clip.apply, clip.definitions, **given)["gradients"]
        settings = fields(optimizer)
        for name, setting in settings.items():
            if isinstance(setting, Schedule):
                given = fields(setting) | {"total_steps": self.spec.total_steps}
                given |= self._run(setting.begin, **fields(setting)) if setting.watches else {}
                settings[name] = self._run(setting.value, **given, step=step)["rate"]
        for name, g in gradients.items():
            own: dict[str, Any] = {state: arrays[name] for state, arrays in states.items()}
            p = parameters[name]
            if optimizer.decay and name in self.weights:
                p = self._run(optimizer.decay, **settings, **own, p=p, g=g, step=step)["p"]
            updated = self._run(optimizer.update, **settings, **own, p=p, g=g, step=step)
            parameters[name] = updated["p"]
            for state, arrays in states.items():
                arrays[name] = updated[state]

    # --- The data, and the end of training ---------------------------------------------

    def examples(self, dtype: type) -> dict[str, Array]:
        """Return the arrays as the data's text reads them, before they fall into parts."""
        data, described = self.spec.data, self.spec.description
        assert data is not None
        (stream,) = np.random.default_rng(self.train.seed).spawn(1)
        given = fields(data) | dict(described.settings) | dict(data.files(self.spec.source.folder))
        text = described.read or data.read
        used = reads(parse_text(f"{textwrap.dedent(data.functions)}\n{textwrap.dedent(text)}"))
        modules = [module for module in data.modules if module.partition(".")[0] in used]
        imports = "".join(f"import {module}\n" for module in modules)  # some may not be there
        for name, value in self.graph.inputs.items() if described.parts else ():
            whole = isinstance(value.shape, Tokens)
            given[f"{name or next(iter(described.parts))}_type"] = np.int64 if whole else dtype
        with redirect_stdout(io.StringIO()):  # the script says what is left out
            return self._run(text, imports + data.functions, **given, rng=stream, dtype=dtype)

    def stopping(self, values: Iterable[float]) -> tuple[int, int]:
        """Return the last epoch of a training that watches these, and whose weights are kept."""
        stop = self.train.stop
        assert stop is not None
        known = self._run(stop.begin, **fields(stop), arrays={})
        known |= fields(stop) | {"arrays": {}}
        for epoch, value in enumerate(values, 1):
            known = self._run(stop.watch, **dict(known, epoch=epoch, value=value))
            if self._value(stop.done, **known):
                break
        return epoch, known["best_epoch"] or epoch


def fields(word: Builtin) -> dict[str, Any]:
    """Return the fields of a word by name."""
    return {name: getattr(word, name) for name in type(word).model_fields}
