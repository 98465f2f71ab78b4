"""Nothing is half written: whatever is killed, and where the power goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nndsl import files
from nndsl.experiment.worker import run_job
from nndsl.files import remove_temporaries, write_bytes, write_text
from nndsl.source import Source

SPEC = """\
data = spiral(samples=60, validation=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 3 }
"""
FILL = """
import os, signal, sys
from pathlib import Path
from nndsl import files
os.O_TMPFILE if sys.argv[2] == "nameless" else vars(os).pop("O_TMPFILE", None)
def fill(file):
    file.write(b"half of it")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
files.write_bytes(Path(sys.argv[1]), fill)
"""


class Disk:
    """What would be there after a power cut: names and contents when they were last synchronised.

    What was not may be there as well, or not: nothing may hang on it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.contents: dict[int, bytes] = {}
        self.folders: dict[Path, dict[str, int]] = {}
        self.cuts: list[dict[str, bytes]] = []  # what there would be after each call
        self._sync = os.fsync
        monkeypatch.setattr(os, "fsync", self.fsync)

    def fsync(self, handle: int) -> None:
        self._sync(handle)
        path = Path(f"/proc/self/fd/{handle}")
        if path.is_dir():
            folder = path.resolve()
            self.folders[folder] = {p.name: p.lstat().st_ino for p in folder.iterdir()}
        else:
            self.contents[os.fstat(handle).st_ino] = path.read_bytes()
        self.cuts.append(self.after())

    def after(self, folder: Path | None = None) -> dict[str, bytes]:
        """Return the content of each file by its path, from the root of what is known."""
        return {
            str(place / name): self.contents.get(inode, b"")
            for place, names in self.folders.items()
            if all(
                child.name in self.folders.get(child.parent, {})
                for child in (place, *place.parents)
                if child.parent in self.folders
            )
            for name, inode in names.items()
            if folder is None or place == folder
        }


linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc shows what is open")


@linux
def test_an_outcome_on_the_disk_has_all_that_it_is_about(
    no_figures: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At no moment of a run does a power cut leave the one without the others."""
    disk = Disk(monkeypatch)
    files.sync_folder(tmp_path)
    folder = tmp_path.resolve() / "compared" / "plain-seed0"
    job = {"kind": "run", "settings": {}, "folder": str(folder), "digest": "0123"}
    end = run_job(Source("net.nn", SPEC), job, lambda row: True, optimize=False)
    assert "problem" not in end
    there = {str(path): path.read_bytes() for path in folder.iterdir()}
    assert disk.after(folder) == there
    assert str(folder / "weights.npz") in there
    outcome = str(folder / "outcome.json")
    seen = [cut for cut in disk.cuts if outcome in cut]
    assert seen
    assert len(seen) < len(disk.cuts)
    for cut in seen:
        assert {name: cut.get(name) for name in there} == there


@linux
def test_a_file_that_is_replaced_is_the_old_one_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path.resolve() / "net.nn"
    disk = Disk(monkeypatch)
    write_text(path, "old")
    before = len(disk.cuts)
    write_text(path, "new")
    found = [cut[str(path)] for cut in disk.cuts[before:]]
    assert set(found) == {b"old", b"new"}
    assert found[-1] == b"new"


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system names every file at once")
def test_a_killed_process_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "net.nn").write_text("old")
    command = [sys.executable, "-c", FILL, str(tmp_path / "net.nn"), "nameless"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir()] == ["net.nn"]
    assert (tmp_path / "net.nn").read_text() == "old"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has another way to kill")
def test_what_a_killed_process_leaves_elsewhere_is_removed(tmp_path: Path) -> None:
    """As where no file can be without a name."""
    (tmp_path / "net.nn").write_text("old")
    (tmp_path / ".lock").write_text("")
    command = [sys.executable, "-c", FILL, str(tmp_path / "net.nn"), "named"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 3
    remove_temporaries(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"net.nn", ".lock"}


IN_A_FOLDER = """
import sys
from pathlib import Path
from nndsl.files import unfinished_folder
with unfinished_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("half of it")
    print(folder.name, flush=True)
    input()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no such locks")
def test_a_folder_of_a_killed_process_is_removed_and_no_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", IN_A_FOLDER, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen(command, text=True, **pipes) as killed,
        subprocess.Popen(command, text=True, **pipes) as at_work,
    ):
        dead, alive = ((one.stdout or sys.stdin).readline().strip() for one in (killed, at_work))
        (tmp_path / "mine").mkdir()
        (tmp_path / f"{dead[:-8]}elsewhere").symlink_to(tmp_path / "mine")
        mine = {"mine", f"{dead[:-8]}elsewhere"}
        killed.kill()
        killed.wait()
        assert {path.name for path in tmp_path.iterdir()} == {dead, alive, *mine}
        with files.unfinished_folder(tmp_path) as folder:
            assert {path.name for path in tmp_path.iterdir()} == {folder.name, alive, *mine}
        at_work.communicate("\n")
    assert {path.name for path in tmp_path.iterdir()} == mine


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with a name")
def test_a_pipe_with_the_name_of_such_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    with files.unfinished_folder(tmp_path) as folder:
        name = f"{folder.name[:-8]}pipe"
    os.mkfifo(tmp_path / name)
    command = [sys.executable, "-c", IN_A_FOLDER, str(tmp_path)]
    subprocess.run(command, input=b"\n", check=True, timeout=60)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_such_a_folder_of_another_machine_or_user_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process may live, though its lock is not seen here."""
    with files.unfinished_folder(tmp_path) as folder:
        name = folder.name
    there = os.uname()
    (tmp_path / name).mkdir()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "elsewhere", *there[2:])))
    with files.unfinished_folder(tmp_path):
        assert (tmp_path / name).exists()
    monkeypatch.setattr(os, "uname", lambda: there)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with files.unfinished_folder(tmp_path):
        assert (tmp_path / name).exists()
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with files.unfinished_folder(tmp_path):
        assert not (tmp_path / name).exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it says when it was started")
def test_such_a_folder_of_before_a_restart_is_removed(tmp_path: Path) -> None:
    """And not one that another machine of this name, started at another time, may be filling."""
    with files.unfinished_folder(tmp_path) as folder:
        machine = folder.name.rsplit("-", 2)[0]
    before, elsewhere = (tmp_path / f"{machine}-{'0' * 12}-{at}" for at in ("before", "elsewhere"))
    for left in (before, elsewhere):
        (left / "labs").mkdir(parents=True)
    os.utime(before, (1_000_000_000,) * 2)
    with files.unfinished_folder(tmp_path) as folder:
        assert {*tmp_path.iterdir()} == {folder, elsewhere}


@pytest.mark.parametrize("nameless", [True, False])
def test_a_failure_leaves_nothing_behind(
    nameless: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not nameless:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)

    def fail(file: object) -> None:
        assert nameless is not any(tmp_path.iterdir())
        raise KeyboardInterrupt

    if nameless and not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system names every file at once")
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "net.nn", fail)
    assert not any(tmp_path.iterdir())


def test_a_file_has_the_permissions_of_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_text(tmp_path / "ours", json.dumps({}))
    with tempfile.TemporaryDirectory() as other:
        write_text(Path(other, "there"), "")
        modes = {path.stat().st_mode for path in (*tmp_path.iterdir(), Path(other, "there"))}
    assert len(modes) == 1
