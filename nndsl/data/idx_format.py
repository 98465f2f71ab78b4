"""Files in the idx format of MNIST: a header, then big-endian numbers.

Two zero bytes, a byte for the type of the numbers, a byte for the count of axes, and four bytes
for the length of each axis. http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes and Burges)
"""

import gzip
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, cast

from nndsl.data import MAX_NUMBERS, DataError
from nndsl.data.raw_numbers import require_finite
from nndsl.shapes import Shape

_CHUNK = 1 << 20  # bytes

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
    """The header of a file. `kind`: "i", "u" whole numbers, "f" floats."""

    type_text: str  # in numpy code: np.uint8
    kind: str
    size: int  # bytes of a number
    shape: Shape

    @property
    def offset(self) -> int:
        """Bytes before the first number."""
        return 4 + 4 * len(self.shape)


def read_idx(path: Path, field: str | None = None, numbers: int = 0) -> tuple[IdxHeader, bytes]:
    """Return the header, and the bytes of at most `numbers` first numbers. DataError.

    A file whose name ends in .gz is compressed. It is read to the end of what its header says, and
    no further; floats are all to be finite.
    """
    wrong = DataError(f"`{path.name}` is not in the idx format, or damaged", field=field)
    try:
        with _open(path) as file:
            start = file.read(4)
            if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or start[3] == 0:
                raise wrong
            lengths = file.read(4 * start[3])
            starts = range(0, len(lengths), 4)
            shape = tuple(int.from_bytes(lengths[i : i + 4], "big") for i in starts)
            header = IdxHeader(*_TYPES[start[2]], shape)
            if len(shape) != start[3]:
                raise wrong
            if prod(shape) > MAX_NUMBERS:
                raise DataError(f"`{path.name}` has more than 10**9 numbers", field=field)
            raw = file.read(min(numbers, prod(shape)) * header.size)
            held = _length(file, len(raw), prod(shape) * header.size)
        if held is None:
            more = f"`{path.name}` holds more numbers than the {shape} of its header"
            raise DataError(more, field=field)
        if held < prod(shape) * header.size:
            raise wrong
        if header.kind == "f":
            with _open(path) as file:
                file.read(header.offset)
                require_finite(file, header.size, "big", shape, f"`{path.name}`", field)
    except (OSError, EOFError, zlib.error):  # of gzip, for damaged files
        raise wrong from None
    return header, raw


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _length(file: IO[bytes], read: int, wanted: int) -> int | None:
    """Return how many bytes of numbers a file holds; None if there are more than wanted."""
    while chunk := file.read(min(_CHUNK, wanted + 1 - read)):
        read += len(chunk)
    return read if read <= wanted else None
