"""What a command does when something breaks: a message, an exit code, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

from nndsl.cli import check


def break_down(*arguments: object) -> None:
    raise KeyError("width")


def test_an_internal_error_is_a_message(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "check", break_down)
    result = cli("check", spec)
    assert result.code == 2
    assert result.err == (
        "error: internal error: KeyError: 'width'\n"
        "  = help: this is a bug of nndsl: please report it, with the command and the spec\n"
        "          NNDSL_TRACEBACK=1 in the environment shows where it happened\n"
    )


def test_the_traceback_of_an_internal_error_can_be_seen(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "check", break_down)
    monkeypatch.setenv("NNDSL_TRACEBACK", "1")
    result = cli("check", spec)
    assert result.code == 2
    assert 'in break_down\n    raise KeyError("width")' in result.err


def test_ctrl_c(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "check", interrupt)
    result = cli("check", spec)
    assert (result.code, result.err) == (130, "interrupted\n")


TWICE = """
import io, os, signal, sys
from nndsl.cli import dispatch

class Impatient(io.StringIO):
    def write(self, text):
        os.kill(os.getpid(), signal.SIGINT)
        return super().write(text)

def interrupted(given):
    os.kill(os.getpid(), signal.SIGINT)

sys.stderr = Impatient()
dispatch._dispatch = interrupted
sys.exit(dispatch.main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to a process")
def test_ctrl_c_pressed_twice_is_no_crash() -> None:
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"")


@pytest.mark.slow
def test_a_reader_that_has_seen_enough() -> None:
    command = [sys.executable, "-m", "nndsl", "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize("command", [["check"], ["build", "-o", "x.py"], ["run"], ["summary"]])
def test_files_that_are_no_specs(command: list[str], cli: Cli, spec: Path) -> None:
    Path("binary.nn").write_bytes(b"\xff\xfe\x00")
    result = cli(*command, "binary.nn")
    assert (result.code, result.out) == (2, "")
    assert "error: binary.nn is not UTF-8 text (byte 0)\n" in result.err
    result = cli(*command, "none.nn")
    assert (result.code, result.err) == (2, "error: none.nn does not exist\n")


EDITED = (
    "          a script that you edited is judged by its page: "
    "nndsl gradcheck PAGE.nn --script train.py\n"
)


@pytest.mark.parametrize(
    "command", [["check"], ["gradcheck"], ["run"], ["fmt"], ["diff", "net.nn"]]
)
def test_files_that_are_something_else(command: list[str], cli: Cli, spec: Path) -> None:
    """A script is no page with a hundred errors: what it is, and which page is meant."""
    built = cli("build", "net.nn", "-o", "train.py")
    assert built.code == 0
    result = cli(*command, "train.py")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: train.py is a Python script, and a page is wanted here (.nn or .json)\n"
        "  = help: name net.nn in its place; `python train.py` runs the script\n"
        + EDITED
        * (command == ["gradcheck"])
    )
    for name, kind in [("x.npz", "a file of arrays"), ("x.csv", "a table"), ("x.PNG", "an image")]:
        Path(name).write_bytes(b"1,2\n")
        result = cli(*command, name)
        assert result.code == 2
        assert f"{name} is {kind}, and a page is wanted here" in result.err
        assert "`nndsl list data` shows how" in result.err
    Path("own.py").write_text("print(1)\n")
    assert "name the page that it was built from in its place" in cli(*command, "own.py").err


@pytest.mark.parametrize("command", [["build", "-o", "x.py"], ["run"], ["summary"]])
def test_a_spec_with_errors(command: list[str], cli: Cli, spec: Path) -> None:
    spec.write_text("network { input(4); dnse(3) }")
    before = sorted(Path().iterdir())
    result = cli(*command, spec)
    assert (result.code, result.out) == (1, "")
    assert "error[NN201]" in result.err
    assert result.err.endswith("\n\n1 error; `nndsl check --fix` mends 1\n")
    assert sorted(Path().iterdir()) == before


@pytest.mark.slow
@pytest.mark.parametrize("command", [["summary"], ["build", "-o", "x.py"], ["run", "-o", "r"]])
def test_warnings_are_said_and_explained_elsewhere(
    command: list[str], cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    name, *options = command
    said = "nndsl check "
    assert said not in cli(name, spec, *options).err
    shutil.rmtree("r", ignore_errors=True)
    spec.write_text(spec.read_text().replace("lr=0.01", "lr=0.5"))
    result = cli(name, spec, *options)
    assert result.code == 0
    head, counted = result.err.splitlines()[:2]
    assert re.fullmatch(r"net\.nn:\d+:\d+: warning\[NN442\]: a learning rate of 0\.5 .*", head)
    assert counted == "1 warning: `nndsl check net.nn` says more"
    shutil.rmtree("r", ignore_errors=True)
    spec.write_text(f"let spare = 1\n{spec.read_text()}")
    shown = "--set train.batch=10"
    result = cli(name, spec, "--set", "train.batch=10", *options)
    spare, rate, counted = result.err.splitlines()[:3]
    assert result.code == 0
    assert spare.startswith("net.nn:1:5: warning[NN401]: ")
    assert "NN442" in rate
    assert counted == f"2 warnings: `nndsl check net.nn {shown}` says more"
    shutil.rmtree("r", ignore_errors=True)
    spec.write_text(spec.read_text().replace("spare = 1", "spare = 1  # nndsl: allow NN401"))
    spec.write_text(spec.read_text().replace("lr=0.5", "lr=0.01"))
    assert said not in cli(name, spec, *options).err
