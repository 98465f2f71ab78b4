"""A trace shows every value of a batch beside the line that makes it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import nndsl
import nndsl.live.trace as trace_module
from nndsl.cli import main
from nndsl.live.model import ModelError
from nndsl.live.trace import trace

SPEC = """\
data = spiral(classes=3, samples=90)
network { dense(6); relu; dropout(0.5); dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam; batch = 10 }
"""


def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((10, 2)), rng.integers(0, 3, 10)


def test_what_a_trace_tells() -> None:
    X, t = batch()
    model = nndsl.load("net.nn", text=SPEC, dtype="float64")
    rows = {row.name: row for row in trace(model, X, t)}
    Z1 = X @ model.parameters["W1"] + model.parameters["b1"]
    assert rows["Z1"].shape == (10, 6)
    assert rows["Z1"].mean == pytest.approx(Z1.mean())
    assert rows["Z1"].std == pytest.approx(Z1.std())
    assert rows["A1"].zeros == (Z1 <= 0).mean()
    _, gradients = nndsl.load("net.nn", text=SPEC, dtype="float64").loss_and_gradients(X, t)
    for name, gradient in gradients.items():
        assert rows[f"d{name}"].mean == pytest.approx(gradient.mean())
    assert not {"X", "t", "W1", "b1"} & set(rows)


def test_each_value_stands_beside_its_last_line() -> None:
    model = nndsl.load("net.nn", text=SPEC)
    lines = model.source.split("\n")
    rows = trace(model, *batch())
    assert [row.line for row in rows] == sorted(row.line for row in rows)
    for row in rows:
        assert row.code in lines[row.line - 1]
        assert row.name in row.code
    (changed_in_place,) = (row for row in rows if row.name == "dZ2")
    assert changed_in_place.code == "dZ2 /= N"


def test_a_trace_leaves_tracing_as_it_was() -> None:
    before = sys.gettrace()
    trace(nndsl.load("net.nn", text=SPEC), *batch())
    assert sys.gettrace() is before


def test_without_training_there_is_nothing_to_trace() -> None:
    with pytest.raises(ModelError, match="train"):
        trace(nndsl.load("net.nn", text="network { input(2); dense(3) }"), *batch())


@pytest.mark.parametrize("data", ["", "data = spiral(classes=3, samples=90)\n"])
def test_the_command(tmp_path: Path, data: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "net.nn"
    path.write_text(data + SPEC.split("\n", 1)[1].replace("dense(6)", "input(2); dense(6)", 1))
    assert main(["trace", str(path)]) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert "a batch of 10 examples" in shown
    assert "dW2 = " in shown


LONG = "penalty = 0.5 * L2 * sum((w * w).sum() for w in (W1, W2))"


@pytest.mark.parametrize(("columns", "room"), [("", 80), ("60", 60), ("200", 200)])
def test_a_table_is_as_wide_as_the_terminal(
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
    room: int,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    page = SPEC.split("\n", 1)[1].replace("dense(6)", "input(2); dense(6)", 1)
    path = tmp_path / "net.nn"
    path.write_text(page.replace("loss =", "regularize = l2(0.1); loss =", 1))
    assert main(["trace", str(path)]) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert max(map(len, shown.splitlines())) <= room
    assert "".join(LONG.split()) in "".join(shown.split())  # nothing is lost
    (beside,) = [line for line in shown.splitlines() if line.startswith("penalty")]
    assert beside.endswith(LONG) == (room == 200)


def test_a_terminal_shows_its_head_in_colour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.nn"
    path.write_text(SPEC, "utf-8")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["trace", str(path), "--color", "always"]) == 0
    assert re.search(r"^\x1b\[1m +shape +mean .* line\x1b\[0m$", capsys.readouterr().out, re.M)


def test_a_line_looks_at_what_it_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a trace of n lines does not read n times all arrays of a deep network."""
    looked: list[str] = []
    monkeypatch.setattr(trace_module, "_content", lambda value: looked.append("") or 0)

    def count(depth: int) -> int:
        looked.clear()
        text = f"network {{ input(4); {'dense(4); relu; ' * depth} dense(3) }}\n"
        text += "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }"
        model = nndsl.load("net.nn", text=text)
        trace_module.trace(model, *model.first_batch())
        return len(looked)

    assert count(20) < 3 * count(10)
