"""The recorder: looks at a network while it trains, and leaves the training as it is.

It runs a second print of the script's own `loss_and_gradients`, which gives all of its variables,
on one fixed batch, with the parameters as they are, a copy of the running statistics and a stream
of noise of its own.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nndsl.emit.script import write_script
from nndsl.live.arrays import Array, Examples
from nndsl.live.gradients.executable import Executable, Point, with_inputs
from nndsl.live.gradients.parsed_script import ParsedScript
from nndsl.live.model import Model, Watcher
from nndsl.live.network import Pair
from nndsl.live.recording.histogram import histogram
from nndsl.live.recording.measurement import measure
from nndsl.live.recording.record import Record, Series
from nndsl.program.lower import lower
from nndsl.program.program import Program
from nndsl.vocabulary import registry
from nndsl.vocabulary.instrument import Instrument

BATCH = 1000  # examples: the first of the training part, or all where there are fewer
MAX_NUMBERS = 2**23  # that a layer may output for them: for large layers there are fewer


class Recorder(Watcher):
    """Fills `record` while its model trains: before the first step, and after each epoch."""

    def __init__(self, model: Model, instruments: Sequence[Instrument]) -> None:
        """Watch the training of a model from now on. It must be one that can be trained."""
        self.record = Record(examples=0)
        self._model = model
        self._instruments = tuple(instruments)
        self._program = _with_backward_pass(model)
        script = write_script(self._program).text
        parsed = ParsedScript(script)
        self._gradients = parsed.gradients
        self._text = Executable(parsed.with_locals(), f"{model.spec.name}.py")
        self._batch: Pair | None = None
        largest = max(math.prod(node.output.shape) for node in self._program.graph.nodes)
        self._examples = min(BATCH, max(1, MAX_NUMBERS // largest))
        self._last_step = 0  # of an epoch
        self._before: dict[str, Array] = {}
        self._weights = {array.name for array in self._program.parameters if array.is_weight}
        self._owners = _owners(self._program)
        model.watch(self)

    def begins(self, X: Examples, t: Examples) -> None:
        self._batch = X[: self._examples], t[: self._examples]
        self._last_step = math.ceil(len(X) / self._model.training.batch)
        self.record.examples = len(self._batch[0])
        self._look(0)

    def before_step(self, step: int) -> None:
        """Keep what the parameters are before the first step, and before the last of an epoch."""
        is_last = step % self._last_step == 0 or step == self._model.training.steps
        if is_last or step == 1:
            self._before = {name: p.copy() for name, p in self._model.parameters.items()}

    def after_step(self, step: int) -> None:
        if step == 1:
            self._note_parameters(0, {}, only_steps=True)

    def after_epoch(self, epoch: int) -> None:
        self._look(epoch)

    def _look(self, epoch: int) -> None:
        """Run the batch, and write down what the instruments see."""
        assert self._batch is not None
        X, t = self._batch
        inputs = self._program.inputs
        values = self._model.parameters | with_inputs(inputs, X)
        seed = self._program.spec.seed
        point = Point(f"epoch {epoch}", values, self._model.state, t, seed, inputs)
        with np.errstate(all="ignore"):
            found = self._text(point)
        self.record.epochs.append(epoch)
        self._note_layers(epoch, found)
        self._note_parameters(epoch, found)
        self._before = {}

    def _note_layers(self, epoch: int, found: dict[str, Any]) -> None:
        for name, node in self._program.values.items():
            if name not in found:  # a layer that passes on what it gets
                continue
            low, high = node.layer.bounds
            values = {"y": found[name]}
            values |= {"low": low} if math.isfinite(low) else {}
            values |= {"high": high} if math.isfinite(high) else {}
            for instrument in self._watching("layers"):
                series = self._series(instrument, name, node.layer.keyword())
                series.is_nonlinear, series.bounds = node.layer.nonlinear, node.layer.bounds
                _note(series, instrument, epoch, values)

    def _note_parameters(
        self, epoch: int, found: dict[str, Any], *, only_steps: bool = False
    ) -> None:
        for name in self._model.script.trained:
            p = self._model.parameters[name]
            values = {"p": p}
            values |= {"W": p} if name in self._weights else {}
            values |= {"before": self._before[name]} if name in self._before else {}
            if not only_steps:
                values["dp"] = found[self._gradients[name]]
            for instrument in self._watching("parameters"):
                series = self._series(instrument, name, self._owners[name])
                series.is_weight = name in self._weights
                if epoch not in series.numbers:
                    _note(series, instrument, epoch, values)

    def _watching(self, what: str) -> Iterator[Instrument]:
        return (instrument for instrument in self._instruments if instrument.watches == what)

    def _series(self, instrument: Instrument, name: str, layer: str) -> Series:
        key = instrument.keyword(), name
        return self.record.series.setdefault(key, Series(instrument, name, layer))


def all_instruments() -> tuple[Instrument, ...]:
    """Return every instrument there is, with nothing to say of its own."""
    words = (registry.find(Instrument.kind, name) for name in registry.names(Instrument.kind))
    return tuple(word() for word in words if word is not None and issubclass(word, Instrument))


def _note(series: Series, instrument: Instrument, epoch: int, values: dict[str, Any]) -> None:
    measured = measure(instrument, values)
    if measured is not None:
        numbers, array = measured
        series.add(epoch, numbers, histogram(array))


def _with_backward_pass(model: Model) -> Program:
    """Return the program of a model's spec, by backpropagation also where the spec says otherwise.

    Its forward pass is that of the model to the letter, except where that is optimized.
    """
    train = model.training.model_copy(update={"gradient": None})
    return lower(replace(model.spec, train=train), model.network_graph)


def _owners(program: Program) -> dict[str, str]:
    """Return the keyword of each parameter's layer."""
    return {
        program.array_of(node, role)[0]: node.layer.keyword()
        for node in program.graph.nodes
        for role in node.parameters
    }
