"""What a graph says: what each node reads, what is folded, and which numbers stand on the edges."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

import nndsl
from nndsl.diagram.diagram import Diagram

APPLES = """
minimize {
  f         = (apple * apples + orange * oranges) * tax
  start(apple=100, apples=2, orange=150, oranges=3, tax=1.1)
  optimizer = sgd(lr=1)
}
"""
TWO_LAYERS = """
network { input(2); dense(3); sigmoid; dense(1) }
train { loss = mean_squared_error; optimizer = sgd(lr=0.1); batch = 4 }
"""


def diagram(text: str, **options: bool) -> Diagram:
    return nndsl.graph("page.nn", text=text, **options).diagram


def page(network: str) -> str:
    return f"block pair(n) {{ dense(n); relu }}\nnetwork {{ input(4); {network} }}"


def layers(text: str, *, expand: bool | Sequence[str] = False) -> Mapping[str, Sequence[str]]:
    """Return what each layer reads of other layers, by the names of their outputs."""
    found = diagram(text, expand=expand)
    apart = {node.key for node in found.nodes if node.kind in ("parameter", "target")}
    return {
        key: [source for source in sources if source not in apart]
        for key, sources in found.inputs.items()
        if key not in apart
    }


def titles(text: str, *, expand: bool | Sequence[str] = False) -> list[str]:
    found = diagram(text, expand=expand).nodes
    return [node.title for node in found if node.kind in ("layer", "folded")]


# --- Formulas -----------------------------------------------------------------------------


def numbers(text: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the numbers on each edge, by the titles of its ends."""
    found = diagram(text, values=True)
    title = {node.key: node.title for node in found.nodes}
    return {(title[e.source], title[e.target]): (e.forward, e.backward) for e in found.edges}


def test_a_block_that_gives_several_values_stays_open() -> None:
    text = """
    block parted(n) { input x; h = dense(x, n); output low = tanh(h); output high = relu(h) }
    network { input(8); a, b = parted(5); multiply(a, b) }
    """
    found = layers(text)
    assert found["a"] == found["b"] == ["h"]
    assert [*found.values()][-1] == ["a", "b"]


def test_the_numbers_of_the_apples_are_those_of_the_textbook() -> None:
    """Figures 5-14 and 5-15 of Deep Learning from Scratch."""
    found = numbers(APPLES.replace("oranges=3", "oranges=0").replace(" + orange * oranges", ""))
    assert found == {
        ("apple", "×"): ("100", "2.2"),
        ("apples", "×"): ("2", "110"),
        ("×", "×"): ("200", "1.1"),
        ("tax", "×"): ("1.1", "200"),
        ("×", "f"): ("220", "1"),
    }
    both = numbers(APPLES)
    assert both["orange", "×"] == ("150", "3.3")
    assert both["oranges", "×"] == ("3", "165")
    assert both["+", "×"] == ("650", "1.1")
    assert both["tax", "×"] == ("1.1", "650")
    assert both["×", "f"] == ("715", "1")


def test_a_value_that_is_read_twice_has_a_gradient_on_each_edge_and_their_sum() -> None:
    found = diagram(
        "minimize { f = x * x + exp(x); start(x=2); optimizer = sgd(lr=1) }", values=True
    )
    own = [edge.backward for edge in found.edges if edge.source == "x"]
    assert own == ["2", "2", "7.389"]
    assert next(node.backward for node in found.nodes if node.key == "x") == "11.39"


def test_numbers_of_the_page_stand_in_the_operation() -> None:
    found = diagram("minimize { f = (1 - x)**2 / 20; start(x=3); optimizer = sgd(lr=1) }")
    assert [node.title for node in found.nodes] == ["x", "1 −", "^ 2", "÷ 20", "f"]


def test_steps_of_the_page_have_their_names() -> None:
    found = diagram(
        "minimize { a = x * y; b = a + x; f = b; start(x=3, y=1); optimizer = sgd(lr=1) }"
    )
    assert [(node.title, node.name) for node in found.nodes if node.kind == "operation"] == [
        ("×", "a"),
        ("+", ""),  # the last: its name stands at the end
    ]
    assert found.nodes[-1].title == "b"


# --- Networks -----------------------------------------------------------------------------


def test_a_chain() -> None:
    assert layers(TWO_LAYERS) == {
        "X": [],
        "Z1": ["X"],
        "A1": ["Z1"],
        "Z2": ["A1"],
        "loss": ["Z2"],
    }
    assert diagram(TWO_LAYERS).inputs["Z2"] == ["A1", "W2", "b2"]
    assert diagram(TWO_LAYERS).inputs["loss"] == ["Z2", "t"]


def test_a_residual_connection_reads_what_goes_around() -> None:
    assert layers(page("dense(3); residual { dense(3); tanh }")) == {
        "X": [],
        "Z1": ["X"],
        "Z2": ["Z1"],
        "A2": ["Z2"],
        "R2": ["A2", "Z1"],
    }


