"""Errors from below the command line in Japanese: what is raised, read off the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from catalogues import PROSE, VALUE, require_messages, said_by, standing

import nndsl
from nndsl.languages import translated, translated_check

PACKAGE = Path(nndsl.__file__).parent
TOLD = {  # what a command says, or a report
    *("BlankError", "CellError", "DataError", "DataOutside", "DownloadError", "Endless", "Fault"),
    *("Flood", "Forbidden", "FormError", "HuntError", "Misfit", "ModelError", "NoBrowser"),
    *("NotDifferentiable", "OSError", "OtherExperiment", "PermissionError", "PlanError"),
    *("Refused", "SearchError", "ShapeError", "SharingError", "SourceError", "StorageError"),
    *("SubmissionError", "Unclear", "reject", "warn", "report"),
}
MOST = 40  # sentences of one call that are put together
COMMAND = "pip install "  # to be typed as it is
CHOSEN = {  # with a value that is a word of English, in templates of their own, or without end
    "X1 X1s are no text",
    "X1 holds token X1: the kinds are 0 to",
    "X1 is X1 x X1, and its images are X1 high and X1 wideX1: it fits nowhere",
    "X1.py\n  it fails: X1: X1",
    "`X1` X1, and `X1` X1: `@` needs X1 rows there, not X1",
    "`X1` X1, and `X1` X1: `@` would mix examples",
    "`X1` X1, and `X1` X1: they do not fit together",
    "`X1` has X1 groups, which do not divide the X1 X1",
    "`X1` has a state of X1, and `state` is X1",
    "`X1` holds no folderX1",
    "`X1` is X1 operations in one line of the script, and at ",
    "`X1` is the same for every exampleX1",
    "`X1` makes X1 along an axis, and padding=X1 cuts off X1: nothing is left",
    "`X1` needs a X1 part, and the data holds none back",
    "`X1` takes X1 by position",
    "`X1` takes no argumentX1 by position",
    "`` is X1, and no number to calculate with",
    "a X1 `f` would hide the formula itself",
    "block `X1` takes no argumentX1",
    "has shape X1",
    "has shape X1 X1",
    "in line X1 of `X1` the value of `X1` is missingX1",
    "is empty",
    "is empty X1",
    "the X1 `X1` would hide the `let` of this name",
    "the X1 `X1` would hide the function of this name",
    "the X1 is an array of X1 numbers, and should be one number",
    "the X1 of a batch is one number: a mean over its examples",
    "the kernel of `conv1d` is X1 long, and its signals have X1 stepsX1: it fits nowhere",
    "the network has X1 X1, and X1 is not by name",
}


def test_every_error_is_known(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    said = {*errors()}
    assert len(said) > 700
    asked = {one for one in said - CHOSEN if not one.startswith(COMMAND)}
    lines = {line for one in asked for line in filter(PROSE.search, _lines(one))}
    with said_by(standing("ja"), monkeypatch):
        lacks = {line for line in lines if not _is_known(line)}
    require_messages("ja", lacks, pytestconfig)


def _lines(text: str) -> list[str]:
    return text.strip("; ").split("\n")


def _is_known(line: str) -> bool:
    plain = line.replace("{", "").replace("}", "")  # as f-strings have them
    return any(said(one) != one for said in (translated, translated_check) for one in (line, plain))


def errors() -> Iterator[str]:
    """Yield what is raised below the command line, with a name in the place of each value."""
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "cli":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    yield from _of_function(node)


def _of_function(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the sentences of a function's errors, those that have names before they are raised."""
    known: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            known.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(function):
        called = getattr(node, "func", None)
        if (
            isinstance(node, ast.Call)
            and getattr(called, "id", getattr(called, "attr", "")) in TOLD
        ):
            for given in [*node.args, *(one.value for one in node.keywords if one.arg == "help")]:
                yield from (text for text in _texts(given, known) if PROSE.search(text))


def _name(called: ast.expr) -> str:
    return str(getattr(called, "id", getattr(called, "attr", "")))


def _texts(node: ast.expr, known: dict[str, list[ast.expr]]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            some = [[*_parts(part, known)][:4] or [VALUE] for part in parts]
            yield from ("".join(one) for one, _ in zip(product(*some), range(MOST), strict=False))
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one, known), *_texts(other, known))
        case ast.BoolOp(values=several):
            yield from (text for one in several for text in _texts(one, known))
        case ast.Name(id=name) if name in known:
            others = {key: value for key, value in known.items() if key != name}
            yield from (text for value in known[name] for text in _texts(value, others))


def _parts(part: ast.expr, known: dict[str, list[ast.expr]]) -> Iterator[str]:
    match part:
        case ast.Constant(value=str(text)):
            yield text
        case ast.FormattedValue(value=value):
            yield from _texts(value, known)
