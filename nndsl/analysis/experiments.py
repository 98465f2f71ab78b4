"""Experiments: compare, search, record, expect and minimize, understood and checked."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from nndsl.analysis.scope import Place
from nndsl.analysis.top import EXPERIMENTS, strangers
from nndsl.syntax.tree import Call, Tree

Reader = Callable[[Call, Place, Tree], Any]


def _reader(name: str) -> Reader:
    """Return the function `read` of the module of this name, which is imported when needed."""

    def read(call: Call, place: Place, tree: Tree) -> Any:
        return import_module(f"nndsl.analysis.{name}").read(call, place, tree)

    return read


READERS: dict[str, Reader] = {name: _reader(name) for name in EXPERIMENTS}


def require(call: Call, place: Place, tree: Tree, *sections: str) -> None:
    """Report the sections that an experiment needs and the spec does not have."""
    there = {statement.name.text for statement in tree.statements}
    for section in sections:
        if section not in there and not strangers(tree):
            place.findings.error(
                "NN204",
                f"`{call.name.text}` needs `{section}`, and the spec has none",
                call.name.span,
            )


def subject(tree: Tree) -> str:
    """Return the section whose settings an experiment varies: training, or a formula's descent."""
    names = {statement.name.text for statement in tree.statements}
    return "minimize" if "minimize" in names and "train" not in names else "train"
