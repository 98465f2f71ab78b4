"""Every sentence that a gradient check can say of a wrong gradient is one, and is true."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nndsl.live.arrays import Array
from nndsl.live.gradients.mistakes import likely_mistake
from nndsl.live.gradients.report import told_apart

FACTOR = r"(1/[2-9]\d* of|1/1\d+ of|\S+ times)"
SENTENCES = [
    r"",
    r"its shape is (one number|\d+( x \d+)*) instead of (one number|\d+( x \d+)*)"
    r"(: it is the transpose of what it should be"
    r"|: a (transpose is missing, or one too many|sum over the wrong axis, or none"
    r"|sum over an axis too many, or a factor is missing))?",
    r"it is not finite: a division by zero, or a root or logarithm of nothing",
    r"it should be zero",
    r"it is zero: a term is missing, or nothing is passed on",
    r"it is the transpose of what it should be",
    r"the penalty's term is missing",
    r"the term of the data loss is missing",
    r"the penalty's term has the wrong sign",
    r"its sign is wrong",
    rf"its sign is wrong, and it is {FACTOR} what it should be",
    rf"(1/N is missing|it is divided by N once too often): it is {FACTOR} what it should be"
    r", and N is \d+ here",
    r"a mean over ([2-9]|\d\d+) numbers has become a sum",
    r"a sum over ([2-9]|\d\d+) numbers has become a mean",
    rf"it is {FACTOR} what it should be",
    r"it is too (large|small) by \d\S* of itself",
    r"no entry is off by more than [1-9]e-\d+ of the largest",
    r"(1 entry is|([2-9]|\d\d+) entries are) wrong, the other [1-9]\d* right",
    r"a mask is missing: it should be zero where the forward pass was switched off",
    r"a term is missing: where it is wrong, it is zero",
    r"all its entries are equal: a sum over too many axes",
    r"it is the same all along axis \d: a sum over the wrong axis",
    r"its sum is right and its entries are not: a sum over the wrong axis",
    r"some of its signs are wrong",
]
SENTENCE = re.compile(rf"(in the term of the data loss: )*({'|'.join(SENTENCES)})").fullmatch
SIZES = (1e-300, 1e-12, 1e-6, 1.0, 1e6, 1e12)
SPECIAL = (-1.0, 0.0, 0.5, 2.0, 1 / 3, 7.0, 1 / 7, 12.0, 1 / 12, -2.0, -7.0, 1e-9, 1e9)
NEAR_ONE = (1 + 1e-4, 1 - 1e-7, 1 + 1e-9, 1 - 1e-9, -1 - 1e-9, 1 + 1e-13, np.nan, np.inf)
FACTORS = st.sampled_from((*SPECIAL, *NEAR_ONE)) | st.floats(-1e6, 1e6)
EDITS = ("factor", "some", "one", "zeros", "mask", "transpose", "sum", "flip", "penalty", "noise")


@st.composite
def gradients(draw: st.DrawFn) -> tuple[Array, Array, int, Array | None]:
    """Draw a gradient that is wrong, the right one, how many examples, and the penalty's part."""
    shape = tuple(draw(st.lists(st.integers(1, 5), max_size=3)))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    true = draw(st.sampled_from(SIZES)) * rng.standard_normal(shape)
    true = np.where(rng.random(shape) < draw(st.sampled_from([0.0, 0.3, 1.0])), 0.0, true)
    others = draw(st.sampled_from([None, 0.0, 1e-3, 1.0]))
    penalty = None if others is None else np.asarray(others * rng.standard_normal(shape))
    wrong, factor = np.array(true), draw(FACTORS)
    for edit in draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=2)):
        place = rng.random(wrong.shape) < 0.5
        match edit:
            case "factor":
                wrong = wrong * factor
            case "some":
                wrong = np.where(place, factor * wrong, wrong)
            case "one" if wrong.size:
                wrong.reshape(-1)[0] *= factor
            case "zeros":
                wrong = np.where(place, 0.0, wrong)
            case "mask":
                wrong = np.where(wrong == 0, 1.0, wrong)
            case "transpose":
                wrong = wrong.T.copy()
            case "sum" if wrong.ndim:
                wrong = wrong.sum(axis=-1, keepdims=draw(st.booleans()))
            case "flip":
                wrong = wrong[::-1].copy() if wrong.ndim else -wrong
            case "penalty" if penalty is not None and penalty.shape == wrong.shape:
                wrong = wrong - penalty
            case "noise":
                wrong = np.array(wrong * (1 + 1e-9 * rng.standard_normal(wrong.shape)))
    return np.array(wrong), np.array(true), draw(st.integers(1, 9)), penalty


