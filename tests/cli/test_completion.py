"""What a shell offers behind `nndsl`, asked of the shells themselves."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import Cli

from nndsl.cli.commands import COMMANDS


def offered(script: str, *words: str) -> list[str]:
    """Return what bash offers for the last word of a command."""
    line = f"COMP_WORDS=({shlex.join(['nndsl', *words])}); COMP_CWORD={len(words)}; _nndsl"
    text = f'{script}\n{line}\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    return subprocess.check_output(["bash", "-c", text], text=True).split()


def test_bash_completes_commands_options_and_values(cli: Cli) -> None:
    script = cli("completion", "bash").out
    assert set(offered(script, "")) == {*COMMANDS, "--help", "--version"}
    assert offered(script, "com") == ["compare", "completion"]
    assert offered(script, "build", "net.nn", "--st") == ["--style"]
    assert offered(script, "build", "net.nn", "--style", "") == ["flat", "layers"]
    assert "zsh" in offered(script, "completion", "")
    assert offered(script, "check", "net") == []  # bash completes files itself


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_reads_its_script(cli: Cli, tmp_path: Path, shell: str) -> None:
    path = tmp_path / "script"
    path.write_text(cli("completion", shell).out, encoding="utf-8")
    for command in COMMANDS:
        assert command in path.read_text(encoding="utf-8")
    if program := shutil.which(shell):
        subprocess.run([program, "-n", path], check=True, timeout=60)
