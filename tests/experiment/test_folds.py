"""K-fold cross-validation: `compare(folds=5)`."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from comparing import SPEC, compare, plan_of

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.comparison.comparison import verdict
from nndsl.source import Source

FOLDS = SPEC.replace("seeds=2", "folds=3")


def written(tmp_path: Path, rows: int, column: str) -> Path:
    """Write a table whose numbers are those of its rows; every fourth row is of class 1."""
    path = tmp_path / "rows.csv"
    target = {"time": "{0}.5", "rare": "c{1}"}[column]
    lines = (f"{n},{target.format(n, int(n % 4 == 0))}" for n in range(rows))
    path.write_text("x,y\n" + "\n".join(lines) + "\n")
    return path


def parts(tmp_path: Path, data: str, loss: str, units: int) -> dict[str, np.ndarray]:
    """Return the numbers of the rows that are in each part."""
    text = f"data = {data}\nnetwork {{ dense({units}) }}\n"
    text += f"train {{ loss = {loss}; optimizer = sgd(lr=0.1) }}\n"
    spec = tmp_path / "net.nn"
    spec.write_text(text)
    model = nndsl.load(spec)
    found = model.data()
    assert model.spec.training_examples == len(found["training"][0])
    return {part: X.ravel().astype(int) for part, (X, _) in found.items()}


def errors(text: str) -> list[str]:
    diagnostics = Diagnostics()
    analyse(Source("net.nn", text), diagnostics, {})
    return [f"{d.code} {d.span.text}: {d.message}" for d in diagnostics.diagnostics]


def test_every_example_is_held_back_once(tmp_path: Path) -> None:
    written(tmp_path, 40, "time")
    data = 'csv("rows.csv", target="y", test=0.25, fold=({}, 4))'
    folds = [parts(tmp_path, data.format(n), "mean_squared_error", 1) for n in range(1, 5)]
    tests = [set(fold["test"]) for fold in folds]
    assert len(tests[0]) == 10
    assert all(test == tests[0] for test in tests)
    held = np.concatenate([fold["validation"] for fold in folds])
    assert sorted([*held, *tests[0]]) == list(range(40))
    for fold in folds:
        assert not set(fold["training"]) & ({*fold["validation"]} | tests[0])
        assert len(fold["training"]) + len(fold["validation"]) == 30


def test_folds_of_a_stratified_split_have_their_share_of_each_class(tmp_path: Path) -> None:
    written(tmp_path, 40, "rare")
    data = 'csv("rows.csv", target="y", split=stratified, fold=({}, 5))'
    for number in range(1, 6):
        found = parts(tmp_path, data.format(number), "softmax_cross_entropy", 2)
        assert sum(row % 4 == 0 for row in found["validation"]) == 2


def test_folds_in_time_learn_from_the_past_alone(tmp_path: Path) -> None:
    written(tmp_path, 40, "time")
    data = 'csv("rows.csv", target="y", split=in_order, test=4, fold=({}, 3))'
    for number in range(1, 4):
        found = parts(tmp_path, data.format(number), "mean_squared_error", 1)
        assert found["training"].max() < found["validation"].min()
        assert len(found["training"]) == len(found["validation"]) * number == 9 * number
        assert found["validation"].max() < found["test"].min() == 36


@pytest.mark.slow
def test_a_comparison_of_folds(tmp_path: Path) -> None:
    comparison, begun = compare(plan_of(FOLDS), tmp_path)
    assert begun[:3] == [f"other seed 4 fold {n}" for n in (1, 2, 3)]
    assert len({len(v.outcomes) for v in comparison.variants}) == 1
    assert " over 3 folds" in verdict(comparison)
    with (tmp_path / "results.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert [(row["variant"], row["seed"], row["fold"]) for row in rows[:3]] == [
        ("plain", "4", n) for n in "123"
    ]
    assert len({row["test_loss"] for row in rows}) == 9  # each learnt from other examples
    again, begun = compare(plan_of(FOLDS), tmp_path)
    assert not begun
    assert verdict(again) == verdict(comparison)


def test_data_may_stand_in_a_let() -> None:
    text = FOLDS.replace("data = spiral(", "data = source\nlet source = (spiral(").replace(
        "test=0.2)", "test=0.2))", 1
    )
    jobs = [*plan_of(text).jobs(Path("x")).values()]
    assert jobs[0].settings["data"] == "spiral(samples=60, test=0.2, fold=(1, 3))"


def test_folds_of_several_seeds() -> None:
    plan = plan_of(SPEC.replace("seeds=2", "seeds=2, folds=3"))
    assert plan.trainings == 18
    assert plan.repeated == "3 folds of 2 seeds"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "validation=0.2",
            "validation=0.2, fold=(1, 5)",
            "NN311 (1, 5): `validation` and `fold` both say which examples are held back for "
            "validation",
        ),
        ("validation=0.2", "fold=(6, 5)", "NN311 (6, 5): there is no piece 6 of 5"),
        ("validation=0.2", "fold=(1, 500)", "NN311 (1, 500): 60 examples do not make 500 pieces"),
        (
            "seeds=2",
            "folds=500",
            "NN311 plain: variant `plain`: 60 examples do not make 500 pieces",
        ),
        (
            "seeds=2",
            "folds=1",
            "NN209 1: `folds` must be at least 2, and here it is 1",
        ),
    ],
)
def test_wrong_folds_are_said_at_their_place(old: str, new: str, said: str) -> None:
    assert said in errors(SPEC.replace(old, new))
