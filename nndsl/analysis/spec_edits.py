"""Edits in the text of a spec: other values, with its comments and layout as they are."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from nndsl.analysis.compile import analyse
from nndsl.analysis.fixes import before, without
from nndsl.analysis.imports import read_tree
from nndsl.analysis.spec import Spec
from nndsl.analysis.weights_files import copy_name, weights_paths
from nndsl.diagnostics import Diagnostics, Edit
from nndsl.source import Source
from nndsl.syntax.ast import Body, Call, Declaration, Setting, Statement, String, Tree, walk
from nndsl.syntax.printer import print_tree
from nndsl.syntax.value_printer import print_value


def parse(source: Source) -> Tree:
    """Return the tree of a text that is a spec without errors."""
    tree = read_tree(source, Diagnostics())
    assert tree is not None
    return tree


def section(tree: Tree, name: str) -> Call:
    """Return the section of this name, which must be there."""
    found = next(s for s in tree.statements if s.name.text == name)
    assert isinstance(found, Call)
    return found


def set_values(tree: Tree, settings: Mapping[str, str]) -> Iterator[Edit]:
    """Yield the edits that write settings, as `--set` takes them, into the text of a spec."""
    for path, value in settings.items():
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


def move_paths(source: Source, folder: Path) -> str:
    """Return the text of a spec, with its relative paths of data as they lead from `folder`."""
    here, tree = source.folder, parse(source)
    known = {path for spec in _specs(source, tree) for path in _read_paths(spec)}
    edits = []
    for text in _strings(tree.statements):
        if here / text.value in known and not Path(text.value).is_absolute():
            moved = Path(os.path.relpath(here / text.value, folder)).as_posix()
            edits.append(Edit(text.span, _written(moved, text)))
    return apply_edits(source, tree, edits).text


def _read_paths(spec: Spec) -> dict[Path, str]:
    """Return what a spec reads, data and weights, with the names that copies have."""
    here, data = spec.source.folder, spec.data
    paths = [here / path for path in weights_paths(spec.network or ())]
    files = data.files(here).values() if data is not None else ()
    return {path: copy_name(path) for path in paths} | {path: path.name for path in files}


def beside(source: Source, spec: Spec | None) -> Source:
    """Return a spec that reads those of its files that are gone from beside itself."""
    here, tree = source.folder, parse(source)
    copies = _read_paths(spec) if spec is not None else {}
    gone = {
        path: name for path, name in copies.items() if not path.exists() and (here / name).exists()
    }
    strings = [text for text in _strings(tree.statements) if here / text.value in gone]
    edits = [Edit(text.span, _written(gone[here / text.value], text)) for text in strings]
    return apply_edits(source, tree, edits) if edits else source


def _written(value: str, before: String) -> str:
    """Return a text as it is to be written in the place of another one."""
    written = print_value(String(value, before.span))
    if not before.span.source.is_json:
        return written
    is_plain = before.span.text.startswith('"')  # else it stands in a value: "=csv(\\"a.csv\\")"
    return json.dumps(value, ensure_ascii=False) if is_plain else json.dumps(written)[1:-1]


def _strings(*nodes: object) -> list[String]:
    return [node for node in walk(*nodes) if isinstance(node, String)]


def _specs(source: Source, tree: Tree) -> Iterator[Spec]:
    """Yield the spec, those of its variants, and those with the strings that it searches."""
    spec = analyse(source, Diagnostics()).spec
    overrides: list[dict[str, str]] = [{}]
    if spec is not None and (comparing := spec.experiments.get("compare")):
        for variant in comparing.variants:
            overrides.append({name: print_value(value) for name, value in variant.values.items()})
    for section in tree.statements:
        if section.name.text == "search" and isinstance(section, Call) and section.body:
            for statement in section.body.statements:
                name, texts = statement.name.text, _strings(statement)
                overrides += [{name: print_value(text)} for text in texts]
    for settings in overrides:
        found = analyse(source, Diagnostics(), settings, alone=True).spec
        if found is not None:
            yield found


def comment_out(statement: Statement, heading: str) -> Edit:
    """Return the edit that turns a statement into a comment below a heading."""
    text, span = statement.span.source.text, statement.span
    line = text.rfind("\n", 0, span.start) + 1
    if text[line : span.start].strip():  # something else is on its line
        return without(span)
    lines = [f"# {heading}", *(f"# {line}".rstrip() for line in span.text.splitlines())]
    return Edit(span, "\n".join(lines))


def apply_edits(source: Source, tree: Tree, edits: Iterable[Edit]) -> Source:
    """Return a spec after edits; in the canonical layout if it was before."""
    text = source.text
    was_canonical = print_tree(tree) == text
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    edited = Source(source.name, text, source.path)
    return replace(edited, text=print_tree(parse(edited))) if was_canonical else edited
