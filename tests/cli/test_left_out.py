"""Rows that are left out since a value is missing: every command that shows a result says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

ROWS = "".join(
    f"{'?' if i % 8 == 3 else i % 5},{'' if i == 5 else i % 3},{i % 2}\n" for i in range(200)
)
SPEC = """\
data = csv("a.csv", target="t", classes=true, missing=drop, validation=0.2)
network { dense(4); relu; dense(2) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 2 }
"""
SAID = "26 of 200 rows are left out, since a value is missing: `age` in 25, `fare` in 1"
SCRIPT = "26 of 200 rows are left out; values are missing: age in 25, fare in 1"


@pytest.fixture
def spec(spec: Path) -> Path:
    spec.write_text(SPEC)
    Path("a.csv").write_text(f"age,fare,t\n{ROWS}")
    return spec


def test_it_is_said(cli: Cli, spec: Path) -> None:
    assert f"warning[NN456]: {SAID}\n" in cli("check", spec).out
    assert 'ignore=["age"]' in cli("check", spec).out
    assert SAID in " ".join(cli("summary", spec).out.split())
    assert SCRIPT in cli("run", spec, "-o", "r").out
    assert SAID.replace("`", "") in Path("r/report.html").read_text("utf-8").replace("`", "")
    result = cli("evaluate", spec, "--weights", "r")
    assert SCRIPT in result.err
    assert SCRIPT not in result.out
    assert cli("build", spec, "-o", "train.py").code == 0
    done = subprocess.run([sys.executable, "train.py"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(SCRIPT)


@pytest.mark.slow
def test_the_page_of_a_comparison_says_it(cli: Cli, spec: Path) -> None:
    spec.write_text(f"let rate = 0.1\n{SPEC.replace('lr=0.1', 'lr=rate')}")
    with spec.open("a") as file:
        file.write("compare(seeds=1) { variant a { rate = 0.2 }; variant b { rate = 0.3 } }\n")
    result = cli("compare", spec, "-o", "c", "--workers", "1")
    assert result.code == 0, result.err
    assert SAID.replace("`", "") in Path("c/report.html").read_text("utf-8").replace("`", "")


def test_a_few_rows_are_no_warning(cli: Cli, spec: Path) -> None:
    Path("a.csv").write_text(f"age,fare,t\n{ROWS.replace('?', '1')}")
    assert cli("check", spec).out == "no errors\n"
    said = " ".join(cli("summary", spec).out.split())
    assert "1 of 200 rows are left out, since a value is missing: `fare` in 1" in said


def test_predict_returns_a_line_for_each_line(cli: Cli, spec: Path) -> None:
    cli("run", spec, "-o", "r")
    Path("new.csv").write_text("fare,age\n1,2\n?,1\n2,3\n1,\n")
    result = cli("predict", spec, "--weights", "r", "--input", "new.csv")
    assert result.code == 0
    lines = result.out.splitlines()
    assert [line.split(",")[0] for line in lines] == ["row", "1", "2", "3", "4"]
    assert lines[2] == "2,,,"
    assert lines[4] == "4,,,"
    assert lines[1].count(",") == lines[3].count(",") == 3
    assert "2 rows without a prediction, since an input is missing: 2, 4\n" in result.err
    result = cli("predict", spec, "--weights", "r", "--input", "new.csv", "--format", "json")
    found = json.loads(result.out)
    assert [one["row"] for one in found] == [1, 2, 3, 4]
    assert found[1] == {"row": 2, "class": None}
