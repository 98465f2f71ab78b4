"""Specs and their JSON forms, and what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nndsl.analysis.compile import analyse
from nndsl.analysis.imports import read_tree
from nndsl.analysis.json_form import tree_to_json
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.ast import Tree
from nndsl.vocabulary.layer import LayerInstance
from nndsl.vocabulary.own_word import OwnWord

ROOT = Path(__file__).parents[2]
FOLDERS = ("specs", "specs/book", "tests/data/specs")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.nn"))


def specs() -> dict[str, str]:
    """Return the texts of all specs; a file with several `data` is one spec a line."""
    found: dict[str, str] = {}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines() if text.count("\ndata =") > 1 else [text]
        found |= {f"{path.stem}:{number}": line for number, line in enumerate(lines)}
    return found


SPECS = specs()


def read(text: str, name: str = "spec.nn") -> Tree:
    diagnostics = Diagnostics()
    tree = read_tree(Source(name, text), diagnostics)
    assert tree is not None, diagnostics.diagnostics
    return tree


def to_json(tree: Tree) -> dict[str, Any]:
    diagnostics = Diagnostics()
    document = tree_to_json(tree, diagnostics)
    assert not diagnostics.diagnostics
    return document


def write(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def meaning(text: str, name: str) -> tuple[set[tuple[str, str]], object]:
    """Return what is found in a spec, and what it says without the places where it says it."""
    diagnostics = Diagnostics()
    spec = analyse(Source(name, text), diagnostics).spec
    found = {(diagnostic.code, diagnostic.message) for diagnostic in diagnostics.diagnostics}
    return found, spec and said(spec)


def said(spec: Spec) -> object:
    def layers(placed: tuple[LayerInstance, ...]) -> list[object]:
        return [(p.layer.definition or p.layer, layers(p.body)) for p in placed]

    network = spec.network and layers(spec.network)
    train = spec.train and [
        (repr(word), word.lines) if isinstance(word, OwnWord) else word
        for word in (getattr(spec.train, name) for name in type(spec.train).model_fields)
    ]  # each reading makes words of the page anew
    return spec.name, spec.data, network, train, spec.experiments.keys()
