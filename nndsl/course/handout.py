"""A handout: a script as literature, each group of statements with its equation beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from nndsl.analysis.compile import Checked
from nndsl.analysis.node import size
from nndsl.course.blanks import ALL, Blanks
from nndsl.diagnostics import Diagnostics
from nndsl.diagram.diagram import Diagram
from nndsl.diagram.network import network_diagram
from nndsl.emit.build import build_program
from nndsl.emit.head import title
from nndsl.emit.layout import TITLE, ScriptLine, shape_text
from nndsl.emit.script import Script, write_script
from nndsl.ir import names_in, printer
from nndsl.ir.latex import Typesetter, folded
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.tree import (
    Block,
    Expression,
    KeywordStatement,
    Line,
    Name,
    Node,
    Operation,
    expressions,
    names_of,
    parts,
)
from nndsl.languages import sentence, translated
from nndsl.program.block_functions import extract_blocks
from nndsl.program.parts import BACKWARD
from nndsl.program.program import Function, Program
from nndsl.program.sections import sections
from nndsl.record import record
from nndsl.report.page import Picture
from nndsl.source import Source
from nndsl.vocabulary.builtin import Builtin

MATHEMATICAL = ("Parameters", "Layers", "The network", "The optimizer")  # sections, by their titles
_NOISE = (r"\mathcal{N}", r"\text{uniform")

Numbered = tuple[tuple[int, str], ...]  # lines with their numbers in the script
_Numbered = tuple[int, str]
LeftOut = Mapping[int, str]  # lines of the script that are blank, with what stands there; "": none


@record
class Row:
    """Some lines of the script, with the equation that they are."""

    code: Numbered
    equation: str = ""  # LaTeX
    shape: str = ""
    reason: str = ""


@record
class Group:
    """Rows that come from one line of the page: what a layer does forward, or backward."""

    rows: tuple[Row, ...]
    line: int = 0  # of the page; 0: none
    title: str = ""  # that line
    heading: str = ""  # above the first group of a pass
    begins: bool = False  # a function, or what stands between two


@record
class Derivation:
    """Why a backward pass is what it is: a text with `$…$` in it."""

    line: int
    title: str
    text: str


@record
class Question:
    """A question, and its answer for the teacher."""

    text: str
    answer: str


@record
class Chapter:
    """A section of the script: rows with equations, or code as it is."""

    title: str
    parts: tuple[Group | Derivation, ...]
    questions: tuple[Question, ...] = ()
    is_mathematical: bool = True


@record
class Handout:
    """All that a handout says, before it is a page, a notebook or a text."""

    name: str
    title: str
    file: str  # of the script
    script: Script
    source: Source
    diagram: Diagram
    predictions: tuple[Question, ...]
    chapters: tuple[Chapter, ...]
    left_out: LeftOut
    pictures: tuple[Picture, ...] = ()  # of a trained network


def write_handout(
    checked: Checked,
    *,
    name: str = "train.py",
    pictures: Iterable[Picture] = (),
    asked: Sequence[str] = (),
    level: int = ALL,
) -> Handout:
    """Return the handout of a checked spec. SpecError where it has errors, or no network.

    Its code has the blanks of an exercise for which `asked` and `level` are these. BlankError.
    """
    plain = build_program(checked, Diagnostics())
    program = extract_blocks(plain)
    script = write_script(program, name=name)
    left_out = _left_out(program, script, asked, level) if asked else {}
    return Handout(
        program.spec.name,
        title(program),
        name,
        script,
        program.spec.source,
        network_diagram(plain),
        tuple(_predictions(program)),
        tuple(_Chapters(program, script, left_out).all()),
        left_out,
        tuple(pictures),
    )


def _left_out(program: Program, script: Script, asked: Sequence[str], level: int) -> LeftOut:
    blanks = Blanks(program, script.text, asked, level)
    write_script(program, rewrite=blanks.put)
    left_out: dict[int, str] = {}
    for blank in blanks.chosen:
        given = f"{blank.name} = ..." if blank.variables else "..."
        code = blank.code.split("\n")
        first = script.lines[blank.line - 1]
        left_out |= {blank.line + at: "" for at, _ in enumerate(code)}
        left_out[blank.line] = first[: len(first) - len(first.lstrip())] + given
    return left_out


class _Chapters:
    def __init__(self, program: Program, script: Script, left_out: LeftOut) -> None:
        self.program, self.script, self.left_out = program, script, left_out
        self.source = program.spec.source
        functions = [*program.initializers, *program.functions, *program.blocks, program.predict]
        if program.training is not None:
            functions += [program.training.loss_and_gradients, *program.training.update.schedules]
        self.functions = {function.name: function for function in functions}
        methods = [method for made in program.classes for method in made.methods]
        names = program.identifiers.union(*map(_names, [*functions, *methods]))
        self.typesetter = Typesetter(names, {constant.name for constant in program.constants})
        self.shapes: dict[str, Dimensions] = {a.name: a.shape for a in program.parameters}
        if program.training is not None:
            body = program.training.loss_and_gradients.statements
            self.shapes |= {s.target: s.shape for s in body if s.target and s.shape}
            inputs = zip(program.inputs, program.graph.inputs.values(), strict=True)
            self.shapes |= {name: (Rows(), *value.shape) for name, value in inputs}
        self.called_from = dict(self._calls())
        self.words = dict(self._words())
        self.derived: set[str] = set()
        made = [s for function in self.functions.values() for s in function.statements]
        passes = {statement.section for statement in made}
        self.backward = {translated(one.sentence) for one in passes if one.part == BACKWARD}

    def all(self) -> Iterator[Chapter]:
        """Yield a chapter for each section of the script that has a title."""
        numbered = [*enumerate(self.script.lines, 1)]
        starts = [at for at, (_, line) in enumerate(numbered) if line.startswith(TITLE)]
        titles = [section.title for section in sections(self.program) if section.title]
        ends = [*starts[1:], len(numbered)]
        for titled, start, end in zip(titles, starts, ends, strict=True):
            (_, head), *rest = numbered[start:end]
            heading = head.removeprefix(TITLE).rstrip(" -")
            is_mathematical = titled.startswith(MATHEMATICAL)
            made = self._mathematics if is_mathematical else self._code
            found: list[Group | Derivation] = []
            for lines in _paragraphs(rest):
                behind = len(found)
                found += made(lines)
                begun = found[behind]
                assert isinstance(begun, Group)
                found[behind] = replace(begun, begins=True)
            yield Chapter(heading, tuple(found), tuple(self._questions(titled)), is_mathematical)

    def _code(self, lines: list[_Numbered]) -> Iterator[Group]:
        for line, some in groupby(lines, lambda numbered: self._line(numbered[1])):
            yield self._group([Row(_plain([*some]))], line)

    def _mathematics(self, lines: list[_Numbered]) -> Iterator[Group | Derivation]:
        """Yield the groups of a function, and behind those of a backward pass why it is so."""
        first = lines[0][1]
        name = first[4:].partition("(")[0] if first.startswith("def ") else ""
        whole = self.called_from.get(name, 0)
        for heading, some in _passes(lines):
            is_backward = name.endswith("_backward") or heading in self.backward
            for line, entries in groupby(_entries(some), lambda e: self._line(e[0][1]) or whole):
                yield self._group(self._rows([*entries], name), line, heading)
                heading = ""
                if is_backward:
                    yield from self._derivation(line)

    def _group(self, rows: Iterable[Row], line: int, heading: str = "") -> Group:
        text = self.source.line(line).strip() if line else ""
        return Group(tuple(_merged(self._without_answers(rows))), line, text, heading)

    def _without_answers(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield rows without the code that is left out; what they say of it stays."""
        for row in rows:
            given = ((number, self.left_out.get(number, text)) for number, text in row.code)
            code = tuple((n, text) for n, text in given if text or n not in self.left_out)
            if code or row.equation:
                yield replace(row, code=code)

    def _rows(self, entries: list[list[_Numbered]], name: str) -> Iterator[Row]:
        for is_made, some in groupby(entries, lambda entry: _made(entry) is not None):
            if not is_made:
                yield Row(_plain([line for entry in some for line in entry]))
                continue
            waiting = [*some]
            for count, node in folded([_line_of(entry).node for entry in waiting]):
                yield self._row(waiting[:count], node, name)
                del waiting[:count]

    def _row(self, entries: list[list[_Numbered]], node: Node, name: str) -> Row:
        made = [_line_of(entry) for entry in entries]
        shape = next((shape_text(line.shape) for line in made if line.shape), "")
        if shape and (factors := self._factors(node)):
            shape = f"{factors} = {shape}"
        said = (printer.comment(line.comment) for line in made if line.comment)
        code = tuple(line for entry in entries for line in _without_margin(entry))
        return Row(code, self._equation(node, name), shape, "; ".join(said))

    def _equation(self, node: Node, name: str) -> str:
        equation = self.typesetter.equation(node)
        if not isinstance(node, KeywordStatement) or not equation:
            return equation
        if isinstance(node.value, Name) or "cache" in str(node) or name not in self.functions:
            return ""
        if any(noise in equation for noise in _NOISE):
            return rf"w \sim {equation}"
        if isinstance(node.value, Operation) and node.value.op in ("tuple", "dict"):
            return ""
        return f"{self.typesetter.expression(self.functions[name].head)} = {equation}"

    def _factors(self, node: Node) -> str:
        """Return the shapes that a product of matrices multiplies: `(N, 64) (64, 50)`."""
        for expression in expressions(node):
            for part in parts(expression):
                match part:
                    case Operation("@", operands):
                        shapes = [self._shape(operand) for operand in operands]
                        return " ".join(map(shape_text, shapes)) if all(shapes) else ""
        return ""

    def _shape(self, node: Expression) -> Dimensions:
        match node:
            case Name(name):
                return self.shapes.get(name, ())
            case Operation(".T", (Name(name),)):
                return self.shapes.get(name, ())[::-1]
        return ()

    # --- What lines of the page say ---------------------------------------------------------

    def _line(self, line: str) -> int:
        """Return the line of the page that a line of the script comes from; 0 if none does."""
        origin = line.origin if isinstance(line, ScriptLine) else None
        return origin.span.line if origin and origin.span.source is self.source else 0

    def _calls(self) -> Iterator[tuple[str, int]]:
        """Yield functions with the first line of the page that they are called for."""
        found: dict[str, int] = {}
        before: dict[str, int] | None = None
        while found != before:
            before, inside = dict(found), ""
            for line in self.script.lines:
                if line.startswith("def "):
                    inside = line[4:].partition("(")[0]
                made = line.made if isinstance(line, ScriptLine) else None
                called_for = self._line(line) or found.get(inside, 0)
                if made is not None and called_for and not isinstance(made.node, Block):
                    used = {n for e in expressions(made.node) for n in names_of(e)}
                    for name in used & {*self.functions}:
                        found[name] = min(called_for, found.get(name, called_for))
        yield from found.items()

    def _words(self) -> Iterator[tuple[int, Builtin]]:
        """Yield lines of the page with the words that have derivations: layers, and losses."""
        for node in self.program.graph.nodes:
            yield self._line(ScriptLine("", node.origin)), node.layer
        for head in self.program.spec.heads:
            yield self._line(ScriptLine("", head.origin)), head.loss

    def _derivation(self, line: int) -> Iterator[Derivation]:
        word = self.words.get(line) if line else None
        if word is not None and word.derivation and word.keyword() not in self.derived:
            self.derived.add(word.keyword())
            said = "\n\n".join(map(translated, _paragraphs_of(word.derivation)))
            yield Derivation(line, word.keyword(), said)

    def _questions(self, title: str) -> Iterator[Question]:
        """Yield what to ask of a section: of each of its words once."""
        program = self.program
        words: list[Builtin] = []
        if title.startswith("Parameters"):
            arrays = [p for node in program.graph.nodes for p in node.parameters.values()]
            words = [array.init for array in arrays if isinstance(array.init, Builtin)]
        elif title.startswith("The network"):
            words = [*self.words.values()]
        elif title.startswith("The optimizer") and program.spec.train is not None:
            words = [program.spec.train.optimizer]
        for word in {word.keyword(): word for word in words}.values():
            for paragraph in _paragraphs_of(word.questions):
                text, _, answer = paragraph.partition(" = ")
                yield Question(translated(text), translated(answer))


