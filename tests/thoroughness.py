"""How many examples a property is tried on: few in the fast tests, all of them in the slow ones."""

from __future__ import annotations

import os

THOROUGH = "NNDSL_THOROUGH_TESTS"


def examples(number: int) -> int:
    """Return the number in the slow tests, and a third of it in the fast ones."""
    return number if os.environ.get(THOROUGH) else max(1, number // 3)
