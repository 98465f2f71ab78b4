"""Symbolic derivatives: what a reader sees, and that each is the derivative of its formula."""

from __future__ import annotations

import math
import re
import sys
from functools import reduce

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from thoroughness import examples

from nndsl.analysis.minimize import FUNCTIONS
from nndsl.ir import Expression, Operation, parse_value, printer
from nndsl.ir.algebra import simplified, written
from nndsl.ir.derivatives import RULES, differentiate

TINY = 1e-30
VARIABLES = ("x", "y")


def formula(text: str) -> Expression:
    """Return a formula, whose functions are those of numpy, in simplified form."""
    return simplified(parse_value(re.sub(r"([a-z]+)\(", r"np.\1(", text)))


def text_of(expression: Expression) -> str:
    return printer.expression(written(expression)).replace("np.", "")


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        ("3", "0"),
        ("y", "0"),
        ("x", "1"),
        ("-x", "-1"),
        ("x**2 / 20 + y**2", "x / 10"),
        ("0.01*x**2 + 0.1*x", "0.02 * x + 0.1"),
        ("x / 3", "1 / 3"),
        ("x / 0.3", "1 / 0.3"),
        ("1 / x", "-1 / x**2"),
        ("x / (1 + y**2)", "1 / (1 + y**2)"),
        ("y / (1 + x**2)", "-2 * y * x / (1 + x**2)**2"),
        ("(1 - x)**2 + 100*(y - x**2)**2", "-2 * (1 - x) - 400 * x * (y - x**2)"),
        ("x * x * x", "3 * x**2"),
        ("x + x", "2"),
        ("x * exp(x)", "exp(x) + x * exp(x)"),
        ("exp(-(x**2 + y**2))", "-2 * x * exp(-(x**2 + y**2))"),
        ("sqrt(x**2 + y**2)", "x / sqrt(x**2 + y**2)"),
        ("log(x * y)", "1 / x"),
        ("log((2 * x)**2)", "2 / x"),
        ("sin(x) * sin(y)", "cos(x) * sin(y)"),
        ("cos(2 * x)", "-2 * sin(2 * x)"),
        ("tan(x)", "1 + tan(x)**2"),
        ("sinh(x) + cosh(x)", "cosh(x) + sinh(x)"),
        ("tanh(3 * x)", "3 * (1 - tanh(3 * x)**2)"),
        ("abs(y - x)", "-sign(y - x)"),
        ("x**y", "y * x**(y - 1)"),
        ("y**x", "y**x * log(y)"),
        ("2**x", "2**x * log(2)"),
        ("x**0.5", "0.5 / x**0.5"),
        ("x**(1/3)", "1 / (3 * x**(2 / 3))"),
        ("(-x)**2", "2 * x"),
        ("(x / 2)**2", "x / 2"),
        ("5 * (x + y)", "5"),
        ("1e-7 * x", "1e-7"),
        ("x * 9**300", "1.873927703884794e+286"),
        ("x * y - y * x + x", "1"),
        ("sin(x)**2 + cos(x)**2", "0"),
        ("x * exp(x * y) * y - exp(y * x) * (y * x)", "0"),
        ("x / (1 + y) + x / (y + 1)", "2 / (1 + y)"),
    ],
)
def test_a_derivative_reads_as_a_teacher_would_write_it(f: str, slope: str) -> None:
    assert text_of(differentiate(formula(f), "x")) == slope


def test_the_order_of_operands_that_may_not_be_changed_is_kept() -> None:
    assert text_of(formula("x**y - y**x + x / y - y / x")) == "x**y - y**x + x / y - y / x"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "*".join(f"x{i}" for i in range(100)),
        reduce(lambda inner, i: f"({inner} + x{i}) * x{i * 7 % 50}", range(1, 50), "x0"),
        reduce(lambda inner, i: f"sin({inner} * y + {i})", range(60), "x0"),
        reduce(lambda inner, i: f"x0 / ({i} + {inner})", range(1, 80), "x0"),
    ],
)
def test_long_and_deep_formulas_are_simplified_in_few_calls(text: str) -> None:
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        differentiate(formula(text), "x0")
    finally:
        sys.setprofile(before)
    assert calls < 400_000


def test_every_function_has_a_rule() -> None:
    assert {f"np.{name}()" for name in FUNCTIONS} <= RULES.keys()


