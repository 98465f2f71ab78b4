"""What commands write through, into and beside: links, pipes, names of modules."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from command_line import Cli

from nndsl import files
from nndsl.files import is_stream

DIGITS = "data = digits(test=0.2)\nnetwork { dense(10) }\n"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and modes of POSIX")


def names(folder: str | Path = ".") -> list[str]:
    """Return the names of what a folder holds."""
    return sorted(path.name for path in Path(folder).iterdir())


def read_pipe(path: Path) -> tuple[threading.Thread, list[bytes]]:
    """Begin to read a new pipe."""
    os.mkfifo(path)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(path.read_bytes()), daemon=True)
    reader.start()
    return reader, found


@POSIX
@pytest.mark.parametrize("command", ["build", "convert"])
def test_a_pipe_is_written_into(cli: Cli, spec: Path, command: str) -> None:
    spec.write_text(DIGITS)
    reader, found = read_pipe(Path("pipe"))
    result = cli(command, spec, "-o", "pipe", *["--to", "json"] * (command == "convert"))
    reader.join(10)
    assert result.code == 0
    text = cli(command, spec, "-o", "-", *["--to", "json"] * (command == "convert")).out
    assert found == [text.encode()]
    assert Path("pipe").is_fifo()
    assert names() == ["net.nn", "pipe"]
    if command == "build":
        assert result.err.startswith("the script reads digits.npz beside itself: copy it from ")
        result = cli("build", spec, "-o", "pipe", "--check")
        assert "--check compares with a file" in result.err


@POSIX
def test_what_the_process_has_open_gets_no_data_beside_it(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /dev/stdout, which a test leaves alone: a program that is wrong would replace it."""
    spec.write_text(DIGITS)
    Path("open").mkdir()
    Path("out").write_text("before\n")
    Path("open/stdout").symlink_to("../out")
    assert is_stream(Path("/dev/stdout"))
    assert is_stream(Path("/dev/fd/1"))
    monkeypatch.setattr(files, "_OPEN", ("open",))
    assert cli("build", spec, "-o", "open/stdout").code == 0
    assert Path("out").read_text().startswith('before\n"""')
    assert Path("open/stdout").is_symlink()
    assert (names(), names("open")) == (["net.nn", "open", "out"], ["stdout"])


@POSIX
@pytest.mark.parametrize("command", ["build", "convert", "fmt"])
def test_a_link_stays_one(cli: Cli, spec: Path, command: str) -> None:
    Path("real").mkdir()
    Path("real/file").write_text("network{input(3);dense(2)}\n")
    link = "link.py" if command == "build" else "link.nn"
    Path(link).symlink_to("real/file")
    arguments = {
        "build": [spec, "--force", "-o", link],
        "convert": [spec, "--to", "json", "-o", link],
        "fmt": [link],
    }[command]
    assert cli(command, *arguments).code == 0
    assert Path(link).readlink() == Path("real/file")
    assert not Path("real/file").read_text().startswith("network{")
    assert names("real") == ["file"]


@POSIX
def test_links_that_lead_nowhere(cli: Cli, spec: Path) -> None:
    Path("new").symlink_to("made.json")
    assert cli("convert", spec, "--to", "json", "-o", "new").code == 0
    assert Path("made.json").is_file()
    Path("loop").symlink_to("loop")
    result = cli("convert", spec, "--to", "json", "-o", "loop")
    assert result.code == 2
    assert "cannot write loop: the link leads to itself" in result.err
    assert Path("loop").is_symlink()


@POSIX
def test_fmt_keeps_what_a_file_is(cli: Cli, spec: Path) -> None:
    spec.write_text("network{input(3);dense(2)}\n")
    spec.chmod(0o640)
    os.link(spec, "other.nn")
    if os.getuid() == 0:
        os.chown(spec, 12345, 54321)
    before = spec.stat()
    assert cli("fmt", spec).code == 0
    after = spec.stat()
    for kept in ("st_mode", "st_uid", "st_gid", "st_nlink", "st_ino"):
        assert getattr(after, kept) == getattr(before, kept), kept
    assert spec.read_text() == Path("other.nn").read_text() != "network{input(3);dense(2)}\n"
    assert names() == ["net.nn", "other.nn"]


