"""The numbers of one example in a network, forward and back, as a picture says them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nndsl.diagram.diagram import short
from nndsl.emit.script import write_script
from nndsl.ir import parse_text
from nndsl.live.arrays import Examples
from nndsl.live.gradients.executable import Executable, Point, with_inputs
from nndsl.live.gradients.parsed_script import ParsedScript
from nndsl.live.network import Network
from nndsl.program.lower import lower
from nndsl.program.program import Program

FEW = 6  # numbers that are said one by one; of more, their norm


def example_numbers(model: Network, X: Examples, t: Examples) -> Callable[[str], str]:
    """Return what there is to say of each variable of the script, by its name.

    The numbers are those of the first of the examples, in training. Where a layer compares
    examples, they are those that it has among the others.
    """
    spec, graph = model.checked.network
    if not any(node.layer.compares_examples for node in graph.nodes):
        X, t = X[:1], t[:1]
    train = model.training.model_copy(update={"gradient": None})
    program = lower(replace(spec, train=train), graph, keep_input_gradient=True)
    parsed = ParsedScript(write_script(program).text)
    script = Executable(parsed.with_copies(), f"{spec.name}.py")
    values = model.parameters | with_inputs(program.inputs, X)
    point = Point("an example", values, model.state, t, spec.seed, program.inputs)
    with np.errstate(all="ignore"):
        found = script(point)
    same = dict(_same_gradients(program))
    arrays = {name for array in program.parameters for name in array.arrays}
    found |= {f"d{n}": found[made] for n, made in parsed.gradients.items() if made in found}

    def said(name: str) -> str:
        variable = name
        while variable not in found and variable in same:
            variable = same[variable]
        value = found.get(variable, found.get(f"{name}_in"))  # what enters a loop is called so
        if not isinstance(value, np.ndarray | np.generic | float):
            return ""
        is_counted = np.asarray(value).dtype.kind != "f"  # numbers of tokens have no size
        array = np.asarray(value, np.float64)
        is_of_batch = name not in arrays and name.removeprefix("d") not in arrays
        if array.ndim and is_of_batch and len(array) % len(X) == 0:
            array = array[: len(array) // len(X)]
            array = array[0] if len(array) == 1 else array
        if array.size <= FEW:
            return f"{name} ={chr(10) if array.ndim > 1 else ' '}{_listed(array)}"
        return "" if is_counted else f"|{name}| = {short(float(np.linalg.norm(array)), 3)}"

    return said


def _same_gradients(program: Program) -> Iterator[tuple[str, str]]:
    """Yield gradients that the script leaves out, with what they are: a layer hands on its own."""
    names = program.value_names
    for node in reversed(program.graph.nodes):
        handed = {s.target for s in parse_text(node.layer.backward) if s.copied == "dy"}
        for role, value in zip(node.layer.inputs, node.inputs, strict=True):
            if f"d{role}" in handed and value.readers == [node]:
                yield f"d{names[value]}", f"d{names[node.output]}"


def _listed(array: Any) -> str:
    if array.ndim == 0:
        return short(float(array), 3)
    between = "\n" if array.ndim > 1 else " "  # rows of a matrix stand below each other
    return f"[{between.join(map(_listed, array))}]"
