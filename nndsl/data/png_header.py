"""The header of a PNG file, read without a library.

https://www.w3.org/TR/png-3/#11IHDR
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import IO

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = Struct(">8sI4sIIBB")  # signature; length and name of the chunk; what is kept below
_COLORS = {2, 3, 6}  # plain, from a palette, with transparency
_GREYS = {0, 4}  # plain, with transparency
DEPTHS = (1, 2, 4, 8)  # bits that become one of 256 levels without loss


@dataclass(frozen=True, slots=True)
class PngHeader:
    """The size of an image, the bits of each number of a pixel, and whether it is in color."""

    size: tuple[int, int]  # height and width
    depth: int
    in_color: bool

    def spell_size(self) -> str:
        """Write the size in words: "28 high and 30 wide"."""
        return f"{self.size[0]} high and {self.size[1]} wide"


def read_png_header(file: IO[bytes]) -> PngHeader | None:
    """Return the header at the beginning of a file, or None where there is none."""
    raw = file.read(_HEADER.size)
    if len(raw) < _HEADER.size:
        return None
    signature, _, chunk, width, height, depth, color = _HEADER.unpack(raw)
    if (signature, chunk) != (_SIGNATURE, b"IHDR") or not width or not height:
        return None
    return (
        PngHeader((height, width), depth, color in _COLORS) if color in _COLORS | _GREYS else None
    )
