"""The generated script's own step, and the same through the interface of a model."""

from __future__ import annotations

import math
import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import nndsl
from bench.contestants import Step
from bench.networks import EVALUATED, Network


def build(network: Network, *, optimize: bool = False) -> Step:
    """Import the script from a file, as a program of its own, and return its step."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.py"
        path.write_text(nndsl.build("bench.nn", text=network.spec, optimize=optimize), "utf-8")
        found = spec_from_file_location("train", path)
        assert found is not None
        assert found.loader is not None
        script = module_from_spec(found)
        found.loader.exec_module(script)
    X, t = network.data
    batches = network.batches
    script.predict(X[:EVALUATED])
    loss, gradients = math.nan, None

    def step(number: int) -> None:
        nonlocal loss, gradients  # as in the script's loop, they live until there are others
        batch = batches[number % len(batches)]
        loss, gradients = script.loss_and_gradients(X[batch], t[batch])
        if not math.isfinite(loss):
            raise FloatingPointError
        script.update(*(gradients, number + 1)[: script.update.__code__.co_argcount])

    return step


def build_live(network: Network) -> Step:
    """Return the step of a live model."""
    model = nndsl.load("bench.nn", text=network.spec, optimize=True)
    X, t = network.data
    batches = network.batches

    def step(number: int) -> None:
        batch = batches[number % len(batches)]
        loss, gradients = model.loss_and_gradients(X[batch], t[batch])
        if not math.isfinite(loss):
            raise FloatingPointError
        model.update(gradients)

    return step
