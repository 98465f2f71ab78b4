"""nndsl show: every stage prints, as far as a spec comes."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli

import nndsl
from nndsl.cli.show import STAGES

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.nn"))


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_stage_of_every_spec(path: Path, stage: str, cli: Cli) -> None:
    result = cli("show", path, "--stage", stage)
    assert (result.code, result.err) == (0, "")
    assert len(result.out.splitlines()) > 8
    assert " object at 0x" not in result.out


def test_the_tree(cli: Cli, spec: Path) -> None:
    spec.write_text("let a = 1 / 2\nnetwork { input(2); relu }")
    result = cli("show", spec, "--stage", "tree", "--set", "a=3")
    assert result.out == (
        "Declaration word=let name=a @1:1\n"
        "  value: Number value=3 @1:1\n"
        "Call name=network @2:1\n"
        "  body: Body @2:9\n"
        "    statements:\n"
        "      Call name=input @2:11\n"
        "        arguments:\n"
        "          Argument @2:17\n"
        "            value: Number value=2 @2:17\n"
        "      Call name=relu @2:21\n"
    )


def test_the_graph(cli: Cli, spec: Path) -> None:
    result = cli("show", spec, "--stage", "graph")
    assert result.out == (
        "X: 2\n"
        "Z1: 8 = dense(8, bias=true) of X  @6:3\n"
        "    W1: 2 x 8, he(distribution=normal)\n"
        "    b1: 8, zeros\n"
        "A1: 8 = relu of Z1  @7:3\n"
        "Z2: 3 = dense(3, bias=true) of A1  @8:3\n"
        "    W2: 8 x 3, xavier(distribution=normal)\n"
        "    b2: 3, zeros\n"
        "output: Z2\n"
    )


def test_the_graph_says_whose_weights_a_layer_takes(cli: Cli, spec: Path) -> None:
    spec.write_text(
        "let first = dense(8)\nnetwork { input(2); first; relu; dense(2, weights=tied(first)) }\n"
    )
    lines = cli("show", spec, "--stage", "graph").out.splitlines()
    assert lines[6].startswith("Z2: 2 = dense(2, ")
    assert lines[7:9] == ["    b2: 2, zeros", "    W: the W of Z1, transposed"]


def test_the_program_knows_where_statements_come_from(cli: Cli, spec: Path) -> None:
    lines = cli("show", spec, "--stage", "program").out.splitlines()
    assert any(
        line.startswith("    Z1 = X @ W1 + b1 ") and "(N, WIDTH) @6:3" in line for line in lines
    )
    assert any(line.startswith("    dW1 = X.T @ dZ1 ") for line in lines)


def test_the_code_is_the_script(cli: Cli, spec: Path) -> None:
    assert cli("show", spec, "--stage", "code").out == nndsl.build(spec)


def test_a_spec_with_errors_has_a_tree(cli: Cli, spec: Path) -> None:
    spec.write_text("network { dnse(2) }")
    result = cli("show", spec, "--stage", "tree")
    assert result.code == 1
    assert "Call name=dnse @1:11\n" in result.out
    assert "error[NN201]" in result.err
    result = cli("show", spec, "--stage", "graph")
    assert (result.code, result.out) == (1, "")
