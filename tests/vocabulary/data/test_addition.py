"""Sums: that the answers are right, and that no part holds what another one does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.data import DataError
from nndsl.live.model import Array
from nndsl.vocabulary.data.addition import Addition

SPEC = """
data = {}
network {{ embedding(4); rnn(12, output=all) }}
train {{ loss = softmax_cross_entropy; optimizer = sgd; seed = {} }}
"""
CHARACTERS = np.array(list("0123456789+ "))


def parts(data: str, seed: int = 0) -> dict[str, tuple[Array, Array]]:
    return nndsl.load("sums.nn", text=SPEC.format(data, seed)).data()


def read(tokens: Array) -> list[str]:
    return ["".join(CHARACTERS[row]) for row in tokens]


def pairs(X: Array) -> list[tuple[int, ...]]:
    """Return the two numbers of each question, the smaller first."""
    return [tuple(sorted(map(int, question.split("+")))) for question in read(X)]


@pytest.mark.parametrize("digits", [1, 3, 6])
@pytest.mark.parametrize("reverse", ["false", "true"])
def test_the_answers_are_right(digits: int, reverse: str) -> None:
    X, t = parts(f"addition(digits={digits}, samples=55, reverse={reverse})")["training"]
    assert X.shape == t.shape == (55, 2 * digits + 1)
    for question, answer in zip(read(X), read(t), strict=True):
        assert len(question.rstrip()) == len(question.strip())  # spaces stand at the end alone
        digits_in_order = answer.rstrip()[::-1] if reverse == "true" else answer.rstrip()
        assert digits_in_order == str(sum(map(int, question.split("+"))))


def test_no_two_examples_add_the_same_numbers() -> None:
    made = parts("addition(digits=2, samples=4000, validation=500, test=0.25)")
    assert [len(X) for X, _ in made.values()] == [2500, 500, 1000]
    seen = [pair for X, _ in made.values() for pair in pairs(X)]
    assert len(set(seen)) == 4000
    assert max(map(max, seen)) == 99
    assert min(map(min, seen)) == 0


def test_all_pairs_that_there_are() -> None:
    X, _ = parts("addition(digits=1, samples=55)")["training"]
    assert sorted(pairs(X)) == [(a, b) for a in range(10) for b in range(a, 10)]


def test_either_number_comes_first_as_often() -> None:
    X, _ = parts("addition(digits=3, samples=4000)")["training"]
    first, second = np.array([question.split("+") for question in read(X)], int).T
    assert 0.45 < (first < second).mean() < 0.55
    assert abs(first.mean() - 500) < 20


def test_the_seed_says_which() -> None:
    data = "addition(samples=50)"
    first, again, other = (parts(data, seed)["training"][0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert set(pairs(first)).isdisjoint(pairs(other))


@pytest.mark.parametrize("reverse", ["false", "true"])
def test_a_sample_is_what_the_network_predicts_and_reads_as_people_write(reverse: str) -> None:
    data = f"addition(digits=2, samples=50, reverse={reverse})"
    model = nndsl.load("sums.nn", text=SPEC.format(data, 0))
    characters = list(CHARACTERS)
    tokens = [[characters.index(character) for character in "38+7 "]]
    predicted = "".join(CHARACTERS[model.predict(tokens)[0].argmax(axis=1)])
    answer = (predicted[::-1] if reverse == "true" else predicted).strip()
    for asked in ("38+7", "38+7=", " 38 + 07 = "):
        assert model.sample(asked, temperature=0) == f"38+7={answer}"


@pytest.mark.parametrize("asked", ["", "=", "38", "38-7", "100+1", "3+4+5", "38+7=45", "٣+٤"])
def test_what_is_no_sum_is_refused(asked: str) -> None:
    model = nndsl.load("sums.nn", text=SPEC.format("addition(digits=2, samples=50)", 0))
    with pytest.raises(nndsl.ModelError, match="is no sum of two numbers from 0 to 99") as caught:
        model.sample(asked)
    assert caught.value.help == "ask it '38+76', say, with or without `=` behind it"


def test_more_samples_than_pairs_are_refused() -> None:
    with pytest.raises(
        DataError, match="56 samples are more than there are pairs of numbers: 55"
    ) as caught:
        Addition(digits=1, samples=56).describe(Path())
    assert caught.value.field == "samples"


@pytest.mark.parametrize(
    ("arguments", "place", "said"),
    [
        ("digits=0", "0", "`digits` must be at least 1, and here it is 0"),
        ("digits=7", "7", "`digits` must be at most 6, and here it is 7"),
        ("digits=1.5", "1.5", "`digits` must be a whole number, and here it is 1.5"),
        ("samples=0", "0", "`samples` must be at least 1, and here it is 0"),
        ("reverse=3", "3", "`reverse` must be `true` or `false`, and here it is 3"),
        ("digits=1, samples=56", "56", "56 samples are more than there are pairs of numbers: 55"),
        ("samples=9, test=9", "data = addition(samples=9, test=9)", "none of the 9 examples"),
    ],
)
def test_arguments_out_of_range_are_refused_in_their_place(
    arguments: str, place: str, said: str
) -> None:
    (found,) = nndsl.check("sums.nn", text=SPEC.format(f"addition({arguments})", 0))
    assert said in found.message
    assert found.span.text == place
