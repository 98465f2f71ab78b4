"""The table of derivatives: each rule against the complex step, and evaluation on plain floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from complex_numpy import ComplexNumpy

from nndsl.ir import parse_value
from nndsl.ir.derivatives import RULES
from nndsl.ir.scalar import FUNCTIONS, NotElementwise, evaluate

TINY = 1e-30
POINTS = [-1.7, -0.4, 0.3, 0.9, 2.5]
POSITIVE = ("np.log()", "np.sqrt()", "np.log1p()")


def sigmoid(u: Any) -> Any:
    return 1 / (1 + np.exp(-u))


DEFINED = {"sigmoid": sigmoid}  # by scripts, not by numpy


def text_of(op: str, count: int) -> str:
    operands = [f"({n} * x + 5)" if op != "**" else f"({n} + x * x)" for n in (2, 3, 4)][:count]
    if op == "np.where()":
        operands[0] = "x > 0"
    if op == "np.clip()":
        operands[1:] = ["3", "6"]
    if op.endswith(")"):
        return op.replace("()", f"({', '.join(operands)})")
    return f" {op} ".join(operands) if count > 1 else f"{op}{operands[0]}"


def complex_step(text: str, x: float) -> float:
    """Return the slope by the complex step, where abs and sign are told by the real part."""

    class Complex:
        abs = staticmethod(lambda u: u if u.real > 0 else -u)
        logaddexp = staticmethod(ComplexNumpy.logaddexp)
        sign = staticmethod(lambda u: np.sign(np.real(u)))
        maximum = staticmethod(lambda a, b: a if a.real >= b.real else b)
        minimum = staticmethod(lambda a, b: a if a.real <= b.real else b)
        clip = staticmethod(lambda a, low, high: a if low <= a.real <= high else 0 * a + low)

        def __getattr__(self, name: str) -> Any:
            return getattr(np, name)

    for sign in ("==", "!=", "<=", ">=", "<", ">"):
        if sign in text and "where" not in text:
            return 0.0
    text = text.replace("x > 0", "x.real > 0")
    point = np.complex128(x + TINY * 1j)
    return float(np.imag(eval(text, {"np": Complex(), "x": point, **DEFINED})) / TINY)


@pytest.mark.parametrize(("op", "rules"), [*RULES.items(), ("-", ("-d",))], ids=str)
def test_every_rule_is_the_derivative(op: str, rules: tuple[str, ...]) -> None:
    text = text_of(op, len(rules))
    points = [abs(x) for x in POINTS] if op in POSITIVE else POINTS
    values, slopes = evaluate(parse_value(text), {"x": (points, [1.0] * len(points))}, len(points))
    with np.errstate(all="ignore"):
        true = [eval(text, {"np": np, "x": x, **DEFINED}) for x in map(np.float64, points)]
        np.testing.assert_allclose(values, true, rtol=1e-14)
        exact = [complex_step(text, x) for x in points]
        np.testing.assert_allclose(slopes or [0.0] * len(points), exact, rtol=1e-13, atol=1e-15)


def test_every_operation_that_has_a_rule_has_a_value() -> None:
    assert RULES.keys() <= FUNCTIONS.keys()


@pytest.mark.parametrize("text", ["x @ x", "x.sum()", "np.flip(x)", "unknown + x", "x[0]", "x[1:]"])
def test_what_mixes_numbers_is_none_of_each_alone(text: str) -> None:
    with pytest.raises(NotElementwise):
        evaluate(parse_value(text), {"x": ([1.0], [1.0])}, 1)


def test_what_has_no_value_at_a_point_is_none_there_alone() -> None:
    values, slopes = evaluate(parse_value("np.log(x)"), {"x": ([-1.0, 1.0], [1.0, 1.0])}, 2)
    assert math.isnan(values[0])
    assert (values[1], slopes) == (0.0, [-1.0, 1.0])
    assert evaluate(parse_value("np.exp(1000)"), {}, 1) == ([math.inf], None)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "np.sinh(-1000 * x)",
            "(-1e200 * x)**3",
            "(-1e200 * x)**2",
            "x / 0",
            "-x / 0",
            "x / -0.0",
        ),
        *("0 * x / 0", "np.log(0 * x)", "np.log(-x)", "np.log1p(-x)", "(0 * x)**-2", "(-x)**0.5"),
        *("np.exp(1000 * x)", "np.expm1(1000 * x)", "np.cosh(-1000 * x)", "x % 0"),
        *("(-0.0 * x)**-3", "np.sqrt(-x)"),
    ],
)
def test_what_is_beyond_all_numbers_is_as_in_numpy(text: str) -> None:
    with np.errstate(all="ignore"):
        true = eval(text, {"np": np, "x": np.float64(1)})
    assert evaluate(parse_value(text), {"x": ([1.0], None)}, 1)[0] == pytest.approx(
        [float(true)], nan_ok=True
    )


@pytest.mark.parametrize("x", [-1000.0, -711.0, -709.0, 0.0, 711.0])
def test_a_slope_is_0_where_what_is_divided_by_overflows(x: float) -> None:
    _, slopes = evaluate(parse_value("1 / (1 + np.exp(-x))"), {"x": ([x], [1.0])}, 1)
    assert slopes == pytest.approx([0.25 if x == 0 else 0], abs=1e-300)
