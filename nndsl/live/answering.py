"""What a network says of examples as people have them: prepared here as those of training."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log, prod
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.analysis.compile import Checked
from nndsl.analysis.heads import narrowed
from nndsl.analysis.spec import Head
from nndsl.data import Column, inputs_of
from nndsl.data.new_examples import Frame
from nndsl.displayed import Displayed
from nndsl.emit.layout import module
from nndsl.live.arrays import Array, Arrays, Examples, named
from nndsl.live.errors import ModelError
from nndsl.live.execute import execute
from nndsl.live.network import Network, Pair, with_statistics
from nndsl.live.new_inputs import NewInputs, take_inputs
from nndsl.program.preprocessing import preprocessing
from nndsl.shapes import SequenceShape, Tokens
from nndsl.vocabulary.preparation import Preparation

CHUNK = 1000  # examples at a time
_MAX_SAID = 5  # classes or values
_LARGE = 3  # times that size: then inputs may have been left as they are
_UNLIKE = 20  # times the size of the inputs in training: then they are in other units


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Answers(Displayed):
    """What a network says of examples, in their order.

    Of a classification: `classes` (N,) are class numbers, `labels` their names, and `scores`
    (N, classes) what they are read off, `probabilities` where the loss makes them such. Of anything
    else these are None, and `scores` (N, outputs) are the `values`, in the units of the data.
    `names` are those of the classes, or of the values.

    Examples that lack an input have no answer: nan, -1 for the class, None for its name. `lacking`
    are their rows, from 1.
    """

    names: tuple[str, ...]
    scores: Array
    classes: Array | None = None
    are_probabilities: bool = False
    lacking: tuple[int, ...] = ()
    unused: tuple[str, ...] = ()  # columns that are no inputs
    files: tuple[str, ...] = ()  # the names of images

    @property
    def labels(self) -> list[str | None] | None:
        """The name of each example's class; None where the network predicts values."""
        if self.classes is None:
            return None
        return [self.names[number] if number >= 0 else None for number in self.classes]

    @property
    def probabilities(self) -> Array | None:
        """The probability of each class, (N, classes); None where the loss makes none."""
        return self.scores if self.are_probabilities else None

    @property
    def values(self) -> Array | None:
        """What is predicted, (N, outputs), in the units of the data; None where it is classes."""
        return self.scores if self.classes is None else None

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        """Say how often each class was found, or from where to where the values go."""
        count = f"{len(self)} example{'s' * (len(self) != 1)}"
        if (labels := self.labels) is not None:
            often = Counter(label for label in labels if label is not None).most_common()
            said = [f"{n} {name}" for name, n in often]
        else:
            low, high = np.nanmin(self.scores, axis=0), np.nanmax(self.scores, axis=0)
            ranges = zip(self.names, low, high, strict=True)
            said = [f"{name} {a:.4g} to {b:.4g}" for name, a, b in ranges]
        if len(said) > _MAX_SAID:
            said[_MAX_SAID:] = ["…"]
        if self.lacking:
            said.append(f"{len(self.lacking)} without an answer")
        return f"Answers({count}: {', '.join(said)})"


