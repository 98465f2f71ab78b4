"""Where notes stand: behind their line, or above it."""

from __future__ import annotations

from nndsl.emit.layout import WIDTH, lay_out
from nndsl.ir import parse_text

LONG = "total = first_operand @ second_operand + third_operand"


def test_a_reason_stands_at_the_margin_that_its_line_leaves() -> None:
    (short,) = lay_out(parse_text("a = b   # why"))
    (long,) = lay_out(parse_text(f"{LONG}   # why"))
    assert (short.index("# why"), long.index("# why")) == (50, 76)


def test_a_reason_that_finds_no_room_at_a_margin_stands_right_behind_its_line() -> None:
    reason = "a reason that is a little longer"
    assert lay_out(parse_text(f"{LONG}   # {reason}")) == [f"    {LONG}  # {reason}"]


def test_a_reason_stands_above_a_line_that_has_no_room_for_it() -> None:
    reason = "a reason " * 5 + "that ends"
    assert lay_out(parse_text(f"{LONG}   # {reason}")) == [f"    # {reason}", f"    {LONG}"]
    assert len(f"    {LONG}  # {reason}") > WIDTH
