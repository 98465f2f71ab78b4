"""A spec to work on, in a folder of its own, and the command line without a process."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli, Result

from nndsl.cli import color, main

SPEC = """\
let width = 8

data = spiral(classes=3, samples=60, validation=0.1, test=0.2)

network {
  dense(width)
  relu
  dense(3)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.01)
  epochs    = 3
}
"""


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return the function that runs a command."""
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "NNDSL_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(color, "_choice", "auto")

    def run(*arguments: str | Path) -> Result:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Result(code, *capsys.readouterr())

    return run


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a small spec that trains, in the working folder."""
    monkeypatch.chdir(tmp_path)
    path = Path("net.nn")
    path.write_text(SPEC, encoding="utf-8")
    return path
