"""Whoever reads the output may leave: what was trained is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """\
data = spiral(samples=60, validation=0.2, test=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = EPOCHS }
"""


@pytest.mark.parametrize("epochs", [3, 300])  # what it prints fits the buffer of stdout, or not
def test_a_run_ends_and_is_kept_where_nobody_reads_it(epochs: int, tmp_path: Path) -> None:
    (tmp_path / "net.nn").write_text(SPEC.replace("EPOCHS", str(epochs)))
    command = [sys.executable, "-m", "nndsl", "run", "net.nn", "-o", "kept"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 0, err
    assert "nobody reads the output any more: training goes on, and is kept\n" in err
    assert {"weights.npz", "results.json", "report.html"} <= {
        path.name for path in (tmp_path / "kept").iterdir()
    }
    history = (tmp_path / "kept" / "history.csv").read_text().splitlines()
    assert len(history) == epochs + 1
