"""Repeats of long bodies are loops over stacked parameters, and compute what the layers do."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nndsl
from nndsl.emit.build import build_script
from nndsl.emit.script import write_script
from nndsl.ir import Operation, names_of
from nndsl.live.gradients.check import check_gradients
from nndsl.live.model import Model
from nndsl.program.block_functions import extract_blocks
from nndsl.program.lower import lower
from nndsl.program.program import Program

SPECS = Path(__file__).parents[2] / "specs"
LONG = "dense(4); tanh; dense(4); layer_norm; gelu"
TEXTS = "embedding(4); positional_embedding; {}; dense(12)"
NETWORKS = {
    "a block": f"block unit {{ {LONG} }}\nnetwork {{ dense(4); repeat(3) {{ unit }}; dense(3) }}",
    "without a name": f"network {{ dense(4); repeat(3) {{ {LONG} }}; dense(3) }}",
    "once": f"network {{ dense(4); repeat(1) {{ {LONG} }}; dense(3) }}",
    "residual": "network { dense(4)\nrepeat(3) { residual { layer_norm; dense(8); relu\n"
    "dense(4) } }; dense(3) }",
    "noise": f"network {{ dense(4); repeat(2) {{ {LONG}; dropout(0.3); gaussian_noise(0.1) }}"
    "\ndense(3) }",
    "noise at the end": f"network {{ dense(4); repeat(2) {{ {LONG}; dropout(0.3) }}; dense(3) }}",
    "dropout before": f"network {{ dense(4); dropout(0.1); repeat(3) {{ {LONG} }}; dense(3) }}",
    "noise before": f"network {{ dense(4); gaussian_noise(0.1); "
    f"repeat(3) {{ {LONG} }}; dense(3) }}",
    "statistics": f"network {{ dense(4); repeat(2) {{ batch_norm; {LONG} }}; dense(3) }}",
    "at the input": f"network {{ repeat(3) {{ {LONG.replace('4', '2')} }}; dense(3) }}",
    "at the end": f"network {{ dense(3); repeat(2) {{ {LONG.replace('4', '3')} }} }}",
    "read twice": f"network {{ dense(4); residual {{ repeat(2) {{ {LONG} }} }}; dense(3) }}",
    "in a branch": f"network {{ dense(4)\nconcat {{ branch {{ repeat(2) {{ {LONG} }} }}"
    "\nbranch { identity } }; dense(3) }",
    "two in a row": f"network {{ dense(4); repeat(2) {{ {LONG} }}; relu; repeat(3) {{ {LONG} }}"
    "\ndense(3) }",
    "two of one block": f"block unit {{ {LONG} }}\n"
    "network { dense(4); repeat(2) { unit }; relu; repeat(2) { unit }; unit; dense(3) }",
    "inside of another": f"network {{ dense(4); repeat(2) {{ tanh; repeat(2) {{ {LONG} }} }}"
    "\ndense(3) }",
    "around a short one": "network { dense(4); repeat(2) { repeat(2) { dense(4); tanh }\n"
    "layer_norm }; dense(3) }",
    "inside of a block": f"block stage {{ repeat(2) {{ {LONG} }}; dense(4) }}"
    "\nnetwork { dense(4); stage; stage; dense(3) }",
    "activation first": "network { dense(4); repeat(2) { tanh; dense(4); relu; layer_norm\n"
    "dense(4) }; relu; dense(3) }",
    "drawn together": "network { dense(4)\nrepeat(2) { dense(4, init=orthogonal); tanh; layer_norm"
    "\ntanh; dense(4) }; dense(3) }",
    "penalties": f"network {{ dense(4)\nrepeat(2) {{ {LONG}; dense(4, regularize=l1(0.01)) }}"
    "\ndense(3) }",
    "copies first": f"network {{ dense(4); repeat(2) {{ identity; {LONG}\n"
    "residual { identity } }; dense(3) }",
    "attention": TEXTS.format(
        "repeat(2) { residual { layer_norm; self_attention(heads=2) }\ndense(4); gelu }"
    ),
    "recurrent": TEXTS.format(
        "repeat(2) { lstm(4, output=all); layer_norm; dense(4); tanh; relu }"
    ),
}
NETWORKS = {
    name: text if "network" in text else f"network {{ {text} }}" for name, text in NETWORKS.items()
}
SLOW = pytest.mark.slow
FEW = ("a block", "residual", "statistics", "attention")  # the others are slow tests
ALL = [name if name in FEW else pytest.param(name, marks=SLOW) for name in NETWORKS]
TRAIN = """
train { loss = softmax_cross_entropy; optimizer = adam; batch = 20; epochs = 2; dtype = float64
  SETTINGS }
