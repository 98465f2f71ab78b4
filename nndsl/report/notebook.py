"""What a notebook shows: a model, its training, the proof of its gradients, its answers."""

from collections.abc import Iterable, Iterator
from html import escape

from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostic, Findings, Severity
from nndsl.emit.build import build_program
from nndsl.languages import said
from nndsl.live.answering import Answers
from nndsl.live.gradients.report import Report
from nndsl.live.model import History, Model
from nndsl.live.trace import FUNCTION, Trace
from nndsl.report.curves import curve_pictures
from nndsl.report.highlighting import highlight
from nndsl.report.network import examples, layer_rows
from nndsl.report.page import Table
from nndsl.report.verdict import baseline_sentences, rounded
from nndsl.resources import read_text
from nndsl.syntax.printer import print_tree

MAX_ROWS = 10  # answers
MAX_NODES = 60  # of a graph beside a model: `model.graph()` shows a larger one


def html(value: object) -> str:
    """Return an element that shows a value of nndsl, in light and dark."""
    match value:
        case Model():
            parts = _model(value)
        case History():
            parts = history_parts(value)
        case Report():
            parts = _gradients(value)
        case Answers():
            parts = _answers(value)
        case Findings():
            parts = _findings(value)
        case Trace():
            parts = _trace(value)
        case Spec():
            parts = _spec(value)
        case _:
            parts = iter([f"<pre>{escape(repr(value))}</pre>"])
    return element(parts)


def element(parts: Iterable[str]) -> str:
    """Return parts of HTML as one element with its style."""
    style = read_text("templates", "notebook.css")
    return f'<div class="nndsl"><style>{style}</style>{"".join(parts)}</div>'


def table(shown: Table) -> str:
    """Return a table, its numbers aligned to the right."""
    numeric = shown.numeric

    def row(cells: Iterable[str], kind: str) -> str:
        made = (
            f"<{kind}{' class=amount' * is_number}>{escape(cell)}</{kind}>"
            for cell, is_number in zip(cells, numeric, strict=True)
        )
        return f"<tr>{''.join(made)}</tr>"

    head = f"<thead>{row(shown.columns, 'th')}</thead>" if any(shown.columns) else ""
    return f"<table>{head}<tbody>{''.join(row(one, 'td') for one in shown.rows)}</tbody></table>"


def _model(model: Model) -> Iterator[str]:
    spec = model.spec
    program = build_program(model.checked)
    known = examples(spec)
    yield f"<p><b>{escape(spec.name)}</b>{f': {escape(known)}' if known else ''}</p>"
    head, rows = layer_rows(program)
    yield table(Table("", head, tuple(rows)))
    count = program.graph.parameter_count
    steps = f", {model.step:,} steps taken" if model.step else ""
    yield f"<p>{count:,} parameters{steps}</p>"
    picture = model.graph()
    if len(picture.diagram.nodes) <= MAX_NODES:
        yield _folded("The computational graph", picture.svg)
    lines = model.source.count("\n")
    yield _folded(f"The script: {lines} lines", f"<pre>{escape(model.source)}</pre>")


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def history_parts(history: History) -> Iterator[str]:
    """Yield what is shown of a training: its results, their baseline, and the curves."""
    if not history.rows:
        yield "<p>nothing was trained yet</p>"
        return
    results = {
        name.replace("_", " "): f"{number:g}" if name == "epoch" else rounded(number)
        for name, number in history.results.items()
    }
    yield table(Table("", tuple(results), (tuple(results.values()),)))
    yield from (f"<p>{escape(sentence)}</p>" for sentence in baseline_sentences(history))
    yield from curves(history)


def curves(history: History) -> Iterator[str]:
    """Yield the curves of a training, which may still go on."""
    for picture in curve_pictures(history) if history.rows else ():
        told = escape(f"{said(picture.title)}. {said(picture.caption)}")
        yield f"<figure>{picture.svg}<figcaption>{told}</figcaption></figure>"


