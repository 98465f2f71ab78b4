"""Tables whose rows belong together: by groups, in time, in windows, in a second file."""

from __future__ import annotations

import csv
import json
import random
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nndsl
from nndsl.cli import main
from nndsl.data.table import open_rows
from nndsl.live.model import ModelError
from nndsl.live.prediction import load_trained
from nndsl.live.weights import open_weights
from nndsl.source import source_of

ORDINAL = 'ordinal="size: small < medium < large"'
NAMES = ("day", "size", "patient", "x", "y")


def rows(count: int = 120, seed: int = 0) -> list[list[str]]:
    """Rows in an order of their own; `x` counts them by day."""
    draw = random.Random(seed)
    made = [
        [
            f"{date(2024, 1, 1) + timedelta(days=n):%d.%m.%Y}",
            draw.choice(["small", "medium", "large"]),
            f"p{draw.randrange(20)}",
            str(n),
            f"{draw.gauss(5, 2):.3f}",
        ]
        for n in range(count)
    ]
    draw.shuffle(made)
    return made


def write(path: Path, cells: list[list[str]], names: tuple[str, ...] = NAMES) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *cells])


def page(folder: Path, arguments: str, network: str = "dense(1)", file: str = "t.csv") -> Path:
    spec = folder / "t.nn"
    spec.write_text(
        f'data = csv("{file}", target="y", {arguments})\nnetwork {{ {network} }}\n'
        "train { loss = mean_squared_error; optimizer = adam(lr=0.01); epochs = 2\n"
        "  metrics = [mean_absolute_error] }\n"
    )
    return spec


def data(folder: Path, arguments: str, **given: Any) -> dict[str, Any]:
    return nndsl.load(page(folder, arguments, **given)).data()


IGNORED = 'ignore=["day", "size", "patient"]'
KINDS = 'ignore=["day", "size"], '


@pytest.mark.parametrize("split", ["validation=0.2, test=20", "fold=(2, 3), test=0.2"])
def test_a_group_is_in_one_part(tmp_path: Path, split: str) -> None:
    write(tmp_path / "t.csv", rows())
    parts = data(tmp_path, f'{KINDS}groups="patient", {split}')
    group_of = {float(row[3]): row[2] for row in rows()}
    groups = {part: {group_of[x] for x in X[:, 0].tolist()} for part, (X, _) in parts.items()}
    assert all(groups.values())
    assert sum(map(len, groups.values())) == len({row[2] for row in rows()})
    assert sorted(x for X, _ in parts.values() for x in X[:, 0].tolist()) == list(range(120))
    assert 20 <= len(parts["test"][0]) < 40


def test_the_latest_rows_are_held_back(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows())
    for time in ("day", "x"):
        ignored = 'ignore=["size", "patient"], '
        parts = data(tmp_path, f'{ignored}dates="day", time="{time}", validation=0.25, test=0.25')
        days = [parts[part][0][:, 0] for part in ("training", "validation", "test")]
        assert [len(part) for part in days] == [60, 30, 30]
        assert days[0].max() < days[1].min() <= days[1].max() < days[2].min()


def test_texts_with_an_order_are_numbers(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows())
    spec = page(tmp_path, f'ignore=["day", "patient"], {ORDINAL}')
    model = nndsl.load(spec)
    place = {"small": 0, "medium": 1, "large": 2}
    X, _ = model.data()["training"]
    assert sorted(X.tolist()) == sorted([place[row[1]], float(row[3])] for row in rows())
    answers = model.answer({"x": [1, 1], "size": ["large", "small"]})
    expected = model.predict([[2, 1], [0, 1]])
    np.testing.assert_array_equal(answers.values, expected)
    with pytest.raises(nndsl.DataError, match="row 1: `size` is `tiny`, which has no place"):
        model.answer({"x": [1], "size": ["tiny"]})


