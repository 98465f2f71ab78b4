"""Class numbers, read from raw bytes without numpy."""

from __future__ import annotations

from nndsl.vocabulary.dataset import DataError
from nndsl.vocabulary.raw_numbers import read_numbers

LARGEST_READ = 10_000_000  # bytes of class numbers that are read to count the classes
NOT_COUNTED = f"the classes are not counted: their numbers take more than {LARGEST_READ} bytes"
MOST_CLASSES = 100_000


def count_classes(raw: bytes, kind: str, size: int, byte_order: str, what: str, field: str) -> int:
    """Return the number of classes: the largest class number and one more.

    `kind` is "b", "i" or "u" (truth values, whole numbers with and without a sign), `size` the
    bytes of one, `byte_order` "big" or "little". DataError where they are no class numbers.
    """
    numbers = read_numbers(raw, kind, size, byte_order)
    smallest, largest = int(min(numbers)), int(max(numbers))
    if smallest < 0 or largest >= MOST_CLASSES:
        wrong = smallest if smallest < 0 else largest
        raise DataError(
            f"{what} holds {wrong}, which is no class number",
            f"class numbers are whole, 0 to {MOST_CLASSES - 1}; write floats for a regression",
            field,
        )
    return largest + 1
