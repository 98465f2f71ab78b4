"""`build --with gradcheck`: a script that checks its own gradients."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nndsl.cli import main
from nndsl.live.execute import execute

CLASSES = """\
data = spiral(classes=3, samples=90, test=0.2)
network { dense(6); batch_norm; relu; dropout(0.2); dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam; regularize = l2(0.1) }
"""
NUMBERS = """\
data = sine(samples=60)
network { dense(6); tanh; dense(1) }
train { loss = huber; optimizer = sgd }
"""

KINK = """\
data = spiral(classes=3, samples=90)
network { dense(6, init=ones, bias_init=zeros); relu; dense(3, init=zeros) }
train { loss = softmax_cross_entropy; optimizer = adam; dtype = float64 }
"""


def build(folder: Path, spec: str) -> Path:
    (folder / "net.nn").write_text(spec, "utf-8")
    (folder / "letters.txt").write_text("abcabbcabac" * 9, "utf-8")
    script = folder / "train.py"
    assert main(["build", str(folder / "net.nn"), "--with", "gradcheck", "-o", str(script)]) == 0
    return script


def check(script: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", script, "--check-gradients"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def errors(printed: str) -> dict[str, float]:
    """Return the relative error of each gradient in a table."""
    rows = re.findall(r"^(\w+) +\d+ of .* (\S+)$", printed, re.MULTILINE)
    return {name: float(error) for name, error in rows}


TOKENS = """\
data = text("letters.txt", window=4, targets=last)
network { embedding(4); flatten; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd }
"""
IMAGES = """\
data = digits(images=true)
network { conv2d(2, kernel=3); tanh; flatten; dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd }
"""
SEQUENCES = """\
data = digits()
network { reshape(8, 8); conv1d(4, kernel=3); tanh; flatten; dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd }
"""
RECURRENT = """\
data = digits()
network { reshape(8, 8); lstm(3, output=all); rnn(4); dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd }
"""


@pytest.mark.parametrize("spec", [CLASSES, NUMBERS, KINK, TOKENS, IMAGES, SEQUENCES, RECURRENT])
def test_right_gradients(tmp_path: Path, spec: str) -> None:
    done = check(build(tmp_path, spec))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nevery gradient is right\n")
    found = errors(done.stdout)
    assert "b2" in found
    assert {"W2", "W_x2"} & set(found)
    assert max(found.values()) < 1e-6


@pytest.mark.parametrize("wrong", ["db2 = 1.0001 * ", "db2 = np.nan * "])
def test_a_wrong_gradient(tmp_path: Path, wrong: str) -> None:
    script = build(tmp_path, CLASSES)
    text = script.read_text("utf-8")
    script.write_text(text.replace("db2 = ", wrong, 1), "utf-8")
    done = check(script)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("\nwrong: b2\n")
    found = errors(done.stdout)
    assert not found["b2"] < 1e-5
    assert max(error for name, error in found.items() if name != "b2") < 1e-6


def test_a_script_without_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "net.nn").write_text(NUMBERS, "utf-8")
    script = tmp_path / "train.py"
    assert main(["build", str(tmp_path / "net.nn"), "-o", str(script)]) == 0
    done = check(script)
    assert (done.returncode, done.stdout) == (1, "")
    assert not script.with_suffix(".weights.npz").exists()
    assert "`nndsl build --with gradcheck` adds --check-gradients" in done.stderr


def test_an_unknown_argument_is_refused(tmp_path: Path) -> None:
    script = build(tmp_path, NUMBERS)
    command = [sys.executable, script, "--check-gradient"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no arguments but --check-gradients" in done.stderr


def test_it_trains_as_before_and_is_clean(tmp_path: Path) -> None:
    script = build(tmp_path, NUMBERS)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("epoch")
    lint = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout


def test_the_difference_restores_its_input(tmp_path: Path) -> None:
    names = execute(build(tmp_path, NUMBERS).read_text("utf-8"), str(tmp_path / "train.py"))
    x = np.random.default_rng(0).standard_normal((3, 4))
    before = x.copy()
    found = names["numerical_gradient"](lambda: (x**3).sum(), x, range(12))[:, 0]
    assert np.array_equal(x, before)
    assert found == pytest.approx(3 * before.reshape(-1) ** 2)


def test_without_it_the_script_is_as_it_was(tmp_path: Path) -> None:
    script = build(tmp_path, NUMBERS)
    plain = tmp_path / "plain" / "train.py"
    plain.parent.mkdir()
    assert main(["build", str(tmp_path / "net.nn"), "-o", str(plain)]) == 0
    assert "check_gradients()" not in plain.read_text("utf-8")
    before, _ = script.read_text("utf-8").split("# --- The gradient check")
    _, _, body = before.partition("\nimport math\n")  # behind the head, which holds a hash
    assert body.strip() in plain.read_text("utf-8")


def test_what_cannot_check_itself_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "net.nn"
    spec.write_text("network { input(4); dense(3) }", "utf-8")
    script = tmp_path / "train.py"
    assert main(["build", str(spec), "--with", "gradcheck", "-o", str(script)]) == 1
    assert "needs a spec with `data` and `train`" in capsys.readouterr().err
    spec.write_text(NUMBERS, "utf-8")
    command = ["build", str(spec), "--with", "gradcheck", "--optimize", "-o", str(script)]
    assert main(command) == 2
    assert not script.exists()
