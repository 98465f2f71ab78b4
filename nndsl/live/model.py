"""The live model: the text of the script, executed in process."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import Checked, analyse
from nndsl.analysis.imports import read_tree
from nndsl.analysis.metrics import best_baseline
from nndsl.data import Description
from nndsl.data.new_examples import Frame
from nndsl.diagnostics import Diagnostics
from nndsl.diagram.diagram import Expand
from nndsl.diagram.picture import Picture
from nndsl.displayed import Displayed
from nndsl.emit.build import build_program, build_script
from nndsl.emit.script import Script
from nndsl.live.arrays import Array, Examples, listed
from nndsl.live.baseline import Baseline, measure_baselines
from nndsl.live.errors import ModelError as ModelError  # it is part of this interface
from nndsl.live.errors import PageError
from nndsl.live.network import Network, Pair, measured, take_step
from nndsl.live.random_examples import draw_examples, draw_targets
from nndsl.program.sampling import LENGTH
from nndsl.program.style import FLAT
from nndsl.source import Source, source_of
from nndsl.vocabulary.sections.train import DTYPES

if TYPE_CHECKING:
    from nndsl.live.answering import Answers

Epoch = tuple[int, dict[str, float]]
MAX_SEED = 2**53  # as in a spec


@dataclass(slots=True)
class History(Displayed):
    """What training reported: a row of results for each epoch, and the results on the test part.

    `kept` is the epoch whose weights were restored in the end, where the spec asks for that;
    `baselines` are what answers without a network reach, once training has ended.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    test: dict[str, float] = field(default_factory=dict)
    kept: int | None = None
    baselines: list[Baseline] = field(default_factory=list)

    def __repr__(self) -> str:
        said = [f"{name} {number:.4g}" for name, number in self.results.items() if name != "epoch"]
        epochs = f"{len(self.rows)} epoch{'s' * (len(self.rows) != 1)}"
        return f"History({epochs}{': ' * bool(said)}{', '.join(said)})"

    @property
    def names(self) -> list[str]:
        return list(self.rows[0]) if self.rows else []

    @property
    def results(self) -> dict[str, float]:
        """The numbers of the weights that there are: those of their epoch, and of the test part."""
        kept = [row for row in self.rows if row["epoch"] == self.kept] or self.rows[-1:]
        return {**(kept[0] if kept else {}), **self.test}

    def baseline(self, column: str) -> tuple[str, float] | None:
        """Return the best answer without a network by `column`, and what it reaches there.

        `column` is a name of `results`: `history.baseline("test_accuracy")`.
        """
        return best_baseline(((b.answer, b.results) for b in self.baselines), column)


class Watcher:
    """Sees a training of a model, without changing it. A watcher defines what it wants to see."""

    def begins(self, X: Examples, t: Examples) -> None:
        """Called with the training part before the first step."""

    def before_step(self, step: int) -> None:
        """Called before the optimizer moves the parameters, with the number of its step."""

    def after_step(self, step: int) -> None:
        """Called when it has."""

    def after_epoch(self, epoch: int) -> None:
        """Called after an epoch, with its number."""


OnTraining = Callable[["Model", History, bool], None]  # whether the training has ended


