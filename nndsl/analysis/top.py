"""What may stand at the top of a spec, and what of a spec stands there without a meaning."""

from __future__ import annotations

from dataclasses import replace

from nndsl.syntax import ast

EXPERIMENTS = ("compare", "search", "record", "expect", "minimize")
ABOUT_RUNS = ("compare", "search", "expect")  # of them no single training hangs
SECTIONS = ("data", "network", "train", *EXPERIMENTS)
FORMS = {"model": "model NAME", "let": "let NAME = VALUE", "block": "block NAME(…) { … }"}
DECLARATIONS = tuple(FORMS)
TOP_WORDS = frozenset({*SECTIONS, *DECLARATIONS} - {"data"})  # a variant may hold data


def without_experiments(tree: ast.Tree) -> ast.Tree:
    """Return what one training hangs on: the tree without those that speak about trainings."""
    kept = tuple(s for s in tree.statements if s.name.text not in ABOUT_RUNS)
    return replace(tree, statements=kept)


def strangers(tree: ast.Tree) -> list[ast.Statement]:
    """Return the statements at the top that mean nothing: each may be what another one misses."""
    return [statement for statement in tree.statements if not is_known(statement)]


def is_known(statement: ast.Statement) -> bool:
    """Whether a statement has a meaning at the top of a spec, by its name and its form."""
    match statement:
        case ast.Declaration(word=word, value=value, body=body):
            there = {"model": True, "let": value is not None, "block": body is not None}
            return there.get(word.text, False)
        case ast.Setting() | ast.Call():
            return statement.name.text in SECTIONS
        case _:
            return statement.name.text in (*SECTIONS, *DECLARATIONS)
