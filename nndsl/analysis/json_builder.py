"""From the JSON form to the tree. Every node knows its place in the JSON text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nndsl.analysis.experiments import subject
from nndsl.analysis.json_form import (
    DATA,
    INSTRUMENT,
    LAYER,
    NAME,
    RANGE,
    RESERVED,
    block_parameters,
    find_word,
    is_text,
    let_names,
    section_slots,
    variant_slot,
)
from nndsl.analysis.scope import Unusable
from nndsl.analysis.slots import Slot, slots
from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Findings
from nndsl.source import Source, Span
from nndsl.syntax.formula import parse_formula
from nndsl.syntax.json_reader import JsonArray, JsonNull, JsonObject, JsonValue
from nndsl.syntax.tree import (
    Argument,
    Body,
    Boolean,
    Call,
    Comparison,
    Declaration,
    Name,
    Number,
    Reference,
    Sequence,
    Setting,
    Statement,
    String,
    Tree,
    Value,
)

OPERATORS = ("<=", ">=", "==", "!=", "<", ">")


def json_to_tree(document: JsonValue, source: Source, findings: Findings) -> Tree | None:
    """Return the tree of a JSON form, or None where it is not one; all is reported."""
    try:
        statements = _Builder(findings).document(document)
    except Unusable:
        return None
    return None if findings.failed else Tree(source, statements)


class _Builder:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._names: frozenset[str] = frozenset()
        self._blocks: Mapping[str, Mapping[str, bool]] = {}
        self._subject = "train"

    def document(self, document: JsonValue) -> tuple[Statement, ...]:
        members = self._object(document, "a spec")
        first: list[Statement] = []  # names are needed to tell what the rest means
        for key, value in members:
            if key.value in ("let", "blocks"):
                first += self._attempt(lambda key=key, value=value: self._declare(key, value))
        heads = Tree(Source("", ""), tuple(first))
        self._lets = self._names = let_names(heads)
        self._blocks = block_parameters(heads)
        ...