def test_a_second_file_is_prepared_by_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "t.csv", rows())
    write(tmp_path / "hold.csv", [["", *row[1:]] for row in rows(30, 7)])
    more = f'test="hold.csv", {IGNORED}, standardize=true, standardize_target=true'
    spec = page(tmp_path, more)
    assert main(["summary", str(spec)]) == 0
    assert "120 training, 30 test examples" in capsys.readouterr().out
    model = nndsl.load(spec)
    model.fit()
    X, t = model.data()["test"]
    numbers = np.array([[float(row[3]), float(row[4])] for row in rows()], np.float32)
    other = np.array([[float(row[3]), float(row[4])] for row in rows(30, 7)], np.float32)
    np.testing.assert_allclose(
        np.hstack([X, t]), (other - numbers.mean(axis=0)) / numbers.std(axis=0), rtol=1e-4
    )
    model.save(tmp_path / "w.npz")
    judged = ["evaluate", str(spec), "--weights", str(tmp_path / "w.npz")]
    assert main(judged) == 0
    whole = capsys.readouterr().out
    with (tmp_path / "other.csv").open("w") as file:  # columns in any order, and others
        file.write("note,y,x\n" + "".join(f"-,{row[4]},{row[3]}\n" for row in rows(30, 7)))
    assert main([*judged, "--input", str(tmp_path / "other.csv")]) == 0
    assert capsys.readouterr().out == whole.replace("test ", "")
    (tmp_path / "t.csv").unlink()  # what prepares stands with the weights
    assert main([*judged, "--input", str(tmp_path / "other.csv")]) == 0
    assert capsys.readouterr().out == whole.replace("test ", "")


