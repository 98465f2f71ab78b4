"""Numbers in raw bytes, read without numpy."""

from __future__ import annotations

import sys
from array import array
from math import isfinite

from nndsl.vocabulary.signal import Signal

SAMPLE = 10_000  # numbers of inputs that are read to know how large they are

_TYPES = (
    {("b", 1): "B", ("f", 4): "f", ("f", 8): "d"}
    | dict(zip((("i", size) for size in (1, 2, 4, 8)), "bhiq", strict=True))
    | dict(zip((("u", size) for size in (1, 2, 4, 8)), "BHIQ", strict=True))
)


def read_numbers(raw: bytes, kind: str, size: int, byte_order: str) -> array[int] | array[float]:
    """Return the numbers that bytes hold. KeyError where Python has no such numbers.

    `kind` is "b", "i", "u" or "f" (truth values, whole numbers with and without a sign, floats),
    `size` the bytes of one, `byte_order` "big" or "little".
    """
    numbers: array[int] | array[float] = array(_TYPES[kind, size], raw)
    if byte_order != sys.byteorder:
        numbers.byteswap()
    return numbers


def signal_of(raw: bytes, kind: str, size: int, byte_order: str, scale: float) -> Signal | None:
    """Return how large numbers are that are multiplied by `scale`; None where that is not known."""
    if (kind, size) not in _TYPES or not raw:
        return None
    numbers = read_numbers(raw, kind, size, byte_order)
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) * (number - mean) for number in numbers) / len(numbers)
    signal = Signal(mean * scale, variance * scale * scale)
    return signal if all(map(isfinite, signal)) else None