@POSIX
@pytest.mark.skipif(sys.platform != "win32" and os.getuid() != 0, reason="needs another owner")
def test_fmt_keeps_the_owner(cli: Cli, spec: Path) -> None:
    spec.write_text("network{input(3);dense(2)}\n")
    os.chown(spec, 12345, 54321)
    assert cli("fmt", spec).code == 0
    assert (spec.stat().st_uid, spec.stat().st_gid) == (12345, 54321)


@pytest.mark.parametrize("command", ["fmt", "build", "convert", "check --fix"])
def test_a_file_that_is_read_only_is_left_alone(cli: Cli, spec: Path, command: str) -> None:
    locked = Path("locked.py" if command == "build" else "locked.nn")
    text = "network{input(3);dense(2);rleu}\n" if "fix" in command else "network{input(3)}\n"
    locked.write_text(text)
    locked.chmod(0o444)
    name, *options = command.split()
    output = {"build": [spec, "--force", "-o"], "convert": [spec, "--to", "nn", "-o"]}.get(name, [])
    result = cli(name, *output, locked, *options)
    assert result.code == 2
    assert f"cannot write {locked}: it is read-only" in result.err
    assert locked.read_text() == text


@pytest.mark.parametrize("command", ["build", "mutate"])
@pytest.mark.parametrize(
    "name", ["numpy.py", "random.py", "Csv.PY", "sitecustomize.py", "math.pyc"]
)
def test_a_script_is_not_called_as_a_module_is(
    cli: Cli, spec: Path, command: str, name: str
) -> None:
    result = cli(command, spec, "-o", name)
    assert result.code == 2
    assert f"{name} has the name of a module" in result.err
    assert names() == ["net.nn"]


@pytest.mark.parametrize("name", ["numpy.py", "t.py", "json.pyc", "x.so", "x.PYD"])
@pytest.mark.parametrize("word", ['text("{}", window=4)', 'csv("{}", target="t")', 'npz("{}")'])
def test_data_that_python_could_import_is_refused(
    cli: Cli, spec: Path, word: str, name: str
) -> None:
    Path("data").mkdir()
    Path("data", name).write_text("a,t\n1,2\n" * 10)
    spec.write_text(f"data = {word.format(f'data/{name}')}\n")
    result = cli("check", spec)
    assert result.code == 1
    assert f"Python could import `data/{name}`" in result.out
    assert result.out.count("^") > 1  # it has a place


@pytest.mark.parametrize(
    ("folder", "inside", "help"),
    [
        ("numpy", "", "give it a name that is no module's"),
        ("JSON", "", "give it a name that is no module's"),
        ("random.d", "", "give it a name that is no module's"),
        ("shapes", "__init__.py", "take `__init__.py` out of it"),
        ("shapes", "fast.SO", "take `fast.SO` out of it"),
    ],
)
def test_a_folder_that_python_could_import_is_refused(
    cli: Cli, spec: Path, folder: str, inside: str, help: str
) -> None:
    for name in ("round", "square"):
        Path(folder, name).mkdir(parents=True)
    if inside:
        Path(folder, inside).touch()
    spec.write_text(f'data = image_folder("{folder}")\n')
    result = cli("check", spec)
    assert result.code == 1
    assert f"Python could import `{folder}`: a script reads its data beside itself" in result.out
    assert help in result.out
    assert result.out.count("^") > 1  # it has a place


def test_a_script_does_not_write_its_weights_over_its_data(cli: Cli, spec: Path) -> None:
    Path("data").mkdir()
    Path("data/train.weights.npz").write_text("a,t\n1,2\n2,3\n3,4\n")
    spec.write_text('data = csv("data/train.weights.npz", target="t")\nnetwork { dense(1) }\n')
    result = cli("build", spec, "-o", "train.py")
    assert result.code == 2
    assert "train.py would write its weights over train.weights.npz" in result.err
    assert not Path("train.py").exists()