def test_rows_that_were_trained_on_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the training part alone: others of the same file were held back."""
    write(tmp_path / "t.csv", rows())
    spec = page(tmp_path, f"{IGNORED}, standardize=true, validation=0.25")
    assert main(["run", str(spec), "-o", str(tmp_path / "r")]) == 0
    write(tmp_path / "more.csv", [*rows(), *rows(30, seed=1)])
    write(tmp_path / "new.csv", rows(30, seed=1))
    capsys.readouterr()
    judged = ["evaluate", str(tmp_path / "r"), "--format", "json", "--input"]
    assert main([*judged, str(tmp_path / "more.csv")]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["trained_on"] == 90
    assert told.err.startswith("warning: the network was trained on 90 of the 150 rows: what is ")
    assert main([*judged, str(tmp_path / "new.csv")]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["trained_on"] == 0
    assert "trained on" not in told.err


OTHER_DAY = [["01.01.2030", *row[1:]] for row in rows()[:40]]


@pytest.mark.parametrize(
    ("tested", "arguments", "shared"),
    [
        (rows()[:40] + rows(20, seed=1), IGNORED, 40),
        (OTHER_DAY, IGNORED, 40),
        (OTHER_DAY, 'dates="day", ' + ORDINAL, 0),
        ([row for row in rows()[:9] for _ in range(4)], IGNORED, 0),  # equal among themselves, too
        (OTHER_DAY, 'ignore=["size", "patient"], window=3, time="day"', 0),
    ],
)
def test_rows_of_a_test_file_that_are_trained_on_are_counted(
    tmp_path: Path, tested: list[list[str]], arguments: str, shared: int
) -> None:
    write(tmp_path / "t.csv", rows())
    write(tmp_path / "u.csv", tested)
    found = nndsl.check(page(tmp_path, f'test="u.csv", {arguments}', "flatten; dense(1)"))
    told = [one.message for one in found if one.code == "NN459"]
    said = (
        f"{shared} of {len(tested)} rows of the test part are in the file that is trained on, too"
    )
    assert [message.partition(":")[0] for message in told] == [said] * (shared > 0)


@pytest.mark.slow
def test_classes_of_another_file_are_those_of_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [["1", "no"], ["2", "yes"], ["3", "no"], ["4", "yes"]] * 5
    write(tmp_path / "t.csv", lines, ("x", "y"))
    write(tmp_path / "hold.csv", [["1", "yes"], ["4", "yes"]], ("x", "y"))
    for loss, units in (("softmax_cross_entropy", 2), ("binary_cross_entropy", 1)):
        (tmp_path / "t.nn").write_text(
            f'data = csv("t.csv", target="y", test="hold.csv")\nnetwork {{ dense({units}) }}\n'
            f"train {{ loss = {loss}; optimizer = adam(lr=0.1); epochs = 30 }}\n"
        )
        model = nndsl.load(tmp_path / "t.nn")
        model.fit()
        model.save(tmp_path / "w.npz")
        found = ["evaluate", str(tmp_path / "t.nn"), "--weights", str(tmp_path / "w.npz")]
        assert main(found) == 0
        whole = capsys.readouterr().out
        assert main([*found, "--input", str(tmp_path / "hold.csv"), "--confusion"]) == 0
        assert capsys.readouterr().out.startswith(whole.replace("test ", ""))
    write(tmp_path / "hold.csv", [["1", "yes"], ["4", "perhaps"]], ("x", "y"))
    assert main(["check", str(tmp_path / "t.nn")]) == 1
    said = capsys.readouterr().out
    assert "hold.csv:3:3" in said
    assert "`y` is `perhaps`" in said


def test_a_window_is_the_rows_before_what_is_predicted(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows(40))
    more = 'ignore=["size", "patient"], time="day", window=5, horizon=3, test=6'
    spec = page(tmp_path, more, "flatten; dense(1)")
    model = nndsl.load(spec)
    assert model.script.input_shape == (5, 2)
    series = sorted([float(row[3]), float(row[4])] for row in rows(40))
    parts = model.data()
    assert {part: len(X) for part, (X, _) in parts.items()} == {"training": 27, "test": 6}
    for part, first in (("training", 0), ("test", 27)):
        X, t = (array[::-1] for array in parts[part])
        np.testing.assert_allclose(X, [series[n : n + 5] for n in range(first, first + len(X))])
        np.testing.assert_allclose(t[:, 0], [series[first + n + 7][1] for n in range(len(X))])
    history = model.fit()
    naive = np.mean([abs(series[n + 7][1] - series[n + 4][1]) for n in range(27, 33)])
    known = {one.answer: one.results for one in history.baselines}
    reached = known["the last value that is known"]["test_mean_absolute_error"]
    assert reached == pytest.approx(naive, rel=1e-5)


def test_rows_that_end_no_window_have_no_answer(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows(60))
    more = 'ignore=["size", "patient"], time="day", window=4, standardize=true, missing=mean'
    model = nndsl.load(page(tmp_path, f"{more}, test=10", "lstm(3); dense(1)"))
    model.fit()
    write(
        tmp_path / "new.csv",
        [
            ["1", "2"],
            [
                "2",
                "",
            ],
            *([str(n), "3"] for n in range(3, 7)),
        ],
        ("x", "y"),
    )
    answers = model.answer(tmp_path / "new.csv")
    assert answers.lacking == (1, 2, 3)
    assert np.isnan(answers.values[:, 0]).tolist() == [True] * 3 + [False] * 3
    by_rows = model.answer([[1, 2], [2, None], *([n, 3] for n in range(3, 7))])
    np.testing.assert_array_equal(by_rows.values, answers.values)
    with pytest.raises(nndsl.DataError, match="has 2 rows, and an example is a window of 4"):
        model.answer({"x": [1, 2], "y": [1, 2]})


SERIES = 'ignore="day", time="n", series="place", window=3, horizon=2, max_categories=2'


def places(counts: dict[str, int], seed: int = 0) -> list[list[str]]:
    """Rows of several series in any order; `x` counts those of each, `n` is the time."""
    draw = random.Random(seed)
    made = [
        ["", str(10 * n + at), name, str(n), f"{100 * at + n}"]
        for at, (name, count) in enumerate(counts.items())
        for n in range(count)
    ]
    draw.shuffle(made)
    return made


def test_windows_are_of_one_series(tmp_path: Path) -> None:
    names = ("day", "n", "place", "x", "y")
    cells = [["-", *row[1:]] for row in places({"a": 20, "b": 9, "c": 4})]
    write(tmp_path / "t.csv", cells, names)
    spec = page(tmp_path, f"{SERIES}, test=4", "flatten; dense(1)")
    model = nndsl.load(spec)
    parts = model.data()  # c is shorter than a window and what is predicted
    assert {part: len(X) for part, (X, _) in parts.items()} == {"training": 17, "test": 4}
    for X, t in parts.values():
        for window, (target,) in zip(X, t, strict=True):
            kinds, x, y = window[:, :4], window[:, 4], window[:, 5]
            assert (kinds == kinds[0]).all()
            assert kinds[0].sum() == 1
            assert np.diff(x).tolist() == [1, 1]
            assert target == y[-1] + 2 == 100 * kinds[0].argmax() + x[-1] + 2
    assert parts["test"][1][:, 0].tolist() == [19, 18, 17, 16]  # those of the latest time
    model.fit()
    X, t = parts["test"]
    expected = {
        round(float(row[-1, 4])): value
        for row, value in zip(X, model.predict(X)[:, 0], strict=True)
    }
    answers = model.answer(tmp_path / "t.csv")
    at = {int(row[3]): n for n, row in enumerate(cells) if row[2] == "a"}
    assert len(answers.lacking) == 6
    for number, value in expected.items():
        assert answers.values[at[number], 0] == pytest.approx(value, rel=1e-5)
    model.save(tmp_path / "w.npz")
    last = [row for row in cells if row[2] == "a" and int(row[3]) > 11]
    write(tmp_path / "last.csv", last, names)
    judged = model.evaluate(*(array[:4] for array in parts["test"]))
    (tmp_path / "t.csv").unlink()  # what prepares stands with the weights
    pair, lacking = load_trained(source_of(spec), {}, open_weights(tmp_path / "w.npz")).labelled(
        tmp_path / "last.csv"
    )
    assert model.evaluate(*pair) == pytest.approx(judged, rel=1e-5)
    assert len(lacking) == 4
    write(tmp_path / "last.csv", [[*row[:2], "d", *row[3:]] for row in last], names)
    with pytest.raises(nndsl.DataError, match="`place` is of a series that was not there"):
        model.answer(tmp_path / "last.csv")


def test_a_time_that_is_an_input_sorts_rows_as_well(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows(60))
    more = 'ignore=["size", "patient"], dates="day", time="day", window=4, test=10'
    model = nndsl.load(page(tmp_path, more, "flatten; dense(1)"))
    model.fit()
    X, t = model.data()["test"]
    model.save(tmp_path / "w.npz")
    trained = load_trained(source_of(tmp_path / "t.nn"), {}, open_weights(tmp_path / "w.npz"))
    (given, targets), _ = trained.labelled(tmp_path / "t.csv")  # its rows are in another order
    np.testing.assert_allclose(given[-10:][::-1], X, rtol=1e-5)
    np.testing.assert_allclose(targets[-10:][::-1], t, rtol=1e-5)


@pytest.mark.slow
def test_rows_count_by_their_weight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The slope is that of weighted least squares, (5 * 3 - 3) / 6; some rows say nothing."""
    draw = random.Random(0)
    cells = [
        [f"{(x := draw.uniform(-1, 1)):.4f}", str((0, 1, 5)[n % 3]), f"{(9, -3, 3)[n % 3] * x:.4f}"]
        for n in range(600)
    ]
    write(tmp_path / "t.csv", cells, ("x", "n", "y"))
    settings = {"train.epochs": 30, "train.optimizer": "sgd(lr=cosine(0.1))"}
    model = nndsl.load(page(tmp_path, 'weights="n", test=0.1'), set=settings)
    model.fit()
    assert model.parameters["W1"][0, 0] == pytest.approx(2, abs=0.2)
    X, t, w = (array[:50] for array in model.data()["training"])
    model.fit(X, t, w)
    assert main(["gradcheck", str(tmp_path / "t.nn")]) == 0
    wrong = nndsl.build(tmp_path / "t.nn").replace(", p=w / w.sum()", "")
    (tmp_path / "mine.py").write_text(wrong)
    capsys.readouterr()
    assert main(["gradcheck", str(tmp_path / "t.nn"), "--script", str(tmp_path / "mine.py")]) == 1
    assert "it draws examples that have no weight" in capsys.readouterr().out


