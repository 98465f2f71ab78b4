"""No terminal obeys what a name or a spec says, and programs are given UTF-8 on every system."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import Cli, Result

ESCAPE = "\x1b]0;owned\x07\x9b2J\x7f\u202e"
EVIL = f"e{ESCAPE}l"
HOSTILE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]")
UGLY = f"network{{input(4);dense(2)}}  # \x0b\u2028 {ESCAPE}\n"


@pytest.fixture
def terminal(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return the function that runs a command on a terminal without colours."""
    monkeypatch.setenv("TERM", "dumb")  # neither colours nor bars: what is left is not ours

    def run(*arguments: str | Path) -> Result:
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)
        return cli(*arguments)

    return run


COMMANDS = [
    ["fmt", "ugly.nn", "--diff"],
    ["fmt", f"{EVIL}.nn", "--check"],
    ["fmt", f"{EVIL}.nn"],
    ["fmt", "slip.nn", "--diff"],
    ["check", "slip.nn", "--diff"],
    ["check", "slip.nn", "--fix"],
    ["check", f"{EVIL}.nn", "--format", "json"],
    ["check", f"{EVIL}.nn", "--format", "github"],
    ["check", "slip.nn", f"none{EVIL}.nn"],
    ["build", f"{EVIL}.nn", "-o", f"{EVIL}.py"],
    ["build", f"{EVIL}.nn", "-o", "-"],
    ["summary", f"{EVIL}.nn"],
    ["summary", f"{EVIL}-data.nn"],
    ["show", f"{EVIL}-data.nn", "--stage", "spec"],
    ["convert", "slip.nn", "--to", "json"],
    ["convert", f"{EVIL}.nn", "--to", "json", "-o", f"{EVIL}.json"],
    ["diff", "ugly.nn", f"{EVIL}-data.nn"],
    ["diff", "ugly.nn", f"{EVIL}-data.nn", "--format", "markdown"],
    ["run", "net.nn", "-o", EVIL],
    ["run", f"{EVIL}-data.nn"],
    ["new", EVIL],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command).encode().hex())
def test_control_characters_are_shown_and_not_obeyed(command: list[str], terminal: Cli) -> None:
    Path("ugly.nn").write_text(UGLY, encoding="utf-8")
    Path("slip.nn").write_text(UGLY.replace("dense", "dnse"), encoding="utf-8")
    Path(f"{EVIL}.nn").write_text(UGLY, encoding="utf-8")
    Path(f"{EVIL}.csv").write_text(f"a{ESCAPE},t\n" + "1,x\n2,y\n3,x\n" * 5, encoding="utf-8")
    data = json.dumps(f"{EVIL}.csv")
    Path(f"{EVIL}-data.nn").write_text(
        f'data = csv({data}, target="t")\nnetwork {{ dense(2) }}\n'
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }\n",
        encoding="utf-8",
    )
    result = terminal(*command)
    assert result.out or result.err
    assert not HOSTILE.search(result.out)
    assert not HOSTILE.search(result.err)
    for picture in Path().rglob("*.svg"):
        ElementTree.fromstring(picture.read_text("utf-8"))


@pytest.mark.parametrize("command", [["fmt", "--diff"], ["check", "--diff"]])
def test_patch_is_given_the_difference_as_it_is(command: list[str], cli: Cli, spec: Path) -> None:
    spec.write_text(UGLY.replace("dense", "dnse" * (command[0] == "check") or "dense"), "utf-8")
    said = cli(*command, spec).out
    assert said.count(f"# \x0b\u2028 {ESCAPE}\n") == 2
    assert "No newline" not in said


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16"])
@pytest.mark.parametrize("format", ["json", "gitlab", "junit", "sarif", "github"])
def test_formats_for_programs_are_utf_8(format: str, encoding: str, spec: Path) -> None:
    Path("größe→.nn").write_text("network { input(4); größe→ }\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nndsl", "check", "größe→.nn", "--format", format],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 1, done.stderr
    text = done.stdout.decode("utf-8")
    if format == "junit":
        ElementTree.fromstring(text)
    elif format != "github":
        json.loads(text)
    if format != "sarif":  # which writes addresses
        assert "größe→.nn" in text


NETWORK = """network { input(4); dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }
"""
FORMULA = "minimize { f = x ** 2; start(x=2); optimizer = sgd(lr=0.1); steps = 1 }\n"


@pytest.mark.slow
@pytest.mark.parametrize("page", [NETWORK, FORMULA])
def test_a_trace_in_a_file_is_utf_8(page: str, spec: Path) -> None:
    spec.write_text(page, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nndsl", "trace", spec],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "NNDSL_LANG": "ja"},
    )
    assert "行" in done.stdout.decode("utf-8")