@pytest.mark.slow
@given(gradients())
def test_every_mistake_is_a_sentence(drawn: tuple[Array, Array, int, Array | None]) -> None:
    with np.errstate(all="ignore"):
        said = likely_mistake(*drawn)
    assert SENTENCE(said), said
    assert "nan" not in said
    assert " 1 times" not in said
    assert " 0 times" not in said


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (1 + 3e-9, "it is too large by 3e-09 of itself"),
        (1 - 3e-9, "it is too small by 3e-09 of itself"),
        (1.0001, "it is 1.0001 times what it should be"),
        (0.5, "it is 1/2 of what it should be"),
        (-3, "its sign is wrong, and it is 3 times what it should be"),
        (7, "1/N is missing: it is 7 times what it should be, and N is 7 here"),
        (
            1 / 7,
            "it is divided by N once too often: it is 1/7 of what it should be, and N is 7 here",
        ),
    ],
)
def test_factors(factor: float, said: str) -> None:
    true = np.random.default_rng(0).standard_normal((3, 4))
    assert likely_mistake(factor * true, true, 7, None) == said


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (0.70708491, ""),
        (2.0, "it is 2 times what it should be"),
        (0.25, "it is 1/4 of what it should be"),
    ],
)
def test_each_number_is_some_multiple_of_another(factor: float, said: str) -> None:
    one = np.array(1.7)
    assert likely_mistake(factor * one, one, 7, None) == said


def test_a_little_everywhere() -> None:
    rng = np.random.default_rng(0)
    true = rng.standard_normal(12)
    wrong = true + 2e-8 * rng.choice([-1, 1], 12) * np.abs(true).max()
    assert (
        likely_mistake(wrong, true, 7, None) == "no entry is off by more than 2e-08 of the largest"
    )


@given(st.floats(), st.floats())
def test_what_is_and_what_should_be_are_told_apart(one: float, other: float) -> None:
    said = told_apart(one, other)
    assert (said[0] == said[1]) is (repr(one) == repr(other))


def test_what_is_next_to_nothing_is_zero() -> None:
    tiny = np.array([0.0, 5e-324])  # whose products are 0
    assert likely_mistake(tiny, np.array([1.0, 0.1]), 7, None).startswith("it is zero")


def test_a_sum_that_is_zero_whatever_is_done_says_nothing_of_axes() -> None:
    """As the gradient of the last bias behind a softmax: P - T adds up to zero in each row."""
    right, wrong = np.array([1.0, -3.0, 2.0]), np.array([2.0, -1.0, -1.0])
    assert "a sum over the wrong axis" not in likely_mistake(wrong, right, 3, None)
    assert "a sum over the wrong axis" in likely_mistake(wrong + 2, right + 2, 3, None)


def test_as_many_numbers_in_another_shape_lack_a_reshape() -> None:
    right = np.arange(1.0, 25).reshape(2, 3, 4)
    assert likely_mistake(right.reshape(6, 4), right, 2, None) == (
        "its shape is 6 x 4 instead of 2 x 3 x 4: another shape of as many numbers: "
        "a reshape is missing"
    )
    assert "a sum over an axis too many" in likely_mistake(right.sum(axis=0), right, 2, None)
