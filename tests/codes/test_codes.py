"""The catalogue holds every code that is used, and its examples do what they say."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import nndsl
from nndsl.codes import GROUPS, Code
from nndsl.lints.rule import Lint
from nndsl.lints.table import FILES, all_codes

PACKAGE = Path(nndsl.__file__).parent
CODES = list(all_codes().values())


def used_codes() -> set[str]:
    modules = [path for path in PACKAGE.rglob("*.py") if "codes" not in path.parts]
    return {
        code for path in modules for code in re.findall(r'"(NN\d{3})"', path.read_text("utf-8"))
    }


def found(code: Code, text: str, folder: Path) -> list[str]:
    """Return the codes that checking finds in an example, or building where checking finds none."""
    for name, content in code.files.items():
        (folder / name).write_text(content, encoding="utf-8")
    path = folder / ("example.json" if text.startswith(("{", "[")) else "example.nn")
    path.write_text(text, encoding="utf-8", newline="")
    diagnostics = nndsl.check(path, set=code.settings)
    if not diagnostics:
        try:
            nndsl.build(path, set=code.settings)
        except nndsl.SpecError as error:
            diagnostics = error.diagnostics
    return [diagnostic.code for diagnostic in diagnostics]


def test_every_code_that_is_used_is_explained() -> None:
    assert used_codes() == set(all_codes())


def test_a_code_has_one_entry() -> None:
    entries = [code for group in GROUPS for code in import_module(f"nndsl.codes.{group}").CODES]
    lints = [one for file in FILES for one in vars(file).values() if isinstance(one, Lint)]
    assert len(entries) + len(lints) == len(all_codes())


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_the_wrong_example_gives_this_finding_and_no_other(code: Code, tmp_path: Path) -> None:
    assert set(found(code, code.wrong, tmp_path)) == {code.name}


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_the_right_example_gives_none(code: Code, tmp_path: Path) -> None:
    assert found(code, code.right, tmp_path) == []


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_entries_are_sentences(code: Code) -> None:
    assert re.fullmatch(r"NN\d{3}", code.name)
    assert code.title
    assert code.title[-1] not in ".!"
    for text in (code.what, code.why):
        assert text.strip().endswith((".", "!", "…"))
    assert code.wrong != code.right