class Answering:
    """A network, and what prepares its inputs and names its outputs. `doubts` are warnings."""

    def __init__(self, checked: Checked, model: Network, head: Head | None = None) -> None:
        """`checked` says what the data was, though the model may be without it.

        With a `head` it is one of several outputs that is asked.
        """
        spec, graph = checked.network
        self.model = model
        self.outputs: dict[str, Answering] = {"": self}
        if head is None and len(graph.outputs) > 1:
            self.outputs = {one.name: Answering(checked, model, one) for one in spec.heads}
        elif spec.heads:
            head = head or spec.heads[0]
            graph = replace(graph, outputs={"": graph.output_of(head.name)})
            spec = narrowed(spec, head)
        self.train = spec.train
        self.data = spec.data
        self.known = spec.description
        self.doubts: list[str] = []
        self.has_positions = isinstance(graph.output.shape, SequenceShape)
        self.width = prod(graph.output.shape)
        preparation = self.data.preparation(self.known) if self.data else Preparation()
        self._keeps = set(preparation.keeps)
        text = module(preprocessing(spec, graph, self.data))
        self.functions: Mapping[str, Callable[..., Array]] = execute(text, "<preprocessing>")

    @property
    def is_prepared(self) -> bool:
        """Is there all that inputs are prepared by?"""
        return self._keeps <= set(self.model.statistics)

    @property
    def is_classification(self) -> bool:
        """Does the network choose between classes?"""
        train = self.train
        if train is None:
            return False
        return train.loss.targets == "classes" or self.known.classes is not None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, or of the values: those of the data, else numbers."""
        count = max(self.width, 2) if self.is_classification else self.width
        if len(self.known.names) == count:
            return self.known.names
        if self.is_classification:
            return tuple(map(str, range(count)))
        return ("value",) if count == 1 else tuple(f"value_{n}" for n in range(1, count + 1))

    def preprocess(self, X: Examples) -> Examples:
        """Return inputs (N, …), as a file holds them, as the network takes them."""
        if isinstance(X, Arrays):
            shapes = self.model.script.inputs.values()
            made = [
                _whole(array)
                if isinstance(shape, Tokens)
                else self.with_statistics("prepare", array)
                for array, shape in zip(X.values(), shapes, strict=True)
            ]
            return named(X, made)
        if isinstance(self.model.script.input_shape, Tokens):
            return _whole(X)
        prepared = self.with_statistics("prepare", X)
        signal = self.known.signal
        if self.known.inputs:
            self.doubts += _far_off(X, self.known.inputs)
            self.doubts += _not_known(X, self.known.inputs)
        elif signal is not None and len(X):
            size = _size(prepared)
            usual = float(np.sqrt(signal.power))
            if size > _UNLIKE * usual > 0:
                self.doubts.append(
                    f"these inputs are {size / usual:,.0f} times as large as those of training: "
                    "are they in other units?"
                )
        return self.model.cut(prepared)

    def predict(self, frame: Frame) -> Examples:
        """Return the output of the network for each row of a frame. ModelError without one."""
        new = self._new(frame, None)
        if new.lacking:
            assert self.data is not None
            wrong = f"row {new.lacking[0]} has no output, since {self.data.why_lacking}"
            raise ModelError(wrong, "`answer` takes such rows, and says what they are")
        return self.output(self.preprocess(new.X))

    def _new(self, examples: Any, array: str | None) -> NewInputs:
        """Take examples from a file or as Python has them, with what they are prepared by there."""
        if not self.is_prepared:
            self.model.data()
        return take_inputs(examples, self.model, self.data, self.known, array)

    def answers(self, examples: Any, array: str | None = None) -> dict[str, Answers]:
        """Return what each output says of examples by its name, which is "" where there is one.

        They are in a file or as Python has them; `array` names one of several in a file.
        ModelError or DataError where that is nothing.
        """
        for one in self.outputs.values():
            one.require_one_answer()
        new = self._new(examples, array)
        with np.errstate(all="ignore"):  # it is looked for here
            output = self.output(self.preprocess(new.X))
        return {
            name: one._answered(new, output[name] if name else output)
            for name, one in self.outputs.items()
        }

    def _answered(self, new: NewInputs, output: Array) -> Answers:
        found = replace(self._answers(new, output), unused=new.unused, files=new.files)
        if not new.lacking:
            return found
        at, count = np.array(new.rows) - 1, len(new.rows) + len(new.lacking)
        scores = np.full((count, *found.scores.shape[1:]), np.nan, found.scores.dtype)
        scores[at] = found.scores
        classes = found.classes
        if classes is not None:
            classes = np.full(count, -1)
            classes[at] = found.classes
        return replace(found, scores=scores, classes=classes, lacking=tuple(new.lacking))

    def _answers(self, new: NewInputs, output: Array) -> Answers:
        X = new.X
        wrong = ~np.isfinite(output.reshape(len(X), -1)).all(axis=1)
        if wrong.any():
            raise ModelError(
                f"what the network says of row {new.rows[int(wrong.argmax())]} is not finite: "
                "its inputs are too large for the weights",
                "are they in other units than those of training?",
            )
        read = self.functions.get("estimates")
        scores = read(output) if read is not None else output
        if "restore" in self.functions:
            scores = self.with_statistics("restore", scores)
        if not self.is_classification:
            return Answers(self.names, scores.reshape(len(X), -1))
        classes = self.functions["decide"](output).astype(np.int64)
        if scores.shape[1] == 1:
            assert self.train is not None
            limit = 0.5 if read is not None else self.train.loss.binary_limit
            scores = np.column_stack([2 * limit - scores, scores])
        return Answers(self.names, scores, classes, are_probabilities=read is not None)

    def labelled(self, examples: Path | Frame) -> tuple[Pair, Sequence[int]]:
        """Return a file or a frame with targets, prepared as in training, and what rows lack some.

        ModelError or DataError where it is no such file.
        """
        if self.data is None:
            raise ModelError("the spec names no data that says what a file holds")
        self.require_one_answer()
        if isinstance(examples, Path) and not examples.is_file():
            what = "is no file" if examples.exists() else "does not exist"
            raise ModelError(f"{examples} {what}")
        if not self.is_prepared:
            self.model.data()
        found, targets = self.data.read_labelled(examples, self.known)
        X = self.model.inputs(self.preprocess(np.array(found.numbers, np.float64)))
        t: Examples = np.array(targets, self.model.dtype)
        w: tuple[Array, ...] = ()
        if self.data.weighs:  # they stand behind the targets
            w, t = self.model.weights(np.array(targets)[:, -1], len(t)), t[:, :-1]
        if self.known.classes is not None:
            t = t[:, 0].astype(np.int64)
            if self.model.spec.train is not None and self.model.spec.train.loss.targets == "values":
                t = t[:, None] if self.width == 1 else np.eye(self.width)[t]
        elif "scaled" in self.functions:
            t = self.with_statistics("scaled", t)
        spec = self.model.spec
        if len(spec.heads) > 1:
            own = ((one.name, spec.target_column(one)) for one in spec.compared)
            t = {name: t if at is None else t[:, [at]] for name, at in own}
        return (X, self.model.targets(t), *w), found.lacking

    def require_one_answer(self) -> None:
        """ModelError where the network answers at every position of an example."""
        if self.has_positions:
            raise ModelError(
                "the network answers at every position, and a table has one answer an example",
                "nndsl.load(…).predict(X) returns them all, (N, positions, …)",
            )

    def with_statistics(self, name: str, array: Array) -> Array:
        """Call a function whose other arguments are statistics of the training part."""
        return with_statistics(self.functions[name], array, self.model.statistics)

    def output(self, X: Examples) -> Examples:
        """Return the output of the network for prepared inputs."""
        with np.errstate(all="ignore"):  # weights that diverged give what is not finite
            inputs = self.model.inputs(X)
            starts = range(0, len(X), CHUNK)
            chunks = [self.model.output(inputs[i : i + CHUNK]) for i in starts]
        if isinstance(chunks[0], Arrays):
            return Arrays({name: np.concatenate([c[name] for c in chunks]) for name in chunks[0]})
        return np.concatenate(chunks)


def _whole(X: Array) -> Array:
    """Return the numbers of tokens, whole; what is no such number the model refuses."""
    whole: Array = X.astype(np.int64)
    return whole if np.array_equal(whole, X) else X


def _far_off(X: Array, columns: Sequence[Column]) -> Iterator[str]:
    """Yield warnings of the first columns that go further than training by more than its range."""
    found, places = 0, inputs_of(columns)
    for column in columns:
        if column.low is None or column.high is None or found == _MAX_SAID:
            continue
        values, width = X[..., places[column.name][0]], column.high - column.low
        out = (values < column.low - width) | (values > column.high + width)
        if width and out.any():
            found += 1
            yield (
                f"`{column.name}` is {values[out][0]:g}, and went from {column.low:g} to "
                f"{column.high:g} in training: is it in other units?"
            )


def _not_known(X: Array, columns: Sequence[Column]) -> Iterator[str]:
    """Yield warnings of columns with other texts, where training had none that could teach them."""
    places = inputs_of(columns)
    for column in columns:
        if not column.lacks_other:
            continue
        other = X[..., places[column.name][len(column.levels)]] == 1
        if count := int(other.reshape(len(X), -1).any(axis=1).sum()):
            known = ", ".join(f"`{level}`" for level in column.levels[:10])
            known += f" and {len(column.levels) - 10} more" * (len(column.levels) > 10)
            yield (
                f"`{column.name}` holds a text in {count} of {len(X)} examples that was not there "
                f"in training, and what is said of them is partly chance: it knows {known}"
            )


def doubt_of_prepared(model: Network, X: Array) -> str | None:
    """Return why inputs that are said to be prepared look as if they were not, or None."""
    spec, _ = model.complete.network
    described, data = spec.description, spec.data
    steps = data.preparation(described).inputs if data is not None else ()
    if data is None or not (steps or data.input_scale != 1) or X.dtype.kind != "f" or not len(X):
        return None
    way_out = "`predict` takes inputs as `model.data()` returns them, `answer` as a file holds them"
    X = X[:CHUNK]
    if steps and np.isnan(X).any():
        return f"these inputs lack values, and none that were prepared do: {way_out}"
    usual = described.signal.power**0.5 if described.signal is not None else 0
    size = _size(X)
    used = Answering(model.complete, model)
    if not usual or not size > _LARGE * usual or not used.is_prepared:
        return None
    indicators = sum(column.indicated for column in described.inputs)
    prepared = _size(used.preprocess(X[:, : X.shape[1] - indicators]))
    if not prepared or abs(log(prepared / usual)) > log(size / usual) / 2:
        return None  # they would not be like those of training, either
    return (
        f"these inputs are {size / usual:,.0f} times as large as those of training, and would not "
        f"be if they were prepared: {way_out}"
    )


def _size(X: Array) -> float:
    return float(np.sqrt(np.mean(np.square(X, dtype=np.float64))))
