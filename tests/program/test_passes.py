"""Passes change what is written, and never what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from thoroughness import examples

import nndsl
from nndsl.ir import Statement, is_operand, parse_text, printer
from nndsl.program.passes import (
    accumulate,
    drop_repeated_comments,
    eliminate_dead_code,
    fold_sums,
    inline,
    propagate_copies,
)

# --- Programs -------------------------------------------------------------------------

GIVEN = ("X", "W")
NAMES = ("a", "b", "c", "d")
any_name = st.sampled_from([*GIVEN, *NAMES])
own_name = st.sampled_from(NAMES)

# Whole numbers below 2**53 in float64: sums are exact in any order.
OPERANDS = ("{0}", "{0} + {1}", "{0} - {1}", "np.sign({0}) * {1}", "-{0}", "np.maximum({0}, {1})")
VALUES = (
    *OPERANDS,
    *("{0}.T", "{0}[::-1] + {1}", "({0} + {1}) * np.sign({2})", "{0} - ({1} + {2})", "np.abs({0})"),
    *("np.where({0} > {1}, {2}, {0})", "{0} if {1}.sum() > 0 else {2}", "{0} + np.sign({1}) * {2}"),
    *("np.maximum({0}, {1} - {2})", "{0} % 7 + {1}", "np.minimum(0, {0}) + {1}", "{0}.copy()"),
    *("{0} + {1} if {2}.sum() > 0 else {0}", "np.add({0}, {1} if {2}.sum() > 0 else {0})"),
)
FORMS = (
    "{t} = {v}",
    "{t} = {v}",
    "{t} = {v}",
    "{t} = {x}",
    "{t} = {t} + {x}",
    "{t} = {t} + {v}",
    "{t} = {t} * 2 + {x}",
    "{t} = {x}.copy()\n{t} += {y}",
    "{t} = {x}.copy()\n{t}[0] -= 1",
    "{t} = {x}.copy()\n{t}[1, 0] = {y}[0, 1]",
    "for i in range(2):\n    {t} = {t} + {x}[i]",
    "{t} = np.zeros_like({x})\nfor i in range(2):\n    {t}[i] = {y}[i - 1]",
    "{t} = np.zeros_like({x})\nnp.add.at({t}, [0, 0], {y}[0])",
    "store = [{x}]\nstore.append({y})\n{t} = store[-1] + store[0]",
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw a program: every name has a value from the start, and some are changed in place.

    What is changed in place is a copy of its own, as the vocabulary's texts promise.
    """
    lines = [
        f"{name} = {draw(st.sampled_from(GIVEN))} * {number}"
        for number, name in enumerate(NAMES, 2)
    ]
    for _ in range(draw(st.integers(1, 8))):
        names = [draw(any_name) for _ in range(3)]
        value = draw(st.sampled_from(VALUES)).format(*names)
        form = draw(st.sampled_from(FORMS))
        lines.append(form.format(t=draw(own_name), v=value, x=names[0], y=names[1]))
    return "\n".join(lines)


def arrays() -> dict[str, Any]:
    X = np.array([[1.0, -2.0], [3.0, 5.0]])
    W = np.array([[2.0, 0.0], [-1.0, 4.0]])
    for array in (X, W):
        array.setflags(write=False)
    return {"np": np, "X": X, "W": W}


def run(statements: Sequence[Statement], wanted: Sequence[str]) -> list[Any]:
    names = arrays()
    exec("\n".join(statement.text for statement in statements), names)
    return [names[name] for name in wanted]


def assert_same(
    before: Sequence[Statement],
    after: Sequence[Statement],
    wanted: Sequence[str],
    renamed: Sequence[str] = (),
) -> None:
    for name, expected, found in zip(
        wanted, run(before, wanted), run(after, renamed or wanted), strict=True
    ):
        np.testing.assert_array_equal(found, expected, name)


wanted_names = st.lists(own_name, min_size=1, max_size=3, unique=True)
some = settings(max_examples=examples(150))


@some
@given(text=texts(), wanted=wanted_names)
def test_dropping_dead_statements_keeps_what_is_wanted(text: str, wanted: list[str]) -> None:
    statements = parse_text(text)
    assert_same(statements, eliminate_dead_code(statements, wanted), wanted)


