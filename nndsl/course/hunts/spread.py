"""Which mistakes a class has already: whoever comes next gets another one, in another line."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from nndsl.course.hunts.balance import place_of
from nndsl.course.hunts.mistakes import Functions, Mistake


class Spread:
    """Counts the mistakes that were given to students, and their lines."""

    def __init__(self) -> None:
        self._mistakes: Counter[Mistake] = Counter()
        self._lines: Counter[object] = Counter()

    def uses(self, mistake: Mistake, functions: Functions) -> tuple[int, int]:
        """Return how often a mistake was given, and how often one in its line."""
        return self._mistakes[_same(mistake)], self._lines[place_of(mistake, functions)]

    def give(self, mistakes: Iterable[Mistake], functions: Functions) -> None:
        """Count mistakes as given to a student."""
        for mistake in mistakes:
            self._mistakes[_same(mistake)] += 1
            self._lines[place_of(mistake, functions)] += 1


def _same(mistake: Mistake) -> Mistake:
    """Return a mistake without its kind: the same code may be had in several ways."""
    return replace(mistake, part="", kind="")
