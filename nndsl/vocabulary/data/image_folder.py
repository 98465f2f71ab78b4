"""Images in folders, one folder for each class."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from pydantic import Field

from nndsl.data import DataError, Description, Progress
from nndsl.data.png_header import DEPTHS, PngHeader, read_png_header
from nndsl.data.source_file import find_file, find_folder, title_of
from nndsl.vocabulary.dataset import Data

MOST_IMAGES = 100_000
MOST_NUMBERS = 10**9  # of all images together


class ImageFolder(Data):
    """PNG images in folders: each folder in `folder` is a class, and its images are the examples.

    The classes are the names of the folders, in sorted order. All images have one size. They
    come as images (channels, height, width) of numbers in [0, 1]; transparency is left out. What
    begins with a dot is passed over, and so are files beside the folders; in them is nothing but
    images. Reading them needs Pillow (`pip install 'nndsl[images]'`), checking them does not.
    """

    folder: str = Field(description="path of the folder of folders, relative to the spec")
    color: bool | None = Field(
        None, description="red, green and blue, or grey alone; left out, as all images are"
    )

    prepares = ("color",)

    def files(self, folder: Path) -> dict[str, Path]:
        return {"folder": folder / self.folder}

    def fetch(self, folder: Path, progress: Progress | None = None) -> dict[str, Path]:
        if find_spec("PIL") is None:
            raise DataError(
                "`image_folder` reads PNG files with Pillow, which is not installed",
                "pip install 'nndsl[images]'",
            )
        import PIL.Image

        for name, files in self._classes(folder).items():
            for file in files:
                try:
                    with PIL.Image.open(file) as image:
                        image.load()
                except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
                    raise DataError(f"`{name}/{file.name}` is damaged: it cannot be read") from None
        return self.files(folder)

    def describe(self, folder: Path) -> Description:
        classes = self._classes(folder)
        headers = {file: self._header(file) for files in classes.values() for file in files}
        first, *others = headers
        for other in others:
            if headers[other].size != headers[first].size:
                raise DataError(
                    f"{_named(other)} is {headers[other].spell_size()}, "
                    f"and {_named(first)} {headers[first].spell_size()}",
                    "bring all images to one size first",
                    "folder",
                )
        color = self.color
        if color is None:
            color = headers[first].in_color
            unlike = next((o for o in others if headers[o].in_color != color), None)
            if unlike is not None:
                colored, grey = (first, unlike) if color else (unlike, first)
                raise DataError(
                    f"{_named(colored)} is in color, and {_named(grey)} is grey",
                    "write color=true, or color=false to make all of them grey",
                    "folder",
                )
        height, width = headers[first].size
        shape = (3 if color else 1, height, width)
        if len(headers) * shape[0] * height * width > MOST_NUMBERS:
            raise DataError(f"`{self.folder}` holds more than 10**9 numbers", field="folder")
        return Description(
            shape,
            classes=len(classes),
            examples=len(headers),
            title=title_of(self.folder),
            settings={"class_names": tuple(classes)},
            names=tuple(classes),
            read=_read(color),
        )

    def _classes(self, folder: Path) -> dict[str, list[Path]]:
        """Return the images of each class, both in sorted order. DataError."""
        top = find_folder(folder, self.folder, "folder")
        inside = _entries(top, self.folder)
        stray = next((entry for entry in inside if entry.suffix == ".png"), None)
        if stray is not None and not stray.is_dir():
            raise DataError(
                f"`{stray.name}` lies beside the folders of `{self.folder}`, and is of no class",
                "put it into the folder of its class",
                "folder",
            )
        classes = {entry.name: _entries(entry, entry.name) for entry in inside if entry.is_dir()}
        if len(classes) < 2:
            raise DataError(
                f"`{self.folder}` holds {len(classes) or 'no'} folder{'s' * (not classes)}",
                "there is one for each class, with its images in it",
                "folder",
            )
        if sum(map(len, classes.values())) > MOST_IMAGES:
            raise DataError(
                f"`{self.folder}` holds more than {MOST_IMAGES:_} files", field="folder"
            )
        for name, files in classes.items():
            if name.encode(errors="replace").decode() != name:
                raise DataError(
                    f"the name of the folder {name!a} is no text in UTF-8",
                    "its name is that of a class: rename it",
                    "folder",
                )
            other = next((file for file in files if file.suffix != ".png"), None)
            if other is not None or not files:
                raise DataError(
                    f"{_named(other)} is no PNG file" if other else f"`{name}` holds no images",
                    "a folder of a class holds nothing but images, whose names end in .png",
                    "folder",
                )
        return classes

    def _header(self, file: Path) -> PngHeader:
        """Return what a file says of its image. DataError where that cannot be read."""
        find_file(file.parent, file.name, "folder")
        with file.open("rb") as content:
            header = read_png_header(content)
        if header is None:
            raise DataError(f"{_named(file)} is no PNG file, or damaged", field="folder")
        if header.depth not in DEPTHS:
            raise DataError(
                f"{_named(file)} has {header.depth} bits for each number of a pixel",
                "save it with 8 bits",
                "folder",
            )
        return header


def _entries(folder: Path, name: str) -> list[Path]:
    """Return what a folder holds, in sorted order, without what is hidden. DataError."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError:
        raise DataError(f"the folder `{name}` cannot be read", field="folder") from None


def _named(file: Path) -> str:
    return f"`{file.parent.name}/{file.name}`"


def _read(color: bool) -> str:
    mode, axes, comment = (
        ("RGB", ".transpose(0, 3, 1, 2)", "channels first;")
        if color
        else ("L", "[:, np.newaxis]", "one channel;")
    )
    return f"""
        from PIL import Image
        X, t = [], []
        for number, name in enumerate(class_names):
            for file in sorted((folder / name).glob("[!.]*.png")):
                with Image.open(file) as image:   # by Pillow: pip install pillow
                    X.append(np.array(image.convert("{mode}")))
                t.append(number)
        X = np.array(X){axes}.astype(dtype) / 255   # {comment} from 0 to 255, now to 1
        t = np.array(t)
    """
