"""A network that runs: the text of its script, executed in process."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import Checked
from nndsl.analysis.spec import Head, Spec
from nndsl.data import DataError
from nndsl.diagnostics import Diagnostics
from nndsl.emit.script import Script
from nndsl.live.arrays import Array, Arrays, Examples, listed, named
from nndsl.live.errors import ModelError, PageError
from nndsl.live.execute import FAILURES, execute, lines_of
from nndsl.program.beginning import BEGINNING
from nndsl.shapes import Shape, Tokens
from nndsl.vocabulary.loss import RESCALE
from nndsl.vocabulary.sections.train import Train

Pair = tuple[Examples, ...]  # X, t, and how much each counts where some count more


def require_network(checked: Checked) -> Spec:
    """Return the spec of a network. SpecError where it holds a formula, or data alone."""
    assert checked.spec is not None
    if checked.graph is None:
        wrong, help = "there is no network here", None
        if checked.minimizes:
            wrong, help = f"{wrong}: the spec holds a formula", "`nndsl run` descends on it"
        diagnostics = Diagnostics()
        diagnostics.report("NN227", wrong, checked.spec.origin, help=help)
        diagnostics.raise_if_failed()
    return checked.spec


def require_training(spec: Spec) -> Train:
    """Return how it trains. ModelError without `train`."""
    if spec.train is None:
        raise PageError(
            "the spec has no train section, and no gradients", "add `train { … }` with a loss"
        )
    return spec.train


def require_backward_pass(spec: Spec) -> None:
    """ModelError where its script has none: without `train`, or with another `gradient`."""
    train = require_training(spec)
    if train.gradient is not None:
        raise PageError(
            f"the script has no backward pass: it trains by `{train.gradient.keyword()}`",
            "leave out `gradient`",
        )


class Network:
    """A network that can be asked. What runs is `source`, the script's own text."""

    def __init__(self, checked: Checked, script: Script) -> None:
        """Execute the script. SpecError where the spec holds a formula, and no network."""
        require_network(checked)
        self.checked = checked
        self.complete = checked  # with its data, though that may be gone
        self.spec, self.network_graph = checked.network
        self.script = script
        self.has_begun = False  # with the weights of another training, where the spec says so
        self.step = 0  # optimizer steps taken so far
        self._data: dict[str, Pair] | None = None
        self.namespace = self._executed()

    def _executed(self) -> dict[str, Any]:
        path = str(self.spec.source.folder / f"{self.spec.name}.py")
        try:
            names = execute(self.script.text, path)
        except SyntaxError as error:
            raise self._failure(error, error.lineno) from None
        except FAILURES as error:
            raise self._failure(error, next(reversed(lines_of(error, path)), None)) from None
        if "params" not in names:
            raise PageError(f"{self.spec.name}.py has no `params`, the parameters by name")
        names |= {file.constant: file.path for file in self.script.files.values()}
        return names

    def _failure(self, error: BaseException, line: int | None) -> PageError:
        """Say where the text of a script fails: a person may have edited it."""
        said = f"{self.spec.name}.py"
        if line is not None:
            code = self.source.split("\n")[line - 1].split("  #")[0].strip()
            said += f" line {line}: {code}"
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        return PageError(f"{said}\n  it fails: {type(error).__name__}: {reason}")

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
            current = self.namespace.setdefault(name, {})  # a script may have no statistics
            if isinstance(value, np.random.Generator):
                current.bit_generator.state = value.bit_generator.state
            elif isinstance(value, np.ndarray):
                current[...] = value
            else:
                for key, part in value.items():
                    if isinstance(current.get(key), np.ndarray):
                        current[key][...] = part
                    else:
                        current[key] = part

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
        """The arrays that are not trained: running statistics, and what batches hand on."""
        state: dict[str, Array] = self.namespace.get("state", {})
        return state

    @property
    def saved_state(self) -> dict[str, Array]:
        """Those of them that are saved with the weights: prediction reads them."""
        return {name: s for name, s in self.state.items() if name not in self.script.carried}

    @property
    def statistics(self) -> dict[str, Array]:
        """The mean and the scale that the data standardises inputs by, once it is loaded."""
        statistics: dict[str, Array] = self.namespace.get("statistics", {})
        return statistics

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self.spec.dtype)

    @property
    def training(self) -> Train:
        """How it trains. ModelError without `train`."""
        return require_training(self.spec)

    def require_backward_pass(self) -> None:
        """ModelError where the script has none: without `train`, or with another `gradient`."""
        require_backward_pass(self.spec)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs in the page, "" of one that it gives none."""
        return tuple(self.network_graph.inputs)

    @property
    def example_shape(self) -> Shape:
        """The shape of what data has of an example: a table stays whole until it is prepared."""
        whole = self.spec.description.shape
        has_columns = any(value.columns for value in self.network_graph.inputs.values())
        return whole if has_columns and whole is not None else self.script.input_shape

    def cut(self, X: Array) -> Examples:
        """Return the inputs that are columns of a table, of all its prepared columns."""
        inputs = self.network_graph.inputs
        if not any(value.columns for value in inputs.values()):
            return X
        return named(inputs, [X[:, [*value.columns]] for value in inputs.values()])

    @property
    def target_names(self) -> tuple[str, ...]:
        """The names of the outputs that learn, "" of one that the page gives none."""
        return tuple(head.name for head in self.spec.compared) or ("",)

    def inputs(self, X: Any, dtype: npt.DTypeLike | None = None) -> Examples:
        """Return X (N, …) as the network takes it, of several inputs a dict by name.

        Quantities become numbers of `dtype`, left out the spec's; those of tokens stay whole.
        ModelError where it does not fit.
        """
        shapes = self.script.inputs.values()
        given = _by_name("X", "inputs", X, self.input_names)
        return _together(
            "X",
            {
                name: self._input(name or "X", array, shape, dtype)
                for (name, array), shape in zip(given.items(), shapes, strict=True)
            },
        )

    def _input(
        self, name: str, X: npt.ArrayLike, shape: Shape, dtype: npt.DTypeLike | None
    ) -> Array:
        array = _array(name, X)
        if array.shape[1:] != shape or array.ndim != len(shape) + 1:
            raise ModelError(
                f"the network takes examples of the shape {shape}, and {name} is {array.shape}"
            )
        if isinstance(shape, Tokens):
            if (
                array.dtype.kind not in "iu"
                or not ((array >= 0) & (array < shape.vocab_size)).all()
            ):
                last = shape.vocab_size - 1
                raise ModelError(f"the network takes tokens: whole numbers from 0 to {last}")
            return array
        return array if np.iscomplexobj(array) else array.astype(dtype or self.dtype, copy=False)

    def targets(self, t: Any) -> Examples:
        """Return targets as the losses take them, of several outputs a dict by name.

        Numbers become numbers of the spec's `dtype`, as the inputs do. ModelError where they do not
        lie where they must.
        """
        if self.spec.train is None:
            return _array("t", t)
        given = _by_name("t", "outputs", t, self.target_names)
        return _together(
            "t",
            {head.name: self._targets(head, given[head.name]) for head in self.spec.compared},
        )

    def _targets(self, head: Head, t: npt.ArrayLike) -> Array:
        name, loss = head.name or "t", head.loss
        array, shape = _array(name, t), self.network_graph.output_of(head.name).shape
        of_classes = loss.targets == "classes"
        wanted = shape[:-1] if of_classes else shape
        if array.ndim == 0 or array.shape[1:] != wanted:
            form = ", ".join(["N", *map(str, wanted)]) + "," * (not wanted)
            raise ModelError(f"{name} must have the shape ({form}), and has {array.shape}")
        if of_classes:
            last = max(shape[-1], 2) - 1
            with np.errstate(invalid="ignore"):  # nan is no class
                whole = array.astype(np.int64)
            least = -1 if self.spec.description_of(head).has_gaps else 0  # -1: there is none
            if (whole != array).any() or (
                array.size and not least <= array.min() <= array.max() <= last
            ):
                raise ModelError(f"{name} holds the number of each class: from 0 to {last}")
            return whole
        if array.size and (wrong := loss.misfit(float(array.min()), float(array.max()))):
            raise ModelError(wrong, RESCALE)
        return array.astype(self.dtype, copy=False)

    def weights(self, w: Any, count: int) -> tuple[Array, ...]:
        """Return how much each of so many examples counts, as `evaluate` takes it; left out, 1.

        There is nothing where the page weighs no examples. ModelError where it does not fit.
        """
        if not self.spec.weighs:
            if w is not None:
                raise ModelError("the page weighs no examples", 'csv has `weights="column"`')
            return ()
        array = np.ones(count) if w is None else _array("w", w).astype(np.float64)
        if array.shape != (count,):
            raise ModelError(f"w must have the shape ({count},), and has {array.shape}")
        if not (np.isfinite(array).all() and (array >= 0).all() and array.any()):
            raise ModelError("w holds how much each example counts: numbers from 0 on, not all 0")
        return (array,)

    def predict(self, X: Any) -> Examples:
        """Return the output of the network in evaluation mode, (N, outputs), for X (N, …).

        Several inputs, and outputs, are a dict by name. Where a loss applies a softmax or a sigmoid
        itself, these are the scores before it.
        """
        return self.output(self.inputs(X))

    def output(self, X: Examples) -> Examples:
        """Return what the script's `predict` says of inputs that fit."""
        names = [*self.network_graph.outputs]
        found = self.namespace["predict"](*listed(X))
        return Arrays(dict(zip(names, found, strict=True))) if len(names) > 1 else found

    def data(self) -> dict[str, Pair]:
        """Return (X, t) for each part of the spec's data that is not empty.

        Where examples have weights it is (X, t, w), as `evaluate` and `fit` take them.
        It is loaded and split once: a second split would mix the test part into the training.
        """
        if self._data is None:
            if self.spec.data is None:
                if (complete := self.complete.spec) is None or complete.data is None:
                    raise PageError("the spec names no data to train on")
                raise ModelError(f"the data is gone: {complete.data.keyword()} of the spec")
            self.spec.data.fetch(self.spec.source.folder)
            with redirect_stdout(sys.stderr):  # what is left out is no answer to what was asked
                self.load_data()
            assert self._data is not None
        return self._data

    def load_data(self) -> dict[str, Pair]:
        """Return the parts of the data as the script loads them. Its files must be there.

        DataError, with the place of the data in the page, where one of them is damaged.
        """
        load = self.namespace["load_data"]
        try:
            parts = load()
        except (NameError, AttributeError):  # that is no file's fault: somebody edited the script
            raise
        except Exception as error:  # what a damaged file raises depends on its format
            wrong = DataError(f"the data cannot be loaded: {error}")
            wrong.place = self.spec.origins["data"].span.place
            raise wrong from error
        pairs = parts if len(self.script.parts) > 1 else [parts]
        inputs, targets = self.input_names, self.target_names
        count = len(inputs)
        both = count + len(targets)
        self._data = {
            part: (
                named(inputs, arrays[:count]),
                named(targets, arrays[count:both]),
                *arrays[both:],
            )
            for part, arrays in zip(self.script.parts, pairs, strict=True)
        }
        return self._data

    def begin(self) -> None:
        """Take the weights of another training where the spec says so, before the first step."""
        if not self.has_begun and BEGINNING in self.namespace:
            self.namespace[BEGINNING]()
        self.has_begun = True