def test_branches_read_the_same_and_are_joined() -> None:
    assert layers(page("concat { branch { dense(2) }; branch { dense(3); relu } }")) == {
        "X": [],
        "Z1": ["X"],
        "Z2": ["X"],
        "A2": ["Z2"],
        "C2": ["Z1", "A2"],
    }


def test_blocks_and_repetitions_are_folded_and_can_be_opened() -> None:
    text = page("pair(4); repeat(3) { pair(5) }; dense(2)")
    assert titles(text) == ["pair", "repeat(3)", "dense(2)"]
    assert titles(text, expand=True) == [
        "dense(4)",
        "relu",
        *["dense(5)", "relu"] * 3,
        "dense(2)",
    ]
    last = diagram(text, expand=True).nodes[-5]
    assert last.within == ("repeat(3): 3", "pair")
    folded = layers(text)
    assert list(folded.values()) == [[], ["X"], ["A1"], ["A4"]]


def test_one_of_them_can_be_opened_by_its_name() -> None:
    text = page("pair(4); repeat(3) { dense(5); tanh }; dense(2)")
    assert titles(text, expand=["pair"]) == ["dense(4)", "relu", "repeat(3)", "dense(2)"]
    assert titles(text, expand=["repeat"]) == ["pair", *["dense(5)", "tanh"] * 3, "dense(2)"]
    assert titles(text, expand=["repeat(3)"]) == titles(text, expand=["repeat"])
    inside = page("repeat(2) { pair(5) }; dense(2)")
    assert titles(inside, expand=["pair"]) == [*["dense(5)", "relu"] * 2, "dense(2)"]
    with pytest.raises(ValueError, match="nothing that is folded is called `par`"):
        titles(text, expand=["par"])


def test_a_folded_part_has_all_its_parameters() -> None:
    parameters = [
        node.title
        for node in diagram(page("repeat(3) { dense(4) }")).nodes
        if node.kind == "parameter"
    ]
    assert parameters == ["60"]


def test_layers_of_the_page_have_their_formulas() -> None:
    text = "layer swish(beta=1) { y = x * sigmoid(beta * x) }\n" + page("dense(3); swish")
    assert diagram(text).nodes[-1].lines == ("A1 = Z1 * sigmoid(beta * Z1)",)


def test_the_numbers_of_a_network_are_those_of_its_script() -> None:
    model = nndsl.load("page.nn", text=TWO_LAYERS)
    X, t = np.array([[0.5, -1.0]]), np.array([[0.25]])
    found = {node.key: node for node in model.graph(X, t, values=True).diagram.nodes}
    loss, gradients = model.loss_and_gradients(X, t)
    assert found["loss"].forward == f"loss = {loss:.3g}"
    assert found["X"].forward == "X = [0.5 -1]"
    assert found["t"].forward == "t = [0.25]"
    assert found["b2"].backward == f"db2 = [{gradients['b2'][0]:.3g}]"
    norm = np.linalg.norm(gradients["W1"])
    rows = "\n".join("[" + " ".join(f"{v:.3g}" for v in row) + "]" for row in gradients["W1"])
    assert found["W1"].backward == f"dW1 =\n[{rows}]", norm


def test_every_value_of_a_network_has_a_gradient() -> None:
    text = page("dense(3); residual { dense(3) }; repeat(2) { pair(3) }; dense(1)") + (
        "\ntrain { loss = mean_squared_error; optimizer = sgd(lr=0.1) }"
    )
    for expand in (False, True):
        nodes = diagram(text, values=True, expand=expand).nodes
        assert [n.key for n in nodes if n.kind in ("layer", "folded") and not n.backward] == []


def test_with_the_numbers_come_the_lines_of_the_backward_pass() -> None:
    text = page("dense(3); residual { relu }; dense(1)") + (
        "\ntrain { loss = mean_squared_error; optimizer = sgd(lr=0.1) }"
    )
    rules = {node.key: node.rules for node in diagram(text, values=True).nodes}
    assert rules["Z1"] == ("dW1 = X.T @ dZ1", "db1 = dZ1.sum(axis=0)", "dX = dZ1 @ W1.T")
    assert rules["A1"] == ("dZ1 += dA1 * (Z1 > 0)",)
    assert rules["R1"] == ("dA1 = dR1", "dZ1 += dR1")  # two ways lead to `Z1`
    assert not any(node.rules for node in diagram(text).nodes)


@pytest.mark.slow
def test_without_values_no_numpy_is_imported() -> None:
    code = (
        "import sys, nndsl; nndsl.graph('specs/digits.nn').svg; "
        "nndsl.graph('specs/book/ch05_buy_apple.nn', values=True).svg; "
        "sys.exit('numpy' in sys.modules or 'matplotlib' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_spec_without_a_backward_pass_says_so() -> None:
    with pytest.raises(nndsl.ModelError, match="no train section"):
        nndsl.graph("page.nn", text=page("dense(1)"), values=True)
