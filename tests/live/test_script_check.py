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


def build(folder: Path, spec: str) -> Path:
    (folder / "net.nn").write_text(spec, "utf-8")
    script = folder / "train.py"
    assert main(["build", str(folder / "net.nn"), "--with", "gradcheck", "-o", str(script)]) == 0
    return script


def checked(script: Path) -> dict[str, float]:
    """Run a script's check; return the relative error of each gradient in its table."""
    command = [sys.executable, "-W", "error", script, "--check-gradients"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "suspect a kink" in done.stdout
    rows = re.findall(r"^(\w+) +\d+ of .* (\S+)$", done.stdout, re.MULTILINE)
    return {name: float(error) for name, error in rows}


@pytest.mark.parametrize("spec", [CLASSES, NUMBERS])
def test_right_gradients(tmp_path: Path, spec: str) -> None:
    errors = checked(build(tmp_path, spec))
    assert {"W1", "b1", "W2", "b2"} <= set(errors)
    assert max(errors.values()) < 1e-6


def test_a_wrong_gradient(tmp_path: Path) -> None:
    script = build(tmp_path, CLASSES)
    text = script.read_text("utf-8")
    script.write_text(text.replace("db2 = ", "db2 = 1.01 * ", 1), "utf-8")
    errors = checked(script)
    assert errors["b2"] > 1e-3
    assert max(error for name, error in errors.items() if name != "b2") < 1e-6


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
    found = names["numerical_gradient"](lambda: (x**3).sum(), x, range(12))
    assert np.array_equal(x, before)
    assert found == pytest.approx(3 * before.reshape(-1) ** 2)


def test_without_it_the_script_is_as_it_was(tmp_path: Path) -> None:
    script = build(tmp_path, NUMBERS)
    plain = tmp_path / "plain" / "train.py"
    plain.parent.mkdir()
    assert main(["build", str(tmp_path / "net.nn"), "-o", str(plain)]) == 0
    assert "check_gradients" not in plain.read_text("utf-8")
    before, _ = script.read_text("utf-8").split("# --- The gradient check")
    _, _, body = before.partition("\nimport math\n")  # behind the head, which holds a hash
    assert body.replace("import sys\n", "").strip() in plain.read_text("utf-8")


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
