"""Runs `loss_and_gradients` again and again: same random state, nothing left behind."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np

from nndsl.ir.parser import replace_name
from nndsl.live.arrays import Array, Examples, each, listed
from nndsl.live.execute import execute
from nndsl.live.gradients.parsed_script import FUNCTION
from nndsl.live.network import take_step

TRIES = 4
INPUTS = ("X",)  # the names of inputs, which are differentiated like parameters


@dataclass(frozen=True, slots=True)
class Point:
    """Where a gradient is taken: parameters and inputs by name, state, targets, seed."""

    label: str
    values: Mapping[str, Array]
    state: Mapping[str, Array]
    t: Examples
    seed: int = 0
    inputs: tuple[str, ...] = INPUTS  # which of the values these are

    @property
    def count(self) -> int:
        """The number of examples."""
        return len(self.values[self.inputs[0]])

    @property
    def arguments(self) -> tuple[Array, ...]:
        """What a script's function takes here: inputs and targets."""
        return (*(self.values[name] for name in self.inputs), *listed(self.t))

    def cast(self, dtype: type) -> Point:
        """Return the point in another type of numbers; the targets stay as they are."""
        values = {name: _cast(value, dtype) for name, value in self.values.items()}
        state: dict[str, Array] = {name: value.astype(dtype) for name, value in self.state.items()}
        return replace(self, values=values, state=state)

    def singles(self) -> Iterator[Point]:
        """Yield the point in float32, rounded in a few ways: what they differ in is rounding."""
        return self.rounded(np.float32)

    def rounded(self, dtype: type[np.floating[Any]]) -> Iterator[Point]:
        """Yield the point in a type of numbers, rounded in a few ways."""
        rng = np.random.default_rng(self.seed)
        step = np.finfo(dtype).eps
        for _ in range(TRIES):
            values = {
                name: value * (1 + step * rng.uniform(-1, 1, value.shape))
                if value.dtype.kind == "f"
                else value
                for name, value in self.values.items()
            }
            yield replace(
                self, values=values, t=each(lambda array: _cast(array, dtype), self.t)
            ).cast(dtype)


def _cast(value: Array, dtype: type) -> Array:
    """Return numbers in another type; those of tokens and classes stay as they are."""
    return np.array(value, dtype) if value.dtype.kind in "fc" else value


def _put(values: Mapping[str, Array], arrays: Mapping[str, Array]) -> None:
    for name, value in values.items():
        arrays[name][...] = value


class Executable:
    """A script in process. Each call starts from the same state and seed."""

    def __init__(self, text: str, path: str, *, holds_arrays: bool = False) -> None:
        """`holds_arrays`: its objects hold parameters, which have to be changed in place."""
        self.text, self.path = text, path
        self.holds_arrays = holds_arrays
        self.names = execute(text, path)
        self.streams = [
            name
            for name in self._names_in(FUNCTION, set())
            if isinstance(self.names.get(name), np.random.Generator)
        ]

    def _names_in(self, function: str, seen: set[str]) -> dict[str, None]:
        """Return the names of the script that a function reads, and those that it calls.

        `seen` are the functions that were looked into: one may call itself.
        """
        seen.add(function)
        names = dict.fromkeys(self.names[function].__code__.co_names)
        if self.holds_arrays:
            names |= dict.fromkeys(
                name
                for of in self.names.values()
                if isinstance(of, type)
                for method in vars(of).values()
                if isinstance(method, FunctionType)
                for name in method.__code__.co_names
            )
        for name in [name for name in names if isinstance(self.names.get(name), FunctionType)]:
            if name not in seen:
                names |= self._names_in(name, seen)
        return names

    def __call__(self, point: Point) -> Any:
        """Return what `loss_and_gradients` returns at a point."""
        names = self.names
        params = {k: value for k, value in point.values.items() if k not in point.inputs}
        state = {name: value.copy() for name, value in point.state.items()}
        if self.holds_arrays:
            _put(params, names["params"])
            _put(state, names.get("state", {}))
        else:
            names["params"] = params
            names |= {"state": state} if state else {}
        self.seed(point.seed)
        return names[FUNCTION](*point.arguments)

    def seed(self, seed: int) -> None:
        """Let the streams of random numbers begin anew."""
        for number, name in enumerate(self.streams):
            self.names[name] = np.random.default_rng([seed, number])

    def put(self, point: Point) -> dict[str, Array]:
        """Return parameters where the optimizer moves them: copies, or parts of its vector."""
        values = point.values.items()
        moved = {name: value.copy() for name, value in values if name not in point.inputs}
        if "theta" in self.names:
            slices = self.names["parts"](self.names["theta"])
            for name, part in slices.items():
                part[...] = moved[name]
            moved |= slices
        if self.holds_arrays:
            _put(moved, self.names["params"])
            return dict(self.names["params"])
        self.names["params"] = moved
        return moved

    def update(self, gradients: Mapping[str, Array], step: int) -> None:
        """Take a step of the script's optimizer from where the parameters are."""
        copies = {name: np.array(gradient) for name, gradient in gradients.items()}
        take_step(self.names, copies, step)

    @cached_property
    def single(self) -> Executable:
        """The same script in float32, in which nothing widens what it is given."""
        text = replace_name(self.text, "np.float64", "np.float32")
        return Executable(text, self.path, holds_arrays=self.holds_arrays)

    def losses(self, point: Point) -> Array:
        """Return the losses: the data loss, and the penalty if there is one."""
        return np.array(self(point)[:-1])


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread, if threadpoolctl is there: complex products crawl on two."""
    try:
        limit = import_module("threadpoolctl").threadpool_limits(limits=1, user_api="blas")
    except ImportError:
        limit = contextlib.nullcontext()
    with limit:
        yield


@contextlib.contextmanager
def strict() -> Iterator[None]:
    """Let no imaginary part be lost in silence, and no number that is not finite be a warning."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield


def with_inputs(script_inputs: Iterable[str], X: Examples) -> dict[str, Array]:
    """Return inputs by the names that the script has for them."""
    return dict(zip(script_inputs, listed(X), strict=True))
