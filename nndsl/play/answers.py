"""What the page asks of the compiler. Each answer is made of a text alone, and is plain data.

The server and the browser, where there is no server, call the same functions. None needs numpy.
Places are offsets in UTF-16 units, as JavaScript counts them; lines count from 1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from nndsl.analysis.compile import Checked, analyse
from nndsl.analysis.imports import read_tree
from nndsl.analysis.node import size
from nndsl.diagnostics import Applicability, Diagnostic, Diagnostics, Fix, SpecError
from nndsl.diagram.network import network_diagram
from nndsl.diagram.picture import Picture
from nndsl.emit.build import build_descent, build_program, build_script
from nndsl.lints import check as check_source
from nndsl.lints.context import LintContext
from nndsl.lints.table import all_codes
from nndsl.program.program import Program
from nndsl.report.network import layer_rows, part_sizes, sizes
from nndsl.shapes import show_shape
from nndsl.source import Source, Span
from nndsl.syntax.printer import print_tree

Answer = dict[str, Any]


def answer(method: str, request: Mapping[str, Any], folder: Path | None = None) -> Answer:
    """Return the answer to a question about the page `text` that is called `name`.

    `folder` is where the page lies, from where its paths lead. Where the page has errors, the
    answer is {"failed": true}: `check` says which.
    """
    name, text = str(request.get("name") or "page.nn"), str(request.get("text", ""))
    source = Source(name, text.replace("\r\n", "\n"), folder / name if folder else None)
    try:
        return METHODS[method](source, request)
    except SpecError:
        return {"failed": True}


def answer_json(method: str, request: str) -> str:
    """Return `answer` for a request that is JSON, as JSON."""
    return json.dumps(answer(method, json.loads(request)), ensure_ascii=False)


def _check(source: Source, request: Mapping[str, Any]) -> Answer:
    return {"findings": [_finding(d, source) for d in check_source(source, {})]}


def _finding(diagnostic: Diagnostic, page: Source) -> Answer:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span, page),
        "help": diagnostic.help,
        "labels": [{"message": one.message, **_place(one.span, page)} for one in diagnostic.labels],
        "fixes": [_fix(one, page) for one in diagnostic.fixes],
    }


def _fix(fix: Fix, page: Source) -> Answer:
    return {
        "message": fix.message,
        "safe": fix.applicability is Applicability.SAFE,
        "edits": [{**_place(edit.span, page), "text": edit.text} for edit in fix.edits],
    }


def _place(span: Span, page: Source) -> Answer:
    """Return where a span is; what lies in another file has its name, and no offsets."""
    if span.source.name != page.name:
        return {"file": span.source.name, "line": span.line}
    start, end = (_utf16(page.text[:offset]) for offset in (span.start, span.end))
    return {"line": span.line, "from": start, "to": end}


def _utf16(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _compiled(source: Source) -> tuple[Checked, Diagnostics]:
    diagnostics = Diagnostics()
    return analyse(source, diagnostics), diagnostics


def _script(source: Source, request: Mapping[str, Any]) -> Answer:
    style = str(request.get("style") or "flat")
    optimized = style == "optimized"
    script = build_script(
        *_compiled(source), optimized=optimized, style="flat" if optimized else style
    )
    lines = [
        [line for span in (one.span, *one.uses) if (line := _line(span, source))] if one else []
        for one in script.origins
    ]
    return {"script": script.text, "lines": lines}


def _graph(source: Source, request: Mapping[str, Any]) -> Answer:
    checked, diagnostics = _compiled(source)
    descent = build_descent(checked, diagnostics)
    if descent is not None:
        from nndsl.diagram.formula import formula_diagram

        return {"svg": Picture(formula_diagram(descent, values=True)).svg}
    program = build_program(checked, diagnostics)
    return {"svg": Picture(network_diagram(program, expand=bool(request.get("expand")))).svg}


def _summary(source: Source, request: Mapping[str, Any]) -> Answer:
    """The layers as a table, with the line of each, and what is known of each line."""
    checked, diagnostics = _compiled(source)
    if build_descent(checked, diagnostics) is not None:
        return {"head": [], "rows": [], "sizes": [], "layers": []}
    program = build_program(checked, diagnostics)
    head, rows = layer_rows(program)
    own = len(rows) - len(program.graph.nodes)  # rows of inputs that no layer declares
    lines = [0] * own + [_line(node.origin.span, source) for node in program.graph.nodes]
    layers = [*_layers(program, checked, source)]
    return {
        "head": head,
        "rows": [{"cells": row, "line": line} for row, line in zip(rows, lines, strict=True)],
        "sizes": [("examples", part_sizes(program.spec)), *sizes(program)],
        "layers": layers,
    }


def _layers(program: Program, checked: Checked, source: Source) -> Iterator[Answer]:
    """Yield what a reader wants to know of the line of each layer."""
    assert checked.spec is not None
    assert checked.graph is not None
    prediction = LintContext(checked.spec, checked.graph).prediction
    stages = prediction.hidden if prediction is not None else ()
    strength = {id(stage.activation): stage.std for stage in stages if isfinite(stage.std)}
    boxes = {box.key: box for box in network_diagram(program, expand=True).nodes}
    for node in checked.graph.nodes:
        name = program.value_names[id(node.output)]
        box = boxes.get(name)
        yield {
            "line": _line(node.origin.span, source),
            "name": name,
            "takes": [show_shape(value.shape) for value in node.inputs],
            "gives": show_shape(node.output.shape),
            "parameters": sum(size(one.shape) for one in node.parameters.values()),
            "equations": box.lines if box is not None and not node.layer.passes_on else [],
            "strength": strength.get(id(node)),
        }


def _line(span: Span, page: Source) -> int:
    """Return the line of the page that a span is in; 0 where it is in another file."""
    return span.line if span.source.name == page.name else 0


def _explain(source: Source, request: Mapping[str, Any]) -> Answer:
    code = all_codes().get(str(request.get("code")))
    if code is None:
        return {"failed": True}
    return {
        "title": f"{code.name}: {code.title}",
        "paragraphs": [part for part in (code.what, code.why, code.source) if part],
        "wrong": code.wrong,
        "right": code.right,
    }


def _format(source: Source, request: Mapping[str, Any]) -> Answer:
    diagnostics = Diagnostics()
    tree = read_tree(source, diagnostics)
    is_whole = tree is not None and not diagnostics.diagnostics and not source.is_json
    return {"text": print_tree(tree)} if tree is not None and is_whole else {"failed": True}


METHODS: dict[str, Callable[[Source, Mapping[str, Any]], Answer]] = {
    "check": _check,
    "script": _script,
    "graph": _graph,
    "summary": _summary,
    "explain": _explain,
    "format": _format,
}
