"""Wheel, sdist and editable install each work from another folder, with what they brought alone."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import nndsl

ROOT = Path(__file__).parents[2]
BUILD = (sys.executable, "-m", "hatchling", "build")
PIP = (sys.executable, "-m", "pip")

pytestmark = pytest.mark.slow

READ_EVERYTHING = """
from importlib import resources
from pathlib import Path
import sys
import nndsl
from nndsl.resources import read_text

home, checkout = Path(nndsl.__file__).parent, Path(sys.argv[1])
assert home.is_relative_to(sys.argv[2]), f"another nndsl was imported: {home}"
for folder in ("grammar", "templates"):
    paths = [path for path in (checkout / folder).rglob("*") if path.is_file()]
    assert paths, folder
    for path in paths:
        text = read_text(folder, path.relative_to(checkout / folder).as_posix())
        assert text == path.read_text(encoding="utf-8"), path
data = resources.files("nndsl") / "datasets" / "digits.npz"
assert data.read_bytes() == (checkout / "nndsl" / "datasets" / "digits.npz").read_bytes()
"""

SPEC = """
data = digits(validation=0.1, test=0.2)
network { dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); batch = 100; epochs = 1 }
"""


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed, without the caller's Python path; return its output."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def build_wheel(folder: Path) -> Path:
    call(*BUILD, "-t", "wheel", "-d", folder, cwd=ROOT)
    return only(folder, "*.whl")


def build_wheel_from_sdist(folder: Path) -> Path:
    call(*BUILD, "-t", "sdist", "-d", folder, cwd=ROOT)
    sdist = only(folder, "*.tar.gz")
    call(*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, sdist, cwd=folder)
    return only(folder, "*.whl")


def build_editable(folder: Path) -> Path:
    """Build the wheel that `pip install -e` builds: it holds a link to the checkout."""
    call(*BUILD, "-t", "wheel:editable", "-d", folder, cwd=ROOT)
    return only(folder, "*.whl")


def install(wheel: Path, environment: Path) -> Path:
    """Install a wheel into a new virtual environment and return its folder of scripts.

    The dependencies are those of the running Python: a path after the environment's own, so that
    an nndsl which is installed there never hides the one under test.
    """
    call(sys.executable, "-m", "venv", "--without-pip", environment, cwd=wheel.parent)
    call(
        *PIP, "--python", environment, "install", "--no-deps", "--no-index", wheel, cwd=wheel.parent
    )
    (only(environment, "lib/python*/site-packages") / "parent.pth").write_text(
        sysconfig.get_path("purelib"), encoding="utf-8"
    )
    return environment / "bin"


@pytest.mark.parametrize("build", [build_wheel, build_wheel_from_sdist, build_editable])
def test_install_works_from_another_folder(build: Callable[[Path], Path], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = tmp_path / "environment"
    scripts = install(build(tmp_path), environment)
    home = ROOT if build is build_editable else environment

    assert nndsl.__version__ in call(scripts / "nndsl", "--version", cwd=elsewhere)
    call(scripts / "python", "-c", READ_EVERYTHING, ROOT, home, cwd=elsewhere)

    (elsewhere / "small.nn").write_text(SPEC, encoding="utf-8")
    call(scripts / "nndsl", "build", "small.nn", "-o", "train.py", cwd=elsewhere)
    assert "accuracy" in call(scripts / "python", "train.py", cwd=elsewhere)


def test_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_wheel(tmp_path)) as wheel:
        names = wheel.namelist()
    assert {name.split("/")[0] for name in names} == {
        "nndsl",
        f"nndsl-{nndsl.__version__}.dist-info",
    }
    assert not [name for name in names if "mnist5k" in name or "__pycache__" in name]
    sources = [name for name in tracked("nndsl") if not name.startswith("nndsl/play/web/")]
    expected = {name for name in sources if not name.endswith(".po")}  # .mo is what is read
    expected |= {f"nndsl/_{name}" for name in tracked("grammar", "templates")}
    assert {name for name in names if name.startswith("nndsl/")} == expected


def test_sdist_holds_what_its_tests_read(tmp_path: Path) -> None:
    call(*BUILD, "-t", "sdist", "-d", tmp_path, cwd=ROOT)
    with tarfile.open(only(tmp_path, "*.tar.gz")) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert set(tracked(".")) <= names


def tracked(*folders: str) -> list[str]:
    """Return the files of the repository in folders."""
    if not (ROOT / ".git").exists():
        pytest.skip("what belongs to a package, its repository says")
    return call("git", "ls-files", *folders, cwd=ROOT).splitlines()
