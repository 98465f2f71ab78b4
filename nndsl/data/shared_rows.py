"""Rows that a table of its own for the test part shares with the table that is trained on."""

from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from nndsl.data.table import open_rows, read_header


def shared_rows(training: Path, test: Path, delimiter: str, ignored: Collection[str]) -> int:
    """Return how many rows of a test table equal one of the training table, as texts.

    Both have the same header; columns that are `ignored` do not count. 0 where rows of the test
    table are as often equal among themselves: of few kinds that is chance. DataError.
    """
    changed = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in (training, test)]
    return _shared_rows(*changed, delimiter, frozenset(ignored))


@lru_cache(maxsize=8)
def _shared_rows(
    training: tuple[Path, int, int],
    test: tuple[Path, int, int],
    delimiter: str,
    ignored: frozenset[str],
) -> int:
    with open_rows(test[0], test[0].name, delimiter, "test") as rows:
        header = read_header(rows, test[0].name, "test")
        kept = [place for place, name in enumerate(header) if name not in ignored]
        tested = Counter(tuple([row[place] for place in kept]) for _, row in rows if any(row))
    with open_rows(training[0], training[0].name, delimiter, "file") as rows:
        read_header(rows, training[0].name, "file")
        known = {key for _, row in rows if (key := tuple([row[place] for place in kept])) in tested}
    found = sum(tested[key] for key in known)
    return found if found > 2 * (tested.total() - len(tested)) else 0
