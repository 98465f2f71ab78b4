"""Whoever reads the output may leave: what was trained is kept."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from nndsl.cli.dispatch import discard, is_broken_pipe

SPEC = """\
data = spiral(samples=60, validation=0.2, test=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = EPOCHS }
"""


# What it prints fits the buffer of stdout, or not; stderr goes the same way (`2>&1 | head -1`).
@pytest.mark.slow
@pytest.mark.parametrize(("epochs", "both"), [(3, False), (300, False), (300, True)])
def test_a_run_ends_and_is_kept_where_nobody_reads_it(
    epochs: int, both: bool, tmp_path: Path
) -> None:
    (tmp_path / "net.nn").write_text(SPEC.replace("EPOCHS", str(epochs)))
    command = [sys.executable, "-m", "nndsl", "run", "net.nn", "-o", "kept"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if both else subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        err = process.stderr.read() if process.stderr is not None else ""
    assert process.returncode == 0, err
    if not both:
        assert "nobody reads the output any more: training goes on, and is kept\n" in err
    assert {"weights.npz", "results.json", "report.html"} <= {
        path.name for path in (tmp_path / "kept").iterdir()
    }
    history = (tmp_path / "kept" / "history.csv").read_text().splitlines()
    assert len(history) == epochs + 1


def test_a_closed_pipe_of_windows_is_a_broken_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = OSError(errno.EINVAL, "Invalid argument")
    monkeypatch.setattr(sys, "platform", "win32")
    assert is_broken_pipe(closed)
    assert not is_broken_pipe(OSError(errno.EINVAL, "Invalid argument", "a?b.nn"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert not is_broken_pipe(closed)
    assert is_broken_pipe(BrokenPipeError())


def test_what_nobody_reads_is_discarded_without_an_open_file(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as stream, (tmp_path / "next").open("w") as following:
        expected = following.fileno()
        discard(stream)
        stream.write("nobody reads this")
    with (tmp_path / "out").open("w"), (tmp_path / "next").open("w") as following:
        assert following.fileno() == expected
    assert (tmp_path / "out").read_text() == ""
