"""A comparison that is killed, wherever it is, and called again ends as if nothing had been."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from comparing import SPEC

from nndsl.experiment import lock
from nndsl.experiment.lock import locked
from nndsl.experiment.pool import threads_each

FOLDER = "kept"  # of the comparison
TIMES = (
    (r'"seconds": [\d.e-]+', '"seconds": 0'),
    (r"\b[\d.]+ (ms|s|min)\b", "0 s"),
    (r'<td class="number">\d+\.\d\d</td>', "<td>0</td>"),
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("no_figures"),
    pytest.mark.skipif(lock.fcntl is None, reason="kill -9 and flock are of POSIX"),
]


@pytest.fixture
def place(tmp_path: Path, no_figures: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a spec, and processes that can be told when to die."""
    (tmp_path / "net.nn").write_text(SPEC)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # workers are copies of the command's process
    (tmp_path / "site").mkdir()
    shutil.copy(Path(__file__).with_name("mortal.py"), tmp_path / "site" / "sitecustomize.py")
    path = os.pathsep.join([str(tmp_path / "site"), os.environ["PYTHONPATH"]])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("FOLDER", FOLDER)
    return tmp_path


def command(place: Path, folder: str = FOLDER, mortal: str = "") -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(
        [sys.executable, "-m", "nndsl", "compare", "net.nn", "-o", folder, "--workers", "2"],
        cwd=place,
        env=os.environ | {"MORTAL": mortal},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate()
    return process.returncode, out, err


def content(folder: Path) -> dict[str, bytes]:
    """Return everything in a folder, without what was measured in seconds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name == lock.FILE:
            continue
        text = path.read_bytes()
        if path.suffix in (".json", ".html"):
            for pattern, replacement in TIMES:
                text = re.sub(pattern, replacement, text.decode()).encode()
        if name == "results.csv":
            text = re.sub(rb",[\d.]+$", b"", text, flags=re.MULTILINE)
        found[name] = text
    return found


@pytest.fixture
def undisturbed(place: Path) -> dict[str, bytes]:
    code, _, err = finish(command(place, "undisturbed"))
    assert code == 0, err
    return content(place / "undisturbed")


def begun(process: subprocess.Popen[str]) -> str:
    """Return the line that says that a first training has ended."""
    assert process.stderr is not None
    return process.stderr.readline()


def workers(process: subprocess.Popen[str]) -> set[str]:
    """Return what is known of the processes that train: how each was begun."""
    return {Path(f"/proc/{pid}/cmdline").read_text().split("\0")[1] for pid in children(process)}


def children(process: subprocess.Popen[str]) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


linux = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="Linux says who is whose child"
)


@linux
@pytest.mark.parametrize(("threads", "begun_as"), [("", "-m"), ("1", "-m"), ("2", "-I")])
def test_workers_are_copies_where_one_thread_is_theirs(
    threads: str, begun_as: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    if threads:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    elif threads_each(2) > 1:
        begun_as = "-I"
    process = command(place)
    begun(process)
    found = workers(process)
    finish(process)
    assert found == {begun_as}


def inodes(folder: Path) -> dict[str, int]:
    """Return the file of each training that has ended: one that is written again is another."""
    return {path.parent.name: path.stat().st_ino for path in folder.glob("*/outcome.json")}


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_killed_command_goes_on(
    threads: str, place: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)  # with two the workers are begun anew
    process = command(place)
    assert re.match(r"\w+ seed \d: epoch 3, ", begun(process))
    process.kill()
    process.communicate()
    ended = inodes(place / FOLDER)
    assert ended
    code, out, err = finish(command(place))
    assert code == 0, err
    assert f"{len(ended)} of 6 trainings were done before\n" in err
    assert err.count(" seed ") == 6 - len(ended)
    assert "is ahead by" in out
    after = inodes(place / FOLDER)
    assert {name: after[name] for name in ended} == ended
    assert content(place / FOLDER) == undisturbed


def test_ctrl_c_ends_it_cleanly(place: Path, undisturbed: dict[str, bytes]) -> None:
    process = command(place)
    begun(process)
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out) == (130, "")
    said = re.search(rf"^interrupted: (\d) of 6 trainings are kept in {FOLDER}; ", err, re.M)
    assert said is not None, err
    assert "Traceback" not in err
    with locked(place / FOLDER, timeout=0):  # no worker is left that would hold it
        assert len(inodes(place / FOLDER)) >= int(said[1]) >= 1
    code, _, err = finish(command(place))
    assert code == 0, err
    assert content(place / FOLDER) == undisturbed


@linux
@pytest.mark.parametrize("threads", ["1", "2"])
def test_sigint_to_the_workers_alone_cuts_no_training(
    threads: str, place: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever it comes, from their first moment to their last."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    process = command(place)
    sent = 0
    while process.poll() is None:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it is over
            for worker in filter(is_at_work, children(process)):
                os.kill(worker, signal.SIGINT)
                sent += 1
    code, _, err = finish(process)
    assert code == 0, err
    assert sent > 6
    assert content(place / FOLDER) == undisturbed


def is_at_work(worker: int) -> bool:
    """Whether a process ignores SIGINT by now: while it begins, it may still end by it."""
    status = Path(f"/proc/{worker}/status").read_text()
    ignored = re.search(r"SigIgn:\t(\w+)", status)
    return ignored is not None and bool(int(ignored[1], 16) & 1 << signal.SIGINT - 1)


@linux
@pytest.mark.parametrize("threads", ["1", "2"])
def test_ctrl_c_that_reaches_everyone_ends_it_as_one_for_the_leader_does(
    threads: str, place: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where it is sent to every process of a console."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    process = command(place)
    begun(process)
    for one in (*children(process), process.pid):
        os.kill(one, signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out) == (130, "")
    assert "Traceback" not in err
    code, _, err = finish(command(place))
    assert code == 0, err
    assert content(place / FOLDER) == undisturbed


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_moments(seed: int, place: Path, undisturbed: dict[str, bytes]) -> None:
    """Several kills in a row, of the leader and of workers, at their files and in their work."""
    chance = random.Random(seed)
    died: list[str] = []
    for number in range(6):
        touches = [  # the first two of these come for sure, while there is work left
            f"leader event {chance.randint(1, 24)}",
            f"worker event {chance.randint(1, 20)}",
        ]
        times = [
            f"leader time {chance.uniform(0.1, 0.6):.3f}",
            f"worker time {chance.uniform(0.02, 0.2):.3f}",
        ]
        mortal = chance.choice(touches if number < 2 else touches + times)
        before = inodes(place / FOLDER)
        code, _, err = finish(command(place, mortal=mortal))
        assert code in (0, 2, -signal.SIGKILL, -signal.SIGPROF), err
        assert "Traceback" not in err
        if code:
            died.append(mortal)
        after = inodes(place / FOLDER)
        assert {name: after.get(name) for name in before} == before, mortal
    code, _, err = finish(command(place))
    assert code == 0, err
    assert len(died) >= 2, died
    assert content(place / FOLDER) == undisturbed
