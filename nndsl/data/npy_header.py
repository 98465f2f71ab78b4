"""The header of an array in numpy's format, read without numpy.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import IO

from nndsl.shapes import Shape

LARGEST_HEADER = 10_000  # bytes, as in numpy itself


class HeaderError(ValueError):
    """The bytes are no header of an array of numbers; the message completes "the array … "."""


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """`kind`: "b" truth values, "i" and "u" whole numbers with and without sign, "f" floats."""

    kind: str
    size: int  # bytes of a number
    byte_order: str  # "big" or "little"
    shape: Shape
    columns_first: bool = False  # as in Fortran


def read_header(file: IO[bytes]) -> ArrayHeader:
    """Read a header from the start of an array's bytes, and no byte more. HeaderError."""
    start = file.read(8)
    if start[:6] != b"\x93NUMPY" or len(start) < 8 or start[6] not in (1, 2, 3):
        raise HeaderError("is not in numpy's format")
    length = int.from_bytes(file.read(2 if start[6] == 1 else 4), "little")
    if length > LARGEST_HEADER:
        raise HeaderError(f"has a header of {length} bytes, and not of an array of numbers")
    try:
        header = ast.literal_eval(file.read(length).decode("utf-8" if start[6] == 3 else "latin-1"))
        descr, shape = header["descr"], header["shape"]
        columns_first = bool(header.get("fortran_order"))
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        raise HeaderError("has a damaged header") from None
    type_ = re.fullmatch(r"([<>|=])([biuf])([1248])", descr) if isinstance(descr, str) else None
    if type_ is None:
        raise HeaderError("holds no plain numbers, but texts, objects or the like")
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise HeaderError("has a damaged header")
    byte_order = "big" if type_[1] == ">" else "little"
    return ArrayHeader(type_[2], int(type_[3]), byte_order, shape, columns_first)
