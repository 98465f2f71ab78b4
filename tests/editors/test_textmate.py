"""The grammar of the extension for VS Code, held to the grammar of the language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nndsl.analysis.toplevel import DECLARATIONS, IMPORT, SECTIONS
from nndsl.source import Source
from nndsl.syntax.scan import scan

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "editors" / "vscode" / "syntaxes" / "nn.tmLanguage.json"
RULES = json.loads(GRAMMAR.read_text(encoding="utf-8"))["repository"]
LITERALS = {
    rule["name"].split(".")[1]: rule["match"]
    for rule in RULES["value"]["patterns"]
    if "name" in rule
}
TOKENS = {"NUMBER": "numeric", "STRING": "quoted", "TRUE": "language", "FALSE": "language"}


def words(pattern: str) -> set[str]:
    """Return the words of the first group of names in a pattern."""
    found = re.search(r"\(([a-z]+(?:\|[a-z]+)*)\)", pattern)
    assert found is not None
    return set(found[1].split("|"))


def test_the_words_that_begin_statements_are_those_of_the_language() -> None:
    declared = set[str]().union(
        *(words(rule["match"]) for rule in RULES["declaration"]["patterns"])
    )
    assert declared == {*DECLARATIONS, IMPORT, "variant", "input", "output"}
    assert words(RULES["section"]["match"]) == set(SECTIONS)


@pytest.mark.parametrize("spec", ["digits.nn", "own_words.nn", "optimizers.nn", "lenet.nn"])
def test_literals_are_those_of_the_language(spec: str) -> None:
    text = (ROOT / "specs" / spec).read_text(encoding="utf-8")
    found = scan(Source(spec, text))
    for kind, name in TOKENS.items():
        ours = {one.span.start: one.text for one in found.lexemes if one.type == kind}
        without = list(text)
        for other in [*found.comments, *(o for o in found.lexemes if o.type == "STRING" != kind)]:
            length = other.span.end - other.span.start
            without[other.span.start : other.span.end] = " " * length
        theirs = {m.start(): m[0] for m in re.finditer(LITERALS[name], "".join(without))}
        assert ours.items() <= theirs.items()
        if kind not in ("TRUE", "FALSE"):
            assert ours == theirs
    comments = {m.start() for m in re.finditer(RULES["comment"]["match"], text)}
    assert {one.span.start for one in found.comments} <= comments


@pytest.mark.parametrize(
    "text", ["20", "1e-4", "100_000", ".5", "1.", "2.5e+3", "1__0", "1_", "2x", "1.2.3", "x2"]
)
def test_a_number_is_one_in_both(text: str) -> None:
    lexemes = scan(Source("", text))
    is_number = [one.type for one in lexemes.lexemes[:-1]] == ["NUMBER"] and not lexemes.faults
    assert bool(re.fullmatch(LITERALS["numeric"], text)) == is_number