WEIGHED = {
    "y": ("mean_squared_error", "[mean_absolute_error, r2, median_absolute_error, max_error]"),
    "size": ("softmax_cross_entropy(class_weights=balanced)", "[accuracy, f1, roc_auc, log_loss]"),
}


@pytest.mark.parametrize("target", WEIGHED)
def test_a_row_that_counts_twice_is_measured_as_two(tmp_path: Path, target: str) -> None:
    """Of a file in which it stands twice, loss and metrics are the same; so are the baselines."""
    cells = [[*row[3:], row[1], str(n % 4)] for n, row in enumerate(rows())]
    names = ("x", "y", "size", "often")
    write(tmp_path / "t.csv", cells, names)
    write(tmp_path / "hold.csv", cells[::2], names)
    loss, metrics = WEIGHED[target]
    (tmp_path / "t.nn").write_text(
        f'data = csv("t.csv", target="{target}", weights="often", test="hold.csv", missing=drop)\n'
        f"network {{ dense({1 if target == 'y' else 'classes'}) }}\n"
        f"train {{ loss = {loss}; optimizer = adam(lr=0.01); epochs = 2; metrics = {metrics} }}\n"
    )
    model = nndsl.load(tmp_path / "t.nn")
    history = model.fit()
    X, t, w = model.data()["test"]
    often = np.repeat(np.arange(len(w)), w.astype(int))
    found = model.evaluate(X[often], t[often])
    assert {name.removeprefix("test_"): v for name, v in history.test.items()} == pytest.approx(
        found, rel=1e-5
    )
    assert found != pytest.approx(model.evaluate(X, t), rel=1e-3)
    with pytest.raises(ModelError, match=r"w must have the shape \(60,\)"):
        model.evaluate(X, t, w[1:])
    share = {"y": "test_mean_absolute_error", "size": "test_accuracy"}[target]
    dummy, reached = history.baseline(share)
    X, t, w = model.data()["training"]
    often = np.repeat(np.arange(len(w)), w.astype(int))
    best = np.median(t[often]) if target == "y" else np.bincount(t[often]).argmax()
    X, t, w = model.data()["test"]
    apart = np.abs(t[:, 0] - best) if target == "y" else t == best
    assert reached == pytest.approx(np.average(apart, weights=w), rel=1e-5), dummy
    model.save(tmp_path / "w.npz")
    judged = ["evaluate", str(tmp_path / "t.nn"), "--weights", str(tmp_path / "w.npz")]
    assert main([*judged, "--input", str(tmp_path / "hold.csv")]) == 0


