"""`nndsl play`: what keeps it from starting is said."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from command_line import Cli


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course").mkdir()
    monkeypatch.chdir(tmp_path / "course")


@pytest.mark.parametrize("spec", ["../net.nn", "/net.nn", "data.csv"])
def test_a_page_lies_in_the_folder(spec: str, cli: Cli) -> None:
    pytest.importorskip("uvicorn")
    result = cli("play", spec, "--no-browser")
    assert result.code == 2
    assert f"`{spec}`" in result.err


def test_a_port_that_is_taken_is_named(cli: Cli) -> None:
    pytest.importorskip("uvicorn")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = cli("play", "--port", str(port), "--no-browser")
    assert result.code == 2
    assert f"error: port {port}: " in result.err
    assert "leave out --port" in result.err


def test_the_extra_is_named_where_it_is_missing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nndsl.cli.play.find_spec", lambda name: None)
    result = cli("play")
    assert result.code == 2
    assert "`play` needs starlette" in result.err
    assert "pip install 'nndsl[play]'" in result.err
