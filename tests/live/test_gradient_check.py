"""The gradient check proves what is right, and says of what is wrong where and how."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from execution import all_variants, fits, name_case, variants
from spec_strategy import PLAIN, write

import nndsl
from nndsl.cli import main
from nndsl.live.gradients.builds import gradients_of
from nndsl.live.gradients.executable import Executable, Point
from nndsl.live.gradients.report import Report
from nndsl.live.gradients.verdict import ENTRY_RELATIVE, NORM_RELATIVE
from nndsl.live.model import Model
from nndsl.shapes import Shape
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer, Parameter
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.regularizer import Regularizer

NET = """\
data = spiral(classes=3, samples=90)
network {
  dense(6, bias=false)
  batch_norm
  relu
  residual { dense(6); tanh }
  dropout(0.2)
  dense(3)
}
train {
  loss = softmax_cross_entropy
  optimizer = adam
  regularize = l2(1e-3)
}
"""
SMALL = "network { input(4); dense(5); tanh; dense(3) }\n"
SHAPES: tuple[Shape, ...] = ((6,), (2, 3), (1, 2, 3))


def load(text: str) -> Model:
    return nndsl.load("net.nn", text=text)


def edited(text: str, old: str, new: str) -> Model:
    """Return the model of a spec, whose script has a part replaced."""
    model = load(text)
    assert old in model.source
    return Model(model.checked, replace(model.script, text=model.source.replace(old, new, 1)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dx = inv", "dx == inv", "name 'dx' is not defined"),
        ("dx = inv", "dx = inf", "name 'inf_std' is not defined"),
        ("dZ2 @ W2.T", "dZ2 @ W2.t", "has no attribute 't'"),
        ("dx = inv", "assert not len(dy); dx = inv", "the script runs: no."),
        ("dx = inv", "import torchx; dx = inv", "No module named 'torchx'"),
    ],
)
def test_a_misspelt_name_is_a_finding(old: str, new: str, said: str) -> None:
    report = str(nndsl.check_gradients(edited(NET, old, new)))
    assert "the script runs: no." in report
    assert said in " ".join(report.split())
    assert " ".join(new.split("; ")[0].split()) in " ".join(report.split())


@pytest.mark.slow
@pytest.mark.parametrize("function", ["update(gradients, step)", "load_data()"])
def test_what_fails_beside_the_gradients_is_a_finding(function: str) -> None:
    head = f"def {function}:"
    report = nndsl.check_gradients(edited(NET, head, f"{head}\n    mistake"))
    assert "mistake" in str(report)
    assert not report.passed
    name = function.partition("(")[0]
    report = nndsl.check_gradients(edited(NET, f"def {name}(", f"def an_{name}("))
    assert f"no `{name}`" in " ".join(str(report).split())


def test_a_function_that_calls_itself_is_a_finding() -> None:
    train = "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }"
    new = "loss_and_gradients(X, t); dZ1 = "
    report = str(nndsl.check_gradients(edited(SMALL + train, "dZ1 = ", new)))
    assert "maximum recursion depth" in " ".join(report.split())
    assert new.split("; ")[0] in report


def test_real_numbers_made_of_complex_ones() -> None:
    with pytest.raises(nndsl.ModelError, match="complex numbers"):
        nndsl.check_gradients(edited(NET, "    # Back", "    loss = float(loss)\n    # Back"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dx = inv", "dx = * * inv", "SyntaxError: invalid syntax"),
        ("params = {", "params = nq, {", "NameError: name 'nq'"),
        ("= init_rng.", "= init_rgn.", "NameError: name 'init_rgn'"),
    ],
)
def test_a_text_that_cannot_run_is_no_model(old: str, new: str, said: str) -> None:
    with pytest.raises(nndsl.ModelError) as caught:
        edited(NET, old, new)
    assert said in str(caught.value)
    assert "net.py line " in str(caught.value)
    assert new in str(caught.value)


def test_a_text_without_parameters_is_no_model() -> None:
    with pytest.raises(nndsl.ModelError, match=r"net\.py has no `params`"):
        edited(NET.replace("adam", "sgd"), "params = {", "parms = {")


def assert_proved(report: Report) -> None:
    assert report.passed, str(report)
    for row in report.rows:
        for check in row.checks:
            if check.status == "ok" and row.checked == row.entries:
                assert np.isfinite(check.norm_relative)


# --- What is right ----------------------------------------------------------------------


def layer_specs() -> list[str]:
    """Return every layer in each of its variants and for each shape."""
    return [
        f"input({', '.join(map(str, shape))}); {write(layer)}"
        for word in PLAIN.values()
        for layer in variants(word)
        for shape in SHAPES
        if fits(layer, shape)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("layer", layer_specs())
def test_every_layer_alone(layer: str) -> None:
    report = nndsl.check_gradients(
        load(
            f"network {{ {layer}; flatten; dense(3) }}\n"
            "train { loss = mean_squared_error; optimizer = sgd(lr=0.1) }"
        )
    )
    assert_proved(report)
    assert {row.status for row in report.rows if row.name == "X"} == {"ok"}


@pytest.mark.slow
@pytest.mark.parametrize("loss", all_variants("losses"), ids=name_case)
def test_every_loss(loss: Loss) -> None:
    text = f"train {{ loss = {write(loss)}; optimizer = sgd(lr=0.1) }}"
    report = nndsl.check_gradients(load(SMALL + text))
    assert_proved(report)
    for row in report.rows:
        for check in row.checks:
            assert check.status == "ok"
            assert check.norm_relative <= NORM_RELATIVE
            assert check.entry_relative <= ENTRY_RELATIVE


@pytest.mark.slow
@pytest.mark.parametrize("regularizer", all_variants("regularizers"), ids=name_case)
def test_every_regularizer(regularizer: Regularizer) -> None:
    text = f"train {{ loss = huber; optimizer = adam; regularize = {write(regularizer)} }}"
    report = nndsl.check_gradients(load(SMALL + text))
    assert_proved(report)
    by_name = {row.name: row for row in report.rows}
    parts = {check.part: check.status for check in by_name["W1"].checks}
    assert parts == {"total": "ok", "data loss": "ok", "penalty": "ok"}
    assert {c.status for c in by_name["b1"].checks if c.part == "penalty"} == {"zero"}


def test_a_given_batch_that_sits_on_a_kink() -> None:
    net = "network { input(4); dense(5); relu; dense(3); relu; dense(2) }\n"
    model = load(f"{net}train {{ loss = mean_absolute_error; optimizer = sgd }}")
    report = nndsl.check_gradients(model, np.zeros((5, 4)), np.zeros((5, 2)))
    assert report.passed, str(report)
    assert {row.status for row in report.rows if row.name == "W1"} == {"zero"}


@pytest.mark.slow
def test_the_model_is_left_alone() -> None:
    model = load(NET)
    before = {name: array.copy() for name, array in {**model.parameters, **model.state}.items()}
    noise = model.namespace["noise_rng"].bit_generator.state
    assert nndsl.check_gradients(model).passed
    for name, array in {**model.parameters, **model.state}.items():
        assert np.array_equal(array, before[name])
        assert array.dtype == np.float32
    assert model.namespace["noise_rng"].bit_generator.state == noise
    assert model.step == 0


@pytest.mark.slow
def test_a_large_model_is_sampled_and_full_is_not() -> None:
    net = "network { input(90); dense(60); tanh; dense(3) }\n"
    model = load(f"{net}train {{ loss = huber; optimizer = sgd }}")
    sampled, full = nndsl.check_gradients(model), nndsl.check_gradients(model, full=True)
    assert sampled.passed
    assert full.passed
    assert (sampled.rows[0].checked, sampled.rows[0].entries) == (64, 5400)
    assert all(row.checked == row.entries for row in full.rows)


def test_a_text_begins_anew_at_each_call() -> None:
    model = nndsl.load("net.nn", text=NET, optimize=True, dtype="float64")
    text = Executable(model.source, "net.py")
    rng = np.random.default_rng(0)
    values = {**model.parameters, "X": rng.standard_normal((7, 2))}
    point = Point("", values, model.state, rng.integers(0, 3, 7))
    before = {name: value.copy() for name, value in point.state.items()}
    gradients = gradients_of(text, point)
    assert gradients is not None
    kept = {name: gradient.copy() for name, gradient in gradients.items()}
    text(Point("", {**values, "X": 2 * values["X"]}, model.state, point.t, seed=1))
    for name, gradient in gradients.items():
        assert np.array_equal(gradient, kept[name]), "it is the memory of the next call"
    for name, value in point.state.items():
        assert np.array_equal(value, before[name])


@pytest.mark.slow
def test_an_optimized_script() -> None:
    model = nndsl.load("net.nn", text=NET, optimize=True)
    assert_proved(nndsl.check_gradients(model))
    text = model.source.replace("dZ3 /= N", "dZ3 /= N + 1e-6")
    assert text != model.source
    wrong = nndsl.check_gradients(Model(model.checked, replace(model.script, text=text)))
    assert wrong.culprit is not None
    assert wrong.culprit.variable == "dZ3"


@pytest.mark.slow
def test_another_seed_and_batch() -> None:
    for seed in range(3):
        report = nndsl.check_gradients(load(NET), seed=seed, examples=4 + seed)
        assert report.passed
        assert report.examples == 4 + seed


@pytest.mark.slow
def test_a_gradient_of_zero_has_a_status_of_its_own() -> None:
    report = nndsl.check_gradients(load(NET.replace(", bias=false", "")))
    assert report.passed
    assert [row.name for row in report.rows if row.status == "zero"] == ["b1"]
    assert str(report).endswith("every gradient is right; b1 is zero")


# --- What is wrong ----------------------------------------------------------------------


@pytest.mark.slow
def test_the_script_of_these_tests() -> None:
    assert nndsl.check_gradients(load(NET)).passed


@pytest.mark.slow
@pytest.mark.parametrize("relative", [1e-4, 1e-8])
def test_a_factor(relative: float) -> None:
    report = nndsl.check_gradients(edited(NET, "dW3 = ", f"dW3 = (1 + {relative}) * "))
    assert [row.name for row in report.failures] == ["W3"]
    culprit = report.culprit
    assert culprit is not None
    assert culprit.variable == "dW3"
    assert (culprit.layer, culprit.layer_line) == ("dense(3)", 8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "variable", "mistake", "layer"),
    [
        (
            "dW3 = D2.T @ dZ3",
            "dW3 = 1.0001 * (D2.T @ dZ3)",
            "dW3",
            "it is 1.0001 times",
            "dense(3)",
        ),
        ("db3 = ", "db3 = -", "db3", "sign is wrong", "dense(3)"),
        ("dZ3 /= N", "pass", "dZ3", "1/N is missing", "softmax_cross_entropy"),
        ("db3 = dZ3.sum(axis=0)", "db3 = dZ3.sum(axis=1)", "db3", "wrong axis", "dense(3)"),
        (
            "db3 = dZ3.sum(axis=0)",
            "db3 = dZ3.sum() * np.ones(3)",
            "db3",
            "too many axes",
            "dense(3)",
        ),
        ("dR2 = dD2 * mask2", "dR2 = dD2", "dR2", "a mask is missing", "dropout(0.2)"),
        (" + L2 * W3", "", "dW3", "penalty's term is missing", "dense(3)"),
        ("dR2 = dD2", "dR2 = np.nan * dD2", "dR2", "not finite", "dropout(0.2)"),
        ("dW3 = D2.T @", "dW3 = D2 @", "dW3", "transpose", "dense(3)"),
        (
            "dZ2 = dR2 * (1 - A2 * A2)",
            "dZ2 = dR2 * (1 - A2 * A1)",
            "dZ2",
            "`A1` stands where `A2` should be",
            "tanh",
        ),
    ],
)
def test_the_cause_is_named(old: str, new: str, variable: str, mistake: str, layer: str) -> None:
    model = edited(NET, old, new)
    report = nndsl.check_gradients(model)
    assert not report.passed
    culprit = report.culprit
    assert culprit is not None, str(report)
    assert culprit.variable == variable
    assert mistake in culprit.mistake
    assert culprit.layer == layer
    assert model.source.split("\n")[culprit.line - 1].strip().startswith(culprit.code[:3])


@pytest.mark.slow
def test_one_entry_of_a_large_model_is_found() -> None:
    net = "network { input(90); dense(60); tanh; dense(3) }\n"
    text = f"{net}train {{ loss = huber; optimizer = sgd }}"
    model = edited(text, "dW1 = X.T @ dZ1", "dW1 = X.T @ dZ1; dW1[77, 41] *= 1.01")
    report = nndsl.check_gradients(model)
    (row,) = report.failures
    assert row.worst.worst is not None
    assert row.worst.worst.index == (77, 41)
    assert report.culprit is not None
    assert report.culprit.mistake.startswith("1 entry is wrong, the other 5399 right")


@pytest.mark.slow
def test_a_backward_pass_that_changes_between_calls() -> None:
    model = edited(NET, "    db3 = ", "    params['b3'] += 1\n    db3 = ")
    broken = [prop.name for prop in nndsl.check_gradients(model).properties if not prop.passed]
    assert "nothing mutated" in broken


class Folded(Layer):
    """|x|, written so that the complex step loses its derivative."""

    forward = "y = np.abs(np.real(x))"
    backward = "dx = dy * np.sign(x)"


class Scaled(Layer):
    """A layer whose gradient is forgotten."""

    forward = "y = x * gain"
    backward = "dgain = 0 * gain\ndx = dy * gain"

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return {"gain": Parameter(inputs[0], "ones")}


@pytest.fixture(autouse=True)
def _layers() -> Iterator[None]:
    with registry.added(Folded), registry.added(Scaled):
        yield


def test_a_forward_pass_that_loses_imaginary_parts_is_refused() -> None:
    text = (
        "network { input(4); dense(5); folded; dense(2) }\ntrain { loss = huber; optimizer = sgd }"
    )
    report = nndsl.check_gradients(load(text))
    assert not report.passed
    assert "loses imaginary parts" in report.failures[0].mistake


def test_a_gradient_that_is_zero_and_should_not_be() -> None:
    text = "network { input(4); scaled; dense(2) }\ntrain { loss = huber; optimizer = sgd }"
    report = nndsl.check_gradients(load(text))
    assert [row.name for row in report.failures] == ["gain0"]
    assert "it is zero" in report.failures[0].mistake


# --- The report -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("edit", [("dR2 = dD2", "dR2 = np.nan * dD2"), ("db3 = ", "db3 = ")])
def test_formats(edit: tuple[str, str]) -> None:
    report = nndsl.check_gradients(edited(NET, *edit))
    told = json.loads(report.to_json())
    assert told["passed"] is report.passed
    assert [row["name"] for row in told["rows"]] == [row.name for row in report.rows]
    suite = ElementTree.fromstring(report.to_junit())
    assert int(suite.attrib["failures"]) == len(suite.findall("*/failure"))
    assert bool(suite.findall("*/failure")) is not report.passed
    assert max(map(len, str(report).split("\n"))) <= 80


@pytest.mark.slow
def test_the_line_of_the_script() -> None:
    model = load(NET)
    lines = model.source.split("\n")
    for row in nndsl.check_gradients(model).rows:
        if row.line is not None:
            assert (
                lines[row.line - 1].strip().startswith((f"d{row.name} = ", f"d{row.name[:-1]} = "))
            )
            assert row.code in lines[row.line - 1]


@pytest.mark.slow
def test_the_command(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "net.nn"
    path.write_text(NET, "utf-8")
    assert main(["gradcheck", str(path)]) == 0
    assert capfdbinary.readouterr().out.decode().endswith("every gradient is right\n")
    assert main(["gradcheck", str(path), "--format", "json", "--full", "--seed", "3"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["passed"] is True


def test_the_command_fails_where_a_gradient_is_wrong(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "net.nn"
    path.write_text(
        "network { input(4); scaled; dense(2) }\ntrain { loss = huber; optimizer = sgd }", "utf-8"
    )
    assert main(["gradcheck", str(path)]) == 1
    assert b"gain0" in capfdbinary.readouterr().out
