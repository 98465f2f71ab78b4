"""One allocator owns all names of a script."""

from __future__ import annotations

import builtins
import keyword

import nndsl
from nndsl.program.names import Names


def test_a_name_that_is_free_is_given() -> None:
    assert Names(()).fresh("W1") == "W1"


def test_no_name_is_given_twice() -> None:
    names = Names(())
    assert [names.fresh("mask") for _ in range(3)] == ["mask", "mask_2", "mask_3"]
    assert names.fresh("mask_2") == "mask_2_2"


def test_reserved_names_are_not_given() -> None:
    assert Names(("loss", "loss_2")).fresh("loss") == "loss_3"


def test_names_of_python_are_not_given() -> None:
    names = [*keyword.kwlist, *dir(builtins)]
    assert [Names(()).fresh(name) for name in names] == [f"{name}_2" for name in names]


def test_letters_are_counted_apart() -> None:
    names = Names(())
    assert [names.count(letter) for letter in "ZAZZA"] == [1, 1, 2, 3, 2]


def test_given_names_are_all_different_whatever_is_asked_for() -> None:
    names = Names(("x", "x_2"))
    asked = ["x", "x_2", "x_3", "x", "x_2", "x_3", "x", "y", "y_2", "y", "y"]
    given = [names.fresh(name) for name in asked]
    assert len({*given, "x", "x_2"}) == len(given) + 2


def test_a_name_is_not_the_gradient_of_another() -> None:
    """`own` of a gru has the gradient `down`, and `random_shift` has a `down` of its own."""
    names = Names(())
    assert names.fresh("down1") == "down1"
    own = names.differentiable("own1")
    assert own != "own1"
    assert names.fresh(f"d{own}") != f"d{own}"
    text = "network { input(2, 3, 3); random_shift(1); reshape(2, 9); gru(3); dense(2) }\n"
    train = "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    report = nndsl.check_gradients(nndsl.load("net.nn", text=text + train))
    assert report.passed, str(report)
