"""What a table's inputs and targets are made of: the same in a script and for new examples."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.cli import main
from nndsl.data import Column, inputs_of
from nndsl.live.new_inputs import read_inputs
from nndsl.live.prediction import TrainedModel, load_trained
from nndsl.live.weights import open_weights
from nndsl.source import read_source

ROWS = 120
EUROPEAN = 'delimiter=";", decimal=","'
WAYS = [
    "missing=mean, indicators=true",
    "missing=median",
    "missing=most_frequent, indicators=true, standardize=true",
    "missing=mean, standardize=true, standardize_target=true, max_categories=3",
    "missing=drop, standardize_target=true",
]


def rows(form: str = "%Y-%m-%d", *, lacking: bool = True) -> list[list[str]]:
    draw = random.Random(0)
    made = []
    for n in range(ROWS):
        day = datetime(2024, 1, 1, 6) + timedelta(hours=7 * n)
        size = draw.uniform(0, 3000)
        cells = [day.strftime(form), f"{size:.2f}", draw.choice(["red", "blue", "a, b", "ü"])]
        if lacking:
            cells = [cell if draw.random() > 0.1 else draw.choice(["", "NA"]) for cell in cells]
        made.append([*cells, f"{3 * size + draw.gauss(0, 50):.3f}"])
    return made


def write(path: Path, cells: list[list[str]], *, european: bool = False) -> None:
    lines = [["day", "size", "color", "price"], *cells]
    if european:
        lines = [[c.replace(".", ",") if c.count(".") == 1 else c for c in line] for line in lines]
    quoted = [[f'"{c}"' if "," in c and not european else c for c in line] for line in lines]
    path.write_text("\n".join((";" if european else ",").join(line) for line in quoted) + "\n")


def page(folder: Path, arguments: str) -> Path:
    spec = folder / "t.nn"
    spec.write_text(
        f'data = csv("t.csv", target="price", dates="day", test=0.2, {arguments})\n'
        "network { dense(5); relu; dense(1) }\n"
        "train { loss = mean_squared_error; optimizer = adam(lr=0.01); epochs = 2\n"
        "  metrics = [mean_absolute_error] }\n"
    )
    return spec


def trained(spec: Path) -> tuple[Any, TrainedModel]:
    model = nndsl.load(spec)
    model.fit()
    model.save(spec.parent / "w.npz")
    return model, load_trained(read_source(spec), {}, open_weights(spec.parent / "w.npz"))


@pytest.mark.parametrize("european", [False, True])
@pytest.mark.parametrize("arguments", WAYS)
def test_new_examples_are_prepared_as_those_of_training(
    tmp_path: Path, arguments: str, european: bool
) -> None:
    write(tmp_path / "t.csv", rows("%d.%m.%Y %H:%M"), european=european)
    spec = page(tmp_path, f"{arguments}, {EUROPEAN}" if european else arguments)
    model, used = trained(spec)
    new = read_inputs(tmp_path / "t.csv", model.script.input_shape, used.data, used.known)
    prepared = used.preprocess(new.X)
    parts = np.concatenate([X for X, _ in model.data().values()])
    for made in (prepared, parts):
        assert np.isfinite(made).all()
    np.testing.assert_allclose(np.sort(parts, axis=0), np.sort(prepared, axis=0), atol=1e-4)
    answers = used.answers(tmp_path / "t.csv")[""].scores[np.array(new.rows) - 1, 0]
    X, t = model.data()["test"]
    at = [int(np.abs(prepared - x).max(axis=1).argmin()) for x in X]
    prices = [float(row[3]) for row in rows("%d.%m.%Y %H:%M")]
    prices = [prices[row - 1] for row in new.rows]
    error = np.mean([abs(answers[i] - prices[i]) for i in at])
    assert model.evaluate(X, t)["mean_absolute_error"] == pytest.approx(error, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", WAYS)
def test_scripts_that_prepare_are_right(tmp_path: Path, arguments: str) -> None:
    write(tmp_path / "t.csv", rows())
    model = nndsl.load(page(tmp_path, arguments))
    assert main(["gradcheck", str(model.spec.source.path)]) == 0


def test_what_fills_in_is_of_the_training_part_alone(tmp_path: Path) -> None:
    cells = [
        ["2024-01-01", str(n) if n < 80 else "9999", "x" if n % 2 else "y", "1"] for n in range(100)
    ]
    cells[3][1] = cells[5][1] = ""
    write(tmp_path / "t.csv", cells)
    model = nndsl.load(page(tmp_path, "missing=median, split=in_order"))
    model.data()
    assert model.statistics["fill"][1] == np.median([n for n in range(80) if n not in (3, 5)])


def test_the_last_rows_are_held_back_in_order(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", [["2024-01-01", str(n), "x", str(n)] for n in range(50)])
    model = nndsl.load(page(tmp_path, 'validation=0.1, split=in_order, ignore="color"'))
    t = {part: sorted(t[:, 0]) for part, (_, t) in model.data().items()}
    assert t["training"] == list(range(35))
    assert t["validation"] == list(range(35, 40))
    assert t["test"] == list(range(40, 50))


def test_each_part_has_its_share_of_every_class(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "a,y\n" + "".join(f"{n},{'no' if n % 20 else 'yes'}\n" for n in range(400))
    )
    (tmp_path / "t.nn").write_text(
        'data = csv("t.csv", target="y", split=stratified, validation=0.25, test=0.25)\n'
        "network { dense(classes) }\n"
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }\n"
    )
    model = nndsl.load(tmp_path / "t.nn")
    assert {part: int(t.sum()) for part, (_, t) in model.data().items()} == {
        "training": 10,
        "validation": 5,
        "test": 5,
    }


def test_rare_and_unknown_texts_share_a_column(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows(lacking=False))
    model, used = trained(page(tmp_path, "max_categories=3"))
    assert model.script.input_shape == (3 + 1 + 3,)
    (tmp_path / "new.csv").write_text("day,size,color\n2024-05-01,1,never seen\n")
    new = read_inputs(tmp_path / "new.csv", (7,), used.data, used.known)
    assert new.X[0, -3:].tolist() == [0, 0, 1]


def test_dates_are_points_on_circles(tmp_path: Path) -> None:
    from nndsl.data.dates import DATE_PARTS, FORMATS, date_form, date_parts, forms

    names: dict[str, Any] = {}
    exec("import datetime, math\n" + DATE_PARTS, names)
    moment = datetime(2023, 11, 27, 18, 30)
    for form in FORMATS:
        written = moment.strftime(form)
        assert form in forms([written])
        known = date_form(form, 1000)
        assert names["date_parts"](written, form, known.periods) == date_parts(written, known)
    assert forms(["13/01/2024", "01/02/2024"]) == ["%d/%m/%Y"]
    assert date_form("%Y-%m-%d %H:%M", 20).periods == (7, 1)
    assert date_form("%Y-%m-%d", 730).periods == (7,)
    at_six = date_parts("2000-01-01 06:00", date_form("%Y-%m-%d %H:%M", 20))
    assert at_six[3:] == pytest.approx([1, 0])


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ("split=stratified", "split", "the target is numbers"),
        ('dates="size"', "dates", "`size` is no date in line 2"),
        ('dates="day", decimal=","', "decimal", "`size` is a number with a point in line"),
        ('dates="day", decimal=";"', "decimal", '`decimal` is "." or ","'),
    ],
)
def test_what_does_not_fit_the_table(
    tmp_path: Path, arguments: str, field: str, message: str
) -> None:
    write(tmp_path / "t.csv", rows(lacking=False))
    spec = page(tmp_path, "")
    spec.write_text(spec.read_text().replace('dates="day", test=0.2, ', f"{arguments}, test=0.2"))
    with pytest.raises(nndsl.SpecError) as raised:
        nndsl.load(spec)
    [found] = raised.value.diagnostics
    assert message in found.message
    of_table = found.span.source.name.endswith("t.csv")
    assert of_table is ("in line" in message)
    assert found.span.text in (tmp_path / ("t.csv" if of_table else "t.nn")).read_text()


def test_without_a_target_the_columns_are_listed(tmp_path: Path) -> None:
    write(tmp_path / "t.csv", rows())
    spec = page(tmp_path, "")
    spec.write_text(spec.read_text().replace(' target="price",', ""))
    with pytest.raises(nndsl.SpecError) as raised:
        nndsl.load(spec)
    assert raised.value.diagnostics[0].help == "`t.csv` has `day`, `size`, `color`, `price`"


def test_the_inputs_of_a_column_stand_together_but_for_what_is_missing() -> None:
    columns = (
        Column("a", indicated=True),
        Column("b", ("x", "y"), has_other=True),
        Column("c", indicated=True),
    )
    assert inputs_of(columns) == {"a": [0, 5], "b": [1, 2, 3], "c": [4, 6]}


def test_what_is_filled_in_and_left_out_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "t.csv", [["2024-01-01", "", "red", "1"], ["2024-01-02", "2", "red", ""]] * 4)
    assert main(["summary", str(page(tmp_path, "missing=mean"))]) == 1
    write(
        tmp_path / "t.csv",
        [["2024-01-01", "", "red", "1"], ["2024-01-02", "2", "red", ""]] * 4 + rows(),
    )
    assert main(["summary", str(page(tmp_path, "missing=mean"))]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "missing values are filled in: `" in said
    assert "4 of 128 rows are left out, since a value is missing: `price` in 4" in said


@pytest.mark.slow
def test_an_edited_script_that_judges_in_other_units_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "t.csv", rows(lacking=False))
    spec = page(tmp_path, "standardize_target=true")
    source = nndsl.load(spec).source
    wrong = source.replace('values = Z2 * statistics["target_scale"]', "values = Z2")
    assert wrong != source
    (tmp_path / "mine.py").write_text(wrong)
    assert main(["gradcheck", str(spec), "--script", str(tmp_path / "mine.py")]) == 1
    assert "evaluation: no" in capsys.readouterr().out


@pytest.mark.parametrize("how", ["mean", "median", "most_frequent"])
def test_a_column_without_values_in_the_training_part_is_filled_with_0(
    tmp_path: Path, how: str
) -> None:
    lines = [f"{n},{'' if n < 38 else n},{n * n}" for n in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["a,late,y", *lines, ""]))
    (tmp_path / "t.nn").write_text(
        f'data = csv("t.csv", target="y", missing={how}, split=in_order, test=5)\n'
        "network { dense(1) }\n"
        "train { loss = mean_squared_error; optimizer = sgd(lr=1e-9); epochs = 1 }\n"
    )
    model = nndsl.load(tmp_path / "t.nn")
    assert np.isfinite(list(model.fit().results.values())).all()
    model.save(tmp_path / "w.npz")
    assert np.load(tmp_path / "w.npz")["fill"][1] == 0


@pytest.mark.parametrize("how", ["mean", "median", "most_frequent"])
@pytest.mark.parametrize("most", ["", ", max_categories=2"])
def test_a_missing_text_becomes_the_most_frequent_one(tmp_path: Path, how: str, most: str) -> None:
    """Of five texts none stands in half of the rows: each column by itself would be 0."""
    texts = ["red", "blue", "", "green", "red", "", "grey", "blue", "red", "white"]
    lines = [f"{n},{text},{n * n}" for n, text in enumerate(texts * 4)]
    (tmp_path / "t.csv").write_text("\n".join(["a,color,y", *lines, ""]))
    (tmp_path / "t.nn").write_text(
        f'data = csv("t.csv", target="y", missing={how}, split=in_order, test=10{most})\n'
        "network { dense(1) }\n"
        "train { loss = mean_squared_error; optimizer = sgd(lr=1e-9); epochs = 1 }\n"
    )
    X, _ = nndsl.load(tmp_path / "t.nn").data()["training"]
    rows = {texts[int(row[0]) % 10]: row[1:].tolist() for row in X}
    most_frequent = "green" if most else "red"  # together with blue, grey and white
    assert rows[""] == rows[most_frequent]
    assert sum(rows[""]) == 1


def test_a_column_that_is_not_used_may_hold_points(tmp_path: Path) -> None:
    lines = [f"1.0;{n},5;{3 * n},25" for n in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["version;size;price", *lines, ""]))
    (tmp_path / "t.nn").write_text(
        f'data = csv("t.csv", target="price", ignore="version", {EUROPEAN})\n'
        "network { dense(1) }\n"
        "train { loss = mean_squared_error; optimizer = sgd(lr=1e-9); epochs = 1 }\n"
    )
    assert nndsl.load(tmp_path / "t.nn").fit().results
