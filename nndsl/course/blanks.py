"""Blanks in a script: what a student is to write, and what stands there in its place."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from nndsl.course.hints import hints
from nndsl.emit.layout import shape_text
from nndsl.ir import KeywordStatement, Name, Operation, Statement, quoted, statement
from nndsl.ir.parser import parse_script
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.tree import NO_COMMENT, Assign, AugmentedAssign, Block, Comment, Line, Node
from nndsl.languages import sentence, translated
from nndsl.program.program import Function, Program
from nndsl.program.sections import Section

Made = TypeVar("Made", Statement, Line)
PASSES = ("backward", "forward", "loss", "update", "init")
ONE, ALL, WHOLE = LEVELS = (1, 2, 3)  # one blank, all of a pass, the pass with its signature alone
STEP, PREDICT, EVALUATE, UPDATE = "loss_and_gradients", "predict", "evaluate", "update"
LOSS = "batch_loss"  # which is evaluated for each number, where no gradient is sent back


class BlankError(Exception):
    """There is nothing in the script that could be left out so. `help`: the way out."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Blank:
    """What is left out: the names that a student gives values to, and what the script says."""

    name: str  # what it is called: dW2
    function: str
    variables: tuple[str, ...]  # none where it is a function, or what one returns
    shape: str
    part: str  # of the script: one of PASSES
    line: int  # of the script without blanks
    code: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """Neighbouring statements that write the same variables: they are left out together."""

    function: str
    part: str  # of the script: one of PASSES
    lines: tuple[Statement | Line, ...]  # none: what the function returns
    writes: tuple[str, ...]
    reads: frozenset[str]
    numbers: range  # of the script without blanks