def take_step(names: Mapping[str, Any], gradients: Mapping[str, Array], step: int) -> None:
    """Take a step of a script's optimizer, in place. `names` are those of the script.

    An optimized script takes gradients that are parts of one vector.
    """
    taken: dict[str, Array] = dict(gradients)
    if "theta" in names:
        taken = names["parts"](names["gradient"])
        for name, part in taken.items():
            part[...] = gradients[name]
    update = names["update"]
    update(*(taken, step)[: update.__code__.co_argcount])  # not every optimizer counts its steps


def with_statistics(
    function: Callable[..., Any], array: Array, statistics: Mapping[str, Array]
) -> Array:
    """Call a function of an array whose other arguments are statistics of the training part."""
    code = function.__code__
    given = code.co_varnames[1 : code.co_argcount]
    made: Array = function(array, *(statistics[name] for name in given))
    return made


def measured(names: Mapping[str, Any], *pair: Examples) -> tuple[float, ...]:
    """Return what a script's `evaluate` returns: numbers, or one where it has no metrics."""
    results = names["evaluate"](*listed(*pair))
    return results if isinstance(results, tuple) else (results,)


def _by_name(what: str, kinds: str, given: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return what is given for each name; ModelError where it is not what the network has."""
    is_named = isinstance(given, Mapping | Arrays)
    if len(names) == 1:
        if is_named and list(given.keys()) == list(names):
            return dict(given.items())
        return {names[0]: given}
    said = ", ".join(f'"{name}": …' for name in names)
    if not is_named:
        help = f"give a dict: {what}={{{said}}}"
        raise ModelError(f"the network has {len(names)} {kinds}, and {what} is not by name", help)
    for name in [*names, *given.keys()]:
        if name not in given or name not in names:
            wrong = f"{what} has no `{name}`" if name in names else f"{what} has a `{name}`"
            raise ModelError(f"{wrong}: the {kinds} are {', '.join(names)}")
    return {name: given[name] for name in names}


def _together(what: str, arrays: Mapping[str, Array]) -> Examples:
    """Return the only array, or several; ModelError where they differ in their examples."""
    counts = {name: array.shape[:1] for name, array in arrays.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{name} has {count[0] if count else 0}" for name, count in counts.items())
        raise ModelError(f"what {what} holds differs in its examples: {said}")
    return named(arrays, arrays.values())


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