def progress(history: History, epochs: int | None) -> str:
    """Return an element that shows how far a training is."""
    done = int(history.rows[-1]["epoch"]) if history.rows else 0
    end = f" max={epochs}" if epochs is not None else ""
    of = f" of {epochs}" if epochs is not None else ""
    bar = f"<p><progress value={done}{end}></progress>epoch {done}{of}</p>"
    return element([bar, *curves(history)])


def _gradients(report: Report) -> Iterator[str]:
    *_, verdict = str(report).splitlines()
    kind = "right" if report.passed else "wrong"
    yield f'<p><b>{escape(report.name)}</b>: <span class="{kind}">{escape(verdict)}</span></p>'
    rows = tuple(
        (
            row.name,
            " x ".join(map(str, row.shape)),
            f"{row.checked:,}",
            f"{row.worst.norm_relative:.1e}",
            row.status,
            row.mistake or row.code if row.status == "wrong" else "",
        )
        for row in report.rows
    )
    head = ("", "shape", "checked", "rel. error", "status", "")
    yield table(Table("", head, rows))
    yield _folded("What was checked, and how", f"<pre>{escape(str(report))}</pre>")


def _answers(answers: Answers) -> Iterator[str]:
    scores = answers.scores[:MAX_ROWS]
    labels = answers.labels
    names = tuple(answers.names) if len(answers.names) <= MAX_ROWS else ()
    rows = []
    for at, numbers in enumerate(scores):
        row = [str(at + 1)] if labels is None else [str(at + 1), str(labels[at] or "-")]
        form = ".3f" if answers.are_probabilities else ".4g"
        rows.append((*row, *(f"{number:{form}}" for number in numbers if names)))
    head = ("#", *([] if labels is None else ["answer"]), *names)
    yield table(Table("", head, tuple(rows)))
    if len(answers) > MAX_ROWS:
        yield f"<p>and {len(answers) - MAX_ROWS:,} more</p>"


def _findings(findings: Findings) -> Iterator[str]:
    if not findings:
        yield '<p class="right">no errors</p>'
    for one in findings:
        kind = "wrong" if one.severity is Severity.ERROR else "doubt"
        yield f'<p><span class="{kind}">{escape(_title(one))}</span></p>'
        yield f"<pre>{escape(_place(one))}</pre>"
        yield from (f"<p>{escape(line)}</p>" for line in _help(one))


def described(diagnostics: Iterable[Diagnostic]) -> str:
    """Return what is wrong with a cell: each with its line, a mark below it, and the way out."""
    return "\n\n".join("\n".join([_title(d), _place(d), *_help(d)]) for d in diagnostics)


def _title(one: Diagnostic) -> str:
    return f"{one.severity}[{one.code}]: {one.message}"


def _place(one: Diagnostic) -> str:
    """Return the line that a diagnostic speaks of, and a mark below it."""
    span = one.span
    number, text = str(span.line), span.source.line(span.line)
    wide = max(1, min(span.end - span.start, len(text) - span.column + 1))
    mark = f"{' ' * (span.column - 1)}{'^' * wide}"
    return f"{number} | {text}\n{' ' * len(number)} | {mark}"


def _help(one: Diagnostic) -> list[str]:
    return [f"help: {line}" for line in (one.help or "").splitlines()]


def _trace(trace: Trace) -> Iterator[str]:
    has_calls = any(row.call for row in trace)
    rows = tuple(
        (
            row.name,
            "\u00a0x\u00a0".join(map(str, row.shape)),
            f"{row.mean:.3g}",
            f"{row.std:.3g}",
            f"{row.zeros:.0%}",
            row.code.partition("  #")[0],
            *[row.call or FUNCTION] * has_calls,
        )
        for row in trace
    )
    head = ("", "shape", "mean", "std", "zero", "", *["function"] * has_calls)
    yield table(Table("", head, rows))


def _spec(spec: Spec) -> Iterator[str]:
    yield f"<p><b>{escape(spec.name)}</b></p>"
    pieces = (
        f"<span class={kind}>{escape(text)}</span>" if kind else escape(text)
        for kind, text in highlight(print_tree(spec.tree))
    )
    yield f"<pre>{''.join(pieces)}</pre>"
