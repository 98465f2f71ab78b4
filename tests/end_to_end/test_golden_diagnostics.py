"""Wrong specs, and what is said about them. `pytest --update-golden` writes it anew, to be read.

The name of a spec begins with the code that it is about. What is said stands beside it: as a
person reads it, as a line for each finding, and as other programs read it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nndsl
from nndsl.cli.color import plain
from nndsl.cli.formats import renderer
from nndsl.cli.rendering import in_order
from nndsl.codes import all_codes
from nndsl.diagnostics import Diagnostic

FOLDER = Path(__file__).parents[1] / "golden" / "diagnostics"
FORMS = ("full", "concise", "json")
SPECS = sorted([*FOLDER.glob("*.nn"), *FOLDER.glob("*.json")])


def found_in(spec: Path) -> list[Diagnostic]:
    return in_order(nndsl.check(spec.name), spec.name)


@pytest.fixture(autouse=True)
def _beside_the_specs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_what_is_said(spec: Path, pytestconfig: pytest.Config) -> None:
    found = found_in(spec)
    text = "\n--------\n".join(renderer(form)(found, [spec.name], plain) for form in FORMS) + "\n"
    path = spec.with_suffix(".txt")
    if pytestconfig.getoption("--update-golden"):
        path.write_text(text, "utf-8", newline="\n")
    assert path.read_text("utf-8") == text, "read the difference, then run pytest --update-golden"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_what_is_found(spec: Path) -> None:
    codes = [diagnostic.code for diagnostic in found_in(spec)]
    about = spec.stem.partition("_")[0]
    assert about in codes or (about == "several" and len(codes) > 1)


def test_there_are_many_and_no_other_files() -> None:
    assert len(SPECS) >= 100
    assert {path.stem for path in FOLDER.glob("*.txt")} == {spec.stem for spec in SPECS}


def test_every_format_says_the_same() -> None:
    for spec in SPECS:
        found = found_in(spec)
        lines = renderer("concise")(found, [spec.name], plain).splitlines()[:-1]
        entries = json.loads(renderer("json")(found, [spec.name], plain))
        assert len(lines) == len(entries) == len(found)
        for line, entry in zip(lines, entries, strict=True):
            assert line.startswith(f"{spec.name}:{entry['line']}:{entry['column']}: ")
            assert entry["code"] in line


def test_every_code_has_a_spec() -> None:
    """NN106 is about a megabyte, NN206 about a value from outside; NN227 is found by building."""
    about = {spec.stem.partition("_")[0] for spec in SPECS}
    assert {name for name in all_codes() if name not in about} <= {"NN106", "NN206", "NN227"}
