"""Raw examples in Python, in a file for the command, and prepared by the script: one prediction."""

from __future__ import annotations

import csv
import pickle
import runpy
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Cli
from PIL import Image

import nndsl

ROWS = 60
TRAIN = "train { loss = %s; optimizer = adam(lr=0.01); epochs = 2; batch = 8 }\n"
MISSING = "missing=mean, indicators=true, "


class Frame:
    """What frames of pandas and polars have in common: columns, which are found by name."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name: str) -> Iterator[Any]:
        return iter(self._columns[name])


def columns(missing: bool = True) -> dict[str, list[Any]]:
    """Numbers, kinds of things with texts and with numbers, truths, dates; some have no value."""
    draw = np.random.default_rng(0)
    made: dict[str, list[Any]] = {
        "size": [float(x) for x in draw.normal(2000, 300, ROWS).round(3)],
        "place": [("earth", "moon", "a, b")[n % 3] for n in range(ROWS)],
        "grade": [1 + n % 4 for n in range(ROWS)],
        "new": [n % 5 < 2 for n in range(ROWS)],
        "day": [date(2024, 1, 1) + timedelta(days=5 * n) for n in range(ROWS)],
    }
    if missing:
        made["size"][3] = float("nan")
        made["place"][4] = made["day"][5] = None
        made["grade"] = [float(n) for n in made["grade"]]  # as pandas has it, beside a nan
        made["grade"][6] = float("nan")
    made["price"] = [float(x) for x in draw.normal(500, 100, ROWS).round(2)]
    made["kind"] = [("dear", "cheap")[int(price < 500)] for price in made["price"]]
    return made


def write(path: Path, table: dict[str, list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(table)
        for row in zip(*table.values(), strict=True):
            lines.writerow(["" if v is None or v != v else _text(v) for v in row])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trained(data: str, layers: str, loss: str) -> nndsl.Model:
    Path("net.nn").write_text(f"data = {data}\nnetwork {{ {layers} }}\n{TRAIN % loss}")
    model = nndsl.load("net.nn")
    model.fit()
    model.save("w.npz")
    other = nndsl.load("net.nn")
    other.restore("w.npz")
    return other


def table_of(target: str, more: str) -> str:
    other = "kind" if target == "price" else "price"
    return (
        f'csv("t.csv", target="{target}", ignore="{other}", categories=["grade"], dates="day", '
        f"standardize=true, test=0.2, {more})"
    )


def of_command(cli: Cli, name: str) -> list[dict[str, str]]:
    result = cli("predict", "net.nn", "--weights", "w.npz", "--input", name)
    assert result.code == 0, result.err
    return list(csv.DictReader(result.out.splitlines()))


def test_values_of_a_table(folder: Path, cli: Cli) -> None:
    table = columns()
    write(Path("t.csv"), table)
    data = table_of("price", f"{MISSING}standardize_target=true")
    model = trained(data, "dense(5); relu; dense(1)", "mean_squared_error")
    answers = model.answer("t.csv")
    assert answers.values is not None
    assert (answers.labels, answers.probabilities) == (None, None)
    assert repr(answers).startswith(f"Answers({ROWS} examples: price ")
    names = ["size", "place", "grade", "new", "day"]
    rows = list(zip(*(table[name] for name in names), strict=True))
    for given in (table, Frame(table), rows, np.array(rows, object)):
        assert np.array_equal(model.answer(given).values, answers.values)
    one = model.answer({name: table[name][0] for name in names})  # a dict of one example
    assert one.values is not None
    assert np.allclose(one.values[0], answers.values[0])
    printed = [row["price"] for row in of_command(cli, "t.csv")]
    assert printed == [str(value) for value in answers.values[:, 0]]
    X, _ = model.data()["test"]
    by_script = model.namespace["predict"](X) * model.statistics["target_scale"]
    by_script = np.ravel(by_script + model.statistics["target_mean"])
    for value in by_script:
        assert np.abs(answers.values - value).min() < 1e-3


def test_classes_of_a_table_that_lacks_values(folder: Path, cli: Cli) -> None:
    table = columns()
    write(Path("t.csv"), table)
    data = table_of("kind", "missing=drop")
    model = trained(data, "dense(2)", "softmax_cross_entropy")
    Path("t.csv").unlink()  # it is not needed
    write(Path("new.csv"), table)
    answers = model.answer(table)
    assert answers.lacking == (4, 5, 6, 7)
    assert len(answers) == ROWS
    assert repr(answers).endswith(", 4 without an answer)")
    assert answers.labels is not None
    assert answers.probabilities is not None
    printed = of_command(cli, "new.csv")
    assert [row["class"] or None for row in printed] == answers.labels
    shown = [row["probability_cheap"] for row in printed]
    assert shown == ["" if np.isnan(p) else str(p) for p in answers.probabilities[:, 0]]
    assert pickle.loads(pickle.dumps(model)).answer(table).labels == answers.labels


@pytest.mark.parametrize("target", ["price", "kind"])
def test_a_frame_is_prepared_as_its_file_is(folder: Path, target: str) -> None:
    table = columns()
    write(Path("t.csv"), table)
    of_classes = target == "kind"
    loss = "softmax_cross_entropy" if of_classes else "mean_squared_error"
    more = "missing=drop" if of_classes else f"{MISSING}standardize_target=true"
    data = table_of(target, more).replace("test=0.2, ", "")
    page = f"data = {data}\nnetwork {{ dense({1 + of_classes}) }}\n{TRAIN % loss}"
    model = nndsl.load(text=page)
    frame = Frame(dict(sorted(table.items())) | {"other": [0] * ROWS})
    if of_classes:
        with pytest.warns(UserWarning, match="4 rows left out, since the target or an input"):
            history = model.fit(frame)
        with pytest.raises(nndsl.ModelError, match="row 4 has no output, since an input is miss"):
            model.predict(frame)
        frame = Frame({name: values[7:] for name, values in table.items()})
        X, t = model.data()["training"]
        known = model.predict(X)
        assert all(np.abs(known - y).max(axis=1).min() < 1e-5 for y in model.predict(frame))
    else:
        history = model.fit(frame)
        X, t = model.data()["training"]
        assert model.evaluate(frame) == pytest.approx(model.evaluate(X, t), rel=1e-4)
        assert np.allclose(np.sort(model.predict(frame), 0), np.sort(model.predict(X), 0))
    assert len(history.rows) == 2
    with pytest.raises(nndsl.ModelError, match="a frame brings its targets"):
        model.fit(frame, table[target])
    del table[target]
    with pytest.raises(nndsl.DataError, match=f"there is no column `{target}`"):
        model.fit(Frame(table))


def test_images(folder: Path, cli: Cli) -> None:
    rng = np.random.default_rng(0)
    x, t = rng.integers(0, 256, (30, 1, 4, 4)).astype(np.uint8), np.arange(30) % 3
    np.savez("d.npz", x=x, t=t)
    model = trained('npz("d.npz", scale=1/255)', "flatten; dense(3)", "softmax_cross_entropy")
    answers = model.answer(x)
    assert answers.classes is not None
    X, _ = model.data()["training"]
    assert np.array_equal(answers.classes, model.predict(X).argmax(axis=1))
    assert np.array_equal(answers.scores, model.answer("d.npz").scores)
    printed = of_command(cli, "d.npz")
    assert [row["probability_1"] for row in printed] == [str(p) for p in answers.scores[:, 1]]


def test_texts(folder: Path, cli: Cli) -> None:
    Path("fable.txt").write_text("abcabcabcabcabcabcabc", "utf-8")
    data = 'text("fable.txt", window=4, targets=last)'
    layers = "embedding(2); rnn(5, output=last); dense(3)"
    model = trained(data, layers, "softmax_cross_entropy")
    X = np.array([[0, 1, 2, 0], [2, 1, 0, 0]])
    np.save("x.npy", X)
    answers = model.answer(["abca", "cbaa"])
    assert answers.classes is not None
    assert np.array_equal(answers.classes, model.predict(X).argmax(axis=1))
    assert np.array_equal(answers.scores, model.answer(X).scores)
    assert [row["class"] for row in of_command(cli, "x.npy")] == answers.labels
    with pytest.raises(nndsl.ModelError, match="knows no 'd'"):
        model.answer(["abcd"])


DEAR = f'csv("t.csv", target="kind", ignore="price", dates="day", standardize=true, {MISSING})'
OF_EACH_KIND = {  # data, layers, and raw examples in the order of the data
    "table": (DEAR, "dense(4); tanh; dense(2)", lambda X: columns()),
    "images": (
        'npz("d.npz", scale=1/255)',
        "conv2d(2, kernel=3); relu; flatten; dense(3)",
        lambda X: np.load("d.npz")["x"],
    ),
    "texts": (
        'text("fable.txt", window=4, targets=last)',
        "embedding(2); rnn(5, output=last); dense(3)",
        lambda X: ["".join("abc"[token] for token in window) for window in X],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", OF_EACH_KIND)
def test_a_script_that_trained_alone_says_the_same(folder: Path, cli: Cli, kind: str) -> None:
    """What it says of the data that it prepares itself: Python and command of raw examples."""
    write(Path("t.csv"), columns())
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (30, 1, 5, 5)).astype(np.uint8)
    np.savez("d.npz", x=x, t=np.arange(30) % 3)
    Path("fable.txt").write_text("abcacb" * 9, "utf-8")
    data, layers, raw = OF_EACH_KIND[kind]
    page = f"data = {data}\nnetwork {{ {layers} }}\n{TRAIN % 'softmax_cross_entropy'}"
    Path("net.nn").write_text(page)
    assert cli("build", "net.nn", "-o", "train.py").code == 0
    subprocess.run([sys.executable, "train.py"], capture_output=True, check=True)
    names = runpy.run_path("train.py", run_name="train")
    for name, array in np.load("train.weights.npz").items():
        if name in names["params"]:
            names["params"][name][...] = array
    X, _ = names["load_data"]()
    scores = names["predict"](X)
    model = nndsl.load("net.nn")
    model.restore("train.weights.npz")
    answers = model.answer(raw(X))
    assert answers.probabilities is not None
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answers.probabilities[: len(X)], shares, rtol=1e-4, atol=1e-6)
    assert answers.classes is not None
    assert answers.classes[: len(X)].tolist() == scores.argmax(axis=1).tolist()
    if kind == "texts":  # a file has the numbers of their characters
        np.save("new.npy", X)
    new = {"table": "t.csv", "images": "d.npz", "texts": "new.npy"}[kind]
    shutil.copy("train.weights.npz", "w.npz")
    printed = [[*row.values()][2:] for row in of_command(cli, new)]
    assert printed == [[str(p) for p in row] for row in answers.probabilities[: len(X)]]


def table_model() -> nndsl.Model:
    write(Path("t.csv"), columns(missing=False))
    return trained(table_of("kind", "training=40"), "dense(2)", "softmax_cross_entropy")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("examples", "says"),
    [
        ({"size": [1]}, "there is no column `place`"),
        ([[1, "earth"]], "row 1 is no row of 5 values"),
        ([], "no rows"),
        (3, "row 1 is no row of 5 values"),
        (None, "row 1 is no row of 5 values"),
        ([["big", "earth", 1, True, "2024-01-01"]], "row 1: `size` is no number: `big`"),
        ([[1, "venus", 1, True, "2024-01-01"]], "`place` is `venus`, which was not there"),
        ([[1, "earth", 1, True, None]], "row 1: `day` is missing"),
        ("gone.csv", "gone.csv does not exist"),
    ],
)
def test_what_is_no_example_is_told(folder: Path, examples: Any, says: str) -> None:
    with pytest.raises((nndsl.DataError, nndsl.ModelError)) as caught:
        table_model().answer(examples)
    assert says in str(caught.value)


def test_predict_warns_once_of_inputs_that_were_not_prepared(folder: Path) -> None:
    rng = np.random.default_rng(0)
    table = {"a": list(rng.normal(800, 200, ROWS)), "b": list(rng.normal(5, 1, ROWS))}
    write(Path("t.csv"), {**table, "kind": ["no", "yes"] * (ROWS // 2)})
    data = 'csv("t.csv", target="kind", standardize=true)'
    model = trained(data, "dense(2)", "softmax_cross_entropy")
    raw = np.array(list(table.values())).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.answer(raw)
        model.predict(model.data()["training"][0])
        model.predict([[6, -7]])  # an odd one, yet prepared
    with pytest.warns(UserWarning, match="`answer` as a file holds them"):
        model.predict(raw[:1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(raw)


def test_predict_warns_of_values_that_are_missing_and_of_pixels(folder: Path) -> None:
    write(Path("t.csv"), columns())
    data = table_of("kind", MISSING.removesuffix(", "))
    model = trained(data, "dense(2)", "softmax_cross_entropy")
    X = model.data()["training"][0].copy()
    X[0, 0] = np.nan
    with pytest.warns(UserWarning, match="lack values"):
        model.predict(X)
    x = np.random.default_rng(0).integers(0, 256, (30, 16)).astype(np.uint8)
    np.savez("d.npz", x=x, t=np.arange(30) % 3)
    model = trained('npz("d.npz", scale=1/255)', "dense(3)", "softmax_cross_entropy")
    with pytest.warns(UserWarning, match="times as large"):
        model.predict(x)


def images(folder: Path, pixels: Any) -> Any:
    """Write a PNG file for each image (height, width) or (height, width, 3)."""
    folder.mkdir(parents=True)
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{number}.png")
    return pixels


@pytest.mark.parametrize("color", [False, True])
def test_images_in_files(folder: Path, cli: Cli, color: bool) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6, 4, 5, 3)[: 3 + color]).astype(np.uint8)
    images(Path("shapes/round"), pixels[:3])
    images(Path("shapes/square"), pixels[3:])
    data = 'image_folder("shapes", training=6)'
    model = trained(data, "flatten; dense(2)", "softmax_cross_entropy")
    images(Path("new"), pixels)
    X, _ = model.data()["training"]
    by_script = model.namespace["predict"](X)
    answers = model.answer("new")
    powers = np.exp(by_script - by_script.max(axis=1, keepdims=True))
    wanted = powers / powers.sum(axis=1, keepdims=True)
    # the parts are shuffled
    assert np.allclose(np.sort(answers.scores[:, 0]), np.sort(wanted[:, 0]), atol=1e-6)
    assert answers.files == tuple(f"{n}.png" for n in range(6))
    printed = of_command(cli, "new")
    assert [(row["file"], row["class"]) for row in printed] == list(
        zip(answers.files, answers.labels or [], strict=True)
    )
    assert np.array_equal(model.answer("new/2.png").classes, answers.classes[2:3])


def test_images_as_rows_of_pixels_and_as_arrays_with_a_scale(folder: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = images(Path("new"), rng.integers(0, 256, (6, 8, 8)).astype(np.uint8))
    model = trained("digits(training=50)", "dense(10)", "softmax_cross_entropy")
    rows = pixels.reshape(6, 64) / 255
    assert np.allclose(model.answer("new").scores, model.answer(rows).scores)
    x = np.random.default_rng(0).integers(0, 256, (30, 1, 8, 8)).astype(np.uint8)
    np.savez("d.npz", x=x, t=np.arange(30) % 3)
    model = trained('npz("d.npz", scale=1/255)', "flatten; dense(3)", "softmax_cross_entropy")
    scores = model.answer(pixels[:, np.newaxis]).scores
    assert np.array_equal(model.answer("new").scores, scores)


def test_images_that_do_not_fit_are_told(folder: Path) -> None:
    model = trained("digits(training=50)", "dense(10)", "softmax_cross_entropy")
    images(Path("large"), np.zeros((1, 9, 9), np.uint8))
    images(Path("cut"), np.random.default_rng(0).integers(0, 256, (1, 8, 8)).astype(np.uint8))
    Path("cut/0.png").write_bytes(Path("cut/0.png").read_bytes()[:60])
    Path("none").mkdir()
    said = {
        "large": "large/0.png is 9 high and 9 wide",
        "cut": "cut/0.png is damaged",
        "none": "holds no .png files",
        "gone.png": "there is no file `gone.png`",
    }
    for name, message in said.items():
        with pytest.raises((nndsl.ModelError, nndsl.DataError), match=message):
            model.answer(name)
    unscaled = np.zeros((30, 4))
    np.savez("d.npz", x=unscaled, t=np.arange(30) % 3)
    model = trained('npz("d.npz")', "dense(3)", "softmax_cross_entropy")
    with pytest.raises(nndsl.ModelError, match="what number a white pixel is"):
        model.answer("large")


def test_a_model_that_learnt_nothing_says_so_once(folder: Path) -> None:
    write(Path("t.csv"), columns(missing=False))
    data = 'data = csv("t.csv", target="price", ignore=["kind", "day"])\n'
    text = f"{data}network {{ dense(1) }}\n{TRAIN % 'mean_squared_error'}"

    def doubts(model: nndsl.Model) -> int:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.answer([[2000, "earth", 1, True]])
        return sum("nothing was trained or restored" in str(one.message) for one in caught)

    model = nndsl.load("page.nn", text=text)
    assert [doubts(model), doubts(model)] == [1, 0]
    model = nndsl.load("page.nn", text=text)
    model.fit()
    model.save("w.npz")
    assert doubts(model) == 0
    model = nndsl.load("page.nn", text=text)
    model.restore("w.npz")
    assert doubts(model) == 0
