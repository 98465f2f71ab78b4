"""The script of a page as a handout: each group of statements with its equation beside it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from nndsl.analysis.compile import Checked
from nndsl.course.exercises.blanks import ALL, ONE, WHOLE, Blanks
from nndsl.course.handouts.handout import Chapter, Derivation, Group, Handout, Numbered, Row
from nndsl.course.handouts.questions import Words, predictions
from nndsl.diagram.network import network_diagram
from nndsl.emit.build import build_program
from nndsl.emit.head import title
from nndsl.emit.layout import ScriptLine, shape_text
from nndsl.emit.script import Script, write_script
from nndsl.ir import NO_HEADING, Heading, names_in, printer
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
from nndsl.languages import translated
from nndsl.lints.suppression import without_allowances
from nndsl.program.block_functions import extract_blocks
from nndsl.program.parts import BACKWARD, parts_of_functions
from nndsl.program.program import Function, Program
from nndsl.program.sections import KINDS
from nndsl.program.style import BLACKBOARD, FLAT
from nndsl.report.page import Picture
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.letters import LETTERS, NUMBERS

MAX_OPEN = 16  # layers, of which repetitions and blocks stand open in the graph
_NOISE = (r"\mathcal{N}", r"\text{uniform")
_QUOTED = re.compile(r"`(.+?)`")
_Numbered = tuple[int, ScriptLine]


def write_handout(
    checked: Checked,
    *,
    name: str = "train.py",
    pictures: Iterable[Picture] = (),
    asked: Sequence[str] = (),
    level: int = ALL,
    style: str = FLAT,
    naming: str = BLACKBOARD,
) -> Handout:
    """Return the handout of a checked spec. SpecError where it has errors, or no network.

    It is of the script of the exercise for which `asked` and `level` are these, if anything is
    asked: no equation and no question says what is left out, but at level 1. BlankError.
    """
    plain = build_program(checked, style=style, naming=naming)
    program = extract_blocks(plain) if style == FLAT else plain
    script = whole = write_script(program, name=name)
    said: dict[int, list[_Numbered]] = {}
    left_out = ""
    if asked:
        blanks = Blanks(program, whole.text, asked, level)
        script = blanks.script(name)
        said = dict(_said_still(blanks, script, whole)) if level == ONE else {}
        left_out = "\n".join(blank.code for blank in blanks.chosen if level != ONE)
    chapters = _Chapters(program, script, whole, said, level).all()
    source = program.spec.source
    return Handout(
        program.spec.name,
        title(program),
        name,
        script,
        replace(source, text=without_allowances(source.text)),
        network_diagram(plain, expand=len(plain.graph.nodes) <= MAX_OPEN),
        tuple(predictions(program)),
        tuple(_asking_nothing_of(left_out, chapter) for chapter in chapters),
        tuple(pictures),
    )


def _asking_nothing_of(left_out: str, chapter: Chapter) -> Chapter:
    """Return a chapter without the questions that quote code which is left out."""
    kept = (
        question
        for question in chapter.questions
        if not any(" " in code and code in left_out for code in _QUOTED.findall(question.text))
    )
    return replace(chapter, questions=tuple(kept))


def _said_still(
    blanks: Blanks, script: Script, whole: Script
) -> Iterator[tuple[int, list[_Numbered]]]:
    """Yield the lines of a script that are blank, with those of the whole one in their place."""
    chosen = iter(sorted(blanks.chosen, key=lambda blank: blank.line))
    for entry in _entries([*enumerate(map(ScriptLine.of, script.lines), 1)]):
        if _is_left_out(entry):
            blank = next(chosen)
            numbers = range(blank.line, blank.line + len(blank.code.split("\n")))
            yield entry[0][0], [(at, ScriptLine.of(whole.lines[at - 1])) for at in numbers]


class _Chapters:
    """Sets the lines of a script beside their equations, and what the page's words say of them."""

    def __init__(
        self,
        program: Program,
        script: Script,
        whole: Script,
        said: Mapping[int, list[_Numbered]],
        level: int,
    ) -> None:
        """`whole` is the script without blanks; `said` are its lines whose equation stays."""
        self.program, self.script, self.whole = program, script, whole
        self.said, self.level = said, level
        self.source = program.spec.source
        functions = [*program.initializers, *program.functions, *program.blocks, program.predict]
        if program.training is not None:
            functions += [program.training.loss_and_gradients, *program.training.update.schedules]
        self.functions = {function.name: function for function in functions}
        self.functions |= program.methods
        names = program.identifiers.union(*map(_names, self.functions.values()))
        names |= {method.result for method in program.methods.values()}
        constants = {constant.name for constant in program.constants}
        self.typesetter = Typesetter(names, constants, letters=LETTERS, numbers=NUMBERS)
        self.shapes: dict[str, Dimensions] = {a.name: a.shape for a in program.parameters}
        if program.training is not None:
            body = program.training.loss_and_gradients.statements
            self.shapes |= {s.target: s.shape for s in body if s.target and s.shape}
            inputs = zip(program.inputs, program.graph.inputs.values(), strict=True)
            self.shapes |= {name: (Rows(), *value.shape) for name, value in inputs}
        self.parts = parts_of_functions(program)
        self.called_from = dict(self._calls())
        self.words = Words(program, dict(self._words()))

    def all(self) -> Iterator[Chapter]:
        """Yield a chapter for each section of the script that has a title."""
        numbered = [*enumerate(map(ScriptLine.of, self.script.lines), 1)]
        starts = [at for at, (_, line) in enumerate(numbered) if line.heading and line[0] == "#"]
        for start, end in zip(starts, [*starts[1:], len(numbered)], strict=True):
            (_, head), *rest = numbered[start:end]
            kind = head.heading.part
            made = self._mathematics if kind in KINDS else self._code
            found: list[Group | Derivation] = []
            for lines in _paragraphs(rest):
                behind = len(found)
                found += made(lines)
                begun = found[behind]
                assert isinstance(begun, Group)
                found[behind] = replace(begun, begins=True)
            questions = tuple(self.words.questions(kind))
            heading = translated(head.heading.sentence)
            yield Chapter(heading, tuple(found), questions, kind in KINDS)

    def _code(self, lines: list[_Numbered]) -> Iterator[Group]:
        for line, some in groupby(lines, lambda numbered: self._line(numbered[1])):
            yield self._group([Row(_plain([*some]))], line)

    def _mathematics(self, lines: list[_Numbered]) -> Iterator[Group | Derivation]:
        """Yield the groups of a function or class, and behind a backward pass why it is so."""
        there = (numbered for numbered in lines if numbered[1])
        for name, inside in groupby(there, lambda numbered: numbered[1].function):
            whole = self.called_from.get(name, 0)
            for heading, some in _passes(inside):
                is_backward = BACKWARD in (self.parts.get(name), heading.part)
                said = translated(heading.sentence) if heading else ""
                for line, of in groupby(_entries(some), partial(self._line_of, whole)):
                    entries = [*of]
                    yield self._group(self._rows(entries, name), line, said)
                    said = ""
                    is_whole = self.level == WHOLE and any(map(_is_left_out, entries))
                    if is_backward and not is_whole:
                        yield from self.words.derivation(line)

    def _line_of(self, whole: int, entry: list[_Numbered]) -> int:
        return self._line(entry[0][1]) or whole

    def _group(self, rows: Iterable[Row], line: int, heading: str = "") -> Group:
        text = without_allowances(self.source.line(line)).strip() if line else ""
        return Group(tuple(_merged(rows)), line, text, heading)

    def _rows(self, entries: list[list[_Numbered]], name: str) -> Iterator[Row]:
        for is_made, some in groupby(entries, lambda entry: _made(entry) is not None):
            if not is_made:
                yield Row(_plain([line for entry in some for line in entry]))
                continue
            waiting = [*some]
            for count, node in folded([_line_of(entry).node for entry in waiting]):
                row = self._row(waiting[:count], node, name)
                if answer := self.said.get(waiting[0][0][0]):
                    said = [*_entries(answer)]
                    of, whole = next(folded([_line_of(entry).node for entry in said]))
                    row = replace(self._row(said[:of], whole, name), code=row.code)
                yield row
                del waiting[:count]

    def _row(self, entries: list[list[_Numbered]], node: Node, name: str) -> Row:
        made = [_line_of(entry) for entry in entries]
        shape = next((shape_text(line.shape) for line in made if line.shape), "")
        if shape and (factors := self._factors(node)):
            shape = f"{factors} = {shape}"
        said = (printer.comment(line.comment) for line in made if line.comment)
        code = tuple(line for entry in entries for line in _without_margin(entry))
        return Row(code, self._equation(node, name), shape, translated("; ").join(said))

    def _equation(self, node: Node, name: str) -> str:
        equation = self.typesetter.equation(node)
        program = self.program
        calls_others = program.methods.keys() - self.parts | {program.predict.name}
        if not name or (program.classes and name in calls_others):
            return ""  # of objects that are made, or asked
        if not isinstance(node, KeywordStatement) or not equation:
            return equation
        if isinstance(node.value, Name) or name not in self.functions:
            return ""
        if result := self.functions[name].result:
            left = self.typesetter.symbol(result)
            return f"{left} = {equation}" if left != equation else ""
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

    def _line(self, line: ScriptLine) -> int:
        """Return the line of the page that a line of the script comes from; 0 if none does."""
        origin = line.origin
        return origin.span.line if origin and origin.span.source is self.source else 0

    def _calls(self) -> Iterator[tuple[str, int]]:
        """Yield functions with the first line of the page that they are called for."""
        found: dict[str, int] = {}
        before: dict[str, int] | None = None
        while found != before:
            before = dict(found)
            for line in map(ScriptLine.of, self.whole.lines):
                made, called_for = line.made, self._line(line) or found.get(line.function, 0)
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


def _passes(lines: Iterable[_Numbered]) -> Iterator[tuple[Heading, list[_Numbered]]]:
    """Yield headings, such as that of the backward pass, with the lines below them."""
    heading = NO_HEADING
    some: list[_Numbered] = []
    for number, line in lines:
        if line.heading:
            if some:
                yield heading, some
            heading, some = line.heading, []
        elif line:
            some.append((number, line))
    if some:
        yield heading, some


def _entries(lines: list[_Numbered]) -> Iterator[list[_Numbered]]:
    """Yield the lines of each statement, and each line that is of none."""
    for _, some in groupby(lines, lambda line: id(_made([line])) if _made([line]) else -line[0]):
        yield [*some]


def _is_left_out(entry: list[_Numbered]) -> bool:
    match _made(entry):
        case Line(KeywordStatement("raise", Operation("NotImplementedError()"))):
            return True
    return False


def _made(lines: list[_Numbered]) -> Line | None:
    return lines[0][1].made


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