def _paragraphs_of(text: str) -> list[str]:
    """Return the paragraphs of a word's text, a line each, as they are translated."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return [paragraph for paragraph in paragraphs if paragraph]


def _said(template: str, **values: object) -> str:
    return translated(sentence(template, **values))


def _predictions(program: Program) -> Iterator[Question]:
    """Yield what can be said before the script runs, with what it then says."""
    parameters = [array for array in program.parameters if array.is_weight]
    if parameters and program.training is not None:
        first = parameters[0]
        yield Question(
            _said(
                "Which shape has `d{name}`? Say it before you look at the backward pass.",
                name=first.name,
            ),
            _said(
                "`{shape}`, as `{name}` itself: each number of it has a slope.",
                shape=shape_text(first.shape),
                name=first.name,
            ),
        )
    counts = [size(array.shape) for array in program.parameters]
    yield Question(
        _said("How many numbers does the network learn?"),
        _said("{sum} = {count:,}.", sum=" + ".join(f"{n:,}" for n in counts), count=sum(counts)),
    )
    train, examples = program.spec.train, program.spec.training_examples
    if train is not None and examples:
        yield Question(
            _said("How many times does one epoch call `update`?"),
            _said(
                "{examples:,} examples in batches of {batch:,}: {steps:,} times.",
                examples=examples,
                batch=train.batch,
                steps=math.ceil(examples / train.batch),
            ),
        )


def _merged(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows, those one after another that say nothing beside the code as one."""
    for is_silent, some in groupby(rows, lambda row: not (row.equation or row.shape or row.reason)):
        together = [*some]
        if is_silent:
            yield Row(tuple(line for row in together for line in row.code))
        else:
            yield from together


