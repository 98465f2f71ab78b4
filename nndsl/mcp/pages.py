"""What the compiler does for agents: tools with typed results, which know no protocol.

A tool takes a page as a `text`, or as the `path` of a file. Nothing outside of the folder that the
server was started in is read or written, whatever a page or a path names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from time import monotonic
from typing import Annotated

from pydantic import Field

from nndsl.analysis.compile import Checked as AnalysedPage
from nndsl.analysis.compile import analyse
from nndsl.analysis.suggest import did_you_mean
from nndsl.assistance.builtin_docs import arguments, documentation, example, signature
from nndsl.confined.folder import PAGE, page_below, reading_below
from nndsl.diagnostics import Diagnostic
from nndsl.diagram.network import network_diagram
from nndsl.diagram.picture import Picture
from nndsl.emit.build import build_program, build_script
from nndsl.explained import ExplainedError
from nndsl.files import write_text
from nndsl.lints import check
from nndsl.lints.autofix import apply_fixes
from nndsl.lints.table import all_codes
from nndsl.live.gradients.check import check_gradients
from nndsl.live.model import History, Model, Watcher
from nndsl.program.style import FLAT
from nndsl.report.network import layer_rows, part_counts
from nndsl.source import Source, read_source
from nndsl.vocabulary import registry

Seconds = Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)]
MAX_PAGES = 1000
JSON = ".json"  # a page may be written so


class ToolProblem(ExplainedError):
    """What is asked for is wrong."""


@dataclass
class Finding:
    """Something that is wrong with a page. Lines and columns count from 1."""

    code: str
    severity: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    help: str | None


@dataclass
class Checked:
    """What is wrong with a page; with `fix` also the page after all safe fixes."""

    is_right: bool  # there is no error: warnings may be left
    findings: list[Finding]
    fixed: list[str] = field(default_factory=list)  # what was mended
    text: str | None = None


@dataclass
class Explanation:
    """What a code means, with a wrong and a right example."""

    code: str
    title: str
    what: str
    why: str
    wrong: str
    right: str


@dataclass
class Argument:
    """An argument of a word: what it accepts, and what it is."""

    name: str
    accepts: str
    documentation: str


@dataclass
class Word:
    """A word of the language."""

    kind: str
    name: str
    signature: str
    documentation: list[str]
    arguments: list[Argument]
    example: str | None


@dataclass
class Summary:
    """Layers with their shapes and parameters, and the examples of each part of the data."""

    model: str
    columns: list[str]
    layers: list[list[str]]
    parameters: int
    parts: dict[str, int]


@dataclass
class Proof:
    """Whether every gradient of the script is right, and a report in words."""

    passed: bool
    report: str


@dataclass
class Training:
    """What a training reported: a row of results for each epoch, and those of the test part."""

    finished: bool  # false: the time was over
    problem: str  # why it diverged, or ""
    columns: list[str]
    epochs: list[list[float]]
    results: dict[str, float]
    baselines: dict[str, dict[str, float]]  # what answers without a network reach


class OutOfTime(Exception):
    """A training has taken as long as it may."""


class _Clock(Watcher):
    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def after_step(self, step: int) -> None:
        if monotonic() > self._end:
            raise OutOfTime


class Pages:
    """The tools, for the pages below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def list_pages(self) -> list[str]:
        """List the pages (.nn) below the folder, as paths."""
        found = (path for path in sorted(self.folder.rglob("*.nn")) if path.is_file())
        names = [path.relative_to(self.folder).as_posix() for path in found]
        return [name for name in names if "/." not in f"/{name}"][:MAX_PAGES]

    def read_page(self, path: str) -> str:
        """Return the text of a page."""
        return read_source(page_below(self.folder, path)).text

    def write_page(self, path: str, text: str) -> Checked:
        """Write a page (.nn) below the folder, and check it."""
        target = page_below(self.folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, text)
        return self.check(path=path)

    def check(
        self, text: str = "", path: str = "", set: dict[str, str] | None = None, fix: bool = False
    ) -> Checked:
        """Say everything that is wrong with a page; nothing is run. `set` overrides `let` values.

        With `fix` also return the text after all safe fixes.
        """
        source = self._source(text, path)
        if not fix:
            return _checked(check(source, set or {}))
        mended = apply_fixes(source, set or {})
        found = _checked(mended.left)
        found.fixed = [one.message for _, one in mended.applied]
        found.text = mended.source.text
        return found

    def explain(self, code: str) -> Explanation:
        """Say what a code such as NN203 means."""
        codes = all_codes()
        found = codes.get(code.upper())
        if found is None:
            close = did_you_mean(code.upper(), [*codes]) or ""
            raise ToolProblem(f"there is no code `{code}`. {close}".strip())
        return Explanation(found.name, found.title, found.what, found.why, found.wrong, found.right)

    def words(self, kind: str = "", name: str = "") -> list[Word]:
        """List the words of the language, of one kind (layers, losses, …), or of one name."""
        kinds = [one for one in registry.kinds() if registry.names(one)]
        if kind and kind not in kinds:
            raise ToolProblem(f"there is no kind `{kind}`: there are {', '.join(kinds)}")
        found = [
            word
            for one in ([kind] if kind else kinds)
            for known in registry.names(one)
            if name in ("", known) and (word := registry.find(one, known))
        ]
        if not found:
            known = [known for one in kinds for known in registry.names(one)]
            raise ToolProblem(
                f"there is no word `{name}`. {did_you_mean(name, known) or ''}".strip()
            )
        return [
            Word(
                word.kind,
                word.keyword(),
                signature(word),
                documentation(word),
                [Argument(*one) for one in arguments(word)],
                example(word),
            )
            for word in found
        ]

    def summary(self, text: str = "", path: str = "", set: dict[str, str] | None = None) -> Summary:
        """Show the layers of a page with shapes and parameters."""
        program = build_program(self._analysed(text, path, set))
        head, rows = layer_rows(program)
        return Summary(
            program.spec.name,
            list(head),
            [list(row) for row in rows],
            program.graph.parameter_count,
            part_counts(program.spec),
        )

    def build(
        self,
        text: str = "",
        path: str = "",
        set: dict[str, str] | None = None,
        style: str = FLAT,
        optimize: bool = False,
    ) -> str:
        """Return the numpy training script of a page. `style` is flat or layers."""
        checked = self._analysed(text, path, set)
        return build_script(checked, style=style, optimized=optimize).text

    def graph(self, text: str = "", path: str = "") -> str:
        """Return the computational graph of a page for Mermaid."""
        program = build_program(self._analysed(text, path, None))
        return Picture(network_diagram(program)).mermaid

    def gradcheck(self, text: str = "", path: str = "", set: dict[str, str] | None = None) -> Proof:
        """Prove every gradient of the script of a page by the complex step."""
        model = self._model(text, path, set)
        with reading_below(self.folder, Path(gettempdir())):  # the script's `main` writes weights
            report = check_gradients(model)
        return Proof(report.passed, str(report))

    def train(
        self,
        text: str = "",
        path: str = "",
        set: dict[str, str] | None = None,
        seconds: Seconds = 60.0,
    ) -> Training:
        """Train a page for as long as it says, and at most so many seconds (600 at most)."""
        model = self._model(text, path, set)
        clock = _Clock(seconds)
        if model.spec.lacks:
            raise ToolProblem(f"there is nothing to train: the page has no {model.spec.lacks}")
        model.watch(clock)
        history, finished, problem = History(), True, ""
        try:
            parts = model.data()
            for _ in model.epochs(parts, history):
                pass
            model.test(parts, history)
        except OutOfTime:
            finished = False
        except FloatingPointError as error:
            finished, problem = False, str(error)
        return Training(
            finished,
            problem,
            history.names,
            [list(row.values()) for row in history.rows],
            history.results,
            {one.answer: dict(one.results) for one in history.baselines},
        )

    def _model(self, text: str, path: str, set: dict[str, str] | None) -> Model:
        checked = self._analysed(text, path, set)
        model = Model(checked, build_script(checked))
        model.begin()
        return model

    def _analysed(self, text: str, path: str, set: dict[str, str] | None) -> AnalysedPage:
        return analyse(self._source(text, path), settings=set, alone=True)

    def _source(self, text: str, path: str) -> Source:
        """Return a page: `path` alone is its file, with a text it is where that would lie."""
        if not text and not path:
            raise ToolProblem("give the `text` of a page, or the `path` of its file")
        target = page_below(self.folder, path or f"page{PAGE}", JSON)
        if not text:
            source = read_source(target)
            return Source(path, source.text, target)
        return Source(path or "page.nn", text, target)


def _checked(found: Sequence[Diagnostic]) -> Checked:
    return Checked(not any(one.severity == "error" for one in found), [_finding(d) for d in found])


def _finding(one: Diagnostic) -> Finding:
    end = one.span.source.position(one.span.end)
    start = one.span.line, one.span.column
    return Finding(one.code, one.severity.value, one.message, *start, *end, one.help)
