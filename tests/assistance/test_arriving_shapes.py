"""The shapes at the lines of a network: of blocks, rounds, branches, and beside mistakes."""

from __future__ import annotations

from nndsl.assistance.page import Page
from nndsl.assistance.shapes import shapes_of_lines
from nndsl.source import Source

NETWORK = """\
block hidden(n) {
  dense(n)
  relu
}
network {
  input(64)
  hidden(30)
  repeat(2) {
    hidden(20)
  }
  concat {
    branch { dense(4); tanh }
    branch { dense(5) }
  }
  dense(10)
}
"""


def shapes(text: str) -> dict[str, str]:
    """Return the shapes of each line, by its text."""
    page = Page(Source("page.nn", text))
    return {page.source.line(one.span.line).strip(): one.text for one in shapes_of_lines(page)}


def test_each_line_has_its_shapes() -> None:
    assert shapes(NETWORK) == {
        "dense(n)": "64 or 30 … → 30 or 20, 2,990 parameters",
        "relu": "30 or 20",
        "input(64)": "64",
        "hidden(30)": "64 → 30, 1,950 parameters",
        "repeat(2) {": "30 → 20, 1,040 parameters",
        "hidden(20)": "30 or 20 → 20, 1,040 parameters",
        "concat {": "20 → 9, 189 parameters",
        "branch { dense(4); tanh }": "4",
        "branch { dense(5) }": "20 → 5, 105 parameters",
        "dense(10)": "9 → 10, 100 parameters",
    }


def test_shapes_are_known_as_far_as_the_first_mistake() -> None:
    known = shapes(NETWORK.replace("  concat {", "  dropuot(3)\n  concat {"))
    assert known["repeat(2) {"] == "30 → 20, 1,040 parameters"
    assert "dense(10)" not in known
    known = shapes(NETWORK.replace("    hidden(20)", "    hidden(20"))
    assert known["hidden(30)"] == "64 → 30, 1,950 parameters"
    assert "dense(10)" not in known


def test_a_mistake_elsewhere_takes_no_shapes_away() -> None:
    known = shapes(f"{NETWORK}train {{\n  los = hinge\n  batch = \n}}\n")
    assert known["dense(10)"] == "9 → 10, 100 parameters"
