"""Files for the specs of tests: small tables, arrays and archives; scripts beside their data."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nndsl
from nndsl.data.archive import FILES, Archive
from nndsl.diagnostics import Diagnostic, Severity
from nndsl.emit.script import Script
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


def write_data(folder: Path) -> None:
    """Write the files that the specs here read."""
    rng = np.random.default_rng(0)
    t = np.arange(60) % 3
    X = rng.normal(size=(60, 4)) + 2 * np.eye(3, 4)[t]
    rows = [
        f"{row[0]:.3f},{row[1]:.3f},{'ab'[i % 2]},{'xyz'[k]}"
        for i, (row, k) in enumerate(zip(X, t, strict=True))
    ]
    moods = [f"the soup was {word},{word[0]}" for word in ("good", "bad", "cold")] * 20
    (folder / "moods.csv").write_text("\n".join(["text,label", *moods]), "utf-8")
    (folder / "fable.txt").write_text("the fox and the grapes on the fence " * 8, "utf-8")
    (folder / "table.csv").write_text("\n".join(["p,q,letter,kind", *rows]) + "\n", "utf-8")
    np.savez(folder / "arrays.npz", x=X, t=t, x2=X[:20], t2=t[:20])
    pixels = np.clip(100 + 40 * X, 0, 255).astype(np.uint8)
    header = bytes([0, 0, 8, 3, 0, 0, 0, 60, 0, 0, 0, 2, 0, 0, 0, 2])
    (folder / "images.gz").write_bytes(gzip.compress(header + pixels.tobytes(), mtime=0))
    labels = bytes([0, 0, 8, 1, 0, 0, 0, 60]) + t.astype(np.uint8).tobytes()
    (folder / "labels").write_bytes(labels)
    for i, (image, k) in enumerate(zip(pixels, t, strict=True)):
        path = folder / "pictures" / "xyz"[k] / f"{i:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.reshape(2, 2)).save(path)


def small_archive(archive: Archive, root: Path) -> Archive:
    """Write an archive of 60 and 12 tiny images under `root` / its name; return what it holds."""
    folder = root / archive.name
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    for part, examples in (("training", 60), ("test", 12)):
        t = np.arange(examples) % 10
        images = rng.integers(0, 100, (examples, 16)) + 50 * np.eye(10, 16, dtype=int)[t]
        count = [0, 0, 0, examples]
        header = bytes([0, 0, 8, 3, *count, 0, 0, 0, 4, 0, 0, 0, 4])
        content = gzip.compress(header + images.astype(np.uint8).tobytes(), mtime=0)
        (folder / FILES[f"{part}_images"]).write_bytes(content)
        content = gzip.compress(bytes([0, 0, 8, 1, *count]) + t.astype(np.uint8).tobytes(), mtime=0)
        (folder / FILES[f"{part}_labels"]).write_bytes(content)
    return Archive(archive.name, archive.url, archive.sums, 60, 12, 4, 10)


def install(script: Script, folder: Path, name: str = "train.py") -> Path:
    """Write a script, and the files it reads beside it; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for beside, file in script.files.items():
        copy = shutil.copytree if file.path.is_dir() else shutil.copyfile
        copy(file.path, folder / beside)
    path = folder / name
    path.write_text(script.text, "utf-8")
    return path


def errors(text: str, name: str = "spec.nn") -> list[Diagnostic]:
    """Return what is wrong with a spec; warnings are for its author to weigh."""
    return [d for d in nndsl.check(name, text=text) if d.severity is Severity.ERROR]
