"""`--style layers`: what takes it, and what says that it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import Cli

import nndsl

FORMULA = "minimize { f = x**2; start(x=1); optimizer = sgd(lr=0.1); steps = 3 }"


def test_both_styles_print_the_same_and_end_with_the_same_weights(cli: Cli, spec: Path) -> None:
    flat = cli("run", spec, "-o", "flat")
    layers = cli("run", spec, "--style", "layers", "-o", "layers")
    assert (flat.code, layers.code) == (0, 0)
    assert layers.out == flat.out
    assert Path("layers/command.txt").read_text().rstrip().endswith("--style layers")
    assert "class Sequential" in Path("layers/train.py").read_text(encoding="utf-8")
    with np.load("flat/weights.npz") as ours, np.load("layers/weights.npz") as theirs:
        for name in ours:
            assert np.array_equal(ours[name], theirs[name])


def test_weights_of_one_style_fit_the_other(cli: Cli, spec: Path) -> None:
    assert cli("run", spec, "--style", "layers", "-o", "layers").code == 0
    model = nndsl.load(spec)
    trained = nndsl.load(spec, style="layers")
    for each in (model, trained):
        each.restore("layers")
    X = np.random.default_rng(0).normal(size=(5, *model.script.input_shape))
    assert np.array_equal(model.predict(X), trained.predict(X))


@pytest.mark.parametrize("option", [("--optimize",), ("--with", "gradcheck")])
def test_what_needs_a_flat_script_says_so(cli: Cli, spec: Path, option: tuple[str, ...]) -> None:
    result = cli("build", spec, "-o", "x.py", "--style", "layers", *option)
    assert result.code == 2
    assert f"{' '.join(option)} is for scripts of the style flat" in result.err
    assert not Path("x.py").exists()


@pytest.mark.parametrize("command", [("run",), ("build", "-o", "x.py"), ("gradcheck",)])
def test_a_formula_has_no_layers(
    cli: Cli, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("valley.nn").write_text(FORMULA)
    name, *more = command
    result = cli(name, "valley.nn", *more, "--style", "layers")
    assert result.code == 1
    assert "no layers" in result.err
    assert not Path("x.py").exists()


def test_a_style_that_is_none() -> None:
    with pytest.raises(ValueError, match="a style is flat or layers, and not 'object'"):
        nndsl.build("x.nn", text="network { input(2); dense(1) }", style="object")
    with pytest.raises(ValueError, match="this script has one style"):
        nndsl.build("x.nn", text="network { input(2); dense(1) }", style="layers", optimize=True)
