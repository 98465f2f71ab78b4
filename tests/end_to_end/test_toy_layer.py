"""A layer that is defined here, and nowhere else, goes from text to a trained script."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from complex_step import largest_error
from data_files import errors, install
from pydantic import Field

import nndsl
from nndsl.shapes import Shape
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import PositiveReal, Size
from nndsl.vocabulary.layer import Layer, Parameter


class ToyMemory(Layer):
    """y = x scaled and mixed over a few steps of time, less a running mean.

    It has all that a layer may have: a parameter, a state, fields of which one becomes a constant
    and one shapes the text, a loop over time, a store by subscript, and a function of its own.
    """

    decay: PositiveReal = Field(0.7, description="how much of a feature its neighbour remembers")
    steps: Size = Field(2, description="steps of time")

    symbol = "M"
    state: ClassVar[dict[str, float]] = {"running_max": 0.25}
    equation = "y = memory(x gain) - running_max"
    functions = """
def shift_right(rows):
    \"\"\"Return the rows with each feature in the place of its right neighbour.\"\"\"
    shifted = np.zeros_like(rows)
    shifted[:, 1:] = rows[:, :-1]
    return shifted


def shift_left(rows):
    \"\"\"Undo `shift_right`.\"\"\"
    shifted = np.zeros_like(rows)
    shifted[:, :-1] = rows[:, 1:]
    return shifted
"""
    update_running_stats = "running_max += 0.1 * (x.max(axis=0) - running_max)"
    inference_forward = """
        y = x * gain
        for _ in range(steps):
            y = y + decay * shift_right(y)
        y = y - running_max
    """

    @property
    def forward(self) -> str:  # type: ignore[override]
        return """
            history = [x * gain]               # `history` grows with time
            for moment in range(steps):
                before = history[moment]
                history.append(before + decay * shift_right(before))
            y = history[-1].copy()             # and `y` is its end
            y[:, 0] -= running_max[0]
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        return """
            flow = dy
            for _ in range(steps):
                flow = flow + decay * shift_left(flow)
            dgain = np.zeros_like(gain)
            for feature in range(len(gain)):
                dgain[feature] = (flow[:, feature] * x[:, feature]).sum()
            dx = flow * gain
        """

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return {"gain": Parameter(inputs[0], "ones")}


LINES = [
    "data = blobs(classes=3, samples=90, features=4, test=0.2)",
    "network {",
    "  toy_memory",
    "  dense(6)",
    "  tanh",
    "  residual { toy_memory(0.3, steps=3) }",
    "  dense(3)",
    "}",
    "train {",
    "  loss = softmax_cross_entropy",
    "  optimizer = adam(lr=0.02)",
    "  batch = 16",
    "  epochs = 12",
    "  regularize = l2(1e-4)",
    "}",
]
SPEC = "\n".join(LINES)


@pytest.fixture(autouse=True)
def _toy_layer() -> Iterator[None]:
    with registry.added(ToyMemory):
        yield


def test_it_is_checked() -> None:
    assert errors(SPEC) == []
    wrong = errors(SPEC.replace("steps=3", "stops=3"))
    assert [(d.code, d.help) for d in wrong] == [("NN202", "did you mean `steps`?")]


def test_without_it_the_word_is_unknown() -> None:
    found = errors(SPEC.replace("toy_memory", "toy_memories"))
    assert {d.code for d in found} == {"NN201"}


def test_the_script_says_it() -> None:
    script = nndsl.build("toy.nn", text=SPEC)
    assert script.count("def shift_right(rows):") == 1
    assert script.count("def shift_left(rows):") == 1
    assert script.count("for moment in range(steps):") == 1
    assert "TOY_MEMORY_DECAY = 0.7" in script
    assert "TOY_MEMORY_DECAY_2 = 0.3" in script
    assert "M0 = memory(X gain0) - running_max0" in script


def test_it_trains(tmp_path: Path) -> None:
    path = tmp_path / "toy.nn"
    path.write_text(SPEC, "utf-8")
    model = nndsl.load(path)
    history = model.fit()
    losses = [row["loss"] for row in history.rows]
    assert losses[-1] < 0.7 * losses[0]
    assert any(not np.allclose(state, 0.25) for state in model.state.values())
    script = install(model.script, tmp_path / "alone")
    done = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"test loss {history.test['test_loss']:.4f}" in done.stdout
    with np.load(script.with_suffix(".weights.npz")) as saved:
        for name, array in {**model.parameters, **model.state}.items():
            assert (saved[name] == array).all()


def test_its_gradients_are_those_of_the_complex_step() -> None:
    model = nndsl.load("toy.nn", text=SPEC, dtype="float64")
    rng = np.random.default_rng(0)
    assert largest_error(model, rng.normal(size=(7, 4)), rng.integers(0, 3, 7)) < 1e-12
