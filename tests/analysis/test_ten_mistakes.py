"""Ten mistakes in a spec of sixty lines, of syntax and of meaning, are ten findings in one run."""

from __future__ import annotations

import re
from pathlib import Path

import nndsl

SPEC = Path(__file__).parents[1] / "data" / "bad" / "ten_mistakes.nn"
CODES = "NN101 NN201 NN102 NN201 NN209 NN101 NN202 NN102 NN203 NN201".split()


def test_each_mistake_is_said_once_at_its_place() -> None:
    lines = SPEC.read_text(encoding="utf-8").splitlines()
    marked = [number for number, line in enumerate(lines, 1) if re.search(r"# \d+:", line)]
    diagnostics = nndsl.check(SPEC)
    assert len(lines) == 60
    assert [finding.span.line for finding in diagnostics] == marked
    assert [finding.code for finding in diagnostics] == CODES