# --- Against the complex step ---------------------------------------------------------

numbers = st.integers(0, 9).map(str) | st.sampled_from(["0.5", "2.25", "1e-2", "30", "0.1"])
leaves = numbers | st.sampled_from([*VARIABLES, *VARIABLES])


def grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(parts, st.sampled_from("+-*/"), parts).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(parts, st.integers(-3, 4)).map(lambda t: f"({t[0]})**({t[1]})"),
        st.tuples(parts, parts).map(lambda t: f"({t[0]})**({t[1]})"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), parts).map(lambda t: f"{t[0]}({t[1]})"),
        parts.map(lambda text: f"(-{text})"),
    )


signed = st.floats(0.01, 2) | st.floats(-2, -0.01)
formulas = st.recursive(leaves, grown, max_leaves=8)
NUMPY = {name: getattr(np, name) for name in (*FUNCTIONS, "sign")}
COMPLEX = {**NUMPY, "abs": lambda u: np.maximum(u, -u), "log": np.log, "sqrt": np.sqrt}


def floats(text: str) -> str:
    """Return a text with its whole numbers as floats: numpy knows no large whole ones."""
    return re.sub(r"(?<![\w.])(?<!e[-+])(\d+)(?![\w.])", r"\1.0", text)


def value(text: str, point: dict[str, complex], functions: dict[str, object]) -> complex:
    return eval(
        floats(text), {"__builtins__": {}, **functions}, point
    )  # of texts that are made above


@pytest.mark.parametrize("function", FUNCTIONS)
@settings(max_examples=examples(40), derandomize=True)
@given(parts=st.tuples(formulas, formulas), x=st.floats(0.2, 3), y=signed)
@example(parts=("x", "0.3 + x * y / 9"), x=0.8, y=1.3)
@example(parts=("(x - y)**(2)", "(x)**(y)"), x=1.5, y=-0.7)
@example(parts=("2 / (x * y)", "(y * x)**(-3)"), x=0.7, y=1.0)
@example(parts=("(-(2)**(x))", "((1e-2)**(-3))**(2)"), x=1.0, y=1.0)
def test_derivatives_are_those_of_the_complex_step(
    function: str, parts: tuple[str, str], x: float, y: float
) -> None:
    with np.errstate(all="ignore"):
        try:
            inner = value(parts[1], {"x": np.float64(x), "y": np.float64(y)}, NUMPY)
        except (ZeroDivisionError, OverflowError):
            return
    if function == "tanh" and not abs(inner) < 4:
        return  # 1 - tanh(u)**2 has lost its digits there
    if function in ("sin", "cos", "tan") and not abs(inner) < 1e6:
        return  # and what a rounding of u does is not small here
    for name in VARIABLES:
        assert_derivative(f"({parts[0]}) * {function}({parts[1]})", x, y, name)


def assert_derivative(text: str, x: float, y: float, name: str) -> None:
    point = {"x": np.float64(x), "y": np.float64(y)}
    moved = {n: complex(v) + 1j * TINY * (n == name) for n, v in point.items()}
    moved = {n: np.complex128(v) for n, v in moved.items()}
    try:
        with np.errstate(all="ignore"):
            real = value(text, point, NUMPY)
            if isinstance(real, complex) or not math.isfinite(real):
                return
            exact = float(np.imag(value(text, moved, COMPLEX)) / TINY)
            derivative = differentiate(formula(text), name)
            slope = text_of(derivative)
            is_sum = isinstance(derivative, Operation) and derivative.op == "+"
            terms = derivative.operands if is_sum else (derivative,)
            size = sum(abs(value(text_of(term), point, NUMPY)) for term in terms)
            found = float(value(slope, point, NUMPY))
            shaken = [
                float(value(slope, {"x": x * (1 + s * 1e-9), "y": y * (1 - s * 1e-9)}, NUMPY))
                for s in (-1, 1)
            ]
    except (ZeroDivisionError, OverflowError):
        return
    is_number = abs(exact) < 1e100
    is_steady = abs(shaken[0] - shaken[1]) < 1e-3 * (1 + abs(exact))  # and far from a kink
    if not is_number or not is_steady:
        return
    noise = 1e-5 * abs(shaken[0] - shaken[1])  # what rounding of the arguments does
    assert abs(found - exact) <= 1e-9 * max(size, 1e-3) + noise, f"{slope} of {text}"
