"""Numbers with names: whatever is calculated with them is what plain numbers give, and says so."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nndsl.ir.symbols import MAX_PARTS, SymbolicInt, as_int, code, exactly, symbol, with_tree
from nndsl.ir.tree import Literal, Name, Operation

NAMED = {"H": 12, "T": 7, "V": 41}
H, T, V = (as_int(symbol(name, value)) for name, value in NAMED.items())
OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}
calculations = st.recursive(
    st.sampled_from([*NAMED, 1, 2, 3, 8]),
    lambda inner: st.tuples(st.sampled_from([*OPERATIONS]), inner, inner),
    max_leaves=6,
)
values = st.fixed_dictionaries({name: st.integers(1, 64) for name in NAMED})


def calculated(calculation: object, numbers: dict[str, int]) -> int:
    match calculation:
        case str(name):
            return numbers[name]
        case (str(op), left, right):
            return OPERATIONS[op](calculated(left, numbers), calculated(right, numbers))
    assert isinstance(calculation, int)
    return calculation


@given(calculations, values)
def test_an_expression_says_what_is_calculated_whatever_the_names_stand_for(
    calculation: object, other: dict[str, int]
) -> None:
    try:
        made = calculated(calculation, {"H": H, "T": T, "V": V})
        expected, changed = calculated(calculation, NAMED), calculated(calculation, other)
    except ZeroDivisionError:
        assume(False)
    assert made == expected
    assert hash(made) == hash(expected)
    assert (str(made), repr(made), f"{made:d}") == (str(expected), repr(expected), str(expected))
    assert eval(code(made), {}, NAMED) == expected
    if isinstance(made, SymbolicInt):
        assert eval(code(made), {}, other) == changed


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (1 * H, "H"),
        (H + 0, "H"),
        (2 * (2 * H), "4 * H"),
        (H * 4 // 4, "H"),
        (H // 2 * 2, "2 * (H // 2)"),
        (28 - H, "28 - H"),
        (-H + 1, "1 - H"),
        (H * T * H, "H**2 * T"),
        (math.prod((H, 3, T)), "3 * H * T"),
        (sum([H, T, 1]), "H + T + 1"),
        (2**3 * (H + 1), "8 * H + 8"),
        (H**2, "H**2"),
        ((H + T) // 2, "(H + T) // 2"),
        ((28 - H) // H + 1, "28 // H"),
        ((T + 2 * H) // H, "T // H + 2"),
        (H - H, "0"),
        (exactly(4 * (H // 4) * T, H), "T"),
        (exactly(H * T, 2 * H), "H * T // (2 * H)"),
    ],
)
def test_it_is_written_as_a_reader_would(made: int, written: str) -> None:
    assert code(made) == written


def test_to_others_it_is_a_number() -> None:
    assert json.dumps({"size": 4 * H}) == '{"size": 48}'
    assert (H, 3) == (12, 3)
    assert {12: "there"}[H] == "there"
    assert [*range(T)] == [0, 1, 2, 3, 4, 5, 6]
    assert isinstance(H / 5, float)
    assert code(H / 5) == "2.4"
    assert type(int(H)) is int


def test_it_stays_what_it_is_in_another_process() -> None:
    for number in (4 * H + 1, symbol("RATE", 0.1)):
        other = pickle.loads(pickle.dumps(number))
        assert (other, code(other)) == (number, code(number))


def test_what_would_be_long_is_a_plain_number() -> None:
    longest = H
    for _ in range(MAX_PARTS):
        longest = longest // 3 + 1
    assert type(longest) is int
    half = with_tree(6.0, Operation("/", (Name("H"), Literal(2, "2"))))
    assert code(as_int(half)) == "H // 2"
