"""nndsl predict and nndsl evaluate: networks in use, from the command line."""

from __future__ import annotations

import csv
import io
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Cli

import nndsl

LEVELS = ('"low, very"', "high")
TABLE = "".join(f"{n % 5},{LEVELS[n % 5 > 2]},{n}\n" for n in range(40))
REGRESSION = (
    'data = csv("t.csv", target="size", ignore="level")\nnetwork { dense(1) }\n'
    "train { loss = mean_squared_error; optimizer = sgd(lr=1e-4); epochs = 1 }\n"
)


@pytest.fixture
def table(spec: Path) -> Path:
    """Write a spec with a table, and train it without curves."""
    Path("t.csv").write_text(f"size,level,id\n{TABLE}")
    spec.write_text(
        'data = csv("t.csv", target="level", ignore="id", test=0.2, standardize=true)\n'
        "network {\n  dense(4)\n  relu\n  dense(2)\n}\n"
        "train { loss = softmax_cross_entropy; optimizer = adam(lr=0.05); epochs = 20 }\n"
    )
    return spec


def trained(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert cli("run", spec, "-o", "r").code == 0
    return "r/weights.npz"


def test_a_prediction_of_classes(cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = trained(cli, table, monkeypatch)
    Path("t.csv").unlink()
    Path("new.csv").write_text("note,size\nx,0\ny,4\n")
    result = cli("predict", table, "--weights", weights, "--input", "new.csv")
    assert (result.code, result.err) == (0, "not used: `note`\n")
    rows = list(csv.DictReader(result.out.splitlines()))
    assert [row["row"] for row in rows] == ["1", "2"]
    assert [row["class"] for row in rows] == ["low, very", "high"]
    names = ("probability_high", "probability_low, very")
    assert list(rows[0]) == ["row", "class", *names]
    assert all(sum(float(row[name]) for name in names) == pytest.approx(1) for row in rows)

    result = cli("predict", table, "--weights", weights, "--input", "new.csv", "--format", "json")
    found = json.loads(result.out)
    assert [entry["class"] for entry in found] == ["low, very", "high"]
    assert [str(p) for p in found[0]["probabilities"].values()] == [rows[0][n] for n in names]


def test_a_folder_of_a_run_stands_for_its_weights(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = trained(cli, table, monkeypatch)
    for command in (["predict", table, "--input", "t.csv"], ["evaluate", table]):
        by_file = cli(*command, "--weights", weights)
        assert by_file.code == 0
        assert cli(*command, "--weights", "r") == by_file
    before = Path(weights).read_bytes()
    result = cli("predict", table, "--weights", "r", "--input", "t.csv", "-o", weights)
    assert (result.code, result.err.splitlines()[0]) == (2, f"error: {weights} is what is read")
    assert Path(weights).read_bytes() == before
    Path("new.csv").write_bytes(Path("t.csv").read_bytes())
    for spec in (table, "r"):  # what a run has kept leads to the data of its page, too
        chosen = [spec] if spec == "r" else [spec, "--weights", "r"]
        result = cli("predict", *chosen, "--input", "new.csv", "-o", "t.csv")
        assert result.err.splitlines()[0] == "error: t.csv is data that the spec reads"
        assert (result.code, result.out) == (2, "")
    assert Path("t.csv").read_bytes() == Path("new.csv").read_bytes()
    Path("empty").mkdir()
    result = cli("evaluate", table, "--weights", "empty")
    assert (result.code, "error: empty/weights.npz does not exist" in result.err) == (2, True)


def test_a_prediction_of_values(cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table.write_text(REGRESSION)
    weights = trained(cli, table, monkeypatch)
    result = cli("predict", table, "--weights", weights, "--input", "t.csv", "-o", "out.csv")
    assert (result.code, result.out) == (0, "")
    assert result.err == "wrote out.csv (40 examples)\n"
    rows = list(csv.DictReader(Path("out.csv").read_text().splitlines()))
    assert (len(rows), list(rows[0])) == (40, ["row", "size"])
    with np.load(weights) as file:
        expected = [n * file["W1"][0, 0] + file["b1"][0] for n in range(40)]
    assert [float(row["size"]) for row in rows] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    result = cli("predict", table, "--weights", weights, "--input", "t.csv", "--format", "json")
    assert json.loads(result.out)[39] == {"row": 40, "values": {"size": float(rows[39]["size"])}}


def test_rows_without_an_input_keep_their_lines(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.write_text(table.read_text().replace("standardize", "missing=drop, standardize"))
    weights = trained(cli, table, monkeypatch)
    Path("new.csv").write_text("size,level\n1,\n?,\n3,\n")
    result = cli("predict", table, "--weights", weights, "--input", "new.csv")
    assert [line.split(",")[0] for line in result.out.splitlines()] == ["row", "1", "2", "3"]


def test_what_is_wrong_with_an_input(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = trained(cli, table, monkeypatch)
    Path("new.csv").write_text("size\n1\n \n")
    result = cli("predict", table, "--weights", weights, "--input", "new.csv", "-o", "out.csv")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: row 2 (line 3): `size` is missing\n  = help: ")
    assert not Path("out.csv").exists()
    result = cli("predict", table, "--weights", weights, "--input", "n.csv")
    assert (result.code, result.err) == (2, "error: n.csv does not exist\n")


def test_what_is_read_is_not_written_over(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = trained(cli, table, monkeypatch)
    for output in ("t.csv", weights, table):
        before = Path(output).read_bytes()
        result = cli("predict", table, "--weights", weights, "--input", "t.csv", "-o", output)
        assert result.code == 2
        assert Path(output).read_bytes() == before


def test_scale_is_said(cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez("d.npz", x=np.eye(4, dtype=np.uint8).repeat(5, axis=0) * 255, t=np.arange(20) // 5)
    text = 'data = npz("d.npz", scale=1/255)\nnetwork { dense(4) }\n'
    table.write_text(f"{text}train {{ loss = softmax_cross_entropy; optimizer = adam }}\n")
    weights = trained(cli, table, monkeypatch)
    result = cli("predict", table, "--weights", weights, "--input", "d.npz")
    assert result.code == 0
    said = "the inputs were multiplied by 0.00392157, as the spec's data says\n"
    assert result.err == said
    result = cli("predict", table, "--weights", weights, "--input", "d.npz", "--array", "t")
    assert "error: the network takes examples of the shape (4,), and `t` in d.npz" in result.err
    result = cli("evaluate", table, "--weights", weights)
    assert result.code == 0
    table.write_text(table.read_text().replace("1/255", "1"))
    result = cli("evaluate", table, "--weights", weights)
    assert result.code == 2
    assert "trained on inputs that were prepared otherwise\n  = help: `scale` is 1, " in result.err


@pytest.mark.slow
@pytest.mark.parametrize("optimize", [[], ["--optimize"]])
def test_run_and_evaluate_give_the_same_numbers(
    optimize: list[str], cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = cli("run", spec, "-o", "r", *optimize)
    results = json.loads(Path("r/results.json").read_text())
    cli("build", spec, "-o", "train.py", *optimize)
    subprocess.run([sys.executable, "train.py"], capture_output=True, check=True)
    for weights in ("r/weights.npz", "train.weights.npz"):
        for part in ("test", "validation"):
            result = cli("evaluate", spec, "--weights", weights, "--part", part, "--format", "json")
            assert (result.code, result.err) == (0, "")
            found = json.loads(result.out)
            for name in ("loss", "accuracy"):
                assert found[name] == results[f"{part}_{name}"]
        result = cli("evaluate", spec, "--weights", weights)
        assert (result.code, result.err.splitlines()[0]) == (0, "on the test part, 12 examples")
        baseline = results["baselines"]["how often each class occurs"]["test_accuracy"]
        said = f"without a network, by how often each class occurs: accuracy {baseline:.4f}\n"
        assert result.err.endswith(said)
        assert result.out == run.out.splitlines(keepends=True)[-1]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["evaluate", "predict"])
@pytest.mark.parametrize("number", [np.nan, -np.inf, 1e300])
def test_weights_that_are_no_numbers_are_refused_at_their_place(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch, command: str, number: float
) -> None:
    weights = trained(cli, table, monkeypatch)
    with np.load(weights) as file:
        arrays = {
            name: array.astype(np.float64, copy=True)
            for name, array in file.items()
            if array.dtype.kind == "f"
        }
    arrays["W1"][0, 2] = number
    np.savez("damaged.npz", **arrays)
    more = ["--input", "t.csv"] if command == "predict" else []
    result = cli(command, table, "--weights", "damaged.npz", *more)
    assert (result.code, result.out) == (2, "")
    assert (
        f"`W1` in damaged.npz holds {number} at (0, 2), which is no number of float32" in result.err
    )
    assert "Warning" not in result.err


def test_answers_that_are_no_numbers_name_the_row(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = trained(cli, table, monkeypatch)
    head, *rows = Path("t.csv").read_text().splitlines()
    numbers = [
        "3e37" if value.replace(".", "").isdecimal() else value for value in rows[2].split(",")
    ]
    rows[2] = ",".join(numbers)
    Path("new.csv").write_text("\n".join([head, *rows]) + "\n")
    with np.load(weights) as file:
        arrays = dict(file)
    arrays["W1"] = arrays["W1"] * np.float32(1e20)
    np.savez("large.npz", **arrays)
    result = cli("predict", table, "--weights", "large.npz", "--input", "new.csv")
    assert (result.code, result.out) == (2, "")
    assert "what the network says of row 3 is not finite" in result.err
    assert "Warning" not in result.err


def test_the_part_is_chosen_and_named(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = trained(cli, spec, monkeypatch)
    for data, said in (
        ("validation=0.1", "on the validation part, 6 examples\n"),
        ("noise=0.2", "on the training part, 60 examples\n"),
    ):
        text = spec.read_text()
        spec.write_text(text.replace("validation=0.1, test=0.2", data))
        assert cli("evaluate", spec, "--weights", weights).err.startswith(said)
        result = cli("evaluate", spec, "--weights", weights, "--part", "test")
        assert result.code == 2
        assert result.err.startswith("error: the data has no test part\n  = help: it has `train")
        spec.write_text(text)
    spec.write_text("network { input(2); dense(8); relu; dense(3) }")
    result = cli("evaluate", spec, "--weights", weights)
    assert (result.code, result.out) == (1, "")
    assert "nothing to evaluate on: the spec has no `data`" in result.err


def test_confusion_is_counted(cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = trained(cli, table, monkeypatch)
    result = cli("evaluate", table, "--weights", weights, "--confusion")
    lines = result.out.splitlines()
    assert lines[1:3] == ["", "a row: what it is; a column: what it was taken for"]
    assert lines[3] == "           high  low, very"
    assert [line[:9] for line in lines[4:6]] == ["     high", "low, very"]
    assert lines[7].split() == ["precision", "recall", "f1"]
    shown = [line[9:].split() for line in lines[8:]]
    options = ["--confusion", "--format", "json"]
    found: dict[str, Any] = json.loads(cli("evaluate", table, "--weights", weights, *options).out)
    assert found["confusion"]["classes"] == ["high", "low, very"]
    (a, b), (c, d) = found["confusion"]["counts"]
    assert a + b + c + d == found["examples"] == 8
    scores = [found["confusion"][name] for name in ("precision", "recall", "f1")]
    assert [[f"{score:.3f}" for score in row] for row in zip(*scores, strict=True)] == shown
    assert scores[1] == [a / (a + b), d / (c + d)]
    table.write_text(REGRESSION)
    cli("run", table, "-o", "again")
    result = cli("evaluate", table, "--weights", "again/weights.npz", "--confusion")
    assert result.err.startswith("error: the network predicts numbers, and no classes to confuse\n")


def test_many_classes_are_listed_by_mistake(cli: Cli, spec: Path) -> None:
    spec.write_text(
        "data = blobs(classes=30, samples=300, noise=9)\nnetwork { dense(30) }\n"
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.001); epochs = 1 }\n"
    )
    cli("build", spec, "-o", "train.py")
    subprocess.run([sys.executable, "train.py"], capture_output=True, check=True)
    result = cli("evaluate", spec, "--weights", "train.weights.npz", "--confusion")
    lines = result.out.splitlines()
    assert lines[2] == "taken for another, most often first:"
    assert lines[23:25] == ["", "the classes with the smallest F1:"]
    assert len(lines) == 46
    counts = [int(line.split()[0]) for line in lines[3:23]]
    assert counts == sorted(counts, reverse=True)


def test_weights_of_another_network(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = trained(cli, spec, monkeypatch)
    np.savez("bare.npz", **{k: v for k, v in np.load(weights).items() if k[-1].isdigit()})
    result = cli("evaluate", spec, "--weights", "bare.npz")
    assert result.code == 0
    assert result.err.startswith("warning: bare.npz does not say which network it belongs to")
    result = cli("evaluate", spec, "--set", "width=9", "--weights", weights)
    assert (result.code, result.out) == (2, "")
    assert "W1 is (2, 8) in r/weights.npz, and (2, 9) in the model" in result.err
    assert "  = help: `dense(9)` at line 6 is `dense(8)` in the weights' spec\n" in result.err
    spec.write_text(spec.read_text().replace("relu", "tanh"))
    for command in (["evaluate"], ["predict", "--input", "x.csv"]):
        result = cli(command[0], spec, "--weights", weights, *command[1:])
        assert result.code == 2
        assert "belongs to another network" in result.err
        assert "  = help: `tanh` at line 7 is `relu` in the weights' spec\n" in result.err
    result = cli("evaluate", spec, "--weights", "none.npz")
    assert result.err.startswith("error: none.npz does not exist\n  = help: weights are written by")


def test_data_that_is_gone(cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = trained(cli, table, monkeypatch)
    Path("t.csv").rename("new.csv")
    assert cli("predict", table, "--weights", weights, "--input", "new.csv").code == 0
    with np.load(weights) as file:
        names = [name for name in file if name not in ("spec", "examples")]
        np.savez("script.npz", **{name: file[name] for name in names})
    for command in (
        ["evaluate", "--weights", weights],
        ["predict", "--weights", "script.npz", "--input", "new.csv"],
    ):
        result = cli(command[0], table, *command[1:])
        assert (result.code, result.out) == (1, "")
        assert "error[NN311]: there is no file `t.csv`" in result.err


def test_the_folder_of_a_run_is_a_model(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("words.nn").write_text("layer twice { y = 2 * x }\n")
    text = table.read_text().replace("dense(4)", "dense(width)\n  twice")
    table.write_text(f'import "words.nn"\nlet width = 4\n{text}')
    assert cli("run", table, "-o", "r", "--set", "width=3", "--set", "train.epochs=1").code == 0
    Path("new.csv").write_text("size\n0\n4\n")
    given = cli("predict", table, "--set", "width=3", "--weights", "r", "--input", "new.csv")
    assert given.code == 0
    for path in (table, Path("words.nn"), Path("t.csv")):
        path.unlink()
    shutil.move("r", "elsewhere")
    assert cli("predict", "elsewhere", "--input", "new.csv") == given
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"size\n0\n4\n")))
    assert cli("predict", "elsewhere", "--input", "-") == given
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "`stdin` is empty" in cli("predict", "elsewhere", "--input", "-").err


def test_the_folder_of_a_run_is_judged_and_loaded(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the values of `--set`, wherever it is copied to, and for answers without its data."""
    Path("elsewhere").mkdir()
    Path("t.csv").rename("elsewhere/t.csv")
    table.write_text(table.read_text().replace("t.csv", "elsewhere/t.csv"))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert cli("run", table, "-o", "r", "--set", "train.epochs=3").code == 0
    whole = cli("evaluate", table, "--weights", "r", "--set", "train.epochs=3")
    model = nndsl.load(table)
    model.restore("r")
    answers, results = model.answer({"size": [0, 4]}), model.evaluate(*model.data()["test"])
    shutil.rmtree("elsewhere")
    shutil.copytree("r", "copy/run")
    assert cli("evaluate", "copy/run") == whole
    kept = nndsl.load("copy/run")
    assert kept.evaluate(*kept.data()["test"]) == results
    Path("copy/run/t.csv").unlink()
    alone = pickle.loads(pickle.dumps(nndsl.load("copy/run", optimize=True)))
    assert alone.answer({"size": [0, 4]}).labels == answers.labels
    with pytest.raises(nndsl.ModelError, match="data is gone"):
        alone.fit()
    result = cli("evaluate", table)
    assert (result.code, "which weights of" in result.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{spec}", "--input", "new.csv"], "the folder of a run stands for the spec and"),
        (["gone", "--input", "new.csv"], "gone does not exist"),
        ([".", "--input", "new.csv"], "weights.npz does not exist"),
        (["-", "--weights", "r", "--input", "-"], "stdin holds the spec or the examples"),
    ],
)
def test_what_is_no_model_is_told(cli: Cli, table: Path, arguments: list[str], says: str) -> None:
    result = cli("predict", *(str(table) if a == "{spec}" else a for a in arguments))
    assert result.code != 0
    assert says in result.err


def test_weights_without_a_spec_are_no_model(
    cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with np.load(trained(cli, table, monkeypatch)) as file:
        arrays = {name: file[name] for name in file.files if name != "spec"}
    np.savez("r/weights.npz", **arrays)
    result = cli("predict", "r", "--input", "t.csv")
    assert "weights.npz does not hold its spec" in result.err


@pytest.mark.parametrize(("target", "says"), [("again", True), ("both", False)])
def test_a_result_by_one_column_alone_is_doubted(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, says: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = [(a, b, a if target == "again" else a + b) for a, b in rng.random((80, 2))]
    lines = "\n".join(f"{a:.4f},{b:.4f},{y:.4f}" for a, b, y in rows)
    Path("t.csv").write_text(f"again,other,y\n{lines}\n")
    Path("page.nn").write_text(
        'data = csv("t.csv", target="y", test=0.2)\nnetwork { dense(1) }\n'
        "train { loss = mean_squared_error; optimizer = adam(lr=0.1); epochs = 60; metrics = r2 }\n"
    )
    assert cli("run", "page.nn", "-o", "r").code == 0
    doubt = "The r2 is nearly 1, and rests on the column `again` alone: does it hold what is to be"
    assert (doubt in Path("r/report.html").read_text("utf-8")) is says
    assert (doubt in cli("evaluate", "r", "--importance").err) is says


@pytest.mark.parametrize(("most", "warns"), [(4, True), (3, False)])
def test_a_text_that_training_had_not_is_warned_of(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, warns: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{('cash', 'card', 'note')[n % 3]},{n}\n" for n in range(30))
    Path("t.csv").write_text(f"kind,y\n{rows}")
    Path("page.nn").write_text(
        f'data = csv("t.csv", target="y", max_categories={most})\nnetwork {{ dense(1) }}\n'
        "train { loss = mean_squared_error; optimizer = adam; epochs = 1 }\n"
    )
    assert cli("run", "page.nn", "-o", "r").code == 0
    Path("new.csv").write_text("kind\ncash\nwire\n")
    found = cli("predict", "r", "--input", "new.csv")
    assert found.code == 0
    says = "warning: `kind` holds a text in 1 of 2 examples that was not there in training"
    assert (says in found.err) is warns
    Path("new.csv").write_text("kind\ncash\nnote\n")
    assert "warning" not in cli("predict", "r", "--input", "new.csv").err


@pytest.mark.parametrize(
    ("missing", "says"), [("median", "the target is"), ("drop", "the target or an input is")]
)
def test_what_rows_to_judge_by_lack(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("a,y\n" + "".join(f"{n},{n % 7}\n" for n in range(30)) + ",3\n")
    Path("page.nn").write_text(
        f'data = csv("t.csv", target="y", missing={missing})\nnetwork {{ dense(1) }}\n'
        "train { loss = mean_squared_error; optimizer = adam; epochs = 1 }\n"
    )
    assert cli("run", "page.nn", "-o", "r").code == 0
    Path("more.csv").write_text("a,y\n1,2\n2,\n3,\n4,1\n")
    found = cli("evaluate", "r", "--input", "more.csv")
    assert f"2 rows left out, since {says} missing\n" in found.err