class Model(Displayed, Network):
    """A network that can be asked, trained and saved."""

    on_training: Sequence[OnTraining] = ()  # see the epochs of every `fit`

    def __init__(self, checked: Checked, script: Script) -> None:
        """Execute the script. SpecError where the spec holds a formula, and no network."""
        super().__init__(checked, script)
        self._watchers: list[Watcher] = []
        self._backward: Callable[..., tuple[Any, ...]] | None = None  # once it was asked for
        self._doubts_inputs = True  # until it has, and where inputs are the spec's
        self._first = {name: array.ravel()[:64].copy() for name, array in self.parameters.items()}

    def __repr__(self) -> str:
        return f"<Model {self.spec.name}: {self.network_graph.parameter_count:,} parameters>"

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_watchers": [], "_backward": None}

    def watch(self, watcher: Watcher) -> None:
        """Let a watcher see all trainings from now on, until `unwatch`."""
        self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Let a watcher see no more trainings."""
        self._watchers.remove(watcher)

    def predict(self, X: Any) -> Examples:
        """Return the output of the network in evaluation mode, (N, outputs), for X (N, …).

        Several inputs, and outputs, are a dict by name. X is prepared, as `model.data()` returns
        it; `answer` takes what is not. For a page that reads a table X may also be a frame of
        pandas or polars, as the file holds it: its columns are found by name, and prepared. Warns
        once where X looks as if it were not. Where the loss applies a softmax or a sigmoid itself,
        these are the scores before it.
        """
        from nndsl.live.answering import doubt_of_prepared

        if self._is_frame(X):
            return self._predicted(X)
        inputs = self.inputs(X)
        if (
            self._doubts_inputs
            and isinstance(inputs, np.ndarray)
            and (doubt := doubt_of_prepared(self, inputs)) is not None
        ):
            self._doubts_inputs = False
            warnings.warn(doubt, stacklevel=2)
        return self.output(inputs)

    def answer(self, examples: Any, *, array: str | None = None) -> Answers:
        """Return what the network says of examples, prepared here as those of training were.

        `examples` are the path of a file (.csv, .npz, .npy), where `array` names one of several;
        or an array (N, …) as such a file holds it. For a table they are a frame of pandas or
        polars, or a dict of columns: these are found by their names; or rows with a value for each
        column of the inputs. For a network of a text they may be texts.

        The answers are those of `nndsl predict`: `labels` and `probabilities` of classes, or
        `values` in the units of the data. ModelError or `nndsl.DataError` where there are none,
        or where the network has several outputs: `answers` has each by its name.
        """
        found = self._answered(examples, array)
        if "" not in found:
            raise ModelError("the network has several outputs", "`answers` has each by its name")
        return found[""]

    def answers(self, examples: Any, *, array: str | None = None) -> dict[str, Answers]:
        """Return what `answer` does for each of several outputs, by its name."""
        return self._answered(examples, array)

    def _answered(self, examples: Any, array: str | None) -> dict[str, Answers]:
        from nndsl.live.answering import Answering

        used = Answering(self.complete, self)
        answers = used.answers(examples, array)
        now = self.parameters
        if self._first and all(
            np.array_equal(now[name].ravel()[:64], first) for name, first in self._first.items()
        ):
            used.doubts.append(
                "nothing was trained or restored: these answers are those of the first weights, "
                "drawn at random. `fit` trains, `restore` reads the weights of a run, and "
                "`nndsl.load` takes its folder"
            )
        self._first = {}
        for doubt in used.doubts:
            warnings.warn(doubt, stacklevel=3)  # of who asks `answer` or `answers`
        return answers

    def sample(
        self,
        text: str | None = None,
        length: int = LENGTH,
        temperature: float | None = None,
        seed: int | None = None,
    ) -> str:
        """Return a text with up to `length` characters more, drawn as the network predicts them.

        Left out, the text is the first word of what was learnt from, the seed the spec's, and the
        temperature what suits the kind of data: `nndsl sample --help` lists them.
        ModelError where the network predicts no text, or knows a character of this one not.
        """
        from nndsl.live.sampling import sample

        return sample(self, text, length, temperature, seed)

    def loss_and_gradients(self, X: Any, t: Any) -> tuple[float, dict[str, Array]]:
        """Return the loss of a batch in training mode, penalty included, and all its gradients.

        ModelError for more examples than a batch has, where a state goes on from batch to batch.
        """
        gradients_of, (inputs, targets, *_) = self._trained("loss_and_gradients"), self._pair(X, t)
        self._require_a_state_for_each(inputs)
        *losses, gradients = gradients_of(*listed(inputs, targets))
        if self.script.is_optimized:  # the next step writes into the same memory
            gradients = {name: g.copy() for name, g in gradients.items()}
        return sum(losses), gradients

    def _require_a_state_for_each(self, inputs: Examples) -> None:
        rows = self.training.batch
        if len(inputs) > rows and any(node.layer.carries for node in self.network_graph.nodes):
            raise ModelError(
                f"X has {len(inputs)} examples, and states go on for the {rows} of a batch",
                "give as many as a batch has, or fewer",
            )

    def backward(self, X: Any, dy: npt.ArrayLike) -> tuple[dict[str, Array], Array]:
        """Return all gradients, and that of X, of a loss whose gradient with respect to y is `dy`.

        y is what the network makes of the examples X in training mode, of whose shape `dy` is; the
        penalty has no part in it. For a loop with a loss of its own: two networks that train each
        other, rewards. For tokens, which have no gradient, the second array is empty.
        """
        from nndsl.live.backward import backward_pass

        inputs, gradient = self.inputs(X), np.asarray(dy, self.dtype)
        wanted = (len(inputs), *self.network_graph.output.shape)
        if gradient.shape != wanted:
            raise ModelError(f"dy must have the shape {wanted}, and has {gradient.shape}")
        if self._backward is None:
            self._backward = backward_pass(self)
        _, gradients = self._backward(*listed(inputs), gradient)
        return gradients, gradients.pop("X", np.empty(0, self.dtype))

    def update(self, gradients: Mapping[str, Array]) -> None:
        """Take one step of the optimizer, in place. ModelError unless every gradient is there."""
        self._trained("update")
        missing = [name for name in self.script.trained if name not in gradients]
        if missing:
            raise ModelError(f"the gradient of {missing[0]} is missing: a step takes them all")
        self.step += 1
        take_step(self.namespace, gradients, self.step)

    def evaluate(self, X: Any, t: Any = None, w: Any = None) -> dict[str, float]:
        """Return the loss and the metrics on (X, t), in evaluation mode.

        X may be a frame with the columns of the page's table, the target among them.
        Where the page weighs examples, w (N,) says how much each counts; left out, they are alike.
        """
        self._trained("evaluate")
        values = measured(self.namespace, *self._pair(X, t, w))
        return dict(zip(self.reported, values, strict=True))

    @property
    def reported(self) -> tuple[str, ...]:
        """The names of what `evaluate` returns."""
        return ("loss", *self.script.metrics)

    def epochs(self, parts: Mapping[str, Pair], history: History | None = None) -> Iterator[Epoch]:
        """Train on the parts of the data; after each epoch yield its number and its results.

        They stand in `history` by then. Every training goes through here: `fit`, that of a run, of
        a comparison and of a search.
        """
        self.begin()
        history = History() if history is None else history
        train, names = self._trained("train"), self.script.results
        pairs = {part: self._pair(*pair) for part, pair in parts.items()}
        training = listed(*pairs["training"])
        validation = [listed(*pairs["validation"])] if "validation" in pairs else []
        for watcher in self._watchers:
            watcher.begins(*pairs["training"][:2])
        with self._watched_steps():
            for report in train(*training, *validation):
                at = len(report) - len(names)  # behind the best epoch, where it goes back to one
                (epoch, *best), results = report[:at], dict(zip(names, report[at:], strict=True))
                history.rows.append({"epoch": epoch, **results})
                for watcher in self._watchers:
                    watcher.after_epoch(epoch)
                yield epoch, results
        history.kept = best[0] or epoch if best else None

    @contextmanager
    def _watched_steps(self) -> Iterator[None]:
        """Count the steps that the script's own `update` takes, and call the watchers around it."""
        update = self._trained("update")

        steps = count(1)

        def watched(*arguments: Any) -> None:
            step = next(steps)
            for watcher in self._watchers:
                watcher.before_step(step)
            update(*arguments)
            self.step += 1
            for watcher in self._watchers:
                watcher.after_step(step)

        self.namespace["update"] = watched
        try:
            yield
        finally:
            self.namespace["update"] = update

    def test(self, parts: Mapping[str, Pair], history: History) -> None:
        """Measure on the test part, where there is one, and baselines, for the history."""
        if "test" in parts:
            values = self.evaluate(*parts["test"])
            history.test = {f"test_{name}": value for name, value in values.items()}
        history.baselines = measure_baselines(self, parts)

    def fit(
        self,
        X: npt.ArrayLike | None = None,
        t: npt.ArrayLike | None = None,
        w: npt.ArrayLike | None = None,
        *,
        validation: tuple[npt.ArrayLike, ...] | Frame | None = None,
        on_epoch: Callable[[int, dict[str, float]], None] | None = None,
    ) -> History:
        """Train as the spec says; return what was reported. FloatingPointError if it diverges.

        On the spec's data, or on X and t instead, with a `validation` part where the spec holds one
        back. For a page that reads a table each may be a frame of pandas or polars instead, as the
        file holds it, with the target among its columns. ModelError where these do not fit.
        """
        if X is None and t is None and validation is None:
            parts = self.data()
        else:
            parts = self._given(X, t, w, validation)
            self._doubts_inputs = False
        history = History()
        for epoch, results in self.epochs(parts, history):
            if on_epoch is not None:
                on_epoch(epoch, results)
            for seen in self.on_training:
                seen(self, history, False)
        self.test(parts, history)
        for seen in self.on_training:
            seen(self, history, True)
        return history

    def _given(self, X: Any, t: Any, w: Any, validation: Any) -> dict[str, Pair]:
        if (X is None or t is None) and not self._is_frame(X):
            raise ModelError(f"`fit` needs {'t' if t is None else 'X'} beside the other: fit(X, t)")
        wants = not self.script.parts or "validation" in self.script.parts
        sizes = (2, 3) if self.spec.weighs else (2,)
        if self._is_frame(validation):
            validation = (validation, None)
        if wants is not (isinstance(validation, tuple | list) and len(validation) in sizes):
            if wants:
                raise ModelError("the script measures a validation part: give validation=(X, t)")
            if validation is not None:
                raise ModelError("the spec holds no validation part back, and `fit` takes none")
        pairs = {"training": (X, t, w)} | ({"validation": tuple(validation)} if wants else {})
        return {part: self._pair(*pair) for part, pair in pairs.items()}

    def _pair(self, X: Any, t: Any, w: Any = None) -> Pair:
        """Return examples, their targets and weights. ModelError where they do not fit."""
        if self._is_frame(X):
            if t is not None or w is not None:
                wrong = "a frame brings its targets, and weights, among its columns"
                raise ModelError(wrong, "give the whole frame and nothing beside it: fit(frame)")
            return self._pair(*self._labelled(X))
        inputs, targets = self.inputs(X), self.targets(t)
        t_shape = listed(targets)[0].shape
        if not t_shape or len(inputs) != t_shape[0]:
            raise ModelError(f"X has {len(inputs)} examples, and t is of the shape {t_shape}")
        if not len(inputs):
            raise ModelError("there are no examples")
        return inputs, targets, *self.weights(w, len(inputs))

    def _is_frame(self, X: Any) -> bool:
        """Whether examples are a frame, and the page reads a table: it has its columns by name."""
        assert self.complete.spec is not None
        return hasattr(X, "columns") and bool(self.complete.spec.description.inputs)

    def _predicted(self, frame: Frame) -> Examples:
        from nndsl.live.answering import Answering

        used = Answering(self.complete, self)
        output = used.predict(frame)
        for doubt in used.doubts:
            warnings.warn(doubt, stacklevel=3)
        return output

    def _labelled(self, frame: Frame) -> Pair:
        """Return the rows of a frame, prepared, and their targets."""
        from nndsl.live.answering import Answering

        used = Answering(self.complete, self)
        pair, lacking = used.labelled(frame)
        if lacking:
            assert used.data is not None
            used.doubts.append(f"{len(lacking)} rows left out, since {used.data.why_unlabelled}")
        for doubt in used.doubts:
            warnings.warn(doubt, stacklevel=5)  # of who asks `fit`
        return pair

    def first_batch(self) -> Pair:
        """Return the first batch of the training part, or a random one where there is no data.

        ModelError where the script has no backward pass, or the data does not fit.
        """
        self.require_backward_pass()
        train = self.training
        if self.spec.data is None:
            rng = np.random.default_rng(train.seed)
            return draw_examples(self, train.batch, rng), draw_targets(self, train.batch, rng)
        X, t, *_ = self.data()["training"]
        return X[: train.batch], t[: train.batch]

    def graph(
        self,
        X: npt.ArrayLike | None = None,
        t: npt.ArrayLike | None = None,
        *,
        values: bool = False,
        expand: Expand = False,
    ) -> Picture:
        """Return the computational graph, which a notebook shows.

        With `values` it has the numbers of an example, forward and back: of the first of (X, t),
        left out, of the training data. With `expand` blocks and repetitions are open. ModelError
        where there is no backward pass.
        """
        from nndsl.diagram.network import network_diagram
        from nndsl.live.graph_numbers import example_numbers

        program = build_program(self.checked)
        if not values:
            return Picture(network_diagram(program, expand=expand))
        self.require_backward_pass()
        pair = self.first_batch() if X is None or t is None else self._pair(X, t)[:2]
        numbers = example_numbers(self, *pair)
        return Picture(network_diagram(program, expand=expand, numbers=numbers))

    def save(self, path: str | Path) -> None:
        """Write the weights, and which network they belong to, to an .npz file. OSError."""
        from nndsl.live.weights import save_weights

        save_weights(self, path)

    def restore(self, path: str | Path) -> None:
        """Read what `save`, a run (its folder will do) or a script wrote.

        ModelError where it is another network's. Warns where the file does not say which network
        it belongs to, and where its inputs were prepared otherwise than by the spec.
        """
        from nndsl.live.compatibility import require_same_preprocessing, restore
        from nndsl.live.weights import open_weights

        file = open_weights(path)
        doubt = restore(self, file)
        if doubt is not None:
            warnings.warn(doubt, stacklevel=2)
        try:
            require_same_preprocessing(self.complete.spec or self.spec, file)
        except ModelError as error:  # a training may go on with other data
            warnings.warn(f"{error}\n{error.help}", stacklevel=2)

    def _trained(self, name: str) -> Callable[..., Any]:
        if name not in self.namespace:
            raise PageError("the spec has no train section")
        function: Callable[..., Any] = self.namespace[name]
        return function


