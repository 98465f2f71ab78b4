"""A script that runs alone, and the same text in process, give the same numbers to the last bit."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from data_files import install
from every_word import composite
from trainings import shorter

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.live.run import Run, new_folder
from nndsl.source import read_source

ROOT = Path(__file__).parents[2]
SPECS = sorted(
    path
    for folder in ("specs", "specs/book", "tests/data/specs")  # those of the zoo: test_zoo.py
    for path in (ROOT / folder).glob("*.nn")
)


def is_trained(path: Path) -> bool:
    """Does a spec have data and say how to train? (Some show parts of the language alone.)"""
    spec = analyse(read_source(path), Diagnostics()).spec
    return spec is not None and spec.data is not None and spec.train is not None


TRAINED = [path for path in SPECS if is_trained(path)]


def test_specs_are_found() -> None:
    assert len(TRAINED) >= 5


def assert_same(spec: Path, folder: Path) -> None:
    model = nndsl.load(spec, set=shorter(spec))
    script = install(model.script, folder / "alone")
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=script.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    running, lines = Run(model, new_folder("run", folder)), io.StringIO()
    with redirect_stdout(lines):
        running.start()
    assert done.stdout == lines.getvalue()
    history = running.history
    printed = [line.split() for line in done.stdout.splitlines()]
    heading, rows, rest = (
        printed[0],
        printed[1 : 1 + len(history.rows)],
        printed[1 + len(history.rows) :],
    )
    assert heading == list(history.rows[0])
    assert [[int(row[0]), *row[1:]] for row in rows] == [
        [row["epoch"], *(f"{value:.4f}" for name, value in row.items() if name != "epoch")]
        for row in history.rows
    ]
    said = " ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in history.test.items())
    last = history.rows[-1]["epoch"]
    if history.kept not in (None, last):
        ended = f"ended after epoch {last}, with the weights of epoch {history.kept}, the best"
        said = f"{ended} {said}"
    if "sample" in model.namespace:
        said = f"{said} {model.sample()}"
    assert [word for line in rest for word in line] == said.split()
    ours = {**model.parameters, **model.state, **model.statistics}
    with np.load(script.with_suffix(".weights.npz")) as saved:
        assert list(saved) == [*ours, "network"]
        assert str(saved["network"]) == model.script.identity
        for name, array in ours.items():
            assert saved[name].dtype == array.dtype
            assert saved[name].tobytes() == array.tobytes(), name


@pytest.mark.slow
@pytest.mark.parametrize("spec", TRAINED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_spec(spec: Path, data_folder: Path) -> None:
    assert_same(spec, data_folder)


@pytest.mark.slow
def test_all_layers(data_folder: Path) -> None:
    path = data_folder / "all.nn"
    path.write_text(composite(), "utf-8")
    assert_same(path, data_folder)


def test_a_second_run_in_process_begins_anew(data_folder: Path) -> None:
    path = shutil.copy(ROOT / "specs" / "spiral.nn", data_folder / "spiral.nn")
    first, second = (
        nndsl.load(path, set={"train.epochs": 2}),
        nndsl.load(path, set={"train.epochs": 2}),
    )
    assert first.fit().rows == second.fit().rows
