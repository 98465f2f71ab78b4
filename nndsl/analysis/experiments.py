"""Experiments: compare, search, record, expect and minimize, understood and checked."""

from importlib import import_module
from typing import Any

from nndsl.analysis.scope import Scope
from nndsl.analysis.toplevel import unknown_statements
from nndsl.syntax.ast import Call, Tree


def read(call: Call, scope: Scope, tree: Tree) -> Any:
    """Return what an experiment means, as the module of its name says. AnalysisError."""
    return import_module(f"nndsl.analysis.{call.name.text}").read(call, scope, tree)


def require(call: Call, scope: Scope, tree: Tree, *sections: str) -> None:
    """Report the sections that an experiment needs and the spec does not have."""
    there = {statement.name.text for statement in tree.statements}
    for section in sections:
        if section not in there and not unknown_statements(tree):
            scope.diagnostics.report(
                "NN204",
                f"`{call.name.text}` needs `{section}`, and the spec has none",
                call.name.span,
            )


def subject(tree: Tree) -> str:
    """Return the section whose settings an experiment varies: training, or a formula's descent."""
    names = {statement.name.text for statement in tree.statements}
    return "minimize" if "minimize" in names and "train" not in names else "train"


def descent_names(tree: Tree) -> tuple[str, ...]:
    """Return what is known after a descent: its variables, and f. Without a formula nothing is."""
    if subject(tree) != "minimize":
        return ()
    calls = [s for s in tree.statements if isinstance(s, Call) and s.name.text == "minimize"]
    starts = [
        statement
        for call in calls
        for statement in (call.body.statements if call.body else ())
        if isinstance(statement, Call) and statement.name.text == "start"
    ]
    named = [a.name.text for start in starts for a in start.arguments or () if a.name]
    return (*named, "f")
