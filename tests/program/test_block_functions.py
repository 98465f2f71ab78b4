"""Copies of a long block are calls of one function: fewer lines, and the same numbers."""

from __future__ import annotations

import ast
import builtins
import gzip
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.emit.build import build_program, build_script
from nndsl.emit.script import write_script
from nndsl.live.model import Model
from nndsl.program.block_functions import extract_blocks
from nndsl.program.lower import lower

SPECS = Path(__file__).parents[2] / "specs"
DEEP = "dense(4); tanh; dense(4); layer_norm; gelu; dense(4); softplus"
BLOCKS = {
    "plain": f"block unit {{ {DEEP} }}\nnetwork {{ dense(4); repeat(4) {{ unit }}; dense(3) }}",
    "residual": f"block unit(n) {{ residual {{ dense(n); {DEEP} }}; relu }}"
    "\nnetwork { dense(4); repeat(3) { unit(4) }; dense(3) }",
    "noise and statistics": f"block unit {{ batch_norm; {DEEP}; dropout(0.3); dense(4) }}"
    "\nnetwork { dense(4); repeat(3) { unit }; dense(3) }",
    "scaled in the test": f"block unit {{ dropout(0.3, scaling=test); {DEEP}; dense(4) }}"
    "\nnetwork { dense(4); repeat(3) { unit }; dense(3) }",
    "blocks in blocks": f"block inner {{ {DEEP} }}\nblock outer {{ inner; relu; inner; {DEEP} }}"
    "\nnetwork { dense(4); outer; outer; inner; dense(3) }",
    "two widths": f"block unit(n) {{ dense(n); {DEEP.replace('4', 'n')}; dense(n) }}"
    "\nnetwork { repeat(3) { unit(4) }; repeat(3) { unit(5) }; dense(3) }",
    "in branches": f"block unit {{ {DEEP} }}\nnetwork {{ dense(4)\n"
    "concat { branch { unit; unit; unit }; branch { unit; unit; dense(2) } }; unit; dense(3) }",
    "the first layer": f"block unit {{ dense(2); {DEEP}; {DEEP}; dense(2) }}"
    "\nnetwork { repeat(4) { unit }; dense(3) }",
    "positions": "block unit { residual { layer_norm; self_attention(heads=2) };"
    f"residual {{ layer_norm; {DEEP} }} }}"
    "\nnetwork { embedding(4); positional_embedding; repeat(3) { unit }; dense(12) }",
    "tied": "let first = dense(4)\n"
    f"block unit {{ {DEEP}; dense(4); dense(4, weights=tied(first)) }}"
    "\nnetwork { dense(4); first; repeat(3) { unit }; dense(3) }",
    "images": "block unit { conv2d(2, 3, padding=same); batch_norm; relu;"
    "conv2d(2, 3, padding=same); batch_norm; relu }"
    "\nnetwork { dense(8); reshape(2, 2, 2); repeat(3) { unit }; flatten; dense(3) }",
}
CALLS = "unit(4); unit(4); unit(4)"
TRAIN = """
train { loss = softmax_cross_entropy; optimizer = adam; batch = 10; epochs = 2; dtype = float64
  SETTINGS }
"""


def models(network: str, settings: str = "") -> tuple[Model, Model]:
    """Return a model whose script has functions for its blocks and layers, and one without any."""
    data = "addition(2, samples=30)" if "embedding" in network else "spiral(samples=60)"
    text = f"data = {data}\n{network}{TRAIN.replace('SETTINGS', settings)}"
    model = nndsl.load("blocks.nn", text=text)
    checked = model.checked
    assert checked.spec is not None
    assert checked.graph is not None
    script = write_script(lower(checked.spec, checked.graph, written_out=True))
    assert script.blocks == ()
    return model, Model(checked, script)


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["", "regularize = l2(0.1); clip = global_norm(1)"])
@pytest.mark.parametrize("network", BLOCKS.values(), ids=list(BLOCKS))
def test_a_script_with_functions_for_blocks_computes_the_same(network: str, settings: str) -> None:
    outlined, flat = models(network, settings)
    assert outlined.script.blocks
    assert outlined.source.count("\n") < flat.source.count("\n") - 20
    ours, theirs = outlined.fit(), flat.fit()
    assert ours.rows == theirs.rows
    assert ours.test == theirs.test
    for name, parameter in outlined.parameters.items():
        assert np.array_equal(parameter, flat.parameters[name])
    for name, value in outlined.state.items():
        assert np.array_equal(value, flat.state[name])


@pytest.mark.slow
def test_a_first_copy_may_drop_the_gradient_that_others_go_on_with() -> None:
    """A convolution of the input has no use for its gradient, and those of other copies have."""
    units = "; tanh; ".join(f"unit({filters})" for filters in (4, 3, 2, 2, 5))
    text = (
        "block unit(n) { conv2d(n, 3, padding=same); relu; conv2d(n, 3, padding=same); relu }\n"
        f"network {{ input(1, 4, 4); {units}; flatten; dense(3) }}\n"
        "train { loss = softmax_cross_entropy; optimizer = sgd }\n"
    )
    model = nndsl.load("net.nn", text=text)
    assert "_, dW1, db1, dW2, db2 = unit_backward(" in model.source
    assert nndsl.check_gradients(model).passed


