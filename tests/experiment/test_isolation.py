"""Nothing that lies in the current folder is imported, whatever it is called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nndsl.experiment.job import Job
from nndsl.experiment.pool import run_jobs
from nndsl.source import Source

ROOT = Path(__file__).parents[2]
SOURCE = Source(
    "net.nn",
    """\
data = spiral(samples=60, validation=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 3 }
""",
)
MODULES = ("json", "random", "typing", "numpy", "matplotlib", "optuna", "nndsl", "sitecustomize")
EXECUTE = "from pathlib import Path\nPath(__file__).with_suffix('.executed').touch()\n"
TRAIN = f"""
import nndsl
from nndsl.experiment.job import Job
from nndsl.experiment.pool import run_jobs
from nndsl.source import Source
job = Job("one", {{}}, kind="trial")
(outcome,) = run_jobs(Source("net.nn", {SOURCE.text!r}), [job], workers=1)
assert not outcome.problem, outcome.problem
print(nndsl.__file__)
"""


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, in which files are named like modules."""
    monkeypatch.chdir(tmp_path)
    for name in MODULES:
        Path(f"{name}.py").write_text(EXECUTE)
    return tmp_path


def executed(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.executed")]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", ".", "folder"])
def test_a_worker_imports_nothing_of_the_current_folder(
    path: str, hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(hostile) if path == "folder" else path)
    for entry in ("", str(hostile), "."):
        monkeypatch.syspath_prepend(entry)
    (outcome,) = run_jobs(SOURCE, [Job("one", {}, kind="trial")], workers=1)
    assert not outcome.problem
    assert not executed(hostile)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["checkout", "checkout that is the current folder"])
def test_a_worker_is_of_the_same_nndsl_as_the_command(
    kind: str, hostile: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also where another one is installed."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("nndsl", "grammar", "templates"):
        shutil.copytree(ROOT / name, checkout / name)
    worker = checkout / "nndsl" / "experiment" / "worker.py"
    worker.write_text(worker.read_text() + "\nPath('imported').touch()\n")
    place, path = hostile, checkout
    if kind != "checkout":
        place = checkout
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRAIN],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(path))
    assert (place / "imported").exists()
    assert not executed(place)


@pytest.mark.slow
def test_python_m_nndsl_imports_nothing_of_the_current_folder(hostile: Path) -> None:
    Path("nndsl.py").unlink()  # Python itself takes this for what is meant
    Path("net.nn").write_text(SOURCE.text)
    command = [sys.executable, "-m", "nndsl", "check", "net.nn"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "no errors\n")
    assert executed(hostile) in ([], ["sitecustomize.executed"])


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "2"])
def test_commands_import_nothing_of_the_current_folder(threads: str, hostile: Path) -> None:
    Path("net.nn").write_text(
        SOURCE.text
        + "compare(seeds=1) { variant one { epochs = 2 }; variant two { epochs = 3 } }\n"
    )
    Path("search.nn").write_text(
        SOURCE.text.replace("sgd(lr=0.1)", "sgd(lr=rate)")
        + "let rate = 0.1\nsearch(trials=2) { rate = log_uniform(0.01, 1) }\n"
    )
    nndsl = Path(sys.executable).with_name("nndsl")
    for words in (["compare", "net.nn"], ["search", "search.nn"]):
        done = subprocess.run(
            [nndsl, *words],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert not executed(hostile)