class Blanks:
    """Puts blanks into the sections of a script; `chosen` are then those that it put."""

    def __init__(self, program: Program, text: str, asked: Sequence[str], level: int) -> None:
        """`text` is the script without blanks, `asked` says what is left out of it."""
        self._program, self._asked, self._level = program, asked, level
        self._text = text.split("\n")
        self._bodies = {definition.name: definition.body for definition in parse_script(text)}
        self.chosen: list[Blank] = []

    def put(self, sections: list[Section]) -> list[Section]:
        """Return the sections with blanks. BlankError where nothing has such a name."""
        parts = [part for section in sections for part in section.parts]
        self._functions = {part.name: part for part in parts if isinstance(part, Function)}
        self._parts = self._part_of_functions()
        self._units = [*self._all_units()]
        wanted = self._wanted()
        changed = {
            name: self._changed(function, [unit for unit in wanted if unit.function == name])
            for name, function in self._functions.items()
        }
        return [
            replace(
                section,
                parts=tuple(
                    changed[part.name] if isinstance(part, Function) else part
                    for part in section.parts
                ),
            )
            for section in sections
        ]

    # --- What there is ------------------------------------------------------------------

    @property
    def _estimates(self) -> bool:
        """Do gradients come from evaluations of the loss, and from no backward pass?"""
        return LOSS in self._functions

    def _part_of_functions(self) -> dict[str, str]:
        """Return the pass that each function belongs to as a whole."""
        parts = {function.name: "init" for function in self._program.initializers}
        parts |= {PREDICT: "forward", UPDATE: "update"}
        if self._estimates:
            parts |= {STEP: "backward", LOSS: "forward"}
        blocks = {block.name: block for block in self._program.blocks}
        for made in self._functions[STEP].statements:
            waiting = [*sorted(made.reads & blocks.keys())]
            while waiting:
                name = waiting.pop()
                if name not in parts and _pass_of(made):
                    parts[name] = _pass_of(made)
                    waiting += sorted(blocks[name].reads & blocks.keys())
        return parts

    def _all_units(self) -> Iterator[_Unit]:
        step = [] if self._estimates else [*self._of_step()]
        of_loss = {name for unit in step if unit.part == "loss" for name in unit.writes}
        for name, function in self._functions.items():
            if name == STEP and step:
                yield from step
            elif name == EVALUATE:
                units = self._units_of(name, "loss", function.statements, self._bodies[name])
                yield from (unit for unit in units if {*unit.writes} <= of_loss)
            elif name in self._parts:
                yield from self._of_function(function, self._parts[name])

    def _of_step(self) -> Iterator[_Unit]:
        """Yield the statements of the training step, with the pass that they belong to."""
        units = [*self._units_of(STEP, "", self._functions[STEP].statements, self._bodies[STEP])]
        parts = [_pass_of(unit.lines[0]) for unit in units]
        values = {*self._program.values}
        last = max((at for at, unit in enumerate(units) if values & {*unit.writes}), default=-1)
        for at, (unit, part) in enumerate(zip(units, parts, strict=True)):
            if part:
                yield replace(unit, part="loss" if part == "forward" and at > last else part)

    def _of_function(self, function: Function, part: str) -> Iterator[_Unit]:
        body = self._bodies[function.name]
        given = {"params", "state", *function.arguments}
        for unit in self._units_of(function.name, part, function.statements, body):
            draws = part == "init" and len(unit.writes) > 1  # a stream of random numbers
            if not draws and not _unpacks(unit.lines[0], given):
                yield unit
        if function.returns is not None and not isinstance(function.returns, Name):
            made = statement(KeywordStatement("return", function.returns))
            if function.name == PREDICT or part == "init":
                yield _Unit(function.name, part, (), (), made.reads, body[-1].numbers)

    def _units_of(
        self, function: str, part: str, lines: Sequence[Statement | Line], parsed: Sequence[Line]
    ) -> Iterator[_Unit]:
        """Yield what can be left out of some lines; `parsed` are the same lines as they stand."""
        unit: _Unit | None = None
        for line, read in zip(lines, parsed, strict=False):
            made = line if isinstance(line, Statement) else statement(line.node)
            if unit is not None and made.writes and {*made.writes} <= {*unit.writes}:
                numbers = range(unit.numbers.start, read.numbers.stop)
                reads = unit.reads | made.reads
                unit = replace(unit, lines=(*unit.lines, line), numbers=numbers, reads=reads)
                continue
            if unit is not None:
                yield unit
            unit = _Unit(function, part, (line,), made.writes, made.reads, read.numbers)
            if isinstance(line.node, Block) and isinstance(read.node, Block) and function != STEP:
                unit = None
                yield from self._units_of(function, part, line.node.body, read.node.body)
        if unit is not None:
            yield unit

    # --- What was asked for -------------------------------------------------------------

    def _wanted(self) -> list[_Unit]:
        found: set[int] = set()
        for asked in self._asked:
            units = self._named(asked)
            if not units:
                raise BlankError(
                    f"the script has nothing called `{asked}` that could be left out",
                    f"name one of {', '.join(PASSES)}, or a function, a variable that one of them "
                    "writes, or the number of a line of the script",
                )
            found |= {id(unit) for unit in units}
        return [unit for unit in self._units if id(unit) in found]

    def _named(self, asked: str) -> list[_Unit]:
        units = [unit for unit in self._units if asked in (unit.part, unit.function)]
        if asked in PASSES and self._level == ONE:
            units = self._only_one(units)
        elif asked.isdecimal():
            units = [unit for unit in self._units if int(asked) in unit.numbers]
        elif not units:
            units = [unit for unit in self._units if asked in unit.writes]
        return [*units, *self._said_again(units)]

    def _only_one(self, units: list[_Unit]) -> list[_Unit]:
        """Return the blank of a pass that teaches most: the first that has to do with weights."""
        weights = {array.name for array in self._program.trained if array.is_weight}
        written = {f"d{name}" for name in weights} | {"loss"}
        found = [
            unit
            for unit in units
            if unit.function == STEP
            and (written & {*unit.writes} or (unit.part == "forward" and weights & unit.reads))
        ]
        return (found or units[-1:])[:1]

    def _said_again(self, units: Sequence[_Unit]) -> Iterator[_Unit]:
        """Yield where else the answer stands: `predict` and `evaluate` go forward as well."""
        arrays = {array.name for array in self._program.parameters}
        for unit in units:
            if unit.function == STEP and unit.part in ("forward", "loss"):
                names = {*unit.writes}
                if unit.part == "forward":  # `predict` has lines of its own: max(0, X @ W1 + b1)
                    names |= unit.reads & arrays
                for other in self._units:
                    same = {*other.writes} | (other.reads & arrays)
                    if other.function in (PREDICT, EVALUATE) and names & same:
                        yield other

    # --- What stands there --------------------------------------------------------------

    def _changed(self, function: Function, units: list[_Unit]) -> Function:
        if not units:
            return function
        is_whole = self._level == WHOLE and any(a in (*PASSES, function.name) for a in self._asked)
        if is_whole and (self._estimates or function.name not in (STEP, EVALUATE)):
            body = self._bodies[function.name]
            numbers = range(body[0].numbers.start, body[-1].numbers.stop)
            part = self._parts.get(function.name, "")
            raised = self._raise(_Unit(function.name, part, (), (), frozenset(), numbers), is_whole)
            return replace(function, statements=(statement(raised),), returns=None)
        if is_whole:
            parts = dict.fromkeys(unit.part for unit in units)
            joined = [_joined([unit for unit in units if unit.part == part]) for part in parts]
            units = [replace(unit, writes=_needed(unit, function)) for unit in joined]
        starts = {id(unit.lines[0]): unit for unit in units if unit.lines}
        left_out = {id(line) for unit in units for line in unit.lines}
        statements = tuple(self._with_blanks(function.statements, starts, left_out))
        answer = next((unit for unit in units if not unit.lines), None)
        if answer is not None:
            statements = (*statements, statement(self._raise(answer)))
        returns = function.returns if answer is None else None
        return replace(function, statements=statements, returns=returns)

    def _with_blanks(
        self, lines: Iterable[Made], starts: dict[int, _Unit], left_out: set[int]
    ) -> Iterator[Made]:
        for line in lines:
            if id(line) in starts:
                raised = self._raise(starts[id(line)])
                why = line.comment if self._level == ONE else NO_COMMENT
                yield _with_node(line, raised, why)
            elif id(line) not in left_out:
                if isinstance(line.node, Block):
                    body = tuple(self._with_blanks(line.node.body, starts, left_out))
                    line = _with_node(line, replace(line.node, body=body), line.comment)
                yield line

    def _raise(self, unit: _Unit, is_whole: bool = False) -> KeywordStatement:
        """Return what stands in the place of a unit, which is then one of those chosen."""
        function = self._functions[unit.function]
        variables = tuple(name for name in unit.writes if name != "_")
        name = _changed_part(unit) or ", ".join(variables) or function.name
        shapes = [
            line.shape
            for line in unit.lines
            if line.shape and variables[:1] and variables[0] in statement(line.node).writes
        ]
        of_parameters = {f"d{array.name}": array.array_shape for array in self._program.trained}
        if variables[:1] and variables[0] in of_parameters:
            shapes.append(of_parameters[variables[0]])
        shape = shape_text(shapes[0]) if shapes and len(variables) == 1 else ""
        lines = self._text[unit.numbers.start - 1 : unit.numbers.stop - 1]
        self.chosen.append(
            Blank(
                name,
                function.name,
                variables,
                shape,
                unit.part,
                unit.numbers.start,
                textwrap.dedent("\n".join(lines)),
                hints(
                    variables,
                    unit.lines or _all_of(function, is_whole),
                    self._forward_of(function),
                    function.docstring,
                ),
            )
        )
        says = (
            translated(sentence("{name}: shape {shape}", name=name, shape=shape)) if shape else name
        )
        if is_whole and function.returns is not None and function.name != PREDICT:
            says = f"{name}: return {print_expression(function.returns)}"
        elif not unit.lines:
            returns = translated(sentence("{name}: what it returns", name=name))
            says = returns if function.returns is not None else name
        says = " ".join(says.split()).replace("( ", "(").replace(", )", ")")  # of several lines
        text = quoted(says.replace('"', "'"))
        return KeywordStatement("raise", Operation("NotImplementedError()", (text,)))

    def _forward_of(self, function: Function) -> list[Statement]:
        """Return the statements of the forward pass that those of a backward one belong to."""
        if function.name == STEP:
            return [made for made in function.statements if _pass_of(made) == "forward"]
        forward = self._functions.get(function.name.removesuffix("_backward"))
        return [*forward.statements] if forward not in (None, function) else []


