"""Optimizers, schedules and initializers that a page defines, in scripts and everywhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl import cli
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.vocabulary.own_optimizer import OwnOptimizer

NETWORK = """
network {
  input(4)
  dense(5)
  tanh
  dense(2)
}

train {
  loss      = mean_squared_error
  optimizer = %s
  steps     = 20
  seed      = 3
}
"""
MOMENTUM = "optimizer rolling(lr=0.01, mu=0.9) {\n  v = mu * v + g\n  p = p - lr * v\n}\n"


def page(words: str, optimizer: str) -> str:
    return words + NETWORK % optimizer


def loaded(words: str, optimizer: str, **options: Any) -> nndsl.Model:
    return nndsl.load("page", text=page(words, optimizer), **options)


def trained(model: nndsl.Model) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    X, t = rng.standard_normal((40, 4)), rng.standard_normal((40, 2))
    model.fit(X, t, validation=(X, t))
    return model.parameters


def own(words: str, optimizer: str) -> OwnOptimizer:
    found = Diagnostics()
    checked = analyse(Source("page", page(words, optimizer)), found)
    found.raise_if_failed()
    assert checked.spec is not None
    assert checked.spec.train is not None
    assert isinstance(checked.spec.train.optimizer, OwnOptimizer)
    return checked.spec.train.optimizer


def test_what_is_read_before_it_is_written_is_a_state() -> None:
    lines = "c = m + g; m = 0.9 * c; p = p - lr * (m + c + n); n = g"
    words = f"optimizer o(lr=0.1) {{ {lines} }}\n"
    assert own(words, "o").state == {"m": 0.0, "n": 0.0}
    assert own(MOMENTUM, "rolling").state == {"v": 0.0}


@pytest.mark.parametrize("style", ["flat", "layers"])
def test_it_takes_the_steps_of_the_built_in_word(style: str) -> None:
    ours = trained(loaded(MOMENTUM, "rolling(lr=0.02)", style=style))
    theirs = trained(loaded("", "momentum(lr=0.02)", style=style))
    for name, array in theirs.items():
        assert ours[name].dtype == np.float32
        assert np.allclose(ours[name], array, rtol=1e-5, atol=1e-7)


def test_no_state_is_called_as_a_function_that_the_script_may_have() -> None:
    word = "optimizer mine(lr=0.1) { softmax = softmax + g; p = p - lr * softmax }\n"
    assert "NN225" in [one.code for one in nndsl.check("page", text=page(word, "mine"))]


def test_a_script_has_the_lines_of_the_page() -> None:
    script = nndsl.build("page", text=page(MOMENTUM, "rolling"))
    assert "        v[name] = MU * v[name] + g\n" in script
    assert "        params[name] -= LEARNING_RATE * v[name]\n" in script


WORDS_OF_SCRIPTS = """
optimizer own(lr=0.1) {
  name = norm + 1
  p    = p - lr * g * name / name - 0 * norm
  norm = 0 * g
}
"""
OLD = """
optimizer own(lr=0.1) {
  before = p
  p      = p - lr * g - 0.1 * last
  last   = g
  again  = 0.5 * again + p - before
}
"""


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("clip", ["", "\n  clip = global_norm(0.5)"])
@pytest.mark.parametrize("words", [WORDS_OF_SCRIPTS, OLD])
def test_names_and_arrays_are_nobody_elses(words: str, clip: str, optimize: bool) -> None:
    """What it remembers is not the array that something else moves."""
    model = loaded(words, f"own{clip}", optimize=optimize)
    params = {name: array.copy().astype(float) for name, array in model.parameters.items()}
    last = {name: np.zeros_like(p) for name, p in params.items()}
    rng = np.random.default_rng(1)
    for _ in range(4):
        g = {name: rng.standard_normal(p.shape) for name, p in params.items()}
        model.update({name: array.astype(np.float32) for name, array in g.items()})
        if clip:
            norm = np.sqrt(sum((a * a).sum() for a in g.values()))
            g = {name: a * min(1, 0.5 / (norm + 1e-6)) for name, a in g.items()}
        for name, p in params.items():
            params[name] = p - 0.1 * g[name] - (0.1 * last[name] if words is OLD else 0)
        last = g
    for name, p in params.items():
        assert np.allclose(model.parameters[name], p, rtol=1e-4, atol=1e-6)


def test_weights_alone_decay() -> None:
    words = "optimizer o(lr=0.1) {\n  decay { p = p * (1 - lr) }\n  p = p - 0 * g\n}\n"
    model = loaded(words, "o")
    before = {name: array.copy() for name, array in model.parameters.items()}
    model.parameters["b1"][...] = before["b1"] = np.ones(5, np.float32)
    model.update({name: np.zeros_like(a) for name, a in before.items()})
    assert np.allclose(model.parameters["W1"], 0.9 * before["W1"])
    assert np.allclose(model.parameters["b1"], before["b1"])


def test_a_descent_takes_it() -> None:
    text = MOMENTUM + "minimize {\n  f = x**2\n  start(x=1)\n  optimizer = %s\n  steps = 5\n}\n"
    found = []
    for optimizer in ("rolling(lr=0.1)", "momentum(lr=0.1)"):
        script = nndsl.build("page", text=text % optimizer)
        namespace: dict[str, Any] = {"__name__": "script"}
        exec(script, namespace)
        found.append([float(point[0]) for _, point, _ in namespace["descend"]()])
    assert np.allclose(*found)


@pytest.mark.slow
def test_words_of_all_kinds_have_a_json_form(tmp_path: Path, capsys: Any) -> None:
    words = (
        "initializer narrow(width=0.1) {\n  w = uniform(-width, width)\n}\n"
        "schedule slower(base) {\n  rate = base / sqrt(step)\n}\n"
        "optimizer o(lr=0.1) { decay { p = p * (1 - lr) }; v = 0.9 * v + g; p = p - lr * v }\n"
    )
    text = page(words, "o(lr=slower(0.2))").replace("dense(5)", "dense(5, init=narrow(0.2))")
    path = tmp_path / "page.nn"
    path.write_text(text)
    assert cli.main(["convert", str(path), "--to", "json"]) == 0
    written = capsys.readouterr().out
    assert {"initializers", "schedules", "optimizers"} <= json.loads(written).keys()
    built = [nndsl.build(name, text=t) for name, t in (("a.nn", text), ("a.json", written))]
    assert built[0].partition('"""\n')[2] == built[1].partition('"""\n')[2]


def test_where_of_numbers_is_a_choice_and_nothing_is_worked_out_twice() -> None:
    words = "schedule s(base) {\n  rate = where(step == 1, base, base / (step - 1))\n}\n"
    model = loaded(words, "sgd(lr=s(0.5))")
    assert [model.namespace["learning_rate"](step) for step in (1, 2, 3)] == [0.5, 0.5, 0.25]


def test_an_initializer_may_be_constant_and_stand_in_an_own_layer() -> None:
    words = (
        "initializer half {\n  w = 1 / 2\n}\n"
        "initializer tiny {\n  w = normal(0, 0.001 / fan_in)\n}\n"
        "layer gain {\n  a = parameter(features, half)\n  y = a * x\n}\n"
    )
    text = f"{words}network {{ input(4); gain; dense(3, init=tiny) }}\n"
    parameters = nndsl.load("page", text=text).parameters
    assert parameters["a0"].tolist() == [0.5] * 4
    assert parameters["W1"].dtype == np.float32
    assert 0 < np.abs(parameters["W1"]).max() < 0.002


@pytest.mark.slow
def test_the_optimizer_of_the_example_is_adam() -> None:
    spec = Path(__file__).parents[2] / "specs/own_words.nn"
    ours, theirs = (nndsl.load(spec, set=s) for s in ({}, {"train.optimizer": "adam(lr=0.003)"}))
    X, t = ours.data()["training"]
    for first in range(0, 320, 32):
        batch = slice(first, first + 32)
        for model in (ours, theirs):
            _, gradients = model.loss_and_gradients(X[batch], t[batch])
            model.update(gradients)
    for name, array in theirs.parameters.items():
        assert np.allclose(ours.parameters[name], array, rtol=1e-3, atol=1e-4), name


@pytest.mark.parametrize(
    ("lines", "warned"),
    [
        ("v = v + g * g; p = p - lr * g / (sqrt(v) + 0.001)", False),
        ("v = 0.9 * v + 0.1 * g**2; p = p - lr * g / sqrt(v / (1 - 0.9**step) + 0.001)", False),
        ("u = maximum(0.9 * u, abs(g) + 0.001); p = p - lr * g / u", False),
        ("v = v + g * g; p = p - lr * g / sqrt(v)", True),
        ("v = v - g * g; p = p - lr * g * sqrt(v)", True),
        ("v = w; w = g; p = p - lr * sqrt(v)", True),
    ],
)
def test_a_warning_says_where_an_update_may_have_no_value(lines: str, warned: bool) -> None:
    text = page(f"optimizer o(lr=0.1) {{ {lines} }}\n", "o")
    assert [d.code for d in nndsl.check("page", text=text)] == ["NN471"] * warned


@pytest.mark.parametrize(
    "lines",
    [
        "p = p - lr * 2",  # no memory but that of the parameters
        "p = 0.5; m = tanh(m) + g",
        "c = where(g > 0, 1, -1); p = p - lr * c",
        "m = max(g >= -1) + 0 * p; p = p - lr * (m + c); c = abs((step < 2) + g)",
    ],
)
def test_optimized_scripts_take_the_same_steps(lines: str) -> None:
    words = f"optimizer o(lr=0.1) {{ {lines} }}\n"
    plain, fast = (trained(loaded(words, "o", optimize=o)) for o in (False, True))
    for name, array in plain.items():
        assert array.dtype == np.float32
        assert np.allclose(fast[name], array, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("noise", ["uniform(1, 0)", "normal(0, -1)"])
def test_noise_that_no_generator_draws_is_an_error_of_the_page(noise: str) -> None:
    text = page(f"initializer o {{ w = {noise} }}\n", "sgd")
    assert nndsl.check("page", text=text)[0].code == "NN301"


@pytest.mark.parametrize(
    ("formula", "step"),
    [("1 / (step - 5)**2", 5), ("sqrt(steps - 2 - step)", 19), ("1 / (steps - step)", 20)],
)
def test_a_schedule_without_a_value_at_a_later_step_is_an_error(formula: str, step: int) -> None:
    words = f"schedule s(base) {{ rate = base * {formula} }}\n"
    (found,) = nndsl.check("page", text=page(words, "sgd(lr=s(1))"))
    assert found.message == f"`s` has no value at step {step} of 20"


@pytest.mark.slow
def test_a_run_whose_schedule_has_no_value_has_failed(tmp_path: Path, capsys: Any) -> None:
    """Between the steps that are tried before it."""
    words = "schedule s(base) { rate = where(step == 1010, base / (step - 1010), base) }\n"
    text = words + (
        "data = sine(samples=40)\nnetwork { dense(2); tanh; dense(1) }\n"
        "train { loss = mean_squared_error; optimizer = sgd(lr=s(0.1)); steps = 3000; batch = 4 }\n"
    )
    (tmp_path / "p.nn").write_text(text, "utf-8")
    assert cli.main(["run", str(tmp_path / "p.nn"), "--output", str(tmp_path / "run")]) == 1
    assert "training diverged: a formula has no value" in capsys.readouterr().err


def test_a_number_with_zeros_before_it_is_that_number() -> None:
    words = "optimizer padded(lr=0.01) {\n  p = p - lr * 002 * g / 1_0\n}\n"
    script = nndsl.build("page.nn", text=page(words, "padded"))
    assert "params[name] -= LEARNING_RATE * 2 * g / 1_0" in script
