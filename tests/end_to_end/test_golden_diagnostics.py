"""Wrong specs, and what is said about them. `pytest --update-golden` writes it anew, to be read.

The name of a spec begins with the code that it is about. What is said stands beside it as a
person reads it, with what each fix would write. A few specs, of all kinds, show the other formats.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest

import nndsl
from nndsl.cli.color import plain
from nndsl.cli.formats import renderer
from nndsl.cli.rendering import in_order
from nndsl.diagnostics import Diagnostic
from nndsl.lints.autofix import edited
from nndsl.lints.table import all_codes

FOLDER = Path(__file__).parents[1] / "golden" / "diagnostics"
OTHER_FORMS = ("concise", "json")
IN_ALL_FORMS = {
    "NN102_missing_closing_brace",  # a finding of several lines
    "NN110_comma_missing",  # in a spec in JSON
    "NN201_initials",  # a fix that may be wrong
    "NN306_targets_above_1",  # a warning, with labels
    "NN442_beside_errors",  # errors, and a warning with a safe fix
    "several_five_errors",
}
SPECS = sorted([*FOLDER.glob("*.nn"), *FOLDER.glob("*.json")])


def found_in(spec: Path) -> list[Diagnostic]:
    return in_order(nndsl.check(spec.name), spec.name)


def fixes_of(found: list[Diagnostic]) -> Iterator[str]:
    """Yield each fix: whether it is safe, what it says, and the lines that it changes."""
    for fix in (fix for diagnostic in found for fix in diagnostic.fixes):
        before = fix.edits[0].span.source.text
        after = edited(before, fix.edits)
        changed = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        lines = [line for line in [*changed][2:] if not line.startswith("@@")]
        yield "\n".join([f"fix ({fix.applicability}): {fix.message}", *lines])


@pytest.fixture(autouse=True)
def _beside_the_specs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_what_is_said(spec: Path, pytestconfig: pytest.Config) -> None:
    found = found_in(spec)
    forms = ("full", *OTHER_FORMS) if spec.stem in IN_ALL_FORMS else ("full",)
    parts = [renderer(form)(found, [spec.name], plain) for form in forms]
    parts[1:1] = fixes_of(found)
    text = "\n--------\n".join(parts) + "\n"
    path = spec.with_suffix(".txt")
    if pytestconfig.getoption("--update-golden"):
        path.write_text(text, "utf-8", newline="\n")
    assert path.read_text("utf-8") == text, "read the difference, then run pytest --update-golden"


@pytest.mark.slow
def test_a_spec_is_about_what_its_name_says() -> None:
    codes = {spec.stem: [diagnostic.code for diagnostic in found_in(spec)] for spec in SPECS}
    astray = [
        name
        for name, found in codes.items()
        if name.partition("_")[0] not in (found if len(found) < 2 else [*found, "several"])
    ]
    assert not astray


def test_there_are_many_and_no_other_files() -> None:
    assert {spec.stem for spec in SPECS} >= IN_ALL_FORMS
    assert len(SPECS) >= 100
    assert {path.stem for path in FOLDER.glob("*.txt")} == {spec.stem for spec in SPECS}


@pytest.mark.slow
def test_every_format_says_the_same() -> None:
    for spec in SPECS:
        found = found_in(spec)
        full, concise, entries = (
            renderer(form)(found, [spec.name], plain) for form in ("full", *OTHER_FORMS)
        )
        lines = concise.splitlines()[:-1]
        for line, entry in zip(lines, json.loads(entries), strict=True):
            place = f"{entry['file']}:{entry['line']}:{entry['column']}"
            said = f"{entry['severity']}[{entry['code']}]: {entry['message']}"
            assert line == f"{place}: {said}"
            assert f"{said}\n" in full
            assert f" {place}\n" in full


def test_every_code_has_a_spec() -> None:
    """NN106 is about a megabyte, NN206 about a value from outside; NN227 is found by building."""
    about = {spec.stem.partition("_")[0] for spec in SPECS}
    assert {name for name in all_codes() if name not in about} <= {"NN106", "NN206", "NN227"}
