"""One command at a time, and no lock without a process that holds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nndsl.experiment import lock
from nndsl.experiment.lock import Busy, locked

pytestmark = pytest.mark.skipif(lock.fcntl is None, reason="the system has no flock")

HOLD = """
import subprocess, sys
from pathlib import Path
from nndsl.experiment.lock import locked
with locked(Path(sys.argv[1])) as held:
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=int(sys.argv[2]), pass_fds=held if sys.argv[3] == "inherits" else (),
    )
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "TIMEOUT", 0)


def is_free(folder: Path) -> bool:
    try:
        with locked(folder):
            return True
    except Busy:
        return False


def test_the_second_is_told_who_was_first(tmp_path: Path) -> None:
    second = locked(tmp_path)
    with locked(tmp_path), pytest.raises(Busy, match="another command is at work in") as caught:
        second.__enter__()
    assert caught.value.process.isdecimal()
    assert is_free(tmp_path)


@pytest.mark.parametrize("inherits", [True, False])
def test_a_killed_process_leaves_no_lock_but_to_its_workers(inherits: bool, tmp_path: Path) -> None:
    read, write = os.pipe()
    leader = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path, str(read), "inherits" if inherits else "not"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(read,),
        text=True,
    )
    os.close(read)
    assert leader.stdin is not None
    assert leader.stdout is not None
    assert leader.stdout.readline() == "held\n"
    assert not is_free(tmp_path)
    leader.kill()
    leader.wait()
    assert is_free(tmp_path) is not inherits
    os.close(write)
    assert leader.stdout.read() == ""  # its child has ended, too
    assert is_free(tmp_path)
    leader.stdin.close()
    leader.stdout.close()
