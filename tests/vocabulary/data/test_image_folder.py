"""Folders of PNG files: described without Pillow, read by it, refused in words."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nndsl
from nndsl.data import DataError, class_folders
from nndsl.vocabulary.data.image_folder import ImageFolder

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (5, 4, 6), np.uint8)
COLOR = RNG.integers(0, 256, (5, 4, 6, 3), np.uint8)
SPEC = """
data = image_folder("shapes", validation=2)
network { flatten; dense(2) }
train { loss = softmax_cross_entropy; optimizer = sgd; epochs = 1 }
"""


def draw(folder: Path, images: Any, mode: str | None = None, **options: Any) -> Path:
    """Write images in turn into the folders `round` and `square`."""
    for number, image in enumerate(images):
        file = folder / "shapes" / ("round", "square")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        made = Image.fromarray(image)
        (made.convert(mode) if mode else made).save(file, **options)
    return folder / "shapes"


def refusal(folder: Path, **arguments: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        ImageFolder(folder="shapes", **arguments).describe(folder)
    assert caught.value.field == "folder"
    return caught.value


def test_folders_are_classes(tmp_path: Path, load: Any) -> None:
    draw(tmp_path, GREY)
    data = load(ImageFolder(folder="shapes"), np.float32)
    assert (data.known.classes, data.known.names) == (2, ("round", "square"))
    assert data.t.tolist() == [0, 0, 0, 1, 1]
    assert np.array_equal(data.X[:, 0], (GREY[[0, 2, 4, 1, 3]] / 255).astype(np.float32))


def test_colors_come_first(tmp_path: Path, load: Any) -> None:
    draw(tmp_path, COLOR)
    data = load(ImageFolder(folder="shapes"))
    assert data.known.shape == (3, 4, 6)
    assert np.array_equal(data.X, COLOR[[0, 2, 4, 1, 3]].transpose(0, 3, 1, 2) / 255)
    grey = load(ImageFolder(folder="shapes", color=False))
    shares = np.array([0.299, 0.587, 0.114])  # of red, green and blue in what the eye sees
    assert np.abs(grey.X[0, 0] - COLOR[0] @ shares / 255).max() < 1 / 255


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"compress_level": 0}])
def test_every_kind_of_image(
    tmp_path: Path, load: Any, mode: str, channels: int, options: dict[str, Any]
) -> None:
    draw(tmp_path, COLOR, mode, **options)
    data = load(ImageFolder(folder="shapes"))
    assert data.known.shape == (channels, 4, 6)
    expected = Image.fromarray(COLOR[0]).convert(mode).convert("L" if channels == 1 else "RGB")
    assert np.array_equal(data.X[0] * 255, np.atleast_3d(expected).transpose(2, 0, 1))
    other = load(ImageFolder(folder="shapes", color=channels == 1))
    assert other.known.shape == (4 - channels, 4, 6)


def test_what_is_hidden_is_passed_over(tmp_path: Path, load: Any) -> None:
    shapes = draw(tmp_path, GREY)
    (shapes / ".cache").mkdir()
    (shapes / "round" / "._0.png").write_bytes(b"no image")
    (shapes / "round" / ".DS_Store").touch()
    (shapes / "README.md").touch()
    assert load(ImageFolder(folder="shapes")).known.examples == 5


def nothing(shapes: Path) -> None:
    for path in sorted(shapes.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def only_one(shapes: Path) -> None:
    for file in (shapes / "square").iterdir():
        file.unlink()
    (shapes / "square").rmdir()


def another_size(shapes: Path) -> None:
    Image.fromarray(GREY[0, :3]).save(shapes / "square" / "1.png")


def a_color(shapes: Path) -> None:
    Image.fromarray(COLOR[0]).save(shapes / "round" / "4.png")


def deep(shapes: Path) -> None:
    Image.fromarray(GREY[0].astype(np.uint16)).save(shapes / "round" / "0.png")


WRONG: dict[str, tuple[Any, str]] = {
    "no folder": (lambda shapes: shapes.rename(shapes.with_name("forms")), "there is no folder"),
    "nothing in it": (nothing, "`shapes` holds no folders"),
    "one class": (only_one, "`shapes` holds 1 folder"),
    "an empty class": (lambda shapes: (shapes / "void").mkdir(), "`void` holds no images"),
    "no class": (lambda s: (s / "round/0.png").rename(s / "0.png"), "`0.png` lies beside the"),
    "a text": (lambda shapes: (shapes / "round/a.txt").touch(), "`round/a.txt` is no PNG file"),
    "a photograph": (
        lambda shapes: Image.fromarray(GREY[0]).save(shapes / "round/a.jpg"),
        "`round/a.jpg` is no PNG file",
    ),
    "another name": (
        lambda shapes: (shapes / "round/a.png").write_bytes(b"GIF89a" * 9),
        "`round/a.png` is no PNG file, or damaged",
    ),
    "an empty file": (lambda shapes: (shapes / "round/a.png").touch(), "or damaged"),
    "a folder in it": (lambda shapes: (shapes / "round/a.png").mkdir(), "`a.png` is a folder"),
    "a pipe": (lambda shapes: os.mkfifo(shapes / "round/a.png"), "a device or a pipe"),
    "another size": (
        another_size,
        "`square/1.png` is 3 high and 6 wide, and `round/0.png` 4 high and 6 wide",
    ),
    "a color": (a_color, "`round/4.png` is in color, and `round/0.png` is grey"),
    "16 bits": (deep, "`round/0.png` has 16 bits for each number"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_what_is_refused(tmp_path: Path, mistake: str) -> None:
    make, message = WRONG[mistake]
    make(draw(tmp_path, GREY))
    assert message in refusal(tmp_path).message


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(tmp_path, GREY)
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + zlib.crc32(chunk).to_bytes(4)
    for file in (tmp_path / "shapes").glob("*/*"):
        file.write_bytes(bomb)
    assert "more than 10**9 numbers" in refusal(tmp_path).message
    monkeypatch.setattr(class_folders, "MAX_IMAGES", 4)
    assert "more than 4 files" in refusal(tmp_path).message


def test_a_damaged_image_is_named_before_training(tmp_path: Path) -> None:
    shapes = draw(tmp_path, GREY)
    word = ImageFolder(folder="shapes")
    assert word.fetch(tmp_path) == {"folder": shapes}
    file = shapes / "square" / "3.png"
    file.write_bytes(file.read_bytes()[:50])
    assert word.describe(tmp_path).examples == 5
    with pytest.raises(DataError, match=r"`square/3.png` is damaged"):
        word.fetch(tmp_path)


@pytest.mark.slow
def test_without_pillow(tmp_path: Path) -> None:
    """A check and a build need none of it; a training says what it needs."""
    draw(tmp_path, GREY)
    (tmp_path / "spec.nn").write_text(SPEC)
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "from nndsl.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", code, *command]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run("check", "spec.nn").returncode == 0
    assert run("build", "spec.nn", "-o", "train.py").returncode == 0
    failed = run("run", "spec.nn")
    assert failed.returncode == 2
    assert "spec.nn:2:1: `image_folder` reads PNG files with Pillow" in failed.stderr
    assert "pip install 'nndsl[images]'" in failed.stderr


def test_a_script_reads_the_folder_beside_itself(tmp_path: Path) -> None:
    draw(tmp_path, GREY)
    (tmp_path / "spec.nn").write_text(SPEC)
    (tmp_path / "train.py").write_text(nndsl.build(tmp_path / "spec.nn"))
    command = [sys.executable, str(tmp_path / "train.py")]
    assert (
        "validation_loss"
        in subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    assert "pip install pillow" in (tmp_path / "train.py").read_text()
