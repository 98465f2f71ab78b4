"""Specs that a search leaves: one with the best values, and one to search on from there.

They are the text of the spec with other values in their places, so that its comments and its
layout stay.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from nndsl.analysis.compile import analyse, read_tree
from nndsl.analysis.fixes import before, without
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics, Edit
from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Trial
from nndsl.source import Source, Span
from nndsl.syntax.ast import Body, Call, Declaration, Setting, Statement, String, Tree
from nndsl.syntax.printer import print_tree
from nndsl.syntax.spelling import spell


def best_spec(plan: Plan, best: Trial, said: str, folder: Path) -> str:
    """Return the spec with the values of a trial. Its search becomes a comment, headed `said`.

    `folder` is where the text will stand: paths of data lead from there.
    """
    tree = _tree(plan.source)
    edits = [*_values(plan, tree, best.settings), _commented(_section(tree), said)]
    return _moved(_edited(plan.source, tree, edits), folder)


def next_spec(plan: Plan, best: Sequence[Trial], folder: Path) -> str:
    """Return the spec with the values of the best trial, and ranges that just hold all of them."""
    tree = _tree(plan.source)
    edits = [*_values(plan, tree, best[0].settings)]
    body = _section(tree).body
    assert body is not None
    for statement in body.statements:
        name = statement.name.text
        if isinstance(statement, Setting) and name in plan.ranges:
            range_ = plan.ranges[name]
            arguments = range_.narrowed([trial.settings[name] for trial in best])
            narrowed = f"{range_.keyword()}({', '.join(arguments)})"
            edits.append(Edit(statement.value.span, narrowed))
    return _moved(_edited(plan.source, tree, edits), folder)


def _tree(source: Source) -> Tree:
    tree = read_tree(source, Diagnostics())
    assert tree is not None
    return tree


def _section(tree: Tree) -> Call:
    found = next(s for s in tree.statements if s.name.text == "search")
    assert isinstance(found, Call)
    return found


def _values(plan: Plan, tree: Tree, drawn: Mapping[str, str]) -> Iterator[Edit]:
    for path, value in {**plan.settings, **drawn}.items():
        head, _, rest = path.partition(".")
        for statement in tree.statements:
            if statement.name.text != head:
                continue
            if rest and isinstance(statement, Call) and statement.body is not None:
                yield _setting(statement.body, rest, value)
            elif isinstance(statement, Setting | Declaration) and statement.value is not None:
                yield Edit(statement.value.span, value)


def _setting(body: Body, name: str, value: str) -> Edit:
    for statement in body.statements:
        if isinstance(statement, Setting) and statement.name.text == name:
            return Edit(statement.value.span, value)
    return before(body.statements[0].span, f"{name} = {value}")


def _moved(source: Source, folder: Path) -> str:
    """Return a text whose paths of data, which lead from its folder, lead from another one."""
    here, tree = source.folder, _tree(source)
    known = {
        path
        for spec in _specs(source, tree)
        if spec.data
        for path in spec.data.files(here).values()
    }
    edits = []
    for text in _strings(tree.statements):
        if here / text.value in known and not Path(text.value).is_absolute():
            moved = Path(os.path.relpath(here / text.value, folder)).as_posix()
            edits.append(Edit(text.span, spell(String(moved, text.span))))
    return _edited(source, tree, edits).text


def _specs(source: Source, tree: Tree) -> Iterator[Spec]:
    """Yield the spec of a text, those of its variants, and those with a text that it searches."""
    spec = analyse(source, Diagnostics()).spec
    overrides: list[dict[str, str]] = [{}]
    if spec is not None and (comparing := spec.experiments.get("compare")):
        for variant in comparing.variants:
            overrides.append({name: spell(value) for name, value in variant.values.items()})
    for section in tree.statements:
        if section.name.text == "search" and isinstance(section, Call) and section.body:
            for statement in section.body.statements:
                name, texts = statement.name.text, _strings(statement)
                overrides += [{name: spell(text)} for text in texts]
    for settings in overrides:
        found = analyse(source, Diagnostics(), settings, alone=True).spec
        if found is not None:
            yield found


def _strings(node: Any) -> Iterator[String]:
    if isinstance(node, String):
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from _strings(item)
    elif is_dataclass(node) and not isinstance(node, Span):
        for field in fields(node):
            yield from _strings(getattr(node, field.name))


def _commented(statement: Statement, said: str) -> Edit:
    text, span = statement.span.source.text, statement.span
    line = text.rfind("\n", 0, span.start) + 1
    if text[line : span.start].strip():  # something else stands on its line
        return without(span)
    lines = [f"# {said}", *(f"# {line}".rstrip() for line in span.text.splitlines())]
    return Edit(span, "\n".join(lines))


def _edited(source: Source, tree: Tree, edits: Sequence[Edit]) -> Source:
    """Return a text with pieces replaced; laid out anew where it was in the canonical layout."""
    text = source.text
    was_canonical = print_tree(tree) == text
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    edited = Source(source.name, text, source.path)
    return replace(edited, text=print_tree(_tree(edited))) if was_canonical else edited
