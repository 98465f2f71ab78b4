"""Archives of images in four idx files: found, or downloaded once into the user's cache."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from nndsl.vocabulary.dataset import Data, DataError, Description, Progress
from nndsl.vocabulary.idx_format import read_idx
from nndsl.vocabulary.signal import Signal

# Role of a file, with its name, which is the same in every archive.
FILES = {
    "training_images": "train-images-idx3-ubyte.gz",
    "training_labels": "train-labels-idx1-ubyte.gz",
    "test_images": "t10k-images-idx3-ubyte.gz",
    "test_labels": "t10k-labels-idx1-ubyte.gz",
}


@dataclass(frozen=True, slots=True)
class Archive:
    """Where an archive lies, and what it holds."""

    name: str  # of its folder, in NNDSL_DATA and in the cache
    url: str  # of the folder to download from
    sums: Mapping[str, tuple[int, str]]  # role of a file -> its size in bytes, and its sha256
    examples: int = 60_000
    test_examples: int = 10_000
    side: int = 28  # pixels
    classes: int = 10
    signal: Signal | None = None  # of the pixels, from 0 to 1


class ImageArchive(Data):
    """Images with labels, in a training and a test part.

    The files come from the folder NNDSL_DATA/name, where that holds them; else from the user's
    cache (XDG_CACHE_HOME or ~/.cache, there nndsl/datasets/name), into which they are downloaded
    once and verified by their sha256. NNDSL_MIRROR is an address to download name/file from,
    instead of the archive's own.
    """

    archive: ClassVar[Archive]

    images: bool = Field(False, description="images (1, height, width) instead of rows of pixels")

    positional = 0
    own_test = True
    modules = ("gzip",)

    @property
    def read(self) -> str:  # type: ignore[override]
        side = self.archive.side
        shape = f"1, {side}, {side}" if self.images else f"{side * side}"
        return f"""
            content = gzip.decompress(training_images.read_bytes())
            X = np.frombuffer(content, np.uint8, offset=16)   # after a header
            X = X.reshape(-1, {shape}).astype(dtype) / 255   # pixels from 0 to 255, now to 1
            content = gzip.decompress(training_labels.read_bytes())
            t = np.frombuffer(content, np.uint8, offset=8).astype(np.int64)
            content = gzip.decompress(test_images.read_bytes())
            X_test = np.frombuffer(content, np.uint8, offset=16)
            X_test = X_test.reshape(-1, {shape}).astype(dtype) / 255
            content = gzip.decompress(test_labels.read_bytes())
            t_test = np.frombuffer(content, np.uint8, offset=8).astype(np.int64)
        """

    def describe(self, folder: Path) -> Description:
        archive = self.archive
        if self.test:
            raise DataError(
                f"`{self.word()}` has its own test part, of {archive.test_examples:,} examples",
                "leave `test` out",
                "test",
            )
        pixels = (1, archive.side, archive.side) if self.images else (archive.side**2,)
        return Description(
            pixels,
            classes=archive.classes,
            examples=archive.examples,
            test_examples=archive.test_examples,
            title=archive.name,
            signal=archive.signal,
        )

    def files(self, folder: Path) -> dict[str, Path]:
        """Return where the files are, or would be once they are fetched."""
        found = {}
        for role, name in FILES.items():
            own = Path(os.environ.get("NNDSL_DATA") or os.devnull) / self.archive.name / name
            found[role] = own if own.is_file() else _cache() / self.archive.name / name
        return found

    def fetch(self, folder: Path, progress: Progress | None = None) -> dict[str, Path]:
        paths = self.files(folder)
        for role, path in paths.items():
            if not path.exists():
                self._download(role, path, progress)
            self._check(role, path)
        return paths

    def _download(self, role: str, path: Path, progress: Progress | None) -> None:
        from nndsl.vocabulary.download import DownloadError, download

        archive, name = self.archive, FILES[role]
        mirror = os.environ.get("NNDSL_MIRROR")
        url = f"{mirror.rstrip('/')}/{archive.name}/{name}" if mirror else archive.url + name
        size, sha256 = archive.sums[role]
        try:
            download(url, path, size, sha256, partial(progress, name) if progress else None)
        except DownloadError as error:
            raise DataError(
                f"cannot download {url}: {error}",
                f"put `{name}` into the folder {path.parent}, "
                f"or set NNDSL_DATA to a folder that holds {archive.name}/{name}",
            ) from None
        except OSError as error:
            raise DataError(f"cannot write {path}: {error.strerror}") from None

    def _check(self, role: str, path: Path) -> None:
        archive = self.archive
        examples = archive.test_examples if role.startswith("test") else archive.examples
        shape = (examples, archive.side, archive.side) if role.endswith("images") else (examples,)
        header, _ = read_idx(path)
        if (header.type_text, header.shape) != ("np.uint8", shape):
            raise DataError(
                f"{path} holds numbers of shape {header.shape}, not the {shape} of {archive.name}",
                "remove the file to have it downloaded",
            )


def _cache() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # as the XDG specification asks
        cache = Path.home() / ".cache"
    return cache / "nndsl" / "datasets"
