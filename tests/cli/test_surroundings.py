"""Streams that are closed or full, a folder that is gone, Ctrl-C at once, names of any bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

import nndsl
from nndsl.cli import check

NNDSL = f"{sys.executable} -m nndsl"
FULL = "error: the output cannot be written: "
posix = pytest.mark.skipif(os.name != "posix", reason="a shell, and what it can do with streams")


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done


@pytest.mark.slow
@posix
@pytest.mark.parametrize("command", ["--version", "--help", "schema", "check net.nn"])
def test_a_stdout_that_takes_nothing(command: str, spec: Path, tmp_path: Path) -> None:
    closed = shell(f"{NNDSL} {command} >&-", tmp_path)
    assert (closed.returncode, closed.stderr) == (2, f"{FULL}bad file descriptor\n")
    assert shell(f"{NNDSL} {command} >&- 2>&-", tmp_path).returncode == 2
    if Path("/dev/full").exists():
        full = shell(f"{NNDSL} {command} >/dev/full", tmp_path)
        assert (full.returncode, full.stderr) == (2, f"{FULL}no space left on device\n")
        assert shell(f"{NNDSL} {command} >/dev/full 2>/dev/full", tmp_path).returncode == 2


@pytest.mark.slow
@posix
def test_a_stdin_that_is_closed(tmp_path: Path) -> None:
    done = shell(f"{NNDSL} check - <&-", tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "error: stdin cannot be read: Bad file descriptor\n",
    )


@pytest.mark.slow
@posix
def test_a_file_does_not_take_the_place_of_a_closed_stream(spec: Path, tmp_path: Path) -> None:
    done = shell(f"{NNDSL} build net.nn -o train.py >&- 2>&-", tmp_path)
    assert done.returncode == 0
    assert Path("train.py").read_text("utf-8") == nndsl.build("net.nn")


@pytest.mark.slow
@posix
def test_a_current_folder_that_is_gone(spec: Path, tmp_path: Path) -> None:
    gone = f"mkdir gone && cd gone && rmdir ../gone && {NNDSL}"
    assert shell(f"{gone} check {spec.absolute()}", tmp_path).returncode == 0
    for command in (f"build {spec.absolute()} -o train.py", "check net.nn", "new net"):
        done = shell(f"{gone} {command}", tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert "internal error" not in done.stderr


INTERRUPTED = """
import signal, sys
class Impatient:
    left = int(sys.argv[1])
    def find_spec(self, *_):
        self.left -= "nndsl.cli" in sys.modules
        if self.left == -1:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Impatient())
from nndsl.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("imports", [0, 1, 2, 5, 10, 20, 50, 100, 150])
def test_an_interrupt_while_modules_are_imported(imports: int, spec: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(imports), "check", str(spec)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr in ("", "interrupted\n")


def test_the_package_itself_imports_nothing() -> None:
    """An interrupt while it does could not be told."""
    program = (
        "import sys; before = set(sys.modules); import nndsl; print(*set(sys.modules) - before)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"nndsl", "__future__"}


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are Unicode")
@pytest.mark.usefixtures("no_figures")
def test_a_page_whose_name_is_no_utf_8(cli: Cli, spec: Path) -> None:
    name = os.fsdecode(b"net\xff.nn")
    spec.rename(name)
    for command in (
        *(["check", name, "--format", form] for form in ("full", "json", "sarif", "junit")),
        ["fmt", name],
        ["summary", name],
        ["build", name, "-o", os.fsdecode(b"train\xff.py")],
        ["run", name, "-o", os.fsdecode(b"run\xff")],
        ["evaluate", name, "--weights", os.fsdecode(b"run\xff")],
    ):
        result = cli(*command)
        assert result.code == 0, (command, result.err)
    assert b"net\xff.nn" in Path(os.fsdecode(b"run\xff"), "command.txt").read_bytes()


@pytest.mark.parametrize("text", ["", "Unable to allocate 7.45 GiB for an array"])
def test_too_little_memory_is_no_fault_of_nndsl(
    text: str, cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*arguments: object) -> None:
        raise MemoryError(text)

    monkeypatch.setattr(check, "check", fill)
    result = cli("check", spec)
    assert result.code == 2
    assert result.err.startswith("error: there is not enough memory")
    assert text in result.err
    assert "bug" not in result.err


@pytest.mark.parametrize("option", ["--trials", "--heartbeat", "--workers"])
@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 5000])
def test_counts_have_an_end(option: str, number: str, cli: Cli, spec: Path) -> None:
    result = cli("search", spec, option, number)
    assert result.code == 2
    assert f"{number}` is not a number from 1 to 999_999_999" in result.err
