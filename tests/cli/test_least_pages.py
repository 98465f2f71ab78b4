"""Pages that say hardly anything: every command does what it can, or says what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Cli

PAGES = {
    "a_let.nn": "let s = 1",
    "a_model.nn": "model s",
    "a_block.nn": "block b { relu }",
    "an_input.nn": "network { input(4) }",
    "an_input_by_name.nn": "let x = 1; network { input(x) }",
    "nothing_learnt.nn": "network { input(4); residual { dropout(0.5) } }",
    "a_train.nn": "train { loss = softmax_cross_entropy; optimizer = sgd }",
    "data.nn": "data = spiral()",
    "an_expectation.nn": "expect { parameters < 3 }",
    "no_weights.nn": """
        data = spiral(classes=2, samples=60, test=0.2)
        network { input(2) }
        train { loss = softmax_cross_entropy; optimizer = sgd; epochs = 1 }
    """,
    "a_let.json": json.dumps({"let": {"size": {"kind": "exp", "value": 100}}}),
}
COMMANDS = [
    ["summary"],
    ["build", "-o", "-"],
    ["build", "-o", "-", "--optimize"],
    ["build", "-o", "-", "--with", "gradcheck"],
    ["gradcheck"],
    ["trace"],
    ["mutate", "-o", "mutant.py"],
    ["hunt", "-o", "hunts"],
    ["run"],
    ["compare"],
    ["search"],
    ["convert", "--to", "json"],
    ["convert", "--to", "nn"],
    *(["show", "--stage", stage] for stage in ("tree", "spec", "graph", "program", "code")),
]


@pytest.mark.slow
@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("name", PAGES)
def test_every_command(name: str, cli: Cli, spec: Path) -> None:
    Path(name).write_text(PAGES[name], "utf-8")
    is_wrong = cli("check", name).code
    for command, *options in COMMANDS:
        result = cli(command, name, *options)
        assert result.code in (0, 1), (command, options, result.err)
        assert bool(result.code) == ("error" in result.err), (command, options, result)
    for command in (["summary"], ["build", "-o", "-"], ["build", "-o", "-", "--optimize"]):
        result = cli(command[0], name, *command[1:])
        assert bool(is_wrong) == bool(result.code) or "error[NN227]" in result.err


@pytest.mark.parametrize("function", ["min", "max"])
def test_the_least_and_the_most_of_one_number(function: str, cli: Cli, spec: Path) -> None:
    result = cli("summary", spec, "--set", f"width={function}(4)")
    assert "dense(4)" in result.out
    result = cli("check", spec, "--set", f"width={function}()")
    assert result.code == 1
    assert f"`{function}` takes numbers by position" in result.out
