"""Formulas with named steps: what the script says, that it is right, and what may be wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thoroughness import examples

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build
from nndsl.live.descent import Descent
from nndsl.live.gradients.formula import check_formula
from nndsl.live.trace import trace_descent
from nndsl.source import Source

APPLES = """
minimize {
  apple_price = apple * apples
  price       = apple_price * tax
  f           = price
  start(apple=100, apples=2, tax=1.1)
  optimizer   = sgd(lr=1)
  steps       = 1
}
"""


def descent(text: str) -> Descent:
    return Descent(analyse(Source("page.nn", text), Diagnostics()))


def page(steps: str, f: str) -> str:
    return f"minimize {{\n{steps}\nf = {f}\nstart(x=0.7, y=1.3)\noptimizer = adam\nsteps = 2\n}}"


def codes(text: str) -> list[tuple[str, int]]:
    """Return what is wrong with a page: codes and lines."""
    found = nndsl.check("page.nn", text=text)
    return [(one.code, one.span.source.position(one.span.start)[0]) for one in found]


def test_the_backward_pass_has_a_line_for_each_step() -> None:
    script = descent(APPLES).source
    _, _, gradient = script.partition("def gradient")
    assert "    dapple_price = dprice * tax\n" in gradient
    assert "    dapple = dapple_price * apples\n" in gradient
    assert "    price = " not in gradient  # the gradient needs it not


def test_the_numbers_are_those_of_the_textbook() -> None:
    rows = {row.name: row.mean for row in trace_descent(descent(APPLES), [100, 2, 1.1])}
    assert rows == pytest.approx(
        {
            "apple_price": 200,
            "price": 220,
            "f": 220,
            "dprice": 1,
            "dtax": 200,
            "dapple_price": 1.1,
            "dapple": 2.2,
            "dapples": 110,
        }
    )


def test_what_a_step_computed_is_used_again() -> None:
    source = descent(page("a = exp(x * y)\nb = tanh(a) + x", "a * b")).source
    assert "dx = db + da * a * y" in source.replace("y * a", "a * y")


def test_the_json_form_has_steps_too() -> None:
    members = {
        "apple_price": "=apple * apples",
        "price": "=apple_price * tax",
        "f": "=price",
        "optimizer": {"kind": "sgd", "lr": 1},
        "steps": 1,
        "start": {"apple": 100, "apples": 2, "tax": 1.1},
    }
    script = build(Source("page.json", json.dumps({"minimize": members})), {}).text
    functions = script.partition("# --- Settings")[2]
    assert functions == descent(APPLES).source.partition("# --- Settings")[2]


def test_a_setting_from_outside_replaces_a_step() -> None:
    source = build(Source("page.nn", APPLES), {"minimize.price": "apple_price + tax"}).text
    assert "price = apple_price + tax" in source


@pytest.mark.parametrize(
    ("steps", "f", "expected"),
    [
        ("a = b\nb = x", "a", [("NN201", 2)]),  # b gets its value further down
        ("a = x\na = y", "a", [("NN203", 3)]),
        ("x = y", "x", [("NN225", 2)]),
        ("exp = y", "exp * 2", [("NN225", 2)]),
        ("a = 1 / (x - 0.7)", "a", [("NN212", 2)]),
        ("long = x * y", "lnog", [("NN201", 3)]),
        ("tmp = 3", "x", [("NN202", 2)]),
        ("a = x // y", "a", [("NN208", 2)]),
        ("a = a + x", "a", [("NN201", 2)]),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(
    steps: str, f: str, expected: list[tuple[str, int]]
) -> None:
    assert codes(page(steps, f)) == expected


@st.composite
def chains(draw: st.DrawFn) -> str:
    """Return a page with steps that read variables, steps before them, and some of these twice."""
    names, lines = ["x", "y"], []
    for number in range(draw(st.integers(1, 5))):
        a, b = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        form = (
            "{a} * {b}",
            "{a} + 2 * {b}",
            "tanh({a}) - {b}",
            "exp(-{a} * {a})",
            "{a} / (2 + {b}**2)",
        )
        lines.append(f"s{number} = {draw(st.sampled_from(form)).format(a=a, b=b)}")
        names.append(f"s{number}")
    return page("\n".join(lines), " + ".join(name for name in names if name[0] == "s"))


@given(chains())
@settings(max_examples=examples(15), deadline=None)
def test_the_gradient_of_any_chain_is_right(text: str) -> None:
    assert check_formula(descent(text)).passed
