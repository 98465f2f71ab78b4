"""Numbers in raw bytes, read without numpy."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from math import isfinite, prod
from struct import unpack
from typing import IO, NamedTuple

from nndsl.data import MAX_NUMBER, DataError, Signal
from nndsl.shapes import Shape

MAX_CHECKED = 100_000_000  # bytes of floats that are checked to be finite
_CHUNK = 1 << 20  # bytes
MAX_READ = 10_000_000  # bytes of class numbers that are read to count the classes
NOT_COUNTED = f"the classes are not counted: their numbers take more than {MAX_READ} bytes"
MAX_CLASSES = 100_000
SAMPLE = 10_000  # numbers of the inputs that are read for their mean and variance

_TYPES = (
    {("b", 1): "B", ("f", 4): "f", ("f", 8): "d"}
    | dict(zip((("i", size) for size in (1, 2, 4, 8)), "bhiq", strict=True))
    | dict(zip((("u", size) for size in (1, 2, 4, 8)), "BHIQ", strict=True))
)


class Counted(NamedTuple):
    """How many classes there are, and whether some places have none."""

    classes: int
    has_gaps: bool = False


def read_numbers(raw: bytes, kind: str, size: int, byte_order: str) -> array[int] | array[float]:
    """Return the numbers in bytes. KeyError for types that Python's `array` lacks.

    `kind` is "b", "i", "u" or "f" (truth values, whole numbers with and without a sign, floats),
    `size` the bytes of one, `byte_order` "big" or "little".
    """
    numbers: array[int] | array[float] = array(_TYPES[kind, size], raw)
    if byte_order != sys.byteorder:
        numbers.byteswap()
    return numbers


def require_finite(
    file: IO[bytes],
    size: int,
    byte_order: str,
    shape: Shape,
    what: str,
    field: str | None,
    *,
    columns_first: bool = False,
) -> None:
    """Check the floats of an array called `what`. EOFError if there are fewer than in its shape.

    DataError if one of them is not finite in 32 bits.
    """
    left = min(prod(shape) * size, MAX_CHECKED) // size * size
    before = 0
    while left:
        raw = file.read(min(left, _CHUNK))
        if not raw or len(raw) % size:
            raise EOFError
        left -= len(raw)
        numbers: Sequence[float]
        if size == 2:  # which `array` lacks
            numbers = unpack(f"{'<' if byte_order == 'little' else '>'}{len(raw) // 2}e", raw)
        else:
            numbers = read_numbers(raw, "f", size, byte_order)
        if not isfinite(sum(numbers)) or (size == 8 and max(map(abs, numbers)) >= MAX_NUMBER):
            for place, number in enumerate(numbers, before):
                if not isfinite(number) or abs(number) >= MAX_NUMBER:
                    index = _index(place, shape, columns_first=columns_first)
                    raise DataError(
                        f"{what} holds {number:g} at {index}, which is no finite number",
                        field=field,
                    )
        before += len(numbers)


def _index(number: int, shape: Shape, *, columns_first: bool) -> str:
    """Return the index of a number in an array, as numpy writes it: [3, 1]."""
    index = []
    for length in shape if columns_first else reversed(shape):
        number, rest = divmod(number, length)
        index.append(rest)
    return str(index if columns_first else index[::-1])


def measure_signal(
    raw: bytes, kind: str, size: int, byte_order: str, scale: float
) -> Signal | None:
    """Return mean and variance of numbers times `scale`; None if they are not known."""
    if (kind, size) not in _TYPES or not raw:
        return None
    numbers = read_numbers(raw, kind, size, byte_order)
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) * (number - mean) for number in numbers) / len(numbers)
    signal = Signal(mean * scale, variance * scale * scale)
    return signal if all(map(isfinite, signal)) else None


def count_classes(
    raw: bytes,
    kind: str,
    size: int,
    byte_order: str,
    what: str,
    field: str,
    *,
    may_lack: bool = False,
) -> Counted:
    """Return the number of classes: the largest class number and one more.

    `kind` is "b", "i" or "u" (truth values, whole numbers with and without a sign), `size` the
    bytes of one, `byte_order` "big" or "little". With `may_lack`, -1 stands where there is none.
    DataError where they are no class numbers.
    """
    numbers = read_numbers(raw, kind, size, byte_order)
    smallest, largest = int(min(numbers)), int(max(numbers))
    if smallest < -may_lack or largest >= MAX_CLASSES:
        wrong = smallest if smallest < -may_lack else largest
        raise DataError(
            f"{what} holds {wrong}, which is no class number",
            f"class numbers are whole, 0 to {MAX_CLASSES - 1}; write floats for a regression",
            field,
        )
    return Counted(largest + 1, smallest < 0)