"""
SETTINGS = {
    "plain": "",
    "penalised": "regularize = l2(0.1); clip = global_norm(1); stop = early(patience=1)",
    "decaying": "optimizer = adamw(lr=0.01)",
}


def load(network: str, settings: str = "", **options: bool) -> Model:
    data = "addition(2, samples=30)" if "embedding" in network else "spiral(samples=60)"
    train = TRAIN.replace("SETTINGS", settings)
    if "optimizer" in settings:
        train = train.replace("optimizer = adam;", "")
    if "early" in settings:
        data = data.replace(")", ", validation=0.2)")
    return nndsl.load("net.nn", text=f"data = {data}\n{network}{train}", **options)


def program_of(model: Model, *, written_out: bool = False) -> Program:
    assert model.checked.spec is not None
    assert model.checked.graph is not None
    return lower(model.checked.spec, model.checked.graph, written_out=written_out)


def written_out(model: Model) -> Model:
    """Return the same model with a script in which all layers stand one below the other."""
    return Model(model.checked, write_script(program_of(model, written_out=True)))


@pytest.mark.parametrize("kind", SETTINGS)
@pytest.mark.parametrize("name", ALL)
def test_a_loop_computes_what_its_copies_do(name: str, kind: str) -> None:
    looped = load(NETWORKS[name], SETTINGS[kind])
    flat = written_out(looped)
    assert_loops(looped)
    assert "for i in range(" not in flat.source.partition("def loss_and_gradients")[2]
    ours, theirs = looped.fit(), flat.fit()
    assert ours.rows == theirs.rows
    for name, parameter in {**looped.parameters, **looped.state}.items():
        assert np.array_equal(parameter, {**flat.parameters, **flat.state}[name])


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_both_functions_of_a_block_call_what_is_cached_the_same(network: str) -> None:
    program = extract_blocks(program_of(load(network)))
    functions = {function.name: function for function in program.blocks}
    assert program.graph.repetitions
    for repetition in program.graph.repetitions:
        returns = functions[repetition.name].returns
        assert isinstance(returns, Operation)
        unpacked = functions[f"{repetition.name}_backward"].statements[0]
        assert unpacked.writes == tuple(names_of(returns.operands[-1]))


@pytest.mark.slow
@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_right(name: str, optimize: bool) -> None:
    model = load(NETWORKS[name], SETTINGS["penalised"], optimize=optimize)
    report = check_gradients(model)
    assert report.passed, report.to_json()


@pytest.mark.parametrize("name", ALL)
def test_all_forms_of_a_script_know_the_same_arrays(name: str, tmp_path: Path) -> None:
    network = NETWORKS[name]
    plain, fast = load(network), load(network, optimize=True)
    assert plain.script.identity == fast.script.identity
    assert {n: p.shape for n, p in plain.parameters.items()} == {
        n: p.shape for n, p in fast.parameters.items()
    }
    plain.fit()
    plain.save(tmp_path / "weights.npz")
    fast.restore(tmp_path / "weights.npz")
    X = plain.data()["training"][0]
    assert np.allclose(plain.predict(X), fast.predict(X), rtol=1e-9, atol=1e-12)
    for name, value in {**plain.parameters, **plain.state}.items():
        assert np.array_equal(value, {**fast.parameters, **fast.state}[name])
    fast.save(tmp_path / "again.npz")
    load(network).restore(tmp_path / "again.npz")


def test_numerical_gradients_loop_forward_alone() -> None:
    model = load(NETWORKS["a block"], "gradient = numerical")
    assert "reversed" not in model.source
    assert "caches" not in model.source
    flat = written_out(model)
    X, t = np.ones((2, 2)), np.array([0, 2])
    ours, theirs = model.loss_and_gradients(X, t), flat.loss_and_gradients(X, t)
    assert ours[0] == theirs[0]
    for name, gradient in ours[1].items():
        assert np.array_equal(gradient, theirs[1][name])


@pytest.mark.slow
@pytest.mark.parametrize("network", ["a block", "residual", "statistics", "attention"])
def test_as_many_lines_for_any_number_of_copies(network: str) -> None:
    counts = set()
    for times in (1, 2, 4, 9):
        text = NETWORKS[network].replace("repeat(2)", "repeat(3)")
        counts.add(load(text.replace("repeat(3)", f"repeat({times})")).source.count("\n"))
    assert len(counts) == 1


@pytest.mark.slow
def test_the_script_of_a_gpt_is_as_long_for_any_number_of_blocks() -> None:
    text = (SPECS / "tiny_gpt.nn").read_text()
    lengths = set()
    for times in (2, 4, 12):
        text_of = text.replace("repeat(4)", f"repeat({times})")
        text_of = text_of.replace("data/fables.txt", str(SPECS / "data" / "fables.txt"))
        model = nndsl.load("tiny_gpt.nn", text=text_of)
        lengths.add(len(model.source.splitlines()))
    assert len(lengths) == 1


@pytest.mark.parametrize(
    "network",
    [
        "network { dense(4); repeat(8) { dense(4); tanh; layer_norm; relu }; dense(3) }",  # short
        f"network {{ repeat(3) {{ {LONG} }}; dense(3) }}",  # the first takes another width
        f"let first = dense(4)\nnetwork {{ dense(4); first; repeat(2) {{ {LONG}\n"
        "dense(4, weights=tied(first)) }; dense(3) }",  # whose weights others have, too
        f"network {{ dense(4); {LONG}; {LONG}; dense(3) }}",  # no repeat
    ],
)
def test_what_stays_written_out(network: str) -> None:
    model = load(network)
    assert not any(array.parts for array in program_of(model).parameters)
    assert "for i in range(" not in model.source.partition("def loss_and_gradients")[2]


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_lines_are_no_wider_than_a_page(network: str) -> None:
    text = load(network).source.partition("# --- The optimizer")[0]
    assert max(len(line) for line in text.split("\n") if "  # " not in line) <= 100


def test_a_stack_begins_as_its_matrices_do() -> None:
    """Each by its own numbers of inputs and outputs, whatever the number of copies is."""
    model = load(
        "network { dense(80); repeat(6) { dense(80); tanh; layer_norm; tanh; dense(80) }\n"
        "dense(3) }"
    )
    name = next(array.name for array in program_of(model).parameters if len(array.shape) == 3)
    stack = model.parameters[name]
    assert stack.shape == (6, 80, 80)
    for matrix in stack:
        assert matrix.std() == pytest.approx((2 / 160) ** 0.5, rel=0.05)
    assert abs(np.corrcoef(stack.reshape(6, -1)) - np.eye(6)).max() < 0.06


BODIES = ["dense(4)", "tanh", "relu", "layer_norm", "batch_norm", "dropout(0.2)", "identity"]
LEAVES = st.lists(st.sampled_from(BODIES), min_size=1, max_size=4).map("\n".join)
LAYERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.integers(1, 3), inner).map(lambda p: f"repeat({p[0]}) {{ {p[1]} }}"),
        inner.map(lambda body: f"residual {{ {body} }}"),
        st.tuples(inner, inner).map("\n".join),
    ),
    max_leaves=4,
)


def assert_loops(model: Model) -> None:
    """A stack of parameters and a loop over it come together, in both functions."""
    assert model.checked.graph is not None
    stacks = sum(
        any(node.parameters for node in repetition.copies[0])
        for repetition in model.checked.graph.repetitions
    )
    _, predicts, learns = re.split(r"def (?:predict|loss_and_gradients)\(", model.source)
    learns = learns.partition("# --- The optimizer")[0]
    forward, backward = "for i in range(", "for i in reversed(range("
    loops = predicts.count(forward), learns.count(forward), learns.count(backward)
    assert loops == (stacks, stacks, stacks)


def test_lines_of_a_call_have_no_part_in_whether_copies_are_alike() -> None:
    body = "dense(4); dense(4); dense(4)\nbatch_norm; batch_norm"  # the second's call is wrapped
    looped = load(f"network {{ dense(4); repeat(2) {{ {body} }}; dense(3) }}")
    assert_loops(looped)
    assert looped.fit().rows == written_out(looped).fit().rows


def test_copies_that_begin_with_noise_are_written_out() -> None:
    """The one case of docs/decisions/0019 in which arrays are stacked and no loop is written."""
    body = f"gaussian_noise(0.1); {LONG}"
    looped = load(f"network {{ dense(4); repeat(2) {{ {body} }}; dense(3) }}")
    assert any(array.parts for array in program_of(looped).parameters)
    assert "for i in range(" not in looped.source.partition("def predict")[2].partition("# ---")[0]
    assert looped.fit().rows == written_out(looped).fit().rows


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LAYERS)
def test_nested_repeats_compute_the_same(layers: str) -> None:
    looped = load(f"network {{ dense(4)\n repeat(2) {{ {layers} }}\n dense(3) }}")
    assert_loops(looped)
    flat = written_out(looped)
    X, t = np.random.default_rng(0).normal(size=(5, 2)), np.array([0, 1, 2, 0, 1])
    ours, theirs = looped.loss_and_gradients(X, t), flat.loss_and_gradients(X, t)
    assert ours[0] == theirs[0]
    for name, gradient in ours[1].items():
        assert np.array_equal(gradient, theirs[1][name])
    assert np.array_equal(looped.predict(X), flat.predict(X))


def test_loops_of_one_block_share_its_functions() -> None:
    lines = load(NETWORKS["two of one block"]).source.splitlines()
    (head,) = (line for line in lines if line.startswith("def unit_backward("))
    assert head.startswith("def unit_backward(d")


def test_a_script_with_loops_checks_itself() -> None:
    model = load(NETWORKS["recurrent"])
    script = build_script(model.checked, with_gradient_check=True)
    assert "check_gradients" in script.text
