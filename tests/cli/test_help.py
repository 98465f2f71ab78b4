"""Help and usage: a screen each, an example, and a way out of every mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Cli

import nndsl.cli
from nndsl import __version__
from nndsl.cli.commands import COMMANDS


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_fits_a_screen(command: list[str], cli: Cli) -> None:
    result = cli(*command, "--help")
    assert result.code == 0
    assert result.err == ""
    lines = result.out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert re.search(rf"^  nndsl {' '.join(command)}", result.out, re.MULTILINE), "no example"
    for name in command:
        assert re.fullmatch(rf"usage: nndsl {name}( [^-].*)? \[OPTION …\]", lines[0])


def test_every_command_is_a_module() -> None:
    modules = {path.stem for path in Path(nndsl.cli.__file__).parent.glob("*.py")}
    assert modules >= set(COMMANDS)


def test_the_version(cli: Cli) -> None:
    assert cli("--version").out == f"nndsl {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message", "help"),
    [
        ([], "which command?", "`nndsl --help` lists them"),
        (["chekc"], "there is no command `chekc`", "did you mean `check`?"),
        (["qqq"], "there is no command `qqq`", "`nndsl --help` lists them"),
        (["--verzion"], "there is no option `--verzion`", "did you mean `--version`?"),
        (["check", "x", "--strikt"], "there is no option `--strikt`", "did you mean `--strict`?"),
        (["build", "x", "--format"], "there is no option `--format`", "an option of `check`, "),
        (["trace", "x", "--stict"], "there is no option `--stict`", "`nndsl trace --help`"),
        (["help"], "there is no command `help`", "did you mean `nndsl --help`?"),
        (["help", "run"], "there is no command `help`", "did you mean `nndsl run --help`?"),
        (["net.nn"], "there is no command `net.nn`", "comes first: `nndsl check …`"),
        (["-o", "x", "build"], "there is no option `-o`", "comes first: `nndsl build …`"),
        (["build", "x", "y"], "`y` is one argument too many", "stands behind -o: -o y"),
        (["run", "x", "-o", "-"], "`-` names no folder", "`nndsl run --help`"),
        (["hunt", "x", "-o", ""], "`` names no folder", "`nndsl hunt --help`"),
        (["check", ""], "an empty path names no file", "name a spec or a folder"),
        (["check"], "arguments are required: PATH", "`nndsl check --help`"),
        (["build", "x", "y", "-o", "z"], "`y` is one argument too many", "`nndsl build --help`"),
        (["build", "x"], "arguments are required: -o/--output", "`nndsl build --help`"),
        (["check", "x", "--set", "width"], "`width` is not NAME=VALUE", "`nndsl check --help`"),
        (["show", "x", "--stage", "z"], "invalid choice: 'z'", "`nndsl show --help`"),
        (["check", "x", "--color"], "expected one argument", "`nndsl check --help`"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, help: str, cli: Cli) -> None:
    result = cli(*arguments)
    assert result.code == 2
    assert result.out == ""
    first, second = result.err.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert second.startswith("  = help: ")
    assert help in second


def test_an_option_says_what_it_does(cli: Cli) -> None:
    said = cli("search", "--help").out
    assert re.search(r"--no-pruning +train hopeless trials to their end", said)
