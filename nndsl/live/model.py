"""The live model: the text of the script, executed in process."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import Checked, analyse, read_tree
from nndsl.diagnostics import Findings
from nndsl.emit.build import build_script
from nndsl.emit.script import Script
from nndsl.live.errors import ModelError as ModelError  # it is part of this interface
from nndsl.live.execute import execute
from nndsl.program.sampling import LENGTH, TEMPERATURE
from nndsl.source import Source, read_source
from nndsl.vocabulary.loss import RESCALE
from nndsl.vocabulary.sections.train import DTYPES
from nndsl.vocabulary.word import Tokens

Array = npt.NDArray[Any]
Pair = tuple[Array, Array]
Epoch = tuple[int, dict[str, float]]


@dataclass(slots=True)
class History:
    """What training reported: a row of results for each epoch, and the results on the test part.

    `kept` is the epoch whose weights were restored in the end, where the spec asks for that.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    test: dict[str, float] = field(default_factory=dict)
    kept: int | None = None

    @property
    def names(self) -> list[str]:
        return list(self.rows[0]) if self.rows else []

    @property
    def results(self) -> dict[str, float]:
        """The numbers of the weights that there are: those of their epoch, and of the test part."""
        kept = [row for row in self.rows if row["epoch"] == self.kept] or self.rows[-1:]
        return {**(kept[0] if kept else {}), **self.test}


