"""nndsl run: the lines of the script, and a folder with everything that came of it."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Cli

from nndsl.cli import training
from nndsl.live import run as live_run
from nndsl.live.model import load
from nndsl.live.run import Run, new_folder

CURVES = ["accuracy.svg", "loss.svg"]
KEPT = sorted(
    "accuracy.svg command.txt history.csv loss.svg report.html results.json spec.nn train.py "
    "weights.npz".split()
)


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def test_the_last_epoch_is_reported_of_a_training_by_steps(cli: Cli, spec: Path) -> None:
    text = re.sub("epochs *= *[0-9]+", "steps = 20; report = every(4)", spec.read_text())
    spec.write_text(text)
    printed = cli("run", spec).out.splitlines()
    epochs = len(Path("runs/net-1/history.csv").read_text().splitlines()) - 1
    assert epochs % 4, "the last epoch is due for no other reason"
    assert str(epochs) in [line.split()[0] for line in printed]


@pytest.mark.parametrize(
    ("settings", "goes_back"),
    [
        ("stop = early(patience=2); epochs = 60; report = every(50)", True),
        ("stop = early(patience=2, metric=training_loss); epochs = 3; report = every(20)", False),
    ],
)
def test_the_end_of_a_training_that_may_stop(
    cli: Cli, spec: Path, settings: str, *, goes_back: bool
) -> None:
    spec.write_text(re.sub("epochs *= *[0-9]+", settings, spec.read_text()))
    printed = cli("run", spec).out.splitlines()
    last = len(Path("runs/net-1/history.csv").read_text().splitlines()) - 1
    assert last % 10, "the last epoch is due for no other reason"
    rows = [line.split()[0] for line in printed[1:] if line[:5].strip().isdecimal()]
    assert rows[-1] == str(last)
    assert any(line.startswith(f"ended after epoch {last}, ") for line in printed) is goes_back


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        "",
        "report = every(epochs=3); stop = early(patience=2); epochs = 40",
        "steps = 20; report = every(epochs=2)",
        "epochs = 45",
    ],
)
def test_the_lines_are_those_of_the_script(cli: Cli, spec: Path, settings: str) -> None:
    if settings:
        text = re.sub("epochs *= *[0-9]+", settings, spec.read_text())
        assert settings in text
        spec.write_text(text)
    result = cli("run", spec)
    assert result.code == 0
    cli("build", spec, "-o", "train.py")
    done = subprocess.run([sys.executable, "train.py"], capture_output=True, text=True, check=True)
    assert result.out == done.stdout

    weights = np.load("runs/net-1/weights.npz"), np.load("train.weights.npz")
    assert set(weights[0]) == {*weights[1], "spec", "examples"}
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[1])


def test_a_second_run_of_a_model_does_not_call_the_first(spec: Path, tmp_path: Path) -> None:
    model, called = load(spec), ["", ""]
    for number in range(2):

        def on_step(number: int = number) -> None:
            called[number] += "."

        Run(model, tmp_path).start(on_step)
    assert called[0] == called[1]


def test_the_folder_keeps_everything(cli: Cli, spec: Path) -> None:
    result = cli("run", spec, "--set", "train.epochs=2")
    assert names("runs/net-1") == KEPT
    wrote, baseline, report = result.err.splitlines()
    assert report == f"report: {Path('runs/net-1/report.html')}"
    assert baseline.startswith("Without a network, by how often each class occurs, the test")
    assert wrote == f"wrote {Path('runs/net-1')}/: {', '.join(KEPT)}"
    folder = Path("runs/net-1")
    assert (folder / "spec.nn").read_text() == spec.read_text()
    assert (folder / "command.txt").read_text() == "nndsl run net.nn --set train.epochs=2\n"
    assert "EPOCHS = 2 " in (folder / "train.py").read_text()

    rows = list(csv.DictReader((folder / "history.csv").open(newline="")))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    columns = "epoch loss training_accuracy validation_loss validation_accuracy".split()
    assert list(rows[0]) == columns
    results = json.loads((folder / "results.json").read_text())
    assert list(results) == [*columns, "test_loss", "test_accuracy", "baselines"]
    assert f"test loss {results['test_loss']:.4f}" in result.out
    assert str(results["loss"]) == rows[-1]["loss"]

    model = load(spec)
    model.restore(folder / "weights.npz")
    assert model.evaluate(*model.data()["test"])["loss"] == results["test_loss"]


def write_table(name: str, spec: Path) -> None:
    """Let the spec read a table of this name, which lies in another folder."""
    rows = [f"{n % 7},{n % 3}" for n in range(40)]
    Path("tables").mkdir()
    Path("tables", name).write_text("\n".join(["a,kind", *rows]), "utf-8")
    spec.write_text(
        f'data = csv("tables/{name}", target="kind", classes=true)\nnetwork {{ dense(3) }}\n'
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 2 }\n"
    )


def test_the_script_runs_where_it_is_kept(cli: Cli, spec: Path) -> None:
    write_table("kinds.csv", spec)
    result = cli("run", spec)
    assert names("runs/net-1") == sorted([*KEPT, "kinds.csv"])
    assert not Path("runs/net-1/kinds.csv").is_symlink()
    Path("elsewhere").mkdir()
    shutil.copytree("runs/net-1", "elsewhere/net-1", symlinks=True)
    shutil.rmtree("tables")
    shutil.rmtree("runs")
    done = subprocess.run(
        [sys.executable, "train.py"],
        capture_output=True,
        text=True,
        check=True,
        cwd="elsewhere/net-1",
    )
    assert done.stdout == result.out


@pytest.mark.parametrize("name", ["train.weights.npz", "history.csv"])
def test_data_that_cannot_be_kept(name: str, cli: Cli, spec: Path) -> None:
    """It is left as it is where the run, or its script, writes a file of that name."""
    write_table(name, spec)
    data = Path("tables", name).read_bytes()
    result = cli("run", spec)
    assert names("runs/net-1") == KEPT
    assert f"train.py reads {name} beside itself: copy it from tables/{name}\n" in result.err
    assert Path("tables", name).read_bytes() == data


@pytest.mark.parametrize("on_one_disk", [True, False])
def test_large_data_takes_no_room_twice(
    on_one_disk: bool, cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table("kinds.csv", spec)
    monkeypatch.setattr(live_run, "COPIED", 100)
    if not on_one_disk:
        link = os.link

        def refused(origin: Any, target: Any, **options: Any) -> None:
            if not options:
                raise OSError(errno.EXDEV, "another disk")
            link(origin, target, **options)

        monkeypatch.setattr(os, "link", refused)
    result = cli("run", spec)
    kept = Path("runs/net-1/kinds.csv")
    said = "kinds.csv is large, and one file with tables/kinds.csv: a change of either changes both"
    assert (said in result.err) is on_one_disk
    assert kept.samefile("tables/kinds.csv") is on_one_disk
    shutil.copytree("runs/net-1", "away")
    Path("tables/kinds.csv").unlink()  # the folder is complete, and so is its copy
    for folder in ("runs/net-1", "away"):
        assert cli("evaluate", folder).code == 0


def test_folders_are_numbered(cli: Cli, spec: Path) -> None:
    Path("runs/net-7").mkdir(parents=True)
    Path("runs/net-x").mkdir()
    cli("run", spec)
    assert names("runs") == ["net-7", "net-8", "net-x"]


def test_a_folder_can_be_named(cli: Cli, spec: Path) -> None:
    assert cli("run", spec, "-o", "deep/quick").code == 0
    assert names("deep/quick") == KEPT
    again = cli("run", spec, "-o", "deep/quick")
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("error: deep/quick is not empty\n")


def test_curves_are_drawn(cli: Cli, spec: Path) -> None:
    result = cli("run", spec)
    assert names("runs/net-1") == KEPT
    assert "pip install" not in result.err
    loss = Path("runs/net-1/loss.svg").read_text(encoding="utf-8")
    said = "validation, by how often each class occurs: 1."
    for words in ("net: loss<", "training<", "validation<", "epoch<", said):
        assert f">{words}" in loss.replace(" <", "<")

    cli("run", spec)
    for name in CURVES:
        assert Path("runs/net-1", name).read_bytes() == Path("runs/net-2", name).read_bytes()


def test_a_loss_without_classes_has_one_curve(cli: Cli, spec: Path) -> None:
    spec.write_text(
        "data = sine(samples=40, noise=0.1)\nnetwork { dense(1) }\n"
        "train { loss = mean_squared_error; optimizer = sgd(lr=0.1); epochs = 2 }\n"
    )
    assert cli("run", spec).code == 0
    loss = Path("runs/net-1/loss.svg").read_text(encoding="utf-8")
    assert ">training</text>" in loss
    assert "validation" not in loss
    assert "guessing" not in loss


def test_training_that_diverges(cli: Cli, spec: Path) -> None:
    text = spec.read_text().replace("softmax_cross_entropy", "mean_squared_error")
    spec.write_text(text.replace("adam(lr=0.01)", "sgd(lr=1e6)"))
    result = cli("run", spec)
    assert result.code == 1
    assert "error: training diverged: epoch " in result.err
    assert "Warning" not in result.err
    assert not {"results.json", "weights.npz"} & set(names("runs/net-1"))


def test_ctrl_c_keeps_what_there_is(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Run):
        def start(self, on_step: Any = None) -> None:
            train = self.model.namespace["train"]

            def interrupted(*parts: Any) -> Iterator[tuple[Any, ...]]:
                for epoch, *results in train(*parts):
                    if epoch == 3:
                        raise KeyboardInterrupt
                    yield epoch, *results

            self.model.namespace["train"] = interrupted
            super().start(on_step)

    monkeypatch.setattr(training, "Run", Interrupted)
    result = cli("run", spec)
    assert result.code == 130
    assert "interrupted: the weights so far are kept\n" in result.out
    assert names("runs/net-1") == KEPT
    assert len(Path("runs/net-1/history.csv").read_text().splitlines()) == 3
    assert json.loads(Path("runs/net-1/results.json").read_text())["interrupted"] is True
    said = 'to go on, in Python: model.restore("runs/net-1"), then model.fit()'
    assert said in result.err
    model = load(spec)
    model.restore("runs/net-1")
    assert model.fit().rows


@pytest.mark.parametrize(
    ("left_out", "message"),
    [("data", "the spec has no `data`"), ("train", "the spec has no `train` section")],
)
def test_nothing_to_train(left_out: str, message: str, cli: Cli, spec: Path) -> None:
    text = spec.read_text()
    cut = {
        "data": text.replace("data = spiral(classes=3, samples=60, validation=0.1, test=0.2)", "")
    }
    cut["train"] = text[: text.index("train {")]
    spec.write_text(cut[left_out].replace("network {", "network {\n  input(2)"))
    result = cli("run", spec)
    assert result.code == 1
    assert result.err.startswith(f"error: there is nothing to train: {message}\n  = help: ")
    assert not Path("runs").exists()


def test_data_that_cannot_be_fetched(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("cache").absolute()))
    monkeypatch.setenv("NNDSL_MIRROR", "http://127.0.0.1:1")
    monkeypatch.delenv("NNDSL_DATA", raising=False)
    text = spec.read_text().replace(
        "spiral(classes=3, samples=60, validation=0.1, test=0.2)", "mnist"
    )
    spec.write_text(text.replace("dense(3)", "dense(10)"))
    result = cli("run", spec)
    assert result.code == 2
    assert result.err.startswith("error: net.nn:3:1: cannot download http://127.0.0.1:1/mnist/")
    assert not Path("runs").exists()


COMMANDS_THAT_READ_DATA = (
    "run net.nn",
    "run net.nn --rates rates.svg",
    "trace net.nn",
    "gradcheck net.nn",
    "graph net.nn --values -o graph.svg",
    "picture confusion net.nn -o picture.svg",
)


@pytest.mark.parametrize("command", COMMANDS_THAT_READ_DATA)
def test_data_that_breaks_while_it_is_read(cli: Cli, spec: Path, command: str) -> None:
    spec.write_text(
        'data = npz("data.npz")\nnetwork { dense(2) }\n'
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }\n"
    )
    np.savez("data.npz", x=np.zeros((400, 1000), np.uint8), t=np.arange(400) % 2)
    content = bytearray(Path("data.npz").read_bytes())
    content[200_000] ^= 0xFF  # far behind the beginning, which the checker reads
    Path("data.npz").write_bytes(content)
    result = cli(*command.split())
    assert result.code == 2
    assert "error: net.nn:1:1: the data cannot be loaded: " in result.err


def test_a_folder_that_cannot_be_made(cli: Cli, spec: Path) -> None:
    Path("runs").write_text("a file")
    result = cli("run", spec)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: cannot write runs: file exists\n")


def test_numbers_go_up_from_the_highest(tmp_path: Path) -> None:
    made = [new_folder("net", tmp_path / "runs").name for _ in range(11)]
    assert made[:2] == ["net-1", "net-2"]
    assert new_folder("net", tmp_path / "runs").name == "net-12"


def test_that_nothing_can_be_trained_is_said_before_anything_is_made(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object, **__: object) -> None:
        raise AssertionError("a script was written, and its parameters would be drawn")

    monkeypatch.setattr("nndsl.cli.run.build_script", build)
    spec.write_text("network { input(2); dense(3) }\n")
    result = cli("run", spec)
    assert result.code == 1
    assert "there is nothing to train" in result.err
