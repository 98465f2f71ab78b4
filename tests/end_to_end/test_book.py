"""The specs of the textbook's experiments: their faults are warned of, and their figures hold."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compare import ComparisonSpec
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.source import read_source
from nndsl.syntax.value_printer import print_value

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "specs" / "book"
FIRST = 20  # examples of a step that is only tried


def variants() -> list[Any]:
    """Return (spec, settings) of variants that train a network."""
    found = []
    for path in sorted(BOOK.glob("*.nn")):
        spec = analyse(read_source(path), Diagnostics()).spec
        assert spec is not None
        comparing = spec.experiments.get("compare")
        if spec.network is None or not isinstance(comparing, ComparisonSpec):
            continue
        step = 5 if len(comparing.variants) > 20 else 1  # some of the 32 of one
        for variant in comparing.variants[::step]:
            settings = {name: print_value(value) for name, value in variant.values.items()}
            name = f"{path.stem}-{variant.name.text}"
            found.append(pytest.param(path, settings, id=name))
    return found


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run nndsl in a folder, each training on one core."""
    return subprocess.run(
        [sys.executable, "-m", "nndsl", *command],
        cwd=folder,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("path", "settings"), variants())
def test_variants_take_a_step(path: Path, settings: dict[str, str]) -> None:
    model = nndsl.load(path, set=settings)
    X, t = model.data()["training"]
    loss, gradients = model.loss_and_gradients(X[:FIRST], t[:FIRST])
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())
    before = {name: array.copy() for name, array in model.parameters.items()}
    model.update(gradients)
    assert any((model.parameters[name] != array).any() for name, array in before.items())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings", "codes"),
    [
        ("ch06_weight_init_compare", {"start": "normal(0.01)"}, ["NN413"]),
        ("ch06_weight_init_compare", {"start": "normal(0.01)", "depth": 1}, []),
        ("ch06_zero_initialisation", {"start": "zeros"}, ["NN411"]),
        ("ch06_zero_initialisation", {"start": "zeros", "biases": "normal(1)"}, []),
        ("ch06_batch_norm_gradient_check", {"train.batch": 1}, ["NN435"]),
        ("ch06_batch_norm_test", {"norm": 0, "k": 0}, ["NN413"]),
        ("ch06_batch_norm_test", {"norm": 0, "k": 15}, ["NN413"]),
        ("ch06_batch_norm_test", {"norm": 1, "k": 0}, []),
        (
            "ch06_weight_init_activation_histogram",
            {"activation": "sigmoid", "start": "normal(1)"},
            ["NN416"],
        ),
        ("ch06_hyperparameter_optimization", {"rate": 1e-6}, ["NN442"]),
    ],
)
def test_faults_are_warned_of(name: str, settings: dict[str, Any], codes: list[str]) -> None:
    assert [d.code for d in nndsl.check(BOOK / f"{name}.nn", set=settings)] == codes


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["ch04_gradient_simplenet", "ch05_gradient_check", "ch06_batch_norm_gradient_check"],
)
def test_gradients_are_right(name: str) -> None:
    report = nndsl.check_gradients(nndsl.load(BOOK / f"{name}.nn"))
    assert report.passed


def test_a_batch_of_one_proves_nothing_of_batch_norm() -> None:
    """What the book's check of one example compares is 0 but for the last bias."""
    model = nndsl.load(BOOK / "ch06_batch_norm_gradient_check.nn", dtype="float64")
    X, t = model.data()["training"]
    _, one = model.loss_and_gradients(X[:1], t[:1])
    assert [name for name, gradient in one.items() if gradient.any()] == ["b3"]
    _, three = model.loss_and_gradients(X[:3], t[:3])
    sizes = {name: np.abs(gradient).max() for name, gradient in three.items()}
    assert [name for name, size in sizes.items() if size < 1e-12] == ["b1", "b2"]


@pytest.mark.slow
def test_the_forms_of_dropout_predict_alike_where_they_train_alike() -> None:
    """The book's form shrinks what prediction sees; the usual one grows what training keeps."""
    path = BOOK / "ch06_overfit_dropout.nn"
    usual, book = (nndsl.load(path, set={"rate": 0.5, "scaling": s}) for s in ("train", "test"))
    without = nndsl.load(path, set={"rate": 0})
    X, _ = without.data()["training"]
    assert np.array_equal(usual.predict(X), without.predict(X))
    assert book.predict(X).std() < without.predict(X).std() / 10  # 0.5 ** 6 is 1 / 64