def _all_of(function: Function, is_whole: bool) -> tuple[Statement, ...]:
    """Return the statements of a function, or the last of them alone: what it returns."""
    made = function.statements if is_whole else ()
    if function.returns is None:
        return made
    return (*made, statement(KeywordStatement("return", function.returns)))


def _with_node(line: Made, node: Node, why: Comment) -> Made:
    """Return a line with another statement and comment; of a blank the margin says no shape."""
    shape = line.shape if isinstance(node, Block) else None
    made: Any = line.with_node(node) if isinstance(line, Statement) else replace(line, node=node)
    changed: Made = replace(made, comment=why, shape=shape)
    return changed


def _pass_of(line: Statement | Line) -> str:
    """Return the pass that a statement of the training step stands in."""
    section = line.section if isinstance(line, Statement) else ""
    return next((name for name in ("forward", "backward") if section.lower().startswith(name)), "")


def _unpacks(line: Statement | Line, given: set[str]) -> bool:
    """Does a line give names to what a function was given, as `x_hat, y = cache` does?"""
    match line.node:
        case Assign(_, Name(name) | Operation(".values()", (Name(name),))):
            return name in given
        case Assign((Name("N" | "rows"),), _):
            return True
    return False


def _changed_part(unit: _Unit) -> str:
    """Return what a unit changes where that is a part of something: `params[name]`."""
    if len({*unit.writes}) != 1 or not unit.lines:
        return ""
    match unit.lines[0].node:
        case Assign((Operation("[]") as target,), _) | AugmentedAssign(
            Operation("[]") as target, _, _
        ):
            return print_expression(target)
    return ""


def _needed(unit: _Unit, function: Function) -> tuple[str, ...]:
    """Return what a unit writes that the rest of its function reads."""
    inside = {id(line) for line in unit.lines}
    rest = [made for made in function.statements if id(made) not in inside]
    if function.returns is not None:
        rest.append(statement(KeywordStatement("return", function.returns)))
    read = {name for made in rest for name in made.reads}
    return tuple(name for name in unit.writes if name in read)


def _joined(units: Sequence[_Unit]) -> _Unit:
    """Return units as one: with all that they write."""
    return replace(
        units[0],
        lines=tuple(line for unit in units for line in unit.lines),
        writes=tuple(dict.fromkeys(name for unit in units for name in unit.writes)),
        numbers=range(units[0].numbers.start, units[-1].numbers.stop),
    )
