"""Random layers of a page: none is an internal error, and every gradient is right."""

from __future__ import annotations

import numpy as np
import pytest
from execution import LayerRun
from hypothesis import given, settings
from hypothesis import strategies as st
from own_layer_pages import checked, complex_step

import nndsl
from nndsl.diagnostics import Diagnostic
from nndsl.shapes import Shape
from nndsl.source import Span
from nndsl.vocabulary.formula_functions import FUNCTIONS

LEAVES = ["x", "x", "x", "g", "beta", "features", "2", "0.5", "-1.5", "3"]
OTHERS = {"maximum", "minimum", "where", "clip", "concat", "pick"}  # that take several values
UNARY = sorted({*FUNCTIONS} - OTHERS)
BINARY = ["+", "-", "*", "/"]
COMPARED = ["<", "<=", ">", ">=", "==", "!="]


def said_by_lints(page: str) -> list[Diagnostic]:
    text = f"{page}\n\nnetwork {{\n  input(3)\n  mine\n}}\n"
    return nndsl.check("page.nn", text=text)


def formulas(names: list[str]) -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*LEAVES, *names, *names])
    compared = st.sampled_from(COMPARED)

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("{}({})".format, st.sampled_from(UNARY), inner),
            st.builds("-{}".format, inner),
            st.builds("({1} {0} {2})".format, st.sampled_from(BINARY), inner, inner),
            st.builds(
                "{0}({1}, {2})".format, st.sampled_from(["maximum", "minimum"]), inner, inner
            ),
            st.builds("where({1} {0} {2}, {3}, {4})".format, compared, inner, inner, inner, inner),
            st.builds("{3} * ({1} {0} {2})".format, compared, inner, inner, inner),
            st.builds("mean(concat({}, {}))".format, inner, inner),
            st.builds("clip({}, -1, 1)".format, inner),
            st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "-1", "0.5"])),
            st.builds("(x @ W) * {}".format, inner),
        )

    return st.recursive(leaves, grown, max_leaves=6)


@st.composite
def layers(draw: st.DrawFn) -> str:
    first = draw(formulas([]))
    second = draw(formulas(["u"]))
    last = draw(formulas(["u", "v"]))
    return (
        "layer mine(beta=0.7) {\n"
        "  W = parameter(features, features, xavier)\n"
        "  g = parameter(features, ones)\n"
        f"  u = {first}\n  v = {second}\n  y = {last}\n}}"
    )


@pytest.mark.slow
@settings(max_examples=200)
@given(page=layers())
def test_every_gradient_is_right(page: str) -> None:
    """It is that of the complex step, or a warning said why not."""
    shape: Shape = (3,)
    layer, said = checked(page, "mine", shape)
    if layer is not None:
        said += said_by_lints(page)
    warned = {one.code for one in said}
    assert all(isinstance(one.span, Span) and one.code.startswith("NN") for one in said)
    if layer is None:
        assert warned & {"NN301", "NN205", "NN213"}, said
        return
    made = LayerRun(layer, (shape,))
    with np.errstate(all="ignore"):
        y = made.forward()["y"]
        if not np.isfinite(y).all() or np.abs(y).max() > 1e12:
            return
        backward = made.backward()
        in_float32 = LayerRun(layer, (shape,), np.float32).backward()
        for name in made.trained:
            found, true = backward[f"d{name}"], complex_step(made, name)
            if not (np.isfinite(true).all() and np.abs(true).max() < 1e9):
                continue
            size = np.abs(true).max() + 1e-3
            assert found.shape == true.shape
            right = np.isfinite(found).all() and np.abs(found - true).max() <= 1e-7 * size
            assert in_float32[f"d{name}"].dtype == np.float32
            # A logarithm below 0 is no number, and it is one to the complex step.
            assert right or "NN471" in warned, (page, name, found, true)


@pytest.mark.parametrize("lines", [101, 400])
def test_long_layers_end(lines: int) -> None:
    body = "\n".join(f"  u{n} = u{n - 1} * sigmoid(u{n - 1})" for n in range(1, lines))
    _, said = checked(f"layer mine {{\n  u0 = x\n{body}\n  y = u{lines - 1}\n}}", "mine", (3,))
    assert [one.code for one in said] == ["NN213"]
