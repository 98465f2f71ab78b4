"""Archives of images in four idx files, downloaded once into the user's cache."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nndsl.data import DataError, Progress, Signal

# Role of a file, with its name, which is the same in every archive.
FILES = {
    "training_images": "train-images-idx3-ubyte.gz",
    "training_labels": "train-labels-idx1-ubyte.gz",
    "test_images": "t10k-images-idx3-ubyte.gz",
    "test_labels": "t10k-labels-idx1-ubyte.gz",
}


@dataclass(frozen=True, slots=True)
class Archive:
    """The location of an archive, and its contents."""

    name: str  # of the folder in NNDSL_DATA and in the cache
    url: str  # of the folder to download from
    sums: Mapping[str, tuple[int, str]]  # role of a file -> its size in bytes, and its sha256
    examples: int = 60_000
    test_examples: int = 10_000
    side: int = 28  # pixels
    classes: int = 10
    signal: Signal | None = None  # of the pixels, from 0 to 1

    def files(self) -> dict[str, Path]:
        """Return the paths of the files, which may not be downloaded yet."""
        found = {}
        for role, name in FILES.items():
            own = Path(os.environ.get("NNDSL_DATA") or os.devnull) / self.name / name
            found[role] = own if own.is_file() else cache_folder() / self.name / name
        return found

    def fetch(self, progress: Progress | None = None) -> dict[str, Path]:
        """Download missing files, verify all, and return their paths. DataError."""
        paths = self.files()
        for role, path in paths.items():
            if not path.exists():
                self._download(role, path, progress)
            self._check(role, path)
        return paths

    def _download(self, role: str, path: Path, progress: Progress | None) -> None:
        from nndsl.data.download import DownloadError, download

        name = FILES[role]
        mirror = os.environ.get("NNDSL_MIRROR")
        url = f"{mirror.rstrip('/')}/{self.name}/{name}" if mirror else self.url + name
        size, sha256 = self.sums[role]
        try:
            download(url, path, size, sha256, partial(progress, name) if progress else None)
        except DownloadError as error:
            raise DataError(
                f"cannot download {url}: {error}",
                f"put `{name}` into the folder {path.parent}, "
                f"or set NNDSL_DATA to a folder that holds {self.name}/{name}",
            ) from None
        except OSError as error:
            raise DataError(f"cannot write {path}: {error.strerror}") from None

    def _check(self, role: str, path: Path) -> None:
        examples = self.test_examples if role.startswith("test") else self.examples
        shape = (examples, self.side, self.side) if role.endswith("images") else (examples,)
        from nndsl.data.idx_format import read_idx  # `check` reads no images

        header, _ = read_idx(path)
        if (header.type_text, header.shape) != ("np.uint8", shape):
            raise DataError(
                f"{path} holds numbers of shape {header.shape}, not the {shape} of {self.name}",
                "remove the file to have it downloaded",
            )


def cache_folder() -> Path:
    """Return the folder of the user into which archives are downloaded."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # as the XDG specification asks
        cache = Path.home() / ".cache"
    return cache / "nndsl" / "datasets"
