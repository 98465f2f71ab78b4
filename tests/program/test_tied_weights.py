"""Weights of one layer that another one uses as well: they are there once, and learn from both."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.cli import main
from nndsl.diagnostics import Diagnostics
from nndsl.live.model import Model
from nndsl.source import Source

SPEC = """
network {
  input(4, tokens=5)
  embedding(6, init=normal(0.3))
  rnn(6, output=all)
  dense(5, weights=tied(embedding))
}
train { loss = softmax_cross_entropy; optimizer = adamw(lr=0.01); regularize = l2(0.1) }
"""


def load(text: str = SPEC, *, optimize: bool = False) -> Model:
    return nndsl.load("net.nn", text=text, dtype="float64", optimize=optimize)


def examples() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 5, (7, 4)), rng.integers(0, 5, (7, 4))


def test_they_are_there_once() -> None:
    model = load()
    assert list(model.parameters) == ["W1", "W_x2", "W_h2", "b2", "b3"]
    graph = model.checked.graph
    assert graph is not None
    assert graph.parameter_count == sum(p.size for p in model.parameters.values())
    assert np.array_equal(model.parameters["W1"], load(untied()).parameters["W1"])
    assert len(re.findall(r"^ +\"W1\": normal", model.source, re.MULTILINE)) == 1
    assert 'WEIGHTS = {"W1", "W_x2", "W_h2"}' in model.source  # what decays
    assert "for w in (W1, W_x2, W_h2))" in model.source  # what is regularized


def untied() -> str:
    return SPEC.replace(", weights=tied(embedding)", "")


def test_the_gradient_is_the_sum_of_both() -> None:
    """Two layers with equal weights of their own have the parts of it, less one penalty."""
    model, apart = load(), load(untied())
    for name, array in model.parameters.items():
        apart.parameters[name][...] = array
    apart.parameters["W3"][...] = model.parameters["W1"].T
    X, t = examples()
    assert np.array_equal(model.predict(X), apart.predict(X))
    _, gradients = model.loss_and_gradients(X, t)
    _, parts = apart.loss_and_gradients(X, t)
    expected = parts["W1"] + parts["W3"].T - 0.1 * model.parameters["W1"]
    np.testing.assert_allclose(gradients["W1"], expected, rtol=0, atol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("optimize", [False, True])
def test_the_gradient_is_proved(optimize: bool) -> None:
    model = load(optimize=optimize)
    report = nndsl.check_gradients(model)
    assert report.passed
    assert {row.name for row in report.rows} == set(model.parameters)


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["dW1_part + ", "dZ3.T @ "])  # the embedding's, the dense layer's
def test_a_part_that_is_lost_is_found(lost: str) -> None:
    model = load()
    (line,) = re.findall(r"^    dW1 = .*$", model.source, re.MULTILINE)
    assert lost in line
    text = model.source.replace(line, line.replace(lost, f"0 * {lost}"))
    report = nndsl.check_gradients(Model(model.checked, replace(model.script, text=text)))
    assert [row.name for row in report.failures] == ["W1"]


def test_weights_are_saved_and_restored(tmp_path: Path) -> None:
    model = load()
    X, t = examples()
    _, gradients = model.loss_and_gradients(X, t)
    model.update(gradients)
    model.save(tmp_path / "w.npz")
    other = load()
    other.restore(tmp_path / "w.npz")
    assert np.array_equal(other.predict(X), model.predict(X))
    with pytest.raises(nndsl.ModelError, match="lacks W3"):
        load(untied()).restore(tmp_path / "w.npz")


def test_a_name_says_which_layer_is_meant() -> None:
    text = SPEC.replace("network {", "let table = embedding(6)\nnetwork {")
    text = text.replace("  embedding(6, init=normal(0.3))", "  table")
    for name in ("table", "embedding"):
        model = load(text.replace("tied(embedding)", f"tied({name})"))
        assert "H2 @ W1.T" in model.source


def test_the_json_form_means_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.nn"
    spec.write_text(SPEC, "utf-8")
    assert main(["convert", str(spec), "--to", "json"]) == 0
    printed = capsys.readouterr().out
    assert '"weights": {' in printed
    diagnostics = Diagnostics()
    checked = analyse(Source("net.json", printed), diagnostics)
    assert not diagnostics.failed
    assert checked.graph is not None
    assert checked.graph.parameter_count == sum(p.size for p in load().parameters.values())


def test_the_summary_says_whose_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "net.nn"
    spec.write_text(SPEC, "utf-8")
    assert main(["summary", str(spec)]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "dense(5" in line]
    assert re.search(r"^3 .* 5 +W of E1, transposed; b zeros$", row)
    assert main(["summary", str(spec), "--format", "json"]) == 0
    (dense,) = [one for one in json.loads(capsys.readouterr().out)["layers"] if one["shared"]]
    assert dense["shared"] == [{"name": "W1", "transposed": True}]


def test_weights_of_an_equal_layer_are_not_said_to_be_transposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "twins.nn"
    spec.write_text(
        """
        network {
          input x(4)
          input y(4)
          a = dense(x, 5)
          b = dense(y, 5, weights=tied(a))
          concat(a, b)
        }
        """,
        "utf-8",
    )
    assert main(["summary", str(spec)]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "W of" in line)
    assert re.search(r" W of a; b of a; reads y$", row)
    assert "transposed" not in row
