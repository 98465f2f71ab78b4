"""What the page asks of the compiler. Each answer is made of a text alone, and is plain data.

The server and the browser, where there is no server, call the same functions. None needs numpy.
Places are offsets in UTF-16 units, as JavaScript counts them; lines count from 1.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

from nndsl.analysis.node import size
from nndsl.assistance.completion import completions
from nndsl.assistance.hover import hover
from nndsl.assistance.page import Page
from nndsl.assistance.shapes import shapes_of_lines
from nndsl.confined.folder import Refused
from nndsl.diagnostics import Applicability, Diagnostic, Fix, SpecError
from nndsl.diagram.network import network_diagram
from nndsl.diagram.picture import Picture
from nndsl.emit.build import build_descent, build_program, build_script
from nndsl.emit.spec_diff import spec_diff
from nndsl.languages import ENGLISH, LANGUAGES, in_language, translated
from nndsl.lints.context import LintContext
from nndsl.lints.table import all_codes
from nndsl.program.program import Program
from nndsl.program.style import FLAT
from nndsl.report.network import examples, layer_rows, sizes
from nndsl.shapes import show_shape
from nndsl.source import Source, Span

CHECK = "check"
OPTIMIZED = "optimized"  # beside the styles
MAX_LAYERS = 500  # whose script and graph are made while one writes
Answer = dict[str, Any]


def answer(method: str, request: Mapping[str, Any], folder: Path | None = None) -> Answer:
    """Return the answer to a question about the page `text` that is called `name`.

    `folder` is where the page lies, from where its paths lead. What needs a page without errors
    answers {"failed": true} where it has some: `check` says which. `language` is that of what is
    said.
    """
    if method == CHECK:
        _page.cache_clear()  # a file that the page names may be another by now
    language = request.get("language")
    page = _page(_name(request.get("name")), _text(request.get("text")), folder)
    try:
        with in_language(language if language in LANGUAGES else ENGLISH):
            return METHODS[method](page, {**request, "folder": folder})
    except SpecError:
        return {"failed": True}


@lru_cache(maxsize=1)
def _page(name: str, text: str, folder: Path | None) -> Page:
    """Return a page: the same for what is asked of it right after its check."""
    return Page(Source(name, text, folder / name if folder else None))


def _name(given: Any) -> str:
    return str(given or "page.nn")


def _text(given: Any) -> str:
    return str(given or "").replace("\r\n", "\n")


def _check(page: Page, request: Mapping[str, Any]) -> Answer:
    return {
        "findings": [_finding(d, page.source) for d in page.diagnostics],
        "hints": [(one.span.line, one.after, one.parameters) for one in shapes_of_lines(page)],
    }


def _build(page: Page, request: Mapping[str, Any]) -> Answer:
    """The script, where each of its lines comes from, and the layers."""
    return {**_script(page, request), **_summary(page)}


def _finding(diagnostic: Diagnostic, page: Source) -> Answer:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": translated(diagnostic.message),
        **_place(diagnostic.span, page),
        "help": "\n".join(map(translated, (diagnostic.help or "").splitlines())),
        "labels": [
            {"message": translated(one.message), **_place(one.span, page)}
            for one in diagnostic.labels
        ],
        "fixes": [_fix(one, page) for one in diagnostic.fixes],
    }


def _fix(fix: Fix, page: Source) -> Answer:
    return {
        "message": translated(fix.message),
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


def _offset(text: str, units: Any) -> int:
    """Return the offset in code points of one in UTF-16 units."""
    before = text.encode("utf-16-le", "surrogatepass")[: 2 * int(units)]
    return len(before.decode("utf-16-le", "ignore"))


def _script(page: Page, request: Mapping[str, Any]) -> Answer:
    style = FLAT if page.checked.minimizes else str(request.get("style") or FLAT)
    optimized = style == OPTIMIZED
    _require_right(page)
    script = build_script(page.checked, optimized=optimized, style=FLAT if optimized else style)
    return {"script": script.text, "lines": page.lines_of(script)}


def _require_right(page: Page) -> None:
    """Refused where it is too long, SpecError with its errors alone where it has some."""
    if page.graph is not None and len(page.graph.nodes) > MAX_LAYERS:
        raise Refused(f"a network of more than {MAX_LAYERS} layers is only checked here")
    if page.errors:
        raise SpecError(page.errors)


def _graph(page: Page, request: Mapping[str, Any]) -> Answer:
    _require_right(page)
    descent = build_descent(page.checked)
    if descent is not None:
        from nndsl.diagram.formula import formula_diagram

        return {"svg": Picture(formula_diagram(descent, values=True)).svg}
    program = build_program(page.checked)
    return {"svg": Picture(network_diagram(program, expand=bool(request.get("expand")))).svg}


def _summary(page: Page) -> Answer:
    """The layers as a table, with the line of each, and what is known of each line."""
    if page.checked.minimizes:
        return {"head": [], "rows": [], "sizes": [], "layers": []}
    _require_right(page)
    program = build_program(page.checked)
    head, rows = layer_rows(program)
    own = len(rows) - len(program.graph.nodes)  # rows of inputs that no layer declares
    lines = [0] * own + [_line(node.origin.span, page) for node in program.graph.nodes]
    return {
        "head": [*map(translated, head)],
        "rows": [
            {"cells": [row[0], translated(row[1]), *row[2:-1], translated(row[-1])], "line": line}
            for row, line in zip(rows, lines, strict=True)
        ],
        "sizes": [
            (translated(name), translated(text))
            for name, text in [("data", examples(program.spec)), *sizes(program)]
        ],
        "layers": [*_layers(program, page)],
    }


def _layers(program: Program, page: Page) -> Iterator[Answer]:
    """Yield what a reader wants to know of the line of each layer."""
    prediction = LintContext(program.spec, program.graph).prediction
    stages = prediction.hidden if prediction is not None else ()
    strength = {stage.activation: stage.std for stage in stages if isfinite(stage.std)}
    boxes = {box.key: box for box in network_diagram(program, expand=True).nodes}
    for node in program.graph.nodes:
        name = program.value_names[node.output]
        box = boxes.get(name)
        yield {
            "line": _line(node.origin.span, page),
            "name": name,
            "takes": [show_shape(value.shape) for value in node.inputs],
            "gives": show_shape(node.output.shape),
            "parameters": sum(size(one.shape) for one in node.parameters.values()),
            "equations": box.lines if box is not None and not node.layer.passes_on else [],
            "strength": strength.get(node),
        }


def _line(span: Span, page: Page) -> int:
    """Return the line of the page that a span is in; 0 where it is in another file."""
    return span.line if span.source.name == page.source.name else 0


def _explain(page: Page, request: Mapping[str, Any]) -> Answer:
    code = all_codes().get(str(request.get("code")))
    if code is None:
        return {"failed": True}
    return {
        "title": f"{code.name}: {translated(code.title)}",
        "paragraphs": [translated(part) for part in (code.what, code.why, code.source) if part],
        "wrong": code.wrong,
        "right": code.right,
    }


def _format(page: Page, request: Mapping[str, Any]) -> Answer:
    return {"text": page.formatted} if page.formatted is not None else {"failed": True}


def _complete(page: Page, request: Mapping[str, Any]) -> Answer:
    text = page.source.text
    found = completions(page, _offset(text, request.get("offset", 0)))
    return {"options": [asdict(one) | {"detail": translated(one.detail)} for one in found]}


def _hover(page: Page, request: Mapping[str, Any]) -> Answer:
    found = hover(page, _offset(page.source.text, request.get("offset", 0)))
    if found is None:
        return {}
    span, says = found
    return {**_place(span, page.source), "says": says}


def _compare(page: Page, request: Mapping[str, Any]) -> Answer:
    """What the page means that another, `other`, which is called `other_name`, does not."""
    folder, name = request.get("folder"), _name(request.get("other_name"))
    source = Source(name, _text(request.get("other")), folder / name if folder else None)
    before = Page(source)
    for one in (before, page):
        _require_right(one)
    found = spec_diff(before.checked, page.checked)
    changes = [replace(one, name=translated(one.name)) for one in found.sizes]
    return {"same": found.same, **asdict(replace(found, sizes=tuple(changes)))}


METHODS: dict[str, Callable[[Page, Mapping[str, Any]], Answer]] = {
    CHECK: _check,
    "build": _build,
    "graph": _graph,
    "explain": _explain,
    "format": _format,
    "complete": _complete,
    "hover": _hover,
    "compare": _compare,
}
