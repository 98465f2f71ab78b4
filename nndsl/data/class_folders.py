"""PNG images in a folder for each class, read without a library for images.

PNG: https://www.w3.org/TR/png-3/#11IHDR
"""

from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from nndsl.data import DataError
from nndsl.data.source_file import find_file, find_folder

MAX_IMAGES = 100_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = Struct(">8sI4sIIBB")  # signature; length and name of the chunk; size, depth, colour
_COLORS = {2, 3, 6}  # plain, from a palette, with transparency
_GREYS = {0, 4}  # plain, with transparency
_DEPTHS = (1, 2, 4, 8)  # bits that become one of 256 levels without loss


@dataclass(frozen=True, slots=True)
class PngHeader:
    """The size of an image, and whether it is in color."""

    size: tuple[int, int]  # height and width
    in_color: bool

    def spell_size(self) -> str:
        """Return the size in words: "28 high and 30 wide"."""
        return f"{self.size[0]} high and {self.size[1]} wide"


def read_classes(folder: Path, name: str) -> dict[str, list[Path]]:
    """Return the images of each class, both in sorted order. DataError."""
    top = find_folder(folder, name, "folder")
    inside = _entries(top, name)
    stray = next((entry for entry in inside if entry.suffix == ".png"), None)
    if stray is not None and not stray.is_dir():
        raise DataError(
            f"`{stray.name}` lies beside the folders of `{name}`, and is of no class",
            "put it into the folder of its class",
            "folder",
        )
    classes = {entry.name: _entries(entry, entry.name) for entry in inside if entry.is_dir()}
    if len(classes) < 2:
        raise DataError(
            f"`{name}` holds {len(classes) or 'no'} folder{'s' * (not classes)}",
            "there is one for each class, with its images in it",
            "folder",
        )
    if sum(map(len, classes.values())) > MAX_IMAGES:
        raise DataError(f"`{name}` holds more than {MAX_IMAGES:_} files", field="folder")
    for kind, files in classes.items():
        if kind.encode(errors="replace").decode() != kind:
            raise DataError(
                f"the name of the folder {kind!a} is no text in UTF-8",
                "its name is that of a class: rename it",
                "folder",
            )
        other = next((file for file in files if file.suffix != ".png"), None)
        if other is not None or not files:
            raise DataError(
                f"{shown(other)} is no PNG file" if other else f"`{kind}` holds no images",
                "a folder of a class holds nothing but images, whose names end in .png",
                "folder",
            )
    return classes


def _entries(folder: Path, name: str) -> list[Path]:
    """Return the sorted entries of a folder without hidden ones. DataError."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError:
        raise DataError(f"the folder `{name}` cannot be read", field="folder") from None


def shown(file: Path) -> str:
    """Return the name of an image in messages, with the folder of its class."""
    return f"`{file.parent.name}/{file.name}`"


def read_png_header(file: Path) -> PngHeader:
    """Return the header of a PNG file. DataError if it cannot be read."""
    find_file(file.parent, file.name, "folder")
    with file.open("rb") as content:
        raw = content.read(_HEADER.size)
    wrong = DataError(f"{shown(file)} is no PNG file, or damaged", field="folder")
    if len(raw) < _HEADER.size:
        raise wrong
    signature, _, chunk, width, height, depth, color = _HEADER.unpack(raw)
    is_png = (signature, chunk) == (_SIGNATURE, b"IHDR") and color in _COLORS | _GREYS
    if not (is_png and width and height):
        raise wrong
    if depth not in _DEPTHS:
        raise DataError(
            f"{shown(file)} has {depth} bits for each number of a pixel",
            "save it with 8 bits",
            "folder",
        )
    return PngHeader((height, width), color in _COLORS)