# --- Lines of a script ----------------------------------------------------------------------


def _paragraphs(lines: list[_Numbered]) -> Iterator[list[_Numbered]]:
    """Yield functions, and what stands between two blank lines outside of them."""
    paragraph: list[_Numbered] = []
    for number, line in lines:
        is_outside = bool(line) and line[0] not in " )}]"
        if is_outside and paragraph and not paragraph[-1][1]:
            yield _without_blanks(paragraph)
            paragraph = []
        paragraph.append((number, line))
    if kept := _without_blanks(paragraph):
        yield kept


def _without_blanks(lines: list[_Numbered]) -> list[_Numbered]:
    texts = [at for at, (_, line) in enumerate(lines) if line]
    return lines[texts[0] : texts[-1] + 1] if texts else []


def _passes(lines: list[_Numbered]) -> Iterator[tuple[str, list[_Numbered]]]:
    """Yield headings, such as that of the backward pass, with the lines below them."""
    heading = ""
    some: list[_Numbered] = []
    for number, line in lines:
        if _made([(number, line)]) is None and line.lstrip().startswith("# "):
            if some:
                yield heading, some
            heading, some = line.strip(" #"), []
        elif line:
            some.append((number, line))
    yield heading, some


def _entries(lines: list[_Numbered]) -> Iterator[list[_Numbered]]:
    """Yield the lines of each statement, and each line that is of none."""
    for _, some in groupby(lines, lambda line: id(_made([line])) if _made([line]) else -line[0]):
        yield [*some]


def _made(lines: list[_Numbered]) -> Line | None:
    line = lines[0][1]
    return line.made if isinstance(line, ScriptLine) else None


def _line_of(lines: list[_Numbered]) -> Line:
    made = _made(lines)
    assert made is not None
    return made


def _without_margin(lines: list[_Numbered]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a statement without what the margin says, or a line above it."""
    node = _line_of(lines).node
    text = printer.head(node) if isinstance(node, Block) else printer.statement(node)
    code = text.split("\n")
    first = lines[0][1]
    indent = first[: len(first) - len(first.lstrip())]
    for (number, _), own in zip(lines[len(lines) - len(code) :], code, strict=True):
        yield number, indent + own


def _plain(lines: list[_Numbered]) -> Numbered:
    return tuple((number, str(line)) for number, line in lines)


def _names(function: Function) -> set[str]:
    return {*function.arguments, *names_in(function.statements)}
