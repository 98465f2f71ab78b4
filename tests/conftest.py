"""Options of the whole test suite."""

from __future__ import annotations

import os
import sys

import pytest

# Before numpy is imported, here and in all processes that tests start: tests run side by side, and
# threads of BLAS that wait for each other take ten times as long as one thread alone.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what is expected anew, instead of comparing",
    )


@pytest.fixture
def no_figures(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where matplotlib is not installed, in worker processes too: figures take most time."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "matplotlib.py").write_text("raise ImportError('not installed')\n")
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *([before] if before else [])]))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
