"""nndsl check: files, folders, stdin; formats; exit codes; colour."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from command_line import Cli

from nndsl.cli import check
from nndsl.diagnostics import Diagnostic, Severity
from nndsl.source import Source, Span

WRONG = "network {\n  input(3)\n  dnse(2)\n}\n"


def test_a_spec_without_errors(cli: Cli, spec: Path) -> None:
    result = cli("check", spec)
    assert (result.code, result.out, result.err) == (0, "no errors\n", "")


def test_a_spec_with_errors(cli: Cli, spec: Path) -> None:
    spec.write_text(WRONG)
    result = cli("check", spec)
    assert (result.code, result.err) == (1, "")
    assert result.out.startswith("error[NN201]: unknown layer `dnse`\n --> net.nn:3:3\n")
    assert result.out.endswith("\n\n1 error; `nndsl check --fix` mends 1\n")


def test_folders_are_searched_in_order(cli: Cli, spec: Path) -> None:
    for name in ("b/deep/z.nn", "a.nn", "b/y.nn", ".hidden/x.nn", "b/.venv/x.nn", "b/x.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(WRONG)
    result = cli("check", ".", "--format", "concise")
    assert result.code == 1
    files = [line.partition(":")[0] for line in result.out.splitlines()]
    total = "3 errors in 4 specs; `nndsl check --fix` mends 3"
    assert files == ["a.nn", "b/y.nn", "b/deep/z.nn", total]


def test_a_file_that_is_named_twice_is_checked_once(cli: Cli, spec: Path) -> None:
    assert cli("check", spec, spec, "--format", "json").out == "[]\n"
    assert cli("check", spec, spec).out == "no errors\n"


def test_a_folder_without_specs(cli: Cli, spec: Path) -> None:
    Path("empty").mkdir()
    result = cli("check", "empty")
    first, help = result.err.splitlines()
    assert (result.code, first) == (2, "error: the folder empty holds no .nn files of yours")
    assert "what a run keeps" in help


def test_what_cannot_be_read_stops_no_other_file(cli: Cli, spec: Path) -> None:
    result = cli("check", "none.nn", spec)
    assert result.code == 2
    assert result.out == "no errors\n"
    assert result.err == "error: none.nn does not exist\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [(WRONG, 1), ("network { input(3); dense(2) }", 0), ('{"network": []}', 1), ("", 1)],
)
def test_stdin(text: str, code: int, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    result = cli("check", "-")
    assert result.code == code
    assert ("<stdin>" in result.out) == bool(code)


def test_settings_from_outside(cli: Cli, spec: Path) -> None:
    assert cli("check", spec, "--set", "width=3", "--set", "train.epochs=2").code == 0
    result = cli("check", spec, "--set", "width=3 +", "--set", "depth=1")
    assert result.code == 1
    assert " --> --set width=3 +\n  |\n  | 3 +\n  |    ^\n" in result.out
    assert " --> --set depth=1\n  |\n  | depth=1\n  | ^^^^^\n" in result.out
    assert result.out.endswith("2 errors\n")


def test_warnings_fail_where_that_is_asked(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warn(source: Source, *others: object) -> list[Diagnostic]:
        return [Diagnostic("NN401", "m", Span(source, 0, 3), severity=Severity.WARNING)]

    monkeypatch.setattr(check, "check", warn)
    result = cli("check", spec)
    assert result.code == 0
    assert result.out.endswith("\n\n1 warning\n")
    assert cli("check", spec, "--strict").code == 1


def test_the_json_form_goes_to_stdout_alone(cli: Cli, spec: Path) -> None:
    spec.write_text(WRONG)
    result = cli("check", spec, "--format", "json")
    assert (result.code, result.err) == (1, "")
    (found,) = json.loads(result.out)
    assert (found["code"], found["file"], found["line"], found["column"]) == (
        "NN201",
        "net.nn",
        3,
        3,
    )


@pytest.mark.parametrize(
    ("choice", "variables", "is_colored"),
    [
        ("auto", {}, False),  # stdout is no terminal here
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(
    choice: str,
    variables: dict[str, str],
    is_colored: bool,
    cli: Cli,
    spec: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    spec.write_text(WRONG)
    assert ("\x1b[" in cli("check", spec, "--color", choice).out) == is_colored


def test_several_warnings_are_ignored_together(cli: Cli, spec: Path) -> None:
    spec.write_text("network { input(4); dense(90); dense(9); dense(9) }\n", encoding="utf-8")
    assert "NN421" in cli("check", spec).out
    for given in (["--ignore", "NN431,NN421"], ["--ignore", "NN431", "--ignore", "NN421"]):
        assert cli("check", spec, *given).out == "no errors\n"


def test_a_setting_without_its_section_is_named(cli: Cli, spec: Path) -> None:
    said = cli("check", spec, "--set", "epochs=1").out
    assert "  | epochs=1\n  | ^^^^^^\n" in said
    assert "did you mean `train.epochs`?" in said
    assert "did you mean `width`?" in cli("check", spec, "--set", "widht=1").out
    assert "did you mean" not in cli("check", spec, "--set", "xyzzy=1").out
