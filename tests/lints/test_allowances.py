"""Warnings can be allowed: on a line, for a run, for a project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import nndsl
from nndsl.lints.rule import example

WRONG = example("dense(50); batch_norm; relu; dense(10)")


def codes(text: str) -> list[tuple[str, str]]:
    return [(d.code, d.span.text) for d in nndsl.check("spec.nn", text=text)]


def with_comment(comment: str) -> str:
    return WRONG.replace("dense(50)", f"dense(50)  {comment}")


@pytest.mark.parametrize(
    "comment",
    [
        "# nndsl: allow NN431",
        "#nndsl:allow NN431",
        "# nndsl: allow NN421, NN431",
        "# nndsl: allow NN431 NN421",
        "# nndsl: allow NN431: the book has one",
        "# nndsl: allow NN431 no matter what",
    ],
)
def test_a_comment_allows_on_its_line(comment: str) -> None:
    assert codes(with_comment(comment)) == []


def test_a_comment_alone_on_a_line_allows_on_the_next() -> None:
    comment = "# nndsl: allow NN431\n  # as in the book\n\n  dense(50)"
    assert codes(WRONG.replace("dense(50)", comment)) == []


def test_a_comment_elsewhere_allows_nothing() -> None:
    text = WRONG.replace("dense(10)", "dense(10)  # nndsl: allow NN431")
    assert [code for code, _ in codes(text)] == ["NN431"]


def test_a_comment_allows_no_other_code() -> None:
    assert [code for code, _ in codes(with_comment("# nndsl: allow NN421"))] == ["NN431"]


@pytest.mark.parametrize(
    ("comment", "place"),
    [
        ("# nndsl: allow NN999", "NN999"),
        ("# nndsl: allow nn431", "nn431"),
        ("# nndsl: allow", "# nndsl: allow"),
        ("# nndsl: alow NN431", "# nndsl: alow NN431"),
        ("# nndsl: ignore NN431", "# nndsl: ignore NN431"),
    ],
)
def test_a_comment_that_allows_nothing_is_reported(comment: str, place: str) -> None:
    assert ("NN402", place) in codes(with_comment(comment))


def test_an_unused_let_can_be_allowed() -> None:
    assert codes(f"let n = 1  # nndsl: allow NN401\n{example('dense(10)')}") == []


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    folder = tmp_path / "specs"
    folder.mkdir()
    path = folder / "spec.nn"
    path.write_text(WRONG, "utf-8")
    return path


def project(spec: Path, text: str) -> list[tuple[str, str]]:
    (spec.parent.parent / "pyproject.toml").write_text(text, "utf-8")
    return [(d.code, d.span.text) for d in nndsl.check(spec)]


def test_a_project_ignores_codes(spec: Path) -> None:
    assert project(spec, '[tool.nndsl]\nignore = ["NN431"]\n') == []


def test_a_nearer_project_without_a_table_has_no_say(spec: Path) -> None:
    (spec.parent / "pyproject.toml").write_text("[tool.other]\n# nndsl\n", "utf-8")
    assert project(spec, '[tool.nndsl]\nignore = ["NN431"]\n') == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[tool.nndsl]\nignore = ["NN999"]\n', "NN999"),
        ("[tool.nndsl]\nignore = 431\n", "ignore"),
        ('[tool.nndsl]\nignor = ["NN431"]\n', "ignor"),
        ("[tool.nndsl]\nexclude = 3\n", "exclude"),
        ("[tool.nndsl]\nbuild = 3\n", "build"),
        ("[tool.nndsl\n", ""),
    ],
)
def test_what_is_wrong_in_a_project_is_reported(spec: Path, text: str, place: str) -> None:
    found = project(spec, text)
    assert ("NN402", place) in found
    assert len(found) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--ignore", "NN431"], 0, "no errors"),
        (["--ignore", "NN431", "--strict"], 0, "no errors"),
        (["--strict"], 1, "NN431"),
        (["--ignore", "NN4xx", "--strict"], 1, "there is no code NN4xx"),
    ],
)
def test_an_option_ignores_a_code(spec: Path, options: list[str], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nndsl", "check", spec, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert said in done.stdout


def test_an_option_that_is_wrong_is_said_once(spec: Path) -> None:
    (spec.parent / "second.nn").write_text(WRONG, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nndsl", "check", spec.parent, "--ignore", "NN4xx"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("there is no code NN4xx") == 1


def test_lints_import_nothing_heavy(spec: Path) -> None:
    code = (
        f"import nndsl, sys; nndsl.check({str(spec)!r}); "
        "print(sorted({'numpy', 'jinja2', 'rich', 'tomllib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_spec_with_errors_is_not_linted() -> None:
    assert [code for code, _ in codes(WRONG.replace("relu", "rellu"))] == ["NN201"]
