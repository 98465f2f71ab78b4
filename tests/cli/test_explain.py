"""nndsl explain: the entry of a code, or all codes, and nothing that floods a terminal."""

from __future__ import annotations

import pytest
from command_line import Cli

from nndsl.lints.table import all_codes


@pytest.mark.parametrize("name", all_codes())
def test_every_code_has_a_page(cli: Cli, name: str) -> None:
    result = cli("explain", name)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"{name}: {all_codes()[name].title}\n")
    assert "\nWrong:\n" in result.out
    assert "\nRight:\n" in result.out
    assert len(result.out) < 5000
    assert all(character.isprintable() for character in result.out.replace("\n", ""))


def test_small_letters_will_do(cli: Cli) -> None:
    assert cli("explain", "nn203") == cli("explain", "NN203")


def test_all_codes(cli: Cli) -> None:
    lines = cli("explain").out.splitlines()
    assert [line.split("  ")[0] for line in lines] == list(all_codes())


@pytest.mark.parametrize(
    ("code", "help"),
    [
        ("NN203x", "did you mean `NN203`?"),
        ("NN999", "lists all there are"),
        ("gru(32)", "`nndsl list gru` explains the word"),
    ],
)
def test_an_unknown_code(cli: Cli, code: str, help: str) -> None:
    result = cli("explain", code)
    assert (result.code, result.out) == (2, "")
    assert f"there is no code `{code}`" in result.err
    assert help in result.err
