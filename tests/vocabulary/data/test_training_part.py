"""`training=N`: the first examples of what is left to learn from; the other parts stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.live.model import Array
from nndsl.source import Source

SPEC = """
data = {}
network {{ dense({}) }}
train {{ loss = {}; optimizer = sgd }}
"""
TABLE = Path(__file__).parents[3] / "specs" / "data" / "digit_features.csv"
CLASSES = (10, "softmax_cross_entropy")


def parts(data: str, units: int = 10, loss: str = CLASSES[1]) -> dict[str, tuple[Array, Array]]:
    return nndsl.load("spec.nn", text=SPEC.format(data, units, loss)).data()


def test_the_other_parts_stay_as_they_are() -> None:
    whole = parts("digits(validation=100, test=0.2)")
    few = parts("digits(validation=100, test=0.2, training=30)")
    assert {name: len(X) for name, (X, _) in few.items()} == {
        "training": 30,
        "validation": 100,
        "test": 359,
    }
    for name, (X, t) in few.items():
        assert (whole[name][0][: len(X)] == X).all()
        assert (t == whole[name][1][: len(X)]).all()


def test_without_other_parts_they_are_the_first_of_all() -> None:
    (X, t), (whole, targets) = (
        parts(f"sine(samples=50{more})", 1, "mean_squared_error")["training"]
        for more in (", training=7", "")
    )
    assert (whole[:7] == X).all()
    assert (t == targets[:7]).all()


def test_statistics_come_from_them_alone() -> None:
    data = f'csv("{TABLE}", target="digit", standardize=true, training=400)'
    X, _ = parts(data)["training"]
    assert np.abs(X.mean(axis=0)).max() < 1e-4
    assert np.abs(X.std(axis=0).max() - 1) < 1e-5  # a column that is constant stays 0


def test_the_number_of_steps_follows() -> None:
    text = SPEC.format("digits(validation=100, test=0.2, training=30)", *CLASSES)
    spec = analyse(Source("spec.nn", text), Diagnostics()).spec
    assert spec is not None
    assert spec.training_examples == 30


@pytest.mark.parametrize("count", [1338, 1339, 1797])
def test_more_than_there_are(count: int) -> None:
    text = SPEC.format(f"digits(validation=100, test=0.2, training={count})", *CLASSES)
    found = nndsl.check("spec.nn", text=text)
    assert [d.code for d in found] == ["NN310"] * (count > 1338)
    if found:
        assert "there are 1_338 examples to train on" in found[0].message
        assert found[0].span.text == str(count)


@pytest.mark.parametrize("count", ["0", "-3", "0.5"])
def test_only_counts(count: str) -> None:
    text = SPEC.format(f"digits(training={count})", *CLASSES)
    assert [d.code for d in nndsl.check("spec.nn", text=text)] == [
        "NN209" if count != "0.5" else "NN210"
    ]
