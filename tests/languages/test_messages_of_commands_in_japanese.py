"""What commands say beside their output, and how they fail: read off their modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalogues import PROSE, VALUE, require_messages, said_by, standing

import nndsl.cli
from nndsl.cli import main
from nndsl.languages import translated

SAYING = {"say", "warn", "CommandError"}
COMMAND = re.compile(r"(python -m )?pip install |nndsl ")  # to be typed as it is
CHOSEN = {  # with a value that is a word of English, in templates of their own
    "X1 X1 formatted already",
    "X1: `X1` says more",
    "interrupted: X1 are kept in X1; the same command goes on from there",
    "interrupted: X1 from there",
    "there is no word `X1`X1",
    "trained it: X1",
    "X1 left out, since X1",
    'such as {"gradient of W1": 2, "loss": 1}',
}


def test_every_message_is_known(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    said = {*messages()}
    assert len(said) > 100
    asked = {one for one in said - CHOSEN if not COMMAND.match(one)}
    with said_by(standing("ja"), monkeypatch):
        lacks = {one for one in asked if all(translated(line) == line for line in one.split("\n"))}
    require_messages("ja", lacks, pytestconfig)


def messages() -> Iterator[str]:
    """Yield the sentences that commands say, with a name in the place of each value."""
    for path in Path(nndsl.cli.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYING:
                given = [*node.args, *(one.value for one in node.keywords if one.arg == "help")]
                texts = (text for argument in given for text in _texts(argument))
                yield from (text for text in texts if PROSE.search(text))


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else VALUE for p in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one), *_texts(other))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "エラー: どのコマンドか？"),
        (["buld"], "エラー: `buld` というコマンドはない"),
        (["build", "net.nn"], "エラー: 必要な引数がない：-o/--output"),
        (["picture", "boundary", "net.nn", "-o", "a.svg"], "エラー: net.nn が見つからない"),
    ],
)
def test_how_a_command_fails(
    given: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NNDSL_LANG", "ja")
    assert main(given) == 2
    assert capsys.readouterr().err.splitlines()[0] == message
