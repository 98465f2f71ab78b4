"""`nndsl predict` for networks of tokens."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from command_line import Cli

import nndsl

SPEC = """data = text("fable.txt", window=4, targets={targets}, validation=2)
network {{ embedding(2); rnn(5, output={targets}); dense(3) }}
train {{ loss = softmax_cross_entropy; optimizer = adam }}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("fable.txt").write_text("abcabcabcabcabcabcabc", "utf-8")
    for targets in ("last", "all"):
        spec = Path(f"{targets}.nn")
        spec.write_text(SPEC.format(targets=targets), "utf-8")
        nndsl.load(spec).save(f"{targets}.npz")
    return tmp_path


def test_tokens_from_arrays_and_tables(folder: Path, cli: Cli) -> None:
    X = np.array([[0, 1, 2, 0], [2, 1, 0, 0]])
    np.save("x.npy", X)
    Path("x.csv").write_text("0,1,2,0\n2,1,0,0\n", "utf-8")
    printed = [
        cli("predict", "last.nn", "--weights", "last.npz", "--input", name).out
        for name in ("x.npy", "x.csv")
    ]
    assert printed[0] == printed[1]
    classes = [int(row["class"]) for row in csv.DictReader(printed[0].splitlines())]
    model = nndsl.load("last.nn")
    assert classes == list(model.predict(X).argmax(axis=1))


def test_other_numbers_are_refused(folder: Path, cli: Cli) -> None:
    np.save("x.npy", np.array([[0, 1, 2, 3]]))
    result = cli("predict", "last.nn", "--weights", "last.npz", "--input", "x.npy")
    assert result.code != 0
    assert "whole numbers from 0 to 2" in result.err


def test_an_answer_for_each_position_is_no_table(folder: Path, cli: Cli) -> None:
    np.save("x.npy", np.array([[0, 1, 2, 0]]))
    result = cli("predict", "all.nn", "--weights", "all.npz", "--input", "x.npy")
    assert "the network answers at every position" in result.err
    result = cli("evaluate", "all.nn", "--weights", "all.npz", "--part", "validation")
    assert result.code == 0