@pytest.mark.slow
def test_numerical_gradients_call_them_too() -> None:
    outlined, flat = models(BLOCKS["the first layer"], "gradient = numerical")
    assert "_backward" not in outlined.source
    text = outlined.source
    assert text.count("= unit(") == 2  # to predict, and for the loss of a batch
    X, t = np.ones((2, 2)), np.array([0, 2])
    ours, theirs = outlined.loss_and_gradients(X, t), flat.loss_and_gradients(X, t)
    assert ours[0] == theirs[0]
    for name, gradient in ours[1].items():
        assert np.array_equal(gradient, theirs[1][name])


@pytest.mark.parametrize(
    "network",
    [
        f"block unit {{ {DEEP} }}\nnetwork {{ unit; dense(3) }}",  # one is no repetition
        "block unit { dense(4); relu }\nnetwork { unit; unit; unit; dense(3) }",  # short
        f"network {{ repeat(4) {{ {DEEP} }}; dense(3) }}",  # it has no name
    ],
)
def test_what_saves_little_stays_as_it_is(network: str) -> None:
    outlined, _ = models(network)
    assert "unit" not in outlined.script.blocks
    program = build_program(outlined.checked)
    assert extract_blocks(program) == program


@pytest.mark.slow
@pytest.mark.parametrize("network", BLOCKS.values(), ids=list(BLOCKS))
def test_functions_read_nothing_but_what_they_are_given(network: str) -> None:
    """And what a script's frame holds: parameters come in as arguments, and go out as results."""
    outlined, _ = models(network)
    module = ast.parse(outlined.source)
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        if function.name in outlined.script.blocks:
            names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
            bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            bound |= {argument.arg for argument in function.args.args}
            free = {node.id for node in names} - bound
            assert free <= {*dir(builtins), *outlined.namespace}
            assert not free & set(outlined.parameters)
            assert ast.get_docstring(function)


@pytest.mark.parametrize("name", ["gzip", "sys", "predict", "kept", "np", "X", "None", "windows"])
def test_a_block_may_have_any_name(name: str, tmp_path: Path) -> None:
    """No function of a script hides what the script imports, or a name that it has itself."""
    for file, sizes in (("x.gz", (10, 4)), ("t.gz", (10,))):
        head = bytes([0, 0, 8, len(sizes)]) + b"".join(n.to_bytes(4, "big") for n in sizes)
        numbers = np.arange(math.prod(sizes), dtype=np.uint8) % 3
        (tmp_path / file).write_bytes(gzip.compress(head + numbers.tobytes()))
    spec = tmp_path / "net.nn"
    network = f"network {{ dense(4); repeat(4) {{ {name} }}; dense(3) }}"
    train = TRAIN.replace("SETTINGS", "")
    spec.write_text(f'data = idx("x.gz", "t.gz")\nblock {name} {{ {DEEP} }}\n{network}{train}')
    model = nndsl.load(spec)
    assert model.script.blocks
    script = build_script(model.checked, with_gradient_check=True)
    module = ast.parse(script.text)
    imported = {alias.asname or alias.name for n in ast.walk(module) for alias in names_of(n)}
    defined = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    assert len(defined) == len(set(defined))
    assert imported.isdisjoint(defined)
    assert model.fit().rows


def names_of(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, ast.Import | ast.ImportFrom) else []


def test_equations_of_a_block_are_said_once() -> None:
    outlined, flat = models(BLOCKS["residual"].replace("repeat(3) { unit(4) }", CALLS))
    head, flat_head = (m.source.split('"""')[1] for m in (outlined, flat))
    assert "unit, 3 times; the first:" in head
    assert head.count("log(1 + exp(") == 1
    assert flat_head.count("log(1 + exp(") == 3


@pytest.mark.slow
@pytest.mark.parametrize("network", BLOCKS.values(), ids=list(BLOCKS))
def test_calls_are_no_wider_than_a_page(network: str) -> None:
    outlined, _ = models(network)
    blocks = tuple(f" = {name}(" for name in outlined.script.blocks)
    lines = [line for line in outlined.source.split("\n") if any(b in line for b in blocks)]
    assert lines
    assert max(map(len, lines)) <= 100


def test_outlining_twice_changes_nothing() -> None:
    checked = models(BLOCKS["residual"])[0].checked
    assert checked.spec is not None
    assert checked.graph is not None
    once = extract_blocks(lower(checked.spec, checked.graph))
    assert extract_blocks(replace(once)) == once


@pytest.mark.parametrize(
    ("spec", "most"), [("tiny_gpt", 390), ("char_lstm", 265), ("small_resnet", 460)]
)
def test_scripts_that_a_student_reads_fit_in_an_afternoon(spec: str, most: int) -> None:
    model = nndsl.load(SPECS / f"{spec}.nn")
    assert len(model.source.splitlines()) <= most
