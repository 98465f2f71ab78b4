"""Columns that tell the target by themselves, as one does that is filled in together with it."""

from collections.abc import Collection, Mapping, Sequence

from nndsl.data import Leak
from nndsl.data.table import MISSING, Table, number_of

_FEW = 20  # values of a column
_ROWS_OF_EACH = 5  # at least, on average: with fewer it may be chance
_ENOUGH = 10  # rows, for a straight line
_ROUNDING = 1e-6  # of the variance of the target, beside a straight line


def leaks(
    table: Table, target: str, names: Collection[str], *, has_classes: bool
) -> Mapping[str, Leak]:
    """Return the columns among `names` that tell the target, as far as the sample of rows shows."""
    at = {name: position for position, name in enumerate(table.header)}
    found = {}
    for name in names:
        pairs = [
            (row[at[name]], row[at[target]]) for row in table.sample if row[at[name]] not in MISSING
        ]
        leak = _of_classes(pairs) if has_classes else _of_numbers(pairs, len(names))
        if leak is not None:
            found[name] = leak
    return found


def _of_classes(pairs: Sequence[tuple[str, str]]) -> Leak | None:
    kinds, classes = {kind for kind, _ in pairs}, {label for _, label in pairs}
    few = 1 < len(kinds) <= _FEW and len(pairs) >= _ROWS_OF_EACH * len(kinds)
    if len(classes) < 2 or not few or len({*pairs}) > len(kinds):
        return None
    if len(kinds) == len(classes):
        return Leak(True, "holds the classes of the target, perhaps under other names")
    return Leak(False, f"tells the class (each of its {len(kinds)} kinds has one)")


def _of_numbers(pairs: Sequence[tuple[str, str]], columns: int) -> Leak | None:
    x, y = ([number_of(pair[side]) for pair in pairs] for side in (0, 1))
    own, targets = [v for v in x if v is not None], [v for v in y if v is not None]
    if len(own) < len(pairs) or len(targets) < len(pairs) or len({*own}) < 2:
        return None
    if own == targets:
        return Leak(True, "holds the very numbers of the target")
    middle, mean = sum(own) / len(own), sum(targets) / len(targets)
    spread, variance = (
        sum((v - m) ** 2 for v in values) for values, m in ((own, middle), (targets, mean))
    )
    if columns < 2 or len(own) < _ENOUGH or 0 in (spread, variance):
        return None
    slope = sum((a - middle) * (b - mean) for a, b in zip(own, targets, strict=True)) / spread
    rest = sum((b - mean - slope * (a - middle)) ** 2 for a, b in zip(own, targets, strict=True))
    if rest > _ROUNDING * variance:
        return None
    return Leak(False, "is the target in another unit (a straight line makes one of the other)")
