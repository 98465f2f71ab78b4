"""Images in folders, one folder for each class."""

from importlib.util import find_spec
from pathlib import Path

from pydantic import Field

from nndsl.data import MAX_NUMBERS, DataError, Description, Progress
from nndsl.data.class_folders import read_classes, read_png_header, shown
from nndsl.data.source_file import title_of
from nndsl.vocabulary.dataset import Data


class ImageFolder(Data):
    """PNG images in folders: each folder in `folder` is a class, and its images are the examples.

    The classes are the names of the folders, in sorted order. All images have one size. They
    come as images (channels, height, width) of numbers in [0, 1]; transparency is left out. What
    begins with a dot is passed over, and so are files beside the folders; in them is nothing but
    images. Reading them needs Pillow (`pip install 'nndsl[images]'`), checking them does not.
    """

    called = ("images",)

    folder: str = Field(
        description="path of the folder of folders, relative to the spec", examples=['"photos"']
    )
    color: bool | None = Field(
        None, description="red, green and blue, or grey alone; left out, as all images are"
    )

    prepares = ("color",)

    @property
    def white(self) -> float:
        return 1

    def files(self, folder: Path) -> dict[str, Path]:
        return {"folder": folder / self.folder}

    def fetch(self, folder: Path, progress: Progress | None = None) -> dict[str, Path]:
        if find_spec("PIL") is None:
            raise DataError(
                "`image_folder` reads PNG files with Pillow, which is not installed",
                "pip install 'nndsl[images]'",
            )
        import PIL.Image

        for name, files in read_classes(folder, self.folder).items():
            for file in files:
                try:
                    with PIL.Image.open(file) as image:
                        image.load()
                except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
                    raise DataError(f"`{name}/{file.name}` is damaged: it cannot be read") from None
        return self.files(folder)

    def describe(self, folder: Path) -> Description:
        classes = read_classes(folder, self.folder)
        headers = {file: read_png_header(file) for files in classes.values() for file in files}
        first, *others = headers
        for other in others:
            if headers[other].size != headers[first].size:
                raise DataError(
                    f"{shown(other)} is {headers[other].spell_size()}, "
                    f"and {shown(first)} {headers[first].spell_size()}",
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
                    f"{shown(colored)} is in color, and {shown(grey)} is grey",
                    "write color=true, or color=false to make all of them grey",
                    "folder",
                )
        height, width = headers[first].size
        shape = (3 if color else 1, height, width)
        if len(headers) * shape[0] * height * width > MAX_NUMBERS:
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
