"""Files in the idx format, that of MNIST: a header, then numbers, the largest byte first.

Two zero bytes, a byte for the type of the numbers, a byte for the count of axes, and four bytes
for the length of each axis. http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes and Burges)
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path

from nndsl.vocabulary.dataset import DataError
from nndsl.vocabulary.word import Shape

_TYPES = {  # code -> what numpy calls it, kind, bytes
    0x08: ("np.uint8", "u", 1),
    0x09: ("np.int8", "i", 1),
    0x0B: ('">i2"', "i", 2),
    0x0C: ('">i4"', "i", 4),
    0x0D: ('">f4"', "f", 4),
    0x0E: ('">f8"', "f", 8),
}


@dataclass(frozen=True, slots=True)
class IdxHeader:
    """What stands before the numbers. `kind`: "i", "u" whole numbers, "f" floats."""

    type_text: str  # as numpy takes it: np.uint8
    kind: str
    size: int  # bytes of a number
    shape: Shape

    @property
    def offset(self) -> int:
        """Bytes before the first number."""
        return 4 + 4 * len(self.shape)


def read_idx(path: Path, field: str | None = None, numbers: int = 0) -> tuple[IdxHeader, bytes]:
    """Return the header and the bytes of at most so many first numbers. DataError.

    A file whose name ends in .gz is compressed; it is read only as far as needed.
    """
    wrong = DataError(f"`{path.name}` is not in the idx format, or damaged", field=field)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            start = file.read(4)
            if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or start[3] == 0:
                raise wrong
            lengths = file.read(4 * start[3])
            starts = range(0, len(lengths), 4)
            shape = tuple(int.from_bytes(lengths[i : i + 4], "big") for i in starts)
            header = IdxHeader(*_TYPES[start[2]], shape)
            raw = file.read(min(numbers, prod(shape)) * header.size)
    except (OSError, EOFError, zlib.error):  # what gzip raises for bytes that it did not write
        raise wrong from None
    if len(shape) != start[3] or len(raw) != min(numbers, prod(shape)) * header.size:
        raise wrong
    if path.suffix != ".gz" and path.stat().st_size != header.offset + prod(shape) * header.size:
        raise wrong
    return header, raw


def reading_text(variable: str, role: str, path: Path, header: IdxHeader) -> list[str]:
    """Return the statements that read the numbers of the file `role` as one long row."""
    content = f"{role}.read_bytes()"
    if path.suffix == ".gz":
        content = f"gzip.decompress({content})"
    return [
        f"content = {content}",
        f"{variable} = np.frombuffer(content, {header.type_text}, offset={header.offset})"
        "   # after the header",
    ]