def test_the_page_names_every_spec() -> None:
    page = (ROOT / "docs" / "book.md").read_text("utf-8")
    missing = [path.name for path in sorted(BOOK.glob("*.nn")) if path.name not in page]
    assert not missing


# --- The experiments themselves -------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ch04_train_neuralnet", "ch05_train_neuralnet"])
def test_trainings(name: str, tmp_path: Path) -> None:
    done = run("run", str(BOOK / f"{name}.nn"), folder=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "ch06_optimizer_compare_mnist",
        "ch06_weight_init_compare",
        "ch06_batch_norm_test",
        "ch06_overfit_weight_decay",
        "ch06_overfit_dropout",
    ],
)
def test_comparisons(name: str, tmp_path: Path) -> None:
    """One seed: the bounds are wider than the spread of three."""
    done = run("compare", str(BOOK / f"{name}.nn"), "--seeds", "1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / f"runs/{name}-compare/results.json").read_text("utf-8"))
    diverged = [name for name, variant in results["variants"].items() if variant["diverged"]]
    assert diverged == (["without_0", "without_1"] if name == "ch06_batch_norm_test" else [])


def recorded(folder: Path, value: str) -> dict[str, list[float]]:
    """Return a number of each layer's activations at the beginning and the end, by name."""
    found: dict[str, list[float]] = {}
    with (folder / "record.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["name"], []).append(float(row[value]))
    return {name: [values[0], values[-1]] for name, values in found.items()}


@pytest.mark.slow
def test_units_that_begin_equal_stay_equal(tmp_path: Path) -> None:
    name = "ch06_zero_initialisation"
    done = run("compare", str(BOOK / f"{name}.nn"), "--seeds", "1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / f"runs/{name}-compare"
    distinct = {
        variant: recorded(folder / f"{variant}-seed0", "distinct")["A1"]
        for variant in ("small", "zero", "zero_and_biases")
    }
    assert distinct == {"small": [50, 50], "zero": [1, 1], "zero_and_biases": [50, 50]}


# Spread behind layers 1 to 5, measured with the book's code.
SPREADS = {
    "sigmoid_1": (0.458, 0.438, 0.442, 0.437, 0.437),
    "sigmoid_small": (0.025, 0.012, 0.013, 0.012, 0.012),
    "sigmoid_lecun": (0.208, 0.122, 0.133, 0.118, 0.116),
    "sigmoid_zeros": (0, 0, 0, 0, 0),
    "tanh_1": (0.958, 0.957, 0.958, 0.958, 0.956),
    "tanh_small": (0.099, 0.0098, 0.00099, 9.9e-5, 9.7e-6),
    "tanh_lecun": (0.626, 0.483, 0.409, 0.357, 0.314),
    "tanh_he": (0.719, 0.631, 0.596, 0.576, 0.558),
    "relu_1": (5.85, 41.2, 334, 2370, 17700),
    "relu_small": (0.0585, 0.0041, 0.00033, 2.4e-5, 1.8e-6),
    "relu_lecun": (0.585, 0.412, 0.334, 0.237, 0.177),
    "relu_he": (0.828, 0.825, 0.945, 0.947, 1.00),
}


@pytest.mark.slow
def test_the_spread_of_activations_is_that_of_the_book(tmp_path: Path) -> None:
    name = "ch06_weight_init_activation_histogram"
    done = run("compare", str(BOOK / f"{name}.nn"), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for variant, expected in SPREADS.items():
        folder = tmp_path / f"runs/{name}-compare/{variant}-seed0"
        spreads = recorded(folder, "std")
        found = [spreads[f"A{layer}"][0] for layer in range(1, 6)]
        tolerance = 0.35 if variant.startswith("relu") else 0.15  # each seed draws other weights
        assert found == pytest.approx(expected, rel=tolerance), variant
        assert (folder / "record-activations.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("ch06_hyperparameter_optimization", 0.5),
        ("ch06_hyperparameter_optimization_tpe", 0.7),
    ],
)
def test_searches(name: str, least: float, tmp_path: Path) -> None:
    """A third of the trials; the rate decides, and good ones are near the book's upper end."""
    spec = str(BOOK / f"{name}.nn")
    done = run("search", spec, "--trials", "30", "--workers", "2", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / f"runs/{name}-search"
    best = nndsl.load(folder / "best.nn").checked.spec
    assert best is not None
    assert best.train is not None
    assert best.train.optimizer.lr >= 0.002
    with (folder / "trials.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    finished = [row for row in rows if row["end"] == "finished"]
    assert max(float(row["validation_accuracy"]) for row in finished) >= least
