"""What a report shows of classes, examples and columns."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.languages import in_language
from nndsl.live.judgement import Judgement, judge
from nndsl.report.judged import class_table, confusion_matrix, judged_parts
from nndsl.report.page import Picture, Table
from nndsl.report.png import data_address


def fitted(text: str) -> nndsl.Model:
    model = nndsl.load("page.nn", text=text)
    model.fit()
    return model


def parts(model: nndsl.Model) -> dict[str, Picture | Table]:
    return {part.title: part for part in judged_parts(model) if isinstance(part, Picture | Table)}


DIGITS = """data = digits(training=200, test=0.2)
    network { dense(12); relu; dense(10) }
    train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 4 }"""


def test_a_classification_of_images() -> None:
    model = fitted(DIGITS)
    (found,) = judge(model)
    X, t = model.data()["test"]
    accuracy = model.evaluate(X, t)["accuracy"]
    assert found.confusion.trace() == round(accuracy * len(t))
    assert found.confusion.sum(axis=1).tolist() == np.bincount(t, minlength=10).tolist()
    shown = parts(model)
    assert list(shown) == [
        "Confusion matrix",
        "Calibration",
        "Most confused images",
        "The classes",
        "Weights of the first layer",
    ]
    matrix = shown["Confusion matrix"]
    assert isinstance(matrix, Picture)
    numbers = [int(n) for n in re.findall(r">(\d+)</text>", matrix.svg)][: len(found.confusion)]
    assert set(numbers) <= set(found.confusion.ravel().tolist()) | set(range(10))
    assert f"{found.confusion.trace()} are right" in matrix.caption
    images = shown["Most confused images"]
    assert isinstance(images, Picture)
    assert images.svg.count('href="data:image/png;base64,') == 12
    first = found.worst[0]
    assert f">{found.true[first]}, not {found.predicted[first]} " in images.svg


def test_the_worst_mistake_comes_first() -> None:
    P = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.99, 0.01]])
    true, predicted = np.array([0, 1, 1, 1]), np.array([0, 0, 1, 0])
    found = Judgement("test", P, ("no", "yes"), true, predicted, True, P)
    assert found.worst.tolist() == [3, 1]
    assert found.confusion.tolist() == [[1, 0], [2, 1]]
    assert found.confidence.tolist() == [0.9, 0.6, 0.8, 0.99]


def test_a_table_of_each_class() -> None:
    true, predicted = np.array([0, 0, 1, 1, 1, 3]), np.array([0, 1, 1, 1, 0, 0])
    table = class_table(Judgement("test", true, ("a", "b", "c", "d"), true, predicted, True))
    assert table.rows == (
        ("a", "0.333", "0.500", "0.400", "2"),
        ("b", "0.667", "0.667", "0.667", "3"),
        ("d", "0.000", "0.000", "0.000", "1"),
        ("macro average", "0.333", "0.389", "0.356", "6"),
        ("weighted average", "0.444", "0.500", "0.467", "6"),
    )


ROWS = "\n".join(
    f"{i % 7},{'red' if i % 3 else 'blue'},{(i * 5) % 11},{10 * (i % 7) + 100}" for i in range(60)
)
PAGE = """data = csv("t.csv", target="y", standardize=true, test=0.3{more})
    network {{ dense(8); relu; dense({outputs}) }}
    train {{ loss = {loss}; optimizer = adam(lr=0.05); epochs = 30 }}"""


def test_a_regression_of_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(f"x,color,noise,y\n{ROWS}\n")
    more = ", standardize_target=true"
    model = fitted(PAGE.format(more=more, outputs=1, loss="mean_squared_error"))
    shown = parts(model)
    assert list(shown) == ["Largest errors", "What the network goes by"]
    columns = shown["What the network goes by"]
    assert isinstance(columns, Table)
    assert columns.columns == ("column", "loss rises by", "±")
    assert columns.rows[0][0] == "x"  # y is 10 x + 100
    assert sorted(row[0] for row in columns.rows) == ["color", "noise", "x"]
    errors = shown["Largest errors"]
    assert isinstance(errors, Table)
    assert errors.columns[:5] == ("example", "true", "predicted", "error", "x")
    rows = {tuple(line.split(",")) for line in ROWS.splitlines()}
    for row in errors.rows:
        found = dict(zip(errors.columns, row, strict=True))
        assert (found["x"], found["color"], found["noise"], found["true"]) in rows


def test_names_of_classes_and_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ROWS.replace(",100", ",<low>").replace(",160", ",high").replace(",130", ",high")
    rows = re.sub(r",1\d\d$", ",<low>", rows, flags=re.M)
    Path("t.csv").write_text(f"x,color,noise,y\n{rows}\n")
    model = fitted(PAGE.format(more="", outputs=2, loss="softmax_cross_entropy"))
    shown = parts(model)
    matrix = shown["Confusion matrix"]
    assert isinstance(matrix, Picture)
    assert "&lt;low&gt;" in matrix.svg
    assert "<low>" not in matrix.svg
    assert [row[0] for row in shown["The classes"].rows[:2]] == ["<low>", "high"]  # type: ignore[union-attr]


@pytest.mark.parametrize("classes", [2, 13, 40])
def test_a_matrix_fits_a_phone(classes: int) -> None:
    true = np.arange(200) % classes
    names = tuple(f"a long name of class {k}" for k in range(classes))
    predicted = (true + (np.arange(200) % 5 == 0)) % classes
    picture = confusion_matrix(Judgement("test", true, names, true, predicted, True))
    width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture.svg)[0])
    corners = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', picture.svg)
    assert all(float(x) + float(w) <= width for x, _, w in corners)
    assert all(float(y) + float(w) <= height for _, y, w in corners)


def test_names_of_classes_are_those_of_the_data_in_every_language() -> None:
    names, true = ("loss", "test"), np.array([0, 1, 1])
    with in_language("ja"):
        picture = confusion_matrix(Judgement("test", true, names, true, true, True))
    assert all(f">{name}</text>" in picture.svg for name in names)
    assert ">predicted</text>" not in picture.svg


def test_texts_have_nothing_to_confuse() -> None:
    text = """data = addition(samples=200, test=0.2)
        network { embedding(4); lstm(8, output=all); dense(12) }
        train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }"""
    model = nndsl.load("page.nn", text=text)
    assert judge(model) == []


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_the_image(channels: int) -> None:
    image = np.random.default_rng(0).random((channels, 3, 5), np.float32)
    png = base64.b64decode(data_address(image).removeprefix("data:image/png;base64,"))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (width, height, depth, kind) == (5, 3, 8, 0 if channels == 1 else 2)
    size = struct.unpack(">I", png[33:37])[0]
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + size]), np.uint8).reshape(3, -1)
    pixels = rows[:, 1:].reshape(3, 5, channels).transpose(2, 0, 1)
    low, high = image.min(), image.max()
    assert np.abs(pixels - 255 * (image - low) / (high - low)).max() <= 0.51


def test_examples_of_many_values_are_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("d.npz", x=np.random.default_rng(0).random((20, 6), np.float32))
    model = fitted("""data = npz("d.npz", x="x", t="x")
        network { dense(6) }
        train { loss = mean_squared_error; optimizer = sgd(lr=0.1); epochs = 1 }""")
    assert judge(model)
    assert judged_parts(model) == []
