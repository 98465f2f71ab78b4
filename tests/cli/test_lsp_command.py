"""`nndsl lsp` where it cannot serve: without its extra, and started by hand."""

from __future__ import annotations

import sys

import pytest
from command_line import Cli


def test_the_way_to_install_what_is_missing_is_said(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("nndsl.lsp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    result = cli("lsp")
    assert result.code == 2
    assert 'python -m pip install "nndsl[lsp]"' in result.err


@pytest.mark.slow
def test_a_person_is_told_that_an_editor_starts_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pygls")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    result = cli("lsp")
    assert result.code == 2
    assert "started by an editor" in result.err
