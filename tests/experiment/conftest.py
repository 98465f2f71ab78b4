"""What tests of experiments share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a comparison is kept."""
    return tmp_path / "runs" / "net-compare"
