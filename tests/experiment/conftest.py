"""What tests of experiments share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture
def no_figures(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where matplotlib is not installed, in worker processes too: figures take most time."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "matplotlib.py").write_text("raise ImportError('not installed')\n")
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *([before] if before else [])]))
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a comparison is kept."""
    return tmp_path / "runs" / "net-compare"