class Model:
    """A network that can be asked and trained. What runs is `source`, the script's own text."""

    def __init__(self, checked: Checked, script: Script) -> None:
        """Execute the script. SpecError where the spec holds a formula, and no network."""
        assert checked.spec is not None
        if checked.graph is None:
            findings = Findings()
            help = "`nndsl run` descends on it"
            wrong = "there is no network here: the spec holds a formula"
            findings.error("NN227", wrong, checked.spec.origin, help=help)
            findings.raise_if_failed()
        self.checked = checked
        self.spec = checked.spec
        self.script = script
        self.step = 0  # optimizer steps taken so far
        self._data: dict[str, Pair] | None = None
        self.namespace = self._executed()

    def _executed(self) -> dict[str, Any]:
        path = self.spec.source.folder / f"{self.spec.name}.py"
        names = execute(self.script.text, str(path))
        names |= {file.constant: file.path for file in self.script.files.values()}
        return names

    def __getstate__(self) -> dict[str, Any]:
        """Return what `pickle` and `copy` keep: of the script's names those that training moves."""
        moved = (dict, np.ndarray, np.random.Generator)
        names = {n: v for n, v in self.namespace.items() if isinstance(v, moved) and n[0] != "_"}
        return {**self.__dict__, "namespace": names}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Execute the script again, and put everything where it was: some arrays share memory."""
        self.__dict__.update(state)
        self.namespace = self._executed()
        for name, value in state["namespace"].items():
            own = self.namespace[name]
            if isinstance(value, np.random.Generator):
                own.bit_generator.state = value.bit_generator.state
            elif isinstance(value, np.ndarray):
                own[...] = value
            else:
                for key, part in value.items():
                    if isinstance(own.get(key), np.ndarray):
                        own[key][...] = part
                    else:
                        own[key] = part

    @property
    def source(self) -> str:
        """The text that is running: what `nndsl build` writes."""
        return self.script.text

    @property
    def parameters(self) -> dict[str, Array]:
        """The trained arrays in the order of the layers, W before b. Change them in place."""
        parameters: dict[str, Array] = self.namespace["params"]
        return parameters

    @property
    def state(self) -> dict[str, Array]:
        """The arrays that are saved but not trained: running statistics."""
        state: dict[str, Array] = self.namespace.get("state", {})
        return state

    @property
    def statistics(self) -> dict[str, Array]:
        """The mean and the scale that the data standardises inputs by, once it is loaded."""
        statistics: dict[str, Array] = self.namespace.get("statistics", {})
        return statistics

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self.spec.dtype)

    def require_backward_pass(self) -> None:
        """ModelError where the script has none: without `train`, or with another `gradient`."""
        train = self.spec.train
        if train is None:
            raise ModelError(
                "the spec has no train section, and no gradients", "add `train { … }` with a loss"
            )
        if train.gradient is not None:
            raise ModelError(
                f"the script has no backward pass: it trains by `{train.gradient.word()}`",
                "leave out `gradient`",
            )

    def inputs(self, X: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> Array:
        """Return X (N, …) as the network takes it. ModelError where it does not fit.

        Quantities become numbers of `dtype`, left out the spec's; those of tokens stay whole.
        """
        array, shape = _array("X", X), self.script.input_shape
        if array.shape[1:] != shape or array.ndim != len(shape) + 1:
            raise ModelError(
                f"the network takes examples of the shape {shape}, and X is {array.shape}"
            )
        if isinstance(shape, Tokens):
            if array.dtype.kind not in "iu" or not ((array >= 0) & (array < shape.kinds)).all():
                last = shape.kinds - 1
                raise ModelError(f"the network takes tokens: whole numbers from 0 to {last}")
            return array
        return array if np.iscomplexobj(array) else array.astype(dtype or self.dtype, copy=False)

    def targets(self, t: npt.ArrayLike) -> Array:
        """Return targets as the loss takes them. ModelError where they do not lie where it must.

        Numbers become numbers of the spec's `dtype`, as the inputs do.
        """
        array, train = _array("t", t), self.spec.train
        if train is None:
            return array
        assert self.checked.graph is not None
        shape = self.checked.graph.output.shape
        of_classes = train.loss.targets == "classes"
        wanted = shape[:-1] if of_classes else shape
        if array.ndim == 0 or array.shape[1:] != wanted:
            form = ", ".join(["N", *map(str, wanted)]) + "," * (not wanted)
            raise ModelError(f"t must have the shape ({form}), and has {array.shape}")
        if of_classes:
            last = max(shape[-1], 2) - 1
            with np.errstate(invalid="ignore"):  # nan is no class
                whole = array.astype(np.int64)
            if (whole != array).any() or (
                array.size and not 0 <= array.min() <= array.max() <= last
            ):
                raise ModelError(f"t holds the number of each class: from 0 to {last}")
            return whole
        if array.size and (wrong := train.loss.misfit(float(array.min()), float(array.max()))):
            raise ModelError(wrong, RESCALE)
        return array.astype(self.dtype, copy=False)

    def predict(self, X: npt.ArrayLike) -> Array:
        """Return the output of the network in evaluation mode, (N, outputs), for X (N, …).

        Where the loss applies a softmax or a sigmoid itself, these are the scores before it.
        """
        output: Array = self.namespace["predict"](self.inputs(X))
        return output

    def sample(
        self,
        text: str | None = None,
        length: int = LENGTH,
        temperature: float = TEMPERATURE,
        seed: int | None = None,
    ) -> str:
        """Return a text with `length` characters more, drawn as the network predicts them.

        Left out, the text is the first word of what was learnt from, and the seed the spec's.
        ModelError where the network predicts no text, or knows a character of this one not.
        """
        from nndsl.live.sampling import sample

        return sample(self, text, length, temperature, seed)

    def loss_and_gradients(
        self, X: npt.ArrayLike, t: npt.ArrayLike
    ) -> tuple[float, dict[str, Array]]:
        """Return the loss of a batch in training mode, penalty included, and all its gradients."""
        *losses, gradients = self._trained("loss_and_gradients")(*self._pair(X, t))
        if self.script.is_optimized:  # the next step writes into the same memory
            gradients = {name: g.copy() for name, g in gradients.items()}
        return sum(losses), gradients

    def update(self, gradients: Mapping[str, Array]) -> None:
        """Take one step of the optimizer, in place. ModelError unless every gradient is there."""
        update = self._trained("update")
        missing = [name for name in self.parameters if name not in gradients]
        if missing:
            raise ModelError(f"the gradient of {missing[0]} is missing: a step takes them all")
        self.step += 1
        if self.script.is_optimized:  # its gradients are parts of one vector
            own = self.namespace["parts"](self.namespace["gradient"])
            for name, part in own.items():
                part[...] = gradients[name]
            gradients = own
        update(dict(gradients), self.step)

    def evaluate(self, X: npt.ArrayLike, t: npt.ArrayLike) -> dict[str, float]:
        """Return the loss and the metrics on (X, t), in evaluation mode."""
        values = self._trained("evaluate")(*self._pair(X, t))
        return dict(zip(self.reported, values, strict=True))

    @property
    def reported(self) -> tuple[str, ...]:
        """The names of what `evaluate` returns."""
        assert self.spec.train is not None
        return ("loss", *self.script.metrics)

    def data(self) -> dict[str, Pair]:
        """Return (X, t) for each part of the spec's data that is not empty.

        It is loaded and split once: a second split would mix the test part into the training.
        """
        if self._data is None:
            if self.spec.data is None:
                raise ModelError("the spec names no data to train on")
            self.spec.data.fetch(self.spec.source.folder)
            with redirect_stdout(sys.stderr):  # what is left out is no answer to what was asked
                parts = self.namespace["load_data"]()
            pairs = parts if len(self.script.parts) > 1 else [parts]
            self._data = dict(zip(self.script.parts, pairs, strict=True))
        return self._data

    def epochs(self, parts: Mapping[str, Pair]) -> Iterator[Epoch]:
        """Train on the parts of the data; after each epoch yield its number and its results."""
        train = self._trained("train")
        pairs = {part: (self.inputs(X), self.targets(t)) for part, (X, t) in parts.items()}
        validation = [pairs["validation"]] if "validation" in pairs else []
        epochs: Iterator[Epoch] = train(*pairs["training"], *validation)
        return epochs

    def fit(
        self,
        X: npt.ArrayLike | None = None,
        t: npt.ArrayLike | None = None,
        *,
        validation: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
        on_epoch: Callable[[int, dict[str, float]], None] | None = None,
    ) -> History:
        """Train as the spec says; return what was reported. FloatingPointError if it diverges.

        On the spec's data, or on X and t instead, with a `validation` part where the spec holds one
        back. ModelError where these do not fit.
        """
        if X is None and t is None and validation is None:
            parts = self.data()
        else:
            parts = self._given(X, t, validation)
        history = History()
        for epoch, results in self.epochs(parts):
            history.rows.append({"epoch": epoch, **results})
            if on_epoch is not None:
                on_epoch(epoch, results)
        history.kept = getattr(self.namespace["train"], "kept", None)
        if "test" in parts:
            values = self.evaluate(*parts["test"])
            history.test = {f"test_{name}": value for name, value in values.items()}
        return history

    def _given(self, X: Any, t: Any, validation: Any) -> dict[str, Pair]:
        if X is None or t is None:
            raise ModelError(f"`fit` needs {'t' if t is None else 'X'} beside the other: fit(X, t)")
        wants = not self.script.parts or "validation" in self.script.parts
        if wants is not (isinstance(validation, tuple | list) and len(validation) == 2):
            if wants:
                raise ModelError("the script measures a validation part: give validation=(X, t)")
            if validation is not None:
                raise ModelError("the spec holds no validation part back, and `fit` takes none")
        pairs = {"training": (X, t)} | ({"validation": tuple(validation)} if wants else {})
        return {part: self._pair(*pair) for part, pair in pairs.items()}

    def _pair(self, X: npt.ArrayLike, t: npt.ArrayLike) -> Pair:
        """Return examples and their targets. ModelError where they do not fit each other."""
        inputs, targets = self.inputs(X), self.targets(t)
        if targets.ndim == 0 or len(inputs) != len(targets):
            raise ModelError(f"X has {len(inputs)} examples, and t is of the shape {targets.shape}")
        if not len(inputs):
            raise ModelError("there are no examples")
        return inputs, targets

    def save(self, path: str | Path) -> None:
        """Write the weights, and which network they belong to, to an .npz file. OSError."""
        from nndsl.live.weights import save_weights

        save_weights(self, path)

    def restore(self, path: str | Path) -> None:
        """Read what `save`, a run or a script wrote. ModelError where it is another network's.

        Warns where the file does not say which network it belongs to.
        """
        from nndsl.live.belonging import restore
        from nndsl.live.weights import open_weights

        doubt = restore(self, open_weights(path))
        if doubt is not None:
            warnings.warn(doubt, stacklevel=2)

    def keep_statistics(self, statistics: Mapping[str, Array]) -> None:
        """Keep the mean and the scale that belong to restored weights, to be saved with them."""
        if statistics:
            self.namespace.setdefault("statistics", {}).update(statistics)

    def _trained(self, name: str) -> Callable[..., Any]:
        if name not in self.namespace:
            raise ModelError("the spec has no train section")
        function: Callable[..., Any] = self.namespace[name]
        return function


def _array(name: str, given: npt.ArrayLike) -> Array:
    """Return numbers as an array: those of a list, a frame, an array. ModelError for all else."""
    try:
        array = np.asarray(given)
        if array.dtype.kind == "O":  # columns of different kinds, or what is no number
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name} is no array of numbers: {error}") from None
    if array.dtype.kind not in "biufc" or given is None:
        raise ModelError(f"{name} is no array of numbers: it holds {type(given).__name__}")
    return array


def load(
    spec: str | Path,
    *,
    set: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    seed: int | None = None,
    text: str | None = None,
    optimize: bool = False,
) -> Model:
    """Return the live model of a spec.

    `set` overrides `let` values and settings, like `--set` ("train.epochs": 1). `text` is the
    spec's text where it is not in a file. `optimize` makes a training step faster; the text of
    the script is then longer. `dtype` and `seed` go before those of `train`, and hold without it,
    too. SpecError where the spec has errors.
    """
    source = Source(str(spec), text) if text is not None else read_source(spec)
    settings = dict(set or {})
    given: dict[str, Any] = {
        name: v for name, v in (("dtype", dtype), ("seed", seed)) if v is not None
    }
    findings = Findings()
    tree = read_tree(source, Findings())
    trains = tree is not None and any(part.name.text == "train" for part in tree.statements)
    settings |= {f"train.{name}": value for name, value in given.items() if trains}
    checked = analyse(source, findings, settings)
    if given and not trains and checked.spec is not None:
        if dtype not in (None, *DTYPES):
            raise ModelError(f"dtype is {' or '.join(DTYPES)}, and not {dtype}")
        checked = replace(checked, spec=replace(checked.spec, **given))
    return Model(checked, build_script(checked, findings, optimized=optimize))
