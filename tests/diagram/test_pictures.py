"""Pictures: nothing over anything else, texts inside their boxes, small files that are the same."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seen import faults
from spec_strategy import specs
from thoroughness import examples

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.diagram.drawing import shortened, text_width, wrapped
from nndsl.live.descent import Descent
from nndsl.source import Source

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.nn"))
DOCS = ROOT / "docs"  # the pictures that its page on graphs shows
PAGE = (DOCS / "graph.md").read_text("utf-8").partition("```nn small.nn\n")[2].partition("```")[0]


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_spec_draws(spec: Path) -> None:
    for expand in (False, True):
        picture = nndsl.graph(spec, expand=expand)
        assert faults(picture.drawing) == []
        ElementTree.fromstring(picture.svg)
        assert picture.drawing.width <= 450 or picture.diagram.is_formula


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two_layer_net", "residual", "lenet", "book/ch05_buy_apple"])
def test_numbers_leave_no_box(name: str) -> None:
    picture = nndsl.graph(ROOT / f"specs/{name}.nn", values=True)
    assert faults(picture.drawing) == []
    assert any(text.kind == "backward" for text in picture.drawing.texts)


@pytest.mark.slow
@given(specs())
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_network_draws(text: str) -> None:
    for expand in (False, True):
        assert faults(nndsl.graph("page.nn", text=text, expand=expand).drawing) == []


@pytest.mark.parametrize(
    "layers",
    [
        "add { branch { dense(4) } }; dense(3)",
        "dense(4); residual { skip; dense(4) }; skip; dense(3)",
        "repeat(2) { skip }; repeat(2) { identity }; dense(3)",
    ],
)
def test_what_passes_its_input_on_has_no_box(layers: str) -> None:
    text = f"block skip {{ identity }}\nnetwork {{ input(4); {layers} }}"
    for expand in (False, True):
        picture = nndsl.graph("page.nn", text=text, expand=expand)
        assert faults(picture.drawing) == []
        keys = [node.key for node in picture.diagram.nodes]
        assert len(keys) == len(set(keys)), "two boxes of one value"


FORMULAS = st.recursive(
    st.sampled_from(["x", "y", "a_very_long_name_of_a_variable", "0.123456789"]),
    lambda parts: st.one_of(
        st.builds("({} {} {})".format, parts, st.sampled_from("+-*/"), parts),
        st.builds("exp(-({}))".format, parts),
        st.builds("tanh({})**2".format, parts),
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(FORMULAS, FORMULAS)
@settings(max_examples=examples(90), deadline=None)
def test_any_formula_draws(first: str, second: str) -> None:
    start = "start(x=0.7, y=-1.3, a_very_long_name_of_a_variable=2)"
    text = f"minimize {{ s = {first}; f = s + s * ({second}); {start}; optimizer = adam }}"
    if nndsl.check("page.nn", text=text):
        return
    picture = nndsl.graph("page.nn", text=text, values=True)
    assert faults(picture.drawing) == []
    descent = Descent(analyse(Source("page.nn", text), Diagnostics()))
    start = descent.program.minimizing.start
    slopes = dict(zip(start, descent.gradient(list(start.values())), strict=True))
    for node in picture.diagram.nodes:
        if node.kind == "given" and math.isfinite(slopes.get(node.key, math.nan)):
            assert float(node.backward) == pytest.approx(slopes[node.key], rel=1e-3, abs=1e-12)


@pytest.mark.parametrize("name", ["apples", "small-network"])
def test_pictures_are_as_they_were_approved(name: str, pytestconfig: pytest.Config) -> None:
    if name == "apples":
        picture = nndsl.graph(ROOT / "specs/book/ch05_buy_apple.nn", values=True)
    else:
        picture = nndsl.graph("small.nn", text=PAGE, values=True)
    path = DOCS / f"{name}.svg"
    if pytestconfig.getoption("--update-golden"):
        path.write_text(picture.svg, encoding="utf-8")
    assert path.read_text("utf-8") == picture.svg, "look at it, then run pytest --update-golden"
    assert len(picture.svg) < 15_000


def test_a_name_of_the_page_stays_a_text() -> None:
    text = "model m\nnetwork { input(4); dense(3, init=normal(0.1)) }"
    svg = nndsl.graph('</title><script>alert("x")</script>.nn', text=text).svg
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_steps_show_what_is_known_by_then() -> None:
    picture = nndsl.graph(ROOT / "specs/book/ch05_buy_apple.nn", values=True)
    steps = list(picture.steps())
    assert len(steps) == 10  # five nodes, forward and back
    assert [step.count(" later") for step in steps] == sorted(
        (step.count(" later") for step in steps), reverse=True
    )
    assert " later" not in steps[-1].partition("</style>")[2]
    assert steps[-1].partition("</style>")[2].count(" now") > 0


def test_other_formats() -> None:
    picture = nndsl.graph(ROOT / "specs/two_layer_net.nn")
    assert '"Z1" -> "A1" [label="Z1 (N, 50)"]' in picture.dot
    assert 'n3 -->|"Z1 (N, 50)"| n4' in picture.mermaid
    assert picture._repr_svg_() == picture.svg


def test_texts_are_measured() -> None:
    assert text_width("漢字", 10) > text_width("ab", 10)
    assert text_width(shortened("a long text", 10, 40), 10) <= 40
    lines = wrapped("positional_embedding(init=normal(0.02)) and more", 10, 150)
    assert lines == ["positional_embedding(", "  init=normal(0.02)) and", "  more"]
    assert all(text_width(line, 10) <= 150 for line in lines)
