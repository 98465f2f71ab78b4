"""Data for the specs of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from every_word import small_archive, write_data

from nndsl.vocabulary.data.fashion_mnist import FashionMnist
from nndsl.vocabulary.data.mnist import Mnist


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that specs read; mnist and fashion_mnist are small ones."""
    write_data(tmp_path)
    monkeypatch.setenv("NNDSL_DATA", str(tmp_path / "archives"))
    for word in (Mnist, FashionMnist):
        monkeypatch.setattr(word, "archive", small_archive(word.archive, tmp_path / "archives"))
    return tmp_path