def test_several_outputs_are_measured_by_weights(tmp_path: Path) -> None:
    cells = [[*row[3:], str(2 * n), str(n % 4)] for n, row in enumerate(rows())]
    write(tmp_path / "t.csv", cells, ("x", "y", "z", "often"))
    (tmp_path / "t.nn").write_text(
        'data = csv("t.csv", target=["y", "z"], weights="often", test=0.3)\n'
        "network { h = dense(3); output y = dense(h, 1); output z = dense(h, 1) }\n"
        "train { loss y = mean_squared_error; loss z = 0.5 * huber; metrics z = [r2]\n"
        "  optimizer = adam(lr=0.01); epochs = 1 }\n"
    )
    model = nndsl.load(tmp_path / "t.nn")
    model.fit()
    X, t, w = model.data()["test"]
    often = np.repeat(np.arange(len(w)), w.astype(int))
    assert model.evaluate(X, t, w) == pytest.approx(model.evaluate(X[often], t[often]), rel=1e-5)
    assert model.evaluate(X, t, w) != pytest.approx(model.evaluate(X, t), rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("target", WEIGHED)
def test_a_script_that_forgets_the_weights_is_told(
    tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("x", "y", "size", "often")
    write(
        tmp_path / "t.csv", [[*row[3:], row[1], str(n % 4)] for n, row in enumerate(rows())], names
    )
    loss, metrics = WEIGHED[target]
    (tmp_path / "t.nn").write_text(
        f'data = csv("t.csv", target="{target}", weights="often", test=0.2)\n'
        f"network {{ dense({1 if target == 'y' else 'classes'}) }}\n"
        f"train {{ loss = {loss}; optimizer = adam(lr=0.01); epochs = 2; metrics = {metrics} }}\n"
    )
    for style in ("flat", "layers") if target == "size" else ("flat",):
        script = nndsl.build(tmp_path / "t.nn", style=style)
        (tmp_path / "mine.py").write_text(script)
        judged = ["gradcheck", str(tmp_path / "t.nn"), "--script", str(tmp_path / "mine.py")]
        assert main(judged) == 0
        (tmp_path / "mine.py").write_text(
            script.replace("w = w / w.sum()", "w = np.ones(len(w)) / len(w)")
        )
        capsys.readouterr()
        assert main(judged) == 1
        assert "evaluation: no. The loss is" in capsys.readouterr().out


@pytest.mark.slow
def test_a_script_that_parts_a_group_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "t.csv", rows())
    spec = page(tmp_path, f'{KINDS}groups="patient", validation=0.2, test=20')
    script = nndsl.build(spec)
    judged = ["gradcheck", str(spec), "--script", str(tmp_path / "mine.py")]
    (tmp_path / "mine.py").write_text(script)
    assert main(judged) == 0
    (tmp_path / "mine.py").write_text(
        script.replace('place.argsort(kind="stable")', "split_rng.permutation(len(X))")
    )
    capsys.readouterr()
    assert main(judged) == 1
    assert re.search("Rows of the group p\\d+ are in the", capsys.readouterr().out)


def parquet(path: Path) -> None:
    cells = rows()
    columns = {
        "day": [date(int(d[6:]), int(d[3:5]), int(d[:2])) for d, *_ in cells],
        "size": [row[1] for row in cells],
        "patient": pa.array([row[2] for row in cells]).dictionary_encode(),
        "x": [int(row[3]) for row in cells],
        "y": [float(row[4]) for row in cells],
    }
    columns["x"][3] = None
    pq.write_table(pa.table(columns), path)


@pytest.mark.slow
def test_parquet_is_read_as_csv_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet(tmp_path / "t.parquet")
    cells = rows()
    cells[3][3] = ""
    write(tmp_path / "t.csv", [["-".join(reversed(row[0].split("."))), *row[1:]] for row in cells])
    more = 'dates="day", missing=median, indicators=true, standardize=true, test=0.2'
    model = nndsl.load(page(tmp_path, more, file="t.parquet"))
    found = model.data()
    for part, pair in data(tmp_path, more).items():
        for one, other in zip(pair, found[part], strict=True):
            np.testing.assert_array_equal(one, other)
    model.fit()
    by_csv, by_parquet = (
        model.answer(tmp_path / f"t.{kind}").values for kind in ("csv", "parquet")
    )
    np.testing.assert_array_equal(by_csv, by_parquet)
    table = str(tmp_path / "t.parquet")
    monkeypatch.chdir(tmp_path)
    assert main(["new", "--from", table, "--target", "y", "-o", "new.nn"]) == 0
    assert main(["check", "new.nn", "--strict"]) == 0
    capsys.readouterr()
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and no more")
    spec = page(tmp_path, more, file="t.parquet")
    assert main(["check", str(spec)]) == 1
    assert "is no Parquet file, or damaged" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["check", str(spec)]) == 1
    assert "pip install 'nndsl[tables]'" in capsys.readouterr().out


