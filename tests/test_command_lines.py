"""Commands that are shown can be run again, in the shell of the system."""

from __future__ import annotations

import sys

import pytest

from nndsl.interchange import command_line

WORDS = ["nndsl", "run", "my nets\\a.nn", "--set", 'file="b c.csv"']


def test_on_windows_quotes_are_those_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert command_line(WORDS) == r'nndsl run "my nets\a.nn" --set "file=\"b c.csv\""'
    assert command_line(["python", "C:\\nets\\train.py"]) == "python C:\\nets\\train.py"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_elsewhere_they_are_those_of_a_shell() -> None:
    assert command_line(WORDS) == r"""nndsl run 'my nets\a.nn' --set 'file="b c.csv"'"""