def without_data(
    source: Source, settings: Mapping[str, Any], known: Description
) -> tuple[Checked, Checked]:
    """Return a spec by what is known of its data, and the same that reads none. SpecError."""
    complete = analyse(source, settings=settings, known=known, alone=True)
    complete.diagnostics.raise_if_failed()
    assert complete.spec is not None
    spec = replace(complete.spec, data=None, absent=complete.spec.data)
    return complete, replace(complete, spec=spec)


def load(
    spec: str | Path = "page.nn",
    *,
    set: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    seed: int | None = None,
    text: str | None = None,
    optimize: bool = False,
    style: str = FLAT,
    words: Iterable[str | Path] = (),
) -> Model:
    """Return the live model of a spec; or that of a run, by its folder, with its weights.

    `set` overrides `let` values and settings, like `--set` ("train.epochs": 1). `text` is the
    spec's text where it is not in a file. `optimize` makes a training step faster; the text of
    the script is then longer. `style` is how it is written: "flat" or "layers". `dtype` and `seed`
    go before those of `train`, and hold without it, too. `words` are files and folders that the
    spec may import from, though they lie outside of its own. SpecError where the spec has errors,
    ModelError where there is no such `dtype` or `seed`.
    """
    kept = None
    if text is None and Path(spec).is_dir():
        from nndsl.live.weights import open_run

        source, kept = open_run(spec)
    else:
        source = source_of(spec, text, words)
    settings = dict(set or {})
    given: dict[str, Any] = {
        name: v for name, v in (("dtype", dtype), ("seed", seed)) if v is not None
    }
    tree = read_tree(source, Diagnostics())
    trains = tree is not None and any(part.name.text == "train" for part in tree.statements)
    settings |= {f"train.{name}": value for name, value in given.items() if trains}
    checked = complete = analyse(source, settings=settings, alone=kept is not None)
    if kept is not None and kept.known is not None and checked.diagnostics.failed:
        complete, checked = without_data(source, settings, kept.known)  # its data is gone
    if given and not trains and checked.spec is not None:
        if dtype not in (None, *DTYPES):
            raise ModelError(f"dtype is {' or '.join(DTYPES)}, and not {dtype}")
        if type(seed) not in (int, NoneType) or not 0 <= (seed or 0) <= MAX_SEED:
            raise ModelError(f"seed is a whole number from 0 to {MAX_SEED}, and not {seed!r}")
        checked = replace(checked, spec=replace(checked.spec, **given))
    model = Model(checked, build_script(checked, optimized=optimize, style=style))
    if kept is None:
        model.begin()
    else:
        model.complete = complete
        model.restore(spec)
    return model
