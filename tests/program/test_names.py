"""One allocator owns all names of a script."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build, build_program
from nndsl.program.names import Names
from nndsl.source import read_source

ROOT = Path(__file__).parents[2]


def test_a_name_that_is_free_is_given() -> None:
    assert Names(()).fresh("W1") == "W1"


def test_no_name_is_given_twice() -> None:
    names = Names(())
    assert [names.fresh("mask") for _ in range(3)] == ["mask", "mask_2", "mask_3"]
    assert names.fresh("mask_2") == "mask_2_2"


def test_reserved_names_are_not_given() -> None:
    assert Names(("loss", "loss_2")).fresh("loss") == "loss_3"


def test_names_of_python_are_not_given() -> None:
    names = [*keyword.kwlist, *dir(builtins)]
    assert [Names(()).fresh(name) for name in names] == [f"{name}_2" for name in names]


def test_given_names_are_all_different_whatever_is_asked_for() -> None:
    names = Names(("x", "x_2"))
    asked = ["x", "x_2", "x_3", "x", "x_2", "x_3", "x", "y", "y_2", "y", "y"]
    given = [names.fresh(name) for name in asked]
    assert len({*given, "x", "x_2"}) == len(given) + 2


@pytest.mark.slow
def test_a_name_is_not_the_gradient_of_another() -> None:
    """`own` of a gru has the gradient `down`, and `random_shift` has a `down` of its own."""
    names = Names(())
    assert names.fresh("down1") == "down1"
    own = names.differentiable("own1")
    assert own != "own1"
    assert names.fresh(f"d{own}") != f"d{own}"
    text = "network { input(2, 3, 3); random_shift(1); reshape(2, 9); gru(3); dense(2) }\n"
    train = "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    report = nndsl.check_gradients(nndsl.load("net.nn", text=text + train))
    assert report.passed, str(report)


SPECS = [
    path
    for folder in ("specs", "specs/book", "specs/zoo", "tests/golden")
    for path in sorted((ROOT / folder).glob("*.nn"))
]


def names_by_function(source: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the names that each function of a script binds or reads."""
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef):
            names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
            yield function.name, names | {argument.arg for argument in function.args.args}


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_no_two_names_of_a_function_differ_in_case_only(spec: Path) -> None:
    """But a constant of the script (T) and what is counted up to it (t)."""
    source = build(read_source(spec), {}).text
    constants = {"X", *re.findall(r"^(?:\w+, )*([A-Z]\w*)(?:, \w+)* = ", source, re.MULTILINE)}
    for function, names in names_by_function(source):
        own = [name for name in names if name not in constants and len(name) > 1]
        assert len({name.lower() for name in own}) == len(own), function


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_a_name_has_the_number_of_the_last_layer_with_weights(spec: Path) -> None:
    diagnostics = Diagnostics()
    checked = analyse(read_source(spec), diagnostics)
    if checked.graph is None or checked.graph.repetitions:  # the copies of a loop have its names
        return
    values = [*checked.graph.inputs.values(), *(node.output for node in checked.graph.nodes)]
    if any(value.name for value in values):  # the page's, and no line is above all others
        return
    program = build_program(checked)
    layers = 0
    for node in checked.graph.nodes:
        layers += node.has_weights
        name = program.value_names[node.output]
        of_input = name.startswith("mask")
        if name != program.value_names[node.inputs[0]] and not of_input:
            assert re.fullmatch(rf"[A-Za-z]+{layers}(_\d+)?", name), name


def test_positions_have_weights_that_say_so() -> None:
    text = "network { input(3, tokens=5); embedding(4); positional_embedding; dense(5) }\n"
    assert list(nndsl.load("net.nn", text=text).parameters) == ["W1", "W_pos", "W2", "b2"]
