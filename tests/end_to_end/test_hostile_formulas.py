"""No name and no formula of a spec becomes code of a descent's script but as what it is."""

from __future__ import annotations

import ast
import builtins
import json
import keyword
import math
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thoroughness import examples

from nndsl.analysis.compile import analyse
from nndsl.analysis.minimize import FUNCTIONS
from nndsl.diagnostics import Diagnostics, SpecError
from nndsl.emit.build import build
from nndsl.live.descent import Descent
from nndsl.live.execute import execute
from nndsl.live.gradients.formula import check_formula
from nndsl.program.descent import RESERVED
from nndsl.source import Source

NAMES = sorted(
    {*keyword.kwlist, *keyword.softkwlist, *sorted(dir(builtins))[::8], *RESERVED}
    | {"self", "_", "__name__", "__file__", "v", "m", "h", "s", "move", "lr", "m_hat", "v_hat"}
    | {"df_dx", "df_dnp", "LEARNING_RATE", "learning_rate", "BETA1", "TOTAL_STEPS", "step_2"}
)
TAKEN = {"true", "false", "f", *FUNCTIONS}  # words of the grammar, the formula, what it calls
OPTIMIZER = "adam(lr=cosine(0.1, warmup=2))"


def script(variables: list[str], optimizer: str = OPTIMIZER) -> str:
    f = " + ".join(f"abs({name} - {i})**2" for i, name in enumerate(variables))
    start = ", ".join(f"{name}={i + 2}" for i, name in enumerate(variables))
    text = f"minimize {{ f = {f}; start({start}); optimizer = {optimizer}; steps = 4 }}"
    return build(Source("spec.nn", text), {}).text


@cache
def plain(count: int) -> str:
    return script([f"a{i}" for i in range(count)])


def ends(text: str) -> list[float]:
    *_, (_, point, value) = execute(text, "descent.py")["descend"]()
    return [*point, value]


class _Plain(ast.NodeTransformer):
    """Gives every variable of `f` and `gradient` a name by its number."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name in ("f", "gradient"):
            own = [argument.arg for argument in node.args.args]
            slopes = [s.targets[0].id for s in node.body if isinstance(s, ast.Assign)]  # type: ignore[attr-defined]
            renamed = {name: f"x{i}" for i, name in enumerate([*own, *slopes])}
            for part in ast.walk(node):
                if isinstance(part, ast.Name):
                    part.id = renamed.get(part.id, part.id)
                elif isinstance(part, ast.arg):
                    part.arg = renamed[part.arg]
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


def code(text: str) -> str:
    return ast.dump(_Plain().visit(ast.parse(text)))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name.isidentifier()])
def test_every_name_that_means_something_elsewhere(name: str) -> None:
    if name in TAKEN:
        with pytest.raises(SpecError):
            script([name])
        return
    text = script([name, "x"])
    assert code(text) == code(plain(2))
    assert ends(text) == ends(plain(2))


names = st.sampled_from([*NAMES, "x", "x_2", "df_dx", "df_dx_2", "np_2"]).filter(
    lambda name: name not in TAKEN
)


@settings(max_examples=examples(40))
@given(variables=st.lists(names, min_size=1, max_size=5, unique=True))
def test_names_beside_each_other(variables: list[str]) -> None:
    text = script(variables)
    assert code(text) == code(plain(len(variables)))
    assert ends(text) == ends(plain(len(variables)))


@pytest.mark.parametrize(
    "f",
    [
        "__import__('os').system('id')",
        '"x"',
        'x + "1; import os"',
        "x.__class__",
        "[x]",
        "(lambda)(x)",
        "x if x else x",
        "x; import os",
        "eval(x)",
        "exec(x)",
        "print(x)",
        "np.exp(x)",
        "sqrt(x, x)",
        "sqrt(x=x)",
        "sqrt",
        "x(1)",
        "x @ x",
        "x // 2",
        "x % 2",
        "x = 1",
        "x == 1",
        "`id`",
        "$(id)",
        "{{ x }}",
        "{% x %}",
        "9**9**9**9",
        "x * 9**9**9",
        "x * 1e400",
        "x / (1 - 1)",
        "x + (-8)**(1/3)",
        "_",
        "",
    ],
)
def test_what_is_no_formula_is_an_error(f: str) -> None:
    text = f"minimize {{ f = {f}; start(x=1); optimizer = sgd; steps = 2 }}"
    with pytest.raises(SpecError):
        build(Source("spec.nn", text), {})
    spec = {"minimize": {"f": f"={f}", "start": {"x": 1}, "optimizer": "sgd", "steps": 2}}
    with pytest.raises(SpecError):
        build(Source("spec.json", json.dumps(spec)), {})


@pytest.mark.parametrize(
    "name", ["a b", "x)", "x; import os", '"""', "é", "x\n", "1x", "x=1", "__import__('os')", ""]
)
def test_names_of_the_json_form(name: str) -> None:
    spec = {"minimize": {"f": "=1", "start": {name: 1}, "optimizer": "sgd", "steps": 2}}
    with pytest.raises(SpecError):
        build(Source("spec.json", json.dumps(spec)), {})


@pytest.mark.parametrize(
    ("f", "value"),
    [
        ("x**007 + 1_0", 11.0),
        ("- -x + +x", 2.0),
        ("-x**2", -1.0),
        ("(-x)**2", 1.0),
        ("2**-x", 0.5),
        ("2**x**2", 2.0),
        ("x - (1 - x)", 1.0),
        ("x / 2 / 2", 0.25),
        ("x / (2 / 2)", 1.0),
        ("x * .5 + 1e-3", 0.501),
        ("cos(9**30) + x - x", math.cos(9.0**30)),
        ("x * 9**300 / 9**300", 1.0),
        ("let_ * x", -7.0),
        ("let_**2 * x", 49.0),
    ],
)
def test_a_formula_means_what_the_language_says(f: str, value: float) -> None:
    text = f"let let_ = -7\nminimize {{ f = {f}; start(x=1); optimizer = sgd; steps = 2 }}"
    names = execute(build(Source("spec.nn", text), {}).text, "descent.py")
    assert names["f"](1.0) == pytest.approx(value)


def test_the_deepest_formula_is_a_script(tmp_path: Path) -> None:
    f = "(" * 45 + "x + sin(x)" + ")**2 / 3" * 45
    text = f"minimize {{ f = {f}; start(x=0.1); optimizer = sgd; steps = 2 }}"
    path = tmp_path / "descent.py"
    path.write_text(build(Source("spec.nn", text), {}).text, "utf-8")
    done = subprocess.run([sys.executable, "-W", "error", path], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
@pytest.mark.parametrize("f", ["+".join(["x"] * 249), "*".join(["x"] * 249), "-x" * 249])
def test_the_longest_formula_is_a_script_whose_gradient_is_proved(f: str) -> None:
    text = f"minimize {{ f = {f}; start(x=0.99); optimizer = sgd; steps = 2 }}"
    diagnostics = Diagnostics()
    checked = analyse(Source("spec.nn", text), diagnostics)
    diagnostics.raise_if_failed()
    assert check_formula(Descent(checked)).passed


@pytest.mark.slow
def test_many_variables_are_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "descent.py"
    text = script([f"variable_number_{i}" for i in range(40)])
    path.write_text(text, "utf-8")
    assert max(map(len, text.splitlines())) <= 110
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert "variable_number_39 = " in done.stdout
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", str(path)]
    assert subprocess.run(command, check=False).returncode == 0
