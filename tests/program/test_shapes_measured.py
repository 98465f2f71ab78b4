"""Every shape in the margin of a script is true, and no number is wider than was asked for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from every_word import composite, spec_text, words_of
from test_pairs import FIRST
from test_same_numbers import ROOT, TRAINED

import nndsl
from nndsl.live.arrays import listed
from nndsl.live.model import Model
from nndsl.live.network import take_step

N = 13
MARGIN = re.compile(r"# \(([A-Z\d][A-Z\d_*+/%()-]*(?:, [A-Z\d_*+/%()-]+)*,?)\)(?:  .*)?$")
PRECISIONS = ["float32", "float64"]
TRACED = ("predict", "loss_and_gradients", "evaluate", "update")


class _Watched(ast.NodeTransformer):
    """Reports every name that a statement of a function has written, right after it."""

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        return [node, *self.reports(node, node.targets)]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        return [node, *self.reports(node, [node.target])]

    def reports(self, node: ast.stmt, targets: list[ast.expr]) -> Iterator[ast.stmt]:
        line = targets[0].end_lineno  # where the margin of what has several lines stands
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name | ast.Subscript) and isinstance(part.ctx, ast.Store):
                    code = ast.unparse(part)
                    call = ast.parse(f"_watch({code!r}, {code}, {line}, locals())")
                    yield ast.copy_location(call.body[0], node)


@dataclass
class MetricName:
    """Runs a script's functions on N examples and collects what each line has written."""

    model: Model
    # By line: what was written, its shape, and the numbers that have names there.
    shapes: dict[int, list[tuple[str, tuple[int, ...], dict[str, int]]]] = field(
        default_factory=dict
    )
    values: list[tuple[str, Any]] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)  # of the script
    source: str = ""  # a changed one, which has its data beside it
    X: Any = None
    path: Path = ROOT / "specs" / "measured.py"

    def watch(self, name: str, value: Any, line: int, local: dict[str, Any]) -> None:
        if isinstance(value, tuple | list):  # what blocks keep has been watched there
            return
        self.values.append((name, value))
        if name == "_" or name.startswith("cache"):  # of a call, whose margin is about its output
            return
        if isinstance(value, np.ndarray | np.generic):
            named = {**self.names, "N": N, **local}
            numbers = {n: v for n, v in named.items() if isinstance(v, int)}
            found = self.shapes.setdefault(line, [])
            if (seen := (name, value.shape, numbers)) not in found:
                found.append(seen)

    def run(self) -> None:
        tree = ast.parse(self.source or self.model.source)
        traced = (*TRACED, *self.model.script.blocks)
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and function.name in traced:
                function.body = [
                    part for s in function.body for part in _listed(_Watched().visit(s))
                ]
        names = self.names
        names |= {
            "__name__": "measured",
            "__file__": str(self.path),
            "_watch": self.watch,
        }
        exec(compile(ast.fix_missing_locations(tree), "measured.py", "exec"), names)
        if self.source:
            loaded = names["load_data"]()
            X, t = loaded[0] if len(self.model.script.parts) > 1 else loaded
        else:
            X, t = self.model.data()["training"]
        X, t = self.X, _ = X[:N], t[:N]
        assert len(X) == N
        for array in listed(X):
            assert array.dtype == (self.model.dtype if array.dtype.kind == "f" else int)
        names["predict"](*listed(X))
        *_, gradients = names["loss_and_gradients"](*listed(X, t))
        for step in (1, 2):
            take_step(names, gradients, step)
        self.values += [*names["params"].items(), *names.get("state", {}).items()]
        self.values += gradients.items()
        count = len(self.values)
        names["evaluate"](*listed(X, t))
        # What is measured at the end may be a mean of truth values, and that is 64 bits wide.
        self.values[count:] = [(n, v) for n, v in self.values[count:] if np.ndim(v)]


def _listed(made: Any) -> list[Any]:
    return made if isinstance(made, list) else [made]


def measure(path: Path, dtype: str) -> MetricName:
    measured = MetricName(nndsl.load(path, dtype=dtype))
    measured.run()
    return measured


def assert_shapes(measured: MetricName) -> int:
    """Compare every margin with what was measured; return how many there are."""
    said = 0
    for number, line in enumerate((measured.source or measured.model.source).splitlines(), 1):
        found = MARGIN.search(line)
        if found is None:
            continue
        assert number in measured.shapes, f"nothing was measured at: {line}"
        for name, shape, numbers in measured.shapes[number]:
            expected = eval(f"({found[1]})", {}, numbers)
            assert shape == expected, f"{name} has the shape {shape} at: {line}"
        said += 1
    return said


def assert_types(measured: MetricName) -> None:
    for name, value in measured.values:
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fc":
            assert value.dtype == measured.model.dtype, f"{name} is {value.dtype}"
        elif isinstance(value, np.ndarray | np.generic):
            assert value.dtype.kind in "biu", f"{name} is {value.dtype}"


@pytest.mark.slow
@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("spec", TRAINED, ids=lambda path: str(path.relative_to(ROOT)))
def test_specs(spec: Path, dtype: str, data_folder: Path) -> None:
    measured = measure(spec, dtype)
    assert assert_shapes(measured) >= 8
    assert_types(measured)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_layers(dtype: str, data_folder: Path) -> None:
    path = data_folder / "all.nn"
    path.write_text(composite(), "utf-8")
    measured = measure(path, dtype)
    assert assert_shapes(measured) > 100
    assert_types(measured)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(
    "role", ["losses", "optimizers", "regularizers", "schedules", "initializers", "data"]
)
def test_all_words(role: str, dtype: str, data_folder: Path) -> None:
    for word in words_of(role):
        path = data_folder / f"{word}.nn"
        path.write_text(spec_text({**FIRST, role: word}), "utf-8")
        measured = measure(path, dtype)
        assert_shapes(measured)
        assert_types(measured)


@pytest.mark.parametrize("clip", ["global_norm(0.01)", "value(0.001)"])
def test_clips(clip: str, data_folder: Path) -> None:
    path = data_folder / "clip.nn"
    path.write_text(spec_text(FIRST).replace("batch =", f"clip = {clip}\n  batch ="), "utf-8")
    assert_types(measure(path, "float32"))


def test_a_margin_is_recognised() -> None:
    for line in (
        "x = 1  # (N*T, 4*H)",
        "x = 1  # (N, H//2,)",
        "x = 1  # (N, 10)",
        "x = 1  # (N, 1, 28)    why",
        "x = 1     # (3,)       b",
    ):
        assert MARGIN.search(line), line
    for line in ("x = 1  # why (N, 10)", "x = 1  # (of 3)", "x = (3, 4)"):
        assert not MARGIN.search(line), line
