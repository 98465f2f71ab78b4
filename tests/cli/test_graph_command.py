"""`nndsl graph`: files, streams, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli

FORMULA = "minimize { a = x * y; f = a + x; start(x=2, y=3); optimizer = sgd(lr=1) }"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_writes_a_picture(spec: Path, cli: Cli) -> None:
    result = cli("graph", str(spec), "-o", "net.svg")
    assert (result.code, result.out) == (0, "")
    assert result.err.endswith("wrote net.svg\n")
    assert Path("net.svg").read_text("utf-8").startswith("<svg")


def test_values_are_those_of_settings_from_outside(cli: Cli) -> None:
    Path("f.nn").write_text(FORMULA)
    result = cli("graph", "f.nn", "--values", "--set", "minimize.a=x * y * 10", "-o", "-")
    assert ">62</text>" in result.out


def test_a_picture_for_each_step(cli: Cli) -> None:
    Path("f.nn").write_text(FORMULA)
    result = cli("graph", "f.nn", "--steps", "-o", "f.svg")
    assert result.err == "wrote 6 pictures: f-*.svg\n"
    assert sorted(path.name for path in Path().glob("f-*")) == [f"f-{n}.svg" for n in range(1, 7)]


@pytest.mark.parametrize("form", ["dot", "mermaid"])
def test_other_formats(form: str, spec: Path, cli: Cli) -> None:
    result = cli("graph", str(spec), "--format", form, "-o", "-")
    assert result.code == 0
    assert result.out.startswith({"dot": "digraph", "mermaid": "flowchart TB"}[form])


@pytest.mark.parametrize(
    ("name", "begins"), [("n.dot", "digraph"), ("n.mmd", "flowchart"), ("n", "<svg")]
)
def test_the_end_of_a_name_says_the_format(name: str, begins: str, spec: Path, cli: Cli) -> None:
    assert cli("graph", str(spec), "-o", name).code == 0
    assert Path(name).read_text("utf-8").startswith(begins)


@pytest.mark.parametrize("command", [["graph"], ["picture", "boundary"]])
def test_a_picture_of_another_kind_is_refused(command: list[str], spec: Path, cli: Cli) -> None:
    result = cli(*command, str(spec), "-o", "net.PNG")
    assert (result.code, result.out, Path("net.PNG").exists()) == (2, "", False)
    assert "what is drawn is SVG" in result.err
    assert "name net.svg" in result.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "-", "--steps"], "--steps writes several files"),
        (["-o", "missing/net.svg"], "there is no folder missing"),
        (["-o", "f.nn"], "f.nn is the spec itself"),
        (["-o", "net.svg", "--format", "png"], "invalid choice"),
        ([], "required: -o"),
    ],
)
def test_what_cannot_be_done_is_said(options: list[str], said: str, cli: Cli) -> None:
    Path("f.nn").write_text(FORMULA)
    result = cli("graph", "f.nn", *options)
    assert result.code == 2
    assert said in result.err


def test_a_network_without_training_has_no_gradients(cli: Cli) -> None:
    Path("net.nn").write_text("network { input(2); dense(1) }")
    result = cli("graph", "net.nn", "--values", "-o", "net.svg")
    assert result.code == 1
    assert "no train section" in result.err
    assert not Path("net.svg").exists()


def test_a_part_to_open_has_to_be_there(spec: Path, cli: Cli) -> None:
    result = cli("graph", str(spec), "--expand", "hiden", "-o", "net.svg")
    assert result.code == 2
    assert "nothing that is folded is called `hiden`" in result.err
    assert not Path("net.svg").exists()
