"""Where a disk takes no more, what was there stays, and what is wrong is said.

A limit on the size of files is the full disk: the system refuses to write beyond it, wherever that
is in a file and whoever writes (numpy, matplotlib, SQLite …), and processes that train have it too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no limit on the size of files", allow_module_level=True)
import resource

MESSY = "network{input(64);" + "dense(2);" * 200 + "rleu}\n"
PAGE = """\
let lr = 0.1
data = spiral(samples=60, validation=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr); epochs = 3 }
compare(seeds=1) { variant one { epochs = 2 }; variant two { epochs = 3 } }
search(trials=2) { lr = log_uniform(0.01, 1) }
"""
FILES = {  # each larger than some limit
    "build net.nn --force -o mine.py": "mine.py",
    "convert net.nn --to json -o mine.json": "mine.json",
    "fmt messy.nn": "messy.nn",
    "check --fix messy.nn": "messy.nn",
}


def start(command: str, folder: Path, limit: int | None) -> subprocess.CompletedProcess[str]:
    def fill() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    return subprocess.run(
        [sys.executable, "-m", "nndsl", *command.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=fill,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # else it keeps half a file
    )


def content(folder: Path) -> dict[str, bytes]:
    """Return every file, hidden ones too, but for those by which commands keep each other away."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "net.nn").write_text(PAGE)
    (tmp_path / "messy.nn").write_text(MESSY)
    (tmp_path / "mine.py").write_text("what was there")
    (tmp_path / "mine.json").write_text("what was there")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("command", FILES)
def test_a_file_is_as_it_was(command: str, place: Path) -> None:
    before = content(place)
    done = start(command, place, limit=500)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: cannot write {FILES[command]}: file too large\n")
    assert content(place) == before
    assert start(command, place, limit=None).returncode in (0, 1)  # the messy page has a finding
    assert content(place)[FILES[command]] != before[FILES[command]]


LIMITS = {"run": (0, 1000, 9000, 20_000), "compare": (1000, 9000), "search": (0, 9000, 20_000)}


# 9000 bytes hold the weights, and no report and no database.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "limit"), [(command, limit) for command in LIMITS for limit in LIMITS[command]]
)
def test_what_has_ended_stays_and_the_rest_goes_on_when_there_is_room(
    command: str, limit: int, place: Path
) -> None:
    before = content(place)
    done = start(f"{command} net.nn -o kept", place, limit)
    after = content(place)
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if "/." in name or name.endswith(".partial")]
    if done.returncode:
        assert done.returncode == 2
        assert "error: " in done.stderr
        assert "cannot write" in done.stderr or "study.db cannot be used" in done.stderr
    else:
        assert limit > 9000
    if command == "run":
        assert ("kept/weights.npz" in after) is (limit >= 9000)
        return
    again = start(f"{command} net.nn -o kept", place, limit=None)
    assert again.returncode == 0, again.stderr
    finished = content(place)
    kept = [name for name in after if name.endswith("outcome.json")]
    assert {name: finished[name] for name in kept} == {name: after[name] for name in kept}
