"""What a script may do in the process that runs it: the audit hook, asked directly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nndsl.live.script.audit import confined
from nndsl.live.script.confinement import Forbidden

Hook = Callable[[str, tuple[Any, ...]], None]


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hook:
    """Return the hook of a script in the folder `own`, which may read `data.npz` beside it."""
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "secret.npz").touch()
    data = tmp_path / "data.npz"
    data.touch()
    (own / "data.npz").symlink_to(data)
    monkeypatch.chdir(own)
    return confined(lambda **said: None, [own, data], own)


class Liar(str):
    """A path that says it is another one."""

    def __str__(self) -> str:
        return "mine"

    def __getitem__(self, key: Any) -> str:
        return "mine"[key]

    def partition(self, by: str) -> tuple[str, str, str]:
        return "mine", "", ""

    def startswith(self, *by: Any) -> bool:
        return False


SECRET = "../own/mine"


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("os.rename", ("mine", "{}", -1, -1)),
        ("os.rename", ("{}", "mine", -1, -1)),
        ("os.rename", ("data.npz", "mine", -1, -1)),  # a link to what is not its own
        ("os.remove", ("data.npz", -1)),
        ("os.remove", ("{}", 7)),
        ("os.link", ("{}", "mine", -1, -1)),
        ("os.symlink", ("mine", "other", -1)),
        ("os.mkdir", ("{}", 0o777, -1)),
        ("os.chown", ("{}", 0, 0, -1)),
        ("os.utime", ("{}", None, None, -1)),
        ("os.chmod", (5, 0, -1)),  # an open file: its data
        ("open", (SECRET, None, os.O_RDONLY)),  # the event tells no folder that it is based on
        ("open", (SECRET.encode(), None, os.O_RDONLY)),
        ("open", ("{}", "r", os.O_RDONLY)),
        ("open", (os.path.dirname(os.__file__), None, os.O_RDONLY)),  # noqa: PTH120
        ("open", (os.path.realpath(pytest.__file__), "rb", os.O_RDONLY)),  # it could be executed
        ("import", ("json", os.path.realpath(pytest.__file__), None, None, None)),
        ("object.__setattr__", (os.path.realpath, "__code__", None)),
    ],
)
def test_what_is_refused(
    event: str, arguments: tuple[Any, ...], hook: Hook, tmp_path: Path
) -> None:
    with pytest.raises(Forbidden):
        hook(event, tuple(str(tmp_path / "secret.npz") if a == "{}" else a for a in arguments))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("_tkinter", None),  # which can run any program
        ("_posixsubprocess", None),  # of which a new one would not be patched
        ("sqlite3", None),
        ("json", "lib/_tkinter.cpython-311.so"),
    ],
)
def test_what_no_event_would_tell_of_is_not_imported(
    name: str, file: str | None, hook: Hook
) -> None:
    with pytest.raises(ModuleNotFoundError, match="numpy and the standard library"):
        hook("import", (name, file, None, None, None))


def test_a_path_is_its_characters(hook: Hook, tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="it reads"):
        hook("open", (Liar(tmp_path / "secret.npz"), "r", os.O_RDONLY))


def test_what_decides_cannot_be_replaced(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "realpath", lambda path: os.devnull)
    with pytest.raises(Forbidden, match=r"it replaces `os.path.realpath`"):
        hook("os.listdir", (".",))


def test_what_a_script_needs(hook: Hook) -> None:
    hook("open", ("data.npz", "rb", os.O_RDONLY))
    hook("open", ("mine", "w", os.O_WRONLY | os.O_CREAT))
    hook("os.rename", ("mine", "other", -1, -1))
    hook("os.mkdir", ("folder", 0o777, -1))
    hook("os.remove", ("data.npz", 7))  # a name in an open folder, which is its own
    hook("open", (os.__file__, "rb", os.O_RDONLY))
    hook("open", (np.__file__, "rb", os.O_RDONLY))
    hook("import", ("math", None, None, None, None))


HELD = """
import os, sys
from nndsl.live.script.confinement import limit_files

own, other = sys.argv[1:]
held = limit_files([*sys.path, os.path.dirname(os.__file__)], [own])
open(own + "/mine", "w").write("1")
tries = [
    lambda: open(other),
    lambda: open(other, "w"),
    lambda: open(own + "/../new", "w"),
    lambda: os.listdir(os.path.dirname(other)),
    lambda: os.mkfifo(own + "/pipe"),
    lambda: os.execv("/bin/sh", ["sh", "-c", "exit 0"]),
]
for attempt in tries if held else ():
    try:
        attempt()
    except PermissionError:
        print("refused")
print(held)
"""


def test_the_kernel_refuses_what_python_tells_nothing_of(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "secret").write_text("secret")
    code = [sys.executable, "-c", HELD, str(own), str(tmp_path / "secret")]
    *refused, held = subprocess.run(code, capture_output=True, text=True, check=True).stdout.split()
    if held == "False":
        pytest.skip("this system has no Landlock")
    assert refused == ["refused"] * 6
    assert (tmp_path / "secret").read_text() == "secret"
