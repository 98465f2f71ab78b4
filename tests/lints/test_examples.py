"""Every lint says why, and its examples do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

import nndsl
from nndsl.codes import Code
from nndsl.diagnostics import Severity
from nndsl.lints.table import LINTS

ENTRIES = [lint.entry() for lint in LINTS.values()]
FOLDER = Path(__file__).parents[2] / "specs"  # of those in zoo/, test_zoo.py
SPECS = sorted([*FOLDER.glob("*.nn"), *FOLDER.glob("book/*.nn")])


def check(code: Code, text: str, folder: Path) -> list[nndsl.Diagnostic]:
    for name, content in code.files.items():
        (folder / name).write_text(content, "utf-8")
    (folder / "example.nn").write_text(text, "utf-8")
    return nndsl.check(folder / "example.nn")


@pytest.mark.parametrize("code", ENTRIES, ids=lambda code: code.name)
def test_an_entry_says_why_and_where_from(code: Code) -> None:
    assert code.title[0].islower()
    assert all(text.endswith(".") or text.endswith("?") for text in (code.what, code.why))
    assert code.source


@pytest.mark.parametrize("code", ENTRIES, ids=lambda code: code.name)
def test_the_wrong_example_gives_this_finding_alone(code: Code, tmp_path: Path) -> None:
    (found,) = check(code, code.wrong, tmp_path)
    assert (found.code, found.severity) == (code.name, Severity.WARNING)
    assert found.help or code.name == "NN401"
    assert found.span.text.strip()
    assert "\n" not in found.span.text


@pytest.mark.parametrize("code", ENTRIES, ids=lambda code: code.name)
def test_the_right_example_gives_none(code: Code, tmp_path: Path) -> None:
    assert check(code, code.right, tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_every_spec_is_clean(spec: Path) -> None:
    assert nndsl.check(spec) == []
