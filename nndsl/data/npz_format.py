"""Arrays in the formats .npy and .npz, read without numpy.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from math import prod
from typing import IO, TYPE_CHECKING

from nndsl.data import MAX_NUMBERS, DataError
from nndsl.data.raw_numbers import require_finite
from nndsl.data.script_text import quoted
from nndsl.shapes import Shape

if TYPE_CHECKING:
    from zipfile import ZipFile

MAX_HEADER = 10_000  # bytes, as in numpy itself
WANTED = "inputs are numbers (N, …); targets class numbers (N,), or floats (N, …)"


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """`kind`: "b" truth values, "i" and "u" whole numbers with and without sign, "f" floats."""

    kind: str
    size: int  # bytes of a number
    byte_order: str  # "big" or "little"
    shape: Shape
    columns_first: bool = False  # Fortran order


def read_header(archive: ZipFile, name: str, field: str) -> ArrayHeader:
    """Read the header of an array, and check the size of its data. DataError."""
    with _open(archive, name, field) as file:
        header = _header(file, name, field)
        if prod(header.shape) > MAX_NUMBERS:
            raise DataError(f"the array {quoted(name)} has more than 10**9 numbers", field=field)
        held = archive.getinfo(file.name).file_size - file.tell()
    if held != prod(header.shape) * header.size:
        raise DataError(
            f"the array {quoted(name)} is damaged: {held:_} bytes are no {header.shape} of "
            f"{header.size} bytes each",
            field=field,
        )
    return header


def read_first(archive: ZipFile, name: str, field: str, most: int) -> bytes:
    """Return the bytes of at most so many first numbers. EOFError."""
    with _open(archive, name, field) as file:
        header = _header(file, name, field)
        length = min(most, prod(header.shape)) * header.size
        raw = file.read(length)
    if len(raw) < length:
        raise EOFError
    return raw


def require_finite_array(archive: ZipFile, name: str, field: str, header: ArrayHeader) -> None:
    """Raise DataError if an array holds a number that is not finite."""
    if header.kind == "f":
        size, order, by_column = header.size, header.byte_order, header.columns_first
        with _open(archive, name, field) as file:
            _header(file, name, field)
            what = f"the array {quoted(name)}"
            require_finite(file, size, order, header.shape, what, field, columns_first=by_column)


def _open(archive: ZipFile, name: str, field: str) -> IO[bytes]:
    members = {member.removesuffix(".npy"): member for member in archive.namelist()}
    if name not in members:
        held = ", ".join(map(quoted, list(members)[:10])) or "none"
        raise DataError(f"the file has no array {quoted(name)}", f"it holds {held}", field)
    return archive.open(members[name])


def _header(file: IO[bytes], name: str, field: str) -> ArrayHeader:
    """Read the header of an array, and no byte more. DataError."""

    def wrong(what: str) -> DataError:
        return DataError(f"the array {quoted(name)} {what}", WANTED, field)

    start = file.read(8)
    if start[:6] != b"\x93NUMPY" or len(start) < 8 or start[6] not in (1, 2, 3):
        raise wrong("is not in numpy's format")
    length = int.from_bytes(file.read(2 if start[6] == 1 else 4), "little")
    if length > MAX_HEADER:
        raise wrong(f"has a header of {length} bytes, and not of an array of numbers")
    try:
        header = ast.literal_eval(file.read(length).decode("utf-8" if start[6] == 3 else "latin-1"))
        descr, shape = header["descr"], header["shape"]
        columns_first = bool(header.get("fortran_order"))
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        raise wrong("has a damaged header") from None
    type_ = re.fullmatch(r"([<>|=])([biuf])([1248])", descr) if isinstance(descr, str) else None
    if descr == "|O":
        raise DataError(
            f"the array {quoted(name)} holds no plain numbers, but objects of Python, as rows of "
            "several lengths are",
            "fill short rows up to one length; of tokens with one that means nothing else, which "
            "`padding=` names",
            field,
        )
    if type_ is None:
        raise wrong("holds no plain numbers, but texts, objects or the like")
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise wrong("has a damaged header")
    byte_order = "big" if type_[1] == ">" else "little"
    return ArrayHeader(type_[2], int(type_[3]), byte_order, shape, columns_first)
