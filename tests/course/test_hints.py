"""Hints speak of what there is: names of the script, shapes that are so, what is really done."""

from __future__ import annotations

import pytest
from exercises import IMAGES, NORMALISED, SMALL, exercise, reference

from nndsl.analysis.compile import analyse
from nndsl.course.exercises.exercise import Exercise
from nndsl.diagnostics import Diagnostics
from nndsl.live.judging.reference import Reference
from nndsl.source import Source

READER = """\
data = addition(2, samples=60)

network {
  embedding(4)
  rnn(6, output=all)
  batch_norm
  dense(12)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=0.1)
  batch     = 10
  epochs    = 1
}
"""


@pytest.fixture(scope="module")
def made() -> Exercise:
    of = reference(READER, "reader.nn")
    return exercise(of, "rnn", "rnn_backward", "batch_norm_backward")


def hint(of: Exercise, name: str, number: int) -> str:
    return next(blank.hints for blank in of.blanks if blank.name == name)[number - 1]


@pytest.mark.parametrize(
    ("name", "number", "says"),
    [
        ("h", 1, "Its comment says: h[0] is the state before the first step. It goes into y."),
        ("dh", 1, "dh, of shape (N, H), says how the loss changes with a part of h."),
        ("dh", 1, "The forward pass uses h in `h[t] = …` and `y = …`:"),
        ("da_rows", 1, "Its comment says: a row for each step of each example."),
        ("dW_h", 1, "The forward pass uses W_h in `h[t] = "),
        ("h_before", 2, "its axes in another order"),
        ("along_x_hat", 1, "Its comment says: through the variance, which x moves."),
    ],
)
def test_a_hint_says(name: str, number: int, says: str, made: Exercise) -> None:
    assert says in hint(made, name, number)


@pytest.mark.parametrize(
    ("name", "number", "says"),
    [
        ("dW2", 1, "a product of matrices gives the gradient back as a product, too"),
        ("dA1", 1, "with the transpose of its other factor"),
        ("db2", 1, "it is added to every row, so the gradients of all rows add up"),
        ("dZ1", 1, "by the chain rule, the gradient of what that gives is multiplied by its slope"),
        ("dZ2", 1, "the backward pass begins with it: derive on paper"),
        ("dZ2", 2, "with `np.exp`, a difference, an index, `np.arange`, a division."),
    ],
)
def test_a_hint_of_a_backward_pass_says(name: str, number: int, says: str) -> None:
    page = SMALL.replace("  regularize = l2(0.01)\n", "")
    assert says in hint(exercise(reference(page), "backward"), name, number)


def test_each_gradient_of_a_layer_goes_back_in_its_own_way() -> None:
    of = Reference(analyse(Source("images.nn", IMAGES), Diagnostics()), style="layers")
    said = {
        f"{blank.function} {blank.name}": blank.hints for blank in exercise(of, "backward").blanks
    }
    rules = {
        "Reshape.backward dx": "that moves numbers and changes none",
        "Conv2d.backward dsums": "that moves numbers and changes none",
        "Conv2d.backward dW": "a product of matrices gives the gradient back as a product",
        "Conv2d.backward db": "it is added at every place, so the gradients of all places add up",
        "Conv2d.backward dx": "the script has a function that goes back through this one",
        "BatchNorm.backward dgamma": "times the other factor, and summed over all that",
        "BatchNorm.backward dx_hat": "the gradient of a factor is that of the product",
        "BatchNorm.backward dx": "what comes back through each of these adds up",
        "Relu.backward dx": "multiplied by its slope there",
        "MaxPool.backward dx": "the gradient begins with zeros, which are filled below",
        "MaxPool.backward dx[spot]": "go back to the places that they have there",
        "Dense.backward db": "it is added to every row, so the gradients of all rows add up",
        "SoftmaxCrossEntropy.backward dx": "the backward pass begins with it",
    }
    assert {name: rule for name, rule in rules.items() if rule not in said[name][0]} == {}
    assert "bool" not in "".join(hint for hints in said.values() for hint in hints[:2])


def test_a_penalty_belongs_to_its_line_of_the_page() -> None:
    said = hint(exercise(reference(), "penalty"), "penalty", 1)
    assert said == "penalty belongs to `l2(0.01)`, line 12 of the page."


def test_a_hint_of_many_statements_shows_what_is_done_last() -> None:
    made = exercise(reference(NORMALISED), "batch_norm_backward", level=3)
    lines = hint(made, "batch_norm_backward", 3).split("\n")
    assert "along_x_hat = ___.mean(axis=___)" in lines
    assert lines[-2:] == ["dx = ___ * ___", "return ___, ___, ___"]


@pytest.mark.parametrize(
    ("name", "number", "never"),
    [
        ("h[t]", 2, "a difference"),
        ("dh_next", 1, "h_next"),
        ("da_rows", 1, "a_rows "),
        ("da", 1, "return"),
        ("dx", 1, "len(x)"),
    ],
)
def test_a_hint_never_says(name: str, number: int, never: str, made: Exercise) -> None:
    for blank in made.blanks:
        if blank.name == name:
            assert never not in blank.hints[number - 1].replace("d" + never, "")


def test_a_shape_hands_no_gradient_on() -> None:
    dropped = SMALL.replace("  relu\n", "  relu\n  dropout(0.5)\n")
    said = hint(exercise(reference(dropped, "dropped.nn"), "dA1"), "dA1", 1)
    assert "uses A1 in `D1 = A1 * mask1 / (1 - DROPOUT_RATE)`:" in said
