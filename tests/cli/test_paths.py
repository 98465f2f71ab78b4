"""Which specs a folder stands for."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli

from nndsl.cli.paths import find_specs

UGLY = "network{input(4);dense(2)}"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(UGLY, encoding="utf-8")


def found(*paths: str) -> list[str]:
    return [Path(path).as_posix() for path in find_specs(paths)]


def test_what_is_not_of_the_project_is_left_out() -> None:
    put("net.nn", "deep/er/net.nn", ".hidden/net.nn", "node_modules/a/net.nn", "env/lib/net.nn")
    Path("env/pyvenv.cfg").touch()
    assert found(".") == ["net.nn", "deep/er/net.nn"]
    assert found(".hidden", "env/lib/net.nn") == [".hidden/net.nn", "env/lib/net.nn"]


@pytest.mark.slow
def test_archives_of_runs_are_left_as_they_are(cli: Cli, spec: Path) -> None:
    text = spec.read_text("utf-8").replace("epochs    = 3", "epochs = 1")
    spec.write_text(f"{text}compare {{ variant a {{ batch = 5 }} }}\n", encoding="utf-8")
    Path("curve.nn").write_text(
        "minimize { f=x**2; start(x=1); optimizer = sgd(lr=0.1) }", encoding="utf-8"
    )
    for command in (["run", spec, "-o", "kept/a"], ["run", "curve.nn", "-o", "kept/b"]):
        assert cli(*command).code == 0
    assert cli("compare", spec, "-o", "kept/c", "--workers", "1").code == 0
    before = {path: path.read_bytes() for path in Path("kept").rglob("*.nn")}
    assert len(before) >= 4
    assert found(".") == ["curve.nn", "net.nn"]
    assert cli("fmt", ".").code == 0
    assert {path: path.read_bytes() for path in before} == before
    assert found("kept/a/spec.nn") == ["kept/a/spec.nn"]


def test_what_git_ignores_is_left_out() -> None:
    put("net.nn", "a/net.nn", "a/draft.nn", "a/b/draft.nn", "out/net.nn", "a/out/net.nn")
    put("a/b/keep.nn", "a/c/x/net.nn", "top.nn", "a/top.nn")
    Path(".git").mkdir()
    Path(".gitignore").write_text("# a comment\n\nout/\ndraft.*\n/top.nn\na/**/x\n")
    kept = ["net.nn", "a/net.nn", "a/top.nn", "a/b/keep.nn"]
    assert found(".") == kept
    assert found("a") == kept[1:]
    Path("a/b/.gitignore").write_text("!draft.nn\nkeep.nn\n")
    assert found(".") == ["net.nn", "a/net.nn", "a/top.nn", "a/b/draft.nn"]
    assert found("a/c/x") == ["a/c/x/net.nn"]


def test_a_pattern_takes_no_time() -> None:
    name = "a" * 200
    put(f"{name}.nn")
    Path(".gitignore").write_text("*a" * 100 + "b\n" + "**/" * 1000 + "x\n[\n!\n/\n")
    assert found(".") == [f"{name}.nn"]
