"""`--help` in Japanese fits a screen, whose columns a wide character takes two of."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from nndsl.cli.arguments import parser_of
from nndsl.cli.commands import COMMANDS
from nndsl.cli.dispatch import overview
from nndsl.languages import in_language
from nndsl.languages.widths import width


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command(name: str) -> None:
    with in_language("ja"):
        lines = parser_of(name, import_module(f"nndsl.cli.{name}")).format_help().splitlines()
    described = "\n".join(lines).partition("引数:")[0].split("\n", 2)[2]
    assert not re.search("^[A-Z][a-z]+ [a-z]+", described), "its description is English"
    assert lines[0].startswith("使い方: nndsl")
    assert "None" not in lines[0]
    examples = "\n".join(lines).partition("例：\n")[2]
    assert not re.search(r"\S {2,}[A-Za-z]+ [a-z]", examples), "a comment of an example is English"
    assert len(lines) <= 24
    assert max(map(width, lines)) <= 80


def test_the_overview() -> None:
    with in_language("ja"):
        lines = overview().splitlines()
    assert "書く    new        スペックを作る" in lines[2]
    assert max(map(width, lines)) <= 80
