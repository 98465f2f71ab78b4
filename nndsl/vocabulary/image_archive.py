"""Archives of images: the word for each of them says where it lies."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from nndsl.data import DataError, Description, Progress
from nndsl.data.archive import Archive
from nndsl.vocabulary.dataset import Data


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
    def white(self) -> float:
        return 1

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
                f"`{self.keyword()}` has its own test part, of {archive.test_examples:,} examples",
                "leave `test` out",
                "test",
            )
        pixels = (1, archive.side, archive.side) if self.images else (archive.side**2,)
        return Description(
            pixels,
            picture=(1, archive.side, archive.side),
            classes=archive.classes,
            examples=archive.examples,
            test_examples=archive.test_examples,
            title=archive.name,
            signal=archive.signal,
        )

    def files(self, folder: Path) -> dict[str, Path]:
        return self.archive.files()

    def fetch(self, folder: Path, progress: Progress | None = None) -> dict[str, Path]:
        return self.archive.fetch(progress)