@pytest.mark.slow
@some
@given(text=texts(), wanted=wanted_names)
@example(text="a = X\nb = a\na = a + b\nc = b", wanted=["c"])
@example(text="a = X * 1\nb = a\na = W\nc = b", wanted=["c"])
def test_forwarding_copies_keeps_what_is_wanted(text: str, wanted: list[str]) -> None:
    statements = parse_text(text)
    after, _ = propagate_copies(statements, wanted)
    assert_same(statements, after, wanted)
    after, renamed = propagate_copies(statements, ())
    assert_same(statements, after, wanted, [renamed.get(name, name) for name in wanted])


@pytest.mark.slow
@some
@given(text=texts(), wanted=wanted_names)
@example(text="a = X\na = a + a * 2", wanted=["a"])
@example(text="a = X\na = a + X if W.sum() > 0 else W", wanted=["a"])
@example(text="a = X\nb = a\na = a + W", wanted=["a", "b"])
@example(text="b = X * 1\na = b\nb = W * 3\na = a + W", wanted=["a"])
def test_folding_sums_keeps_all_values(text: str, wanted: list[str]) -> None:
    statements = parse_text(text)
    assert_same(statements, fold_sums(statements), names_in(text))


def names_in(text: str) -> list[str]:
    return [name for name in NAMES if f"{name} = " in text]


@some
@given(text=texts(), wanted=wanted_names, width=st.sampled_from([20, 44, 1000]))
def test_inlining_keeps_what_is_wanted(text: str, wanted: list[str], width: int) -> None:
    """What is wanted stands at the end: nothing else reads it there."""
    ends = parse_text("\n".join(f"out_{name} = np.copy({name})" for name in wanted))
    statements = [*parse_text(text), *ends]
    outs = [f"out_{name}" for name in wanted]
    assert_same(statements, inline(statements, width), outs)
    assert_same(statements, inline(eliminate_dead_code(statements, outs), width), outs)


@pytest.mark.slow
@some
@given(text=texts(), wanted=wanted_names)
def test_all_passes_in_the_order_of_the_compiler(text: str, wanted: list[str]) -> None:
    statements = parse_text(text)
    after, _ = propagate_copies(statements, wanted)
    assert_same(statements, eliminate_dead_code(fold_sums(after), wanted), wanted)


# --- Each pass ------------------------------------------------------------------------


def lines(statements: Sequence[Statement]) -> list[str]:
    return [statement.text for statement in statements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d = e", "d = d + e"),
        ("d = e * f", "d = d + e * f"),
        ("d = e - f", "d = d + e - f"),
        ("d = f(e)", "d = d + f(e)"),
        ("d = e if f else g", "d = d + (e if f else g)"),
        ("d = e > f", "d = d + (e > f)"),
        ("d = e & f", "d = d + (e & f)"),
        ("d = -e", "d = d + (-e)"),
    ],
)
def test_accumulate(text: str, expected: str) -> None:
    (statement,) = parse_text(text)
    summed = accumulate(statement)
    assert summed.text == expected
    assert summed.reads == statement.reads | {"d"}
    assert summed.value is not None
    assert is_operand(summed.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d = a\nd = d + b", ["d = b + a"]),
        ("d = a\ne = f\nd = d + b", ["e = f", "d = b + a"]),
        ("d = a\nd = d + b\nd = d + c", ["d = c + b + a"]),
        ("d = a\ne = d\nd = d + b", None),
        ("d = a\na = c\nd = d + b", None),
        ("d = a\nd[0] = 1\nd = d + b", None),
        ("d = a\nd = d * b", None),
        ("d = a > c\nd = d + b", None),
    ],
)
def test_fold_sums(text: str, expected: list[str] | None) -> None:
    assert lines(fold_sums(parse_text(text))) == (expected or text.split("\n"))


@pytest.mark.parametrize(
    ("text", "keep", "expected"),
    [
        ("y = x\nz = y + y", "z", ["z = x + x"]),
        ("y = x\nw = y\nz = w", "z", ["z = x"]),
        ("y = x\nz = y", "y z", ["y = x", "z = y"]),
        ("x = a\nx += 1\ny = x\nz = y * y", "z", ["x = a", "x += 1", "z = x * x"]),
        ("y = x\nx = 1\nz = y", "z", ["y = x", "x = 1", "z = y"]),
        ("y = x\ny[0] = 1", "y", ["y = x", "y[0] = 1"]),
        ("for i in x:\n    y = x", "y", ["for i in x:\n    y = x"]),
    ],
)
def test_forward_copies(text: str, keep: str, expected: list[str]) -> None:
    assert lines(propagate_copies(parse_text(text), keep.split())[0]) == expected


