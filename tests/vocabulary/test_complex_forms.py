"""What the complex step runs is equal on real numbers to what a script says."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from execution import (
    LayerRun,
    all_variants,
    away_from_zero,
    fields,
    layer_cases,
    loss_names,
    name_case,
    run,
)

from nndsl.ir import assign, names_of, parse_text, parse_value
from nndsl.ir.tree import transformed
from nndsl.live.gradients.complex_forms import FORMS, complex_form
from nndsl.shapes import Shape
from nndsl.vocabulary.functions import SIGMOID
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.regularizer import Regularizer

NUMBERS = [-700.0, -3.0, -1e-300, -0.0, 0.0, 1e-20, 0.5, 2.0, 700.0]


def in_complex_form(text: str) -> str:
    return "\n".join(made.rewrite(complex_form).text for made in parse_text(text))


def assert_same(text: str, functions: str = "", **names: Any) -> None:
    """Run a text and its complex form: every number is equal, but for rounding."""
    one = run(text, **with_functions(functions, names))
    if "rng" in names:
        names["rng"] = np.random.default_rng(5)
    other = run(in_complex_form(text), **with_functions(functions, names))
    assert one.keys() == other.keys()
    for name, value in one.items():
        if isinstance(value, float | np.ndarray | np.generic):
            np.testing.assert_allclose(other[name], value, rtol=1e-13, err_msg=name)


def with_functions(text: str, names: dict[str, Any]) -> dict[str, Any]:
    return names | {name: made for name, made in run(text).items() if callable(made)}


@pytest.mark.parametrize("case", layer_cases(), ids=name_case)
def test_layers(case: tuple[Layer, tuple[Shape, ...]]) -> None:
    made = LayerRun(*case)
    numbers = fields(made.layer) | made.layer.numbers(*made.shapes) | made.arrays
    numbers |= {"N": 5, "rng": np.random.default_rng(5), "dtype": np.float64}
    assert_same(made.layer.forward, made.layer.definitions, **numbers)


@pytest.mark.parametrize("loss", all_variants("losses"), ids=name_case)
def test_losses(loss: Loss) -> None:
    names = loss_names(loss, scale=2.0)
    assert_same(loss.forward, loss.definitions, **names)


@pytest.mark.parametrize("regularizer", all_variants("regularizers"), ids=name_case)
def test_regularizers(regularizer: Regularizer) -> None:
    weights = [away_from_zero(np.random.default_rng(0), (3, 4)), np.array([0.0, -0.0, 1e-300])]
    assert_same(regularizer.forward, **fields(regularizer), weights=weights)


@pytest.mark.parametrize("op", FORMS)
def test_operations(op: str) -> None:
    count = len({"a", "b"} & set(names_of(FORMS[op])))
    given = np.array([*itertools.product(NUMBERS, repeat=count)]).T
    text = f"y = {op[:-1]}{', '.join('ab'[:count])})"
    assert in_complex_form(text) != text
    assert_same(text, SIGMOID, **dict(zip("ab", given, strict=False)))


def test_operands_stay_whole() -> None:
    """An absolute value inside another, and a difference as an operand."""
    node = transformed(parse_value("2 * np.abs(a - np.abs(b))"), complex_form)
    values = {"a": np.array([1.0, -2.0]), "b": np.array([-3.0, 0.5])}
    assert run(assign("y", node).text, **values)["y"].tolist() == [4.0, 5.0]