def test_a_long_parquet_file_is_read_in_pieces(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": range(2500), "y": range(2500)}), tmp_path / "t.parquet")
    with open_rows(tmp_path / "t.parquet", "t", ",", "file") as read:
        assert list(read)[-1] == (2500, ["2499", "2499"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('groups="patient", time="x"', "in one way: by `groups`, or by `time` and `window`"),
        ('groups="patient", split=in_order', "in one way: by `split`, by `groups`"),
        ('groups="size", test=0.8', "groups may leave nothing to train on"),
        ('weights="size"', "`size` is no column of weights"),
        ('weights="nothing"', "numbers from 0 on, and not all 0"),
        ('weights="x", window=5', "rows of a window do not count each by itself"),
        ('groups="nobody"', "there is no column `nobody`"),
        ('groups="y"', "`y` is the target, and in `groups` as well"),
        ('weights="x", ignore="x"', "`x` is named by `weights`, and is in `ignore` as well"),
        ('time="x", ignore="x"', "`x` is named by `time`, and is in `ignore` as well"),
        ('time="size"', "`size` is no date in line 2"),
        ('ordinal="size"', "names no column and the order of its texts"),
        ('ordinal="size: small < large"', "`medium`, which has no place in its order"),
        ("window=5, missing=drop", "and 1 are left out"),
        ("window=5, missing=most_frequent", "filled in by mean or median"),
        ("window=200, missing=mean", "hold no window of 200"),
        ('series="patient", missing=mean', "name `window` and `time` as well"),
        ('series="patient", window=60, time="day", missing=mean', "hold no window of 60"),
        ('window=5, missing=mean, target="patient"', "a window holds the past of the target"),
        ('test="t.csv"', "both files are called t.csv"),
        ('test="none.csv"', "there is no file `none.csv`"),
        ('test="less.csv"', "`less.csv` lacks `day`"),
        ('test="wrong.csv", missing=mean', "wrong.csv"),
    ],
)
def test_what_does_not_go_together(
    tmp_path: Path, arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = rows()
    if "missing" in arguments:
        cells[4][4 if "drop" in arguments else 3] = ""
    nothing = "nothing" in arguments
    write(
        tmp_path / "t.csv",
        [[*row, *["0"] * nothing] for row in cells],
        (*NAMES, *["nothing"] * nothing),
    )
    write(tmp_path / "less.csv", [row[1:] for row in cells], NAMES[1:])
    write(tmp_path / "wrong.csv", [[*row[:3], "many", "1"] for row in cells])
    spec = page(tmp_path, f'dates="day", {arguments}')
    if "target" in arguments:
        spec.write_text(spec.read_text().replace('target="y", ', "", 1))
    assert main(["check", str(spec)]) == 1
    said = capsys.readouterr().out
    assert message in said
    assert said.count("error[") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "network"),
    [
        (f'dates="day", {ORDINAL}, groups="patient", validation=0.2, test=0.2', "dense(1)"),
        ('time="day", ignore=["size", "patient"], window=4, test=9', "flatten; dense(1)"),
        ('time="day", ignore="patient", series="size", window=4, test=9', "flatten; dense(1)"),
        ('ignore=["size", "patient"], weights="x", time="day", dates="day", test=0.2', "dense(1)"),
        (f'{IGNORED}, test="hold.csv", standardize=true, standardize_target=true', "dense(1)"),
    ],
)
def test_a_script_does_as_the_run_does(tmp_path: Path, arguments: str, network: str) -> None:
    write(tmp_path / "t.csv", rows())
    write(tmp_path / "hold.csv", rows(30, 7))
    spec = page(tmp_path, arguments, network)
    assert main(["gradcheck", str(spec)]) == 0
    done = subprocess.run(
        [sys.executable, "-m", "nndsl", "run", str(spec), "-o", str(tmp_path / "r")],
        capture_output=True,
        text=True,
        check=True,
    )
    script = [sys.executable, str(tmp_path / "r" / "train.py")]
    alone = subprocess.run(script, capture_output=True, text=True, check=True)
    assert alone.stdout == done.stdout


def test_semicolons_and_decimal_commas_are_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("x;y\n" + "".join(f"{n},5;{2 * n},25\n" for n in range(20)))
    spec = page(Path(), "standardize=true, standardize_target=true,")
    given = spec.read_text()
    assert main(["check", "t.nn", "--fix"]) == 0
    assert "mended: write delimiter=" in capsys.readouterr().err
    added = ' delimiter=";", decimal=","'
    assert spec.read_text() == given.replace("target=true,)", f"target=true,{added})")
    spec.write_text(spec.read_text().replace('";"', '"|"').replace('decimal=","', 'decimal="."'))
    assert main(["check", "t.nn", "--fix"]) == 0
    assert added in spec.read_text()


def test_what_is_far_from_training_is_named(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows())
    model = nndsl.load(page(tmp_path, IGNORED + ", standardize=true"))
    model.fit()
    model.answer({"x": [-100, 119]})  # further than training, and not by more than its range
    with pytest.warns(UserWarning, match="`x` is 500, and went from 0 to 119 in training"):
        model.answer({"x": [3, 500]})