def test_forward_copies_says_what_stands_for_a_name() -> None:
    assert propagate_copies(parse_text("y = x\nz = y"), ())[1] == {"y": "x", "z": "x"}


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("a = x\nb = x", "b", ["b = x"]),
        ("a = x\nb = a\nc = b", "b", ["a = x", "b = a"]),
        ("a = x\na = y", "a", ["a = y"]),
        ("a = x\na += y", "a", ["a = x", "a += y"]),
        ("a = x\na[0] = y", "a", ["a = x", "a[0] = y"]),
        ("a, b = x", "b", ["a, b = x"]),
        ("a = x\nfor i in y:\n    a = z", "a", ["a = x", "for i in y:\n    a = z"]),
        ("a = [x]\na.append(y)\nb = a[1]", "b", ["a = [x]", "a.append(y)", "b = a[1]"]),
        ("a = x\na.fill(0)", "b", []),
    ],
)
def test_drop_dead(text: str, wanted: str, expected: list[str]) -> None:
    assert lines(eliminate_dead_code(parse_text(text), wanted.split())) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z = x @ W\na = np.exp(z)", ["a = np.exp(x @ W)"]),
        ("z = x @ W\na = np.maximum(0, z)", ["a = np.maximum(0, x @ W)"]),
        ("z = f(x)\na = z * 2", ["a = f(x) * 2"]),
        ("z = x @ W\na = z * 2", None),
        ("z = x - W\na = z.T", None),
        ("z = f(x)\na = z * z", None),
        ("z = f(x)\na = g(z)\nb = z", None),
        ("z = f(x)\nx = 2\na = g(z)", None),
        ("z = f(x)   # why\na = g(z)", None),
        ("z = f(x)\na = g(z)   # why", None),
        ("z = f(x)\na += g(z)", None),
        ("z = x, W\na = f(z)", None),
        ("z = f(x)\na = g(z)\nz = 1", None),
    ],
)
def test_inline(text: str, expected: list[str] | None) -> None:
    statements = parse_text(text)
    assert lines(inline(statements, 44)) == (expected or lines(statements))


def test_lines_do_not_get_longer_than_the_width() -> None:
    statements = parse_text("z = x @ W\na = np.exp(z)")
    assert len(inline(statements, len("a = np.exp(x @ W)"))) == 1
    assert len(inline(statements, len("a = np.exp(x @ W)") - 1)) == 2


def test_a_comment_is_said_once() -> None:
    statements = parse_text("a = x   # see `x`\nb = y   # see `x`\nc = x   # other")
    said: set[str] = set()
    renamed = [
        statement.rename({"x": name}) for statement, name in zip(statements, "pqr", strict=True)
    ]
    assert [printer.comment(s.comment) for s in drop_repeated_comments(renamed, said)] == [
        "see p",
        "",
        "other",
    ]
    assert [printer.comment(s.comment) for s in drop_repeated_comments(renamed, said)] == [
        "",
        "",
        "",
    ]


def test_what_is_returned_keeps_its_name() -> None:
    statements = parse_text("N = len(X)\nF = A.reshape(N, 2, 3)")
    assert inline(statements, 44, {"N", "F"}) == list(statements)
    assert [s.text for s in inline(statements, 44, {"F"})] == ["F = A.reshape(len(X), 2, 3)"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "layers",
    [
        "residual { max_pool(1) }",
        "concat { branch { max_pool(2) }; branch { avg_pool(2) }; branch { max_pool(2) } }",
    ],
)
def test_what_a_function_returns_may_be_a_part_of_a_gradient(layers: str) -> None:
    """The call of a backward pass with one result stays a statement: in a sum none found it."""
    network = f"input(1, 4, 4); conv2d(2, 1); {layers}; flatten; dense(3)"
    train = "loss = softmax_cross_entropy; optimizer = sgd"
    model = nndsl.load("parts.nn", text=f"network {{ {network} }}\ntrain {{ {train} }}")
    assert "def max_pool_backward" in model.source
    assert nndsl.check_gradients(model).passed
