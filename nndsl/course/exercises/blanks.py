"""Blanks in a script: what a student is to write, and what stands there in its place."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from nndsl.course.exercises.hints import hints, simple
from nndsl.course.exercises.units import (
    CONSTRUCTOR,
    EVALUATE,
    PREDICT,
    Unit,
    Units,
    changed_part,
    hands_on,
    is_made_of_names,
    joined,
    keeps_gradients,
    needed,
    writes_of,
)
from nndsl.emit.layout import shape_text
from nndsl.emit.script import Script, write_script
from nndsl.explained import ExplainedError
from nndsl.ir import KeywordStatement, Operation, Statement, quoted, statement
from nndsl.ir.parser import parse_script
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.tree import (
    NO_COMMENT,
    Assign,
    AugmentedAssign,
    Block,
    Comment,
    Line,
    Name,
    Node,
)
from nndsl.languages import sentence, translated, verbatim
from nndsl.live.judging.observation import ME, RETURNED, STEP
from nndsl.program.parts import BACKWARD, FORWARD, LOSS, WRITTEN
from nndsl.program.program import Class, Equation, Function, Program
from nndsl.program.sections import Part, Section

Made = TypeVar("Made", Statement, Line)
APART = "    "  # between equations of a line
ONE, ALL, WHOLE = LEVELS = (1, 2, 3)  # one blank, all of a pass, the pass with its signature alone
FILLED = "Run it once its blanks are filled in: python {file}"
FILLED_CELLS = "Run its cells once the blanks are filled in."


class BlankError(ExplainedError):
    """There is nothing in the script that could be left out so."""

    code = 1


@dataclass(frozen=True, slots=True)
class Blank:
    """What is left out: the names that a student gives values to, and what the script says."""

    name: str  # what it is called: dW2
    function: str  # of a method `Class.method`
    variables: tuple[str, ...]  # RETURNED is what the function returns
    shape: str
    part: str  # of the script: one of WRITTEN
    line: int  # of the script without blanks
    code: str
    hints: tuple[str, ...]


def titles(blanks: Sequence[Blank]) -> list[str]:
    """Return what a student calls blanks: by their names, with the function where several have it.

    Of several in one function each has a number: `found 2 in MaxPool.backward`.
    """
    names = [(blank.name, blank.function) for blank in blanks]
    called = []
    for at, (name, function) in enumerate(names):
        before = names[:at].count((name, function))
        number = f" {before + 1}" if names.count((name, function)) > 1 else ""
        others = any(name == other and function != of for other, of in names)
        called.append(f"{name}{number} in {function}" if others else f"{name}{number}")
    return called


class Blanks:
    """Writes a script with blanks; `chosen` are then those that it has."""

    def __init__(self, program: Program, text: str, asked: Sequence[str], level: int) -> None:
        """`text` is the script without blanks, `asked` says what is left out of it."""
        self._program, self._asked, self._level = program, asked, level
        self._text = text.split("\n")
        self._parsed: dict[str, tuple[Line, ...]] = {}
        for definition in parse_script(text):
            self._parsed[definition.name] = definition.body
            for method in definition.methods:
                self._parsed[f"{definition.name}.{method.name}"] = method.body
        self._docstrings = {
            f"{of.name}.{method.name}": of.docstring
            for of in program.classes
            for method in of.methods
        }
        self.chosen: list[Blank] = []

    def script(self, name: str, usage: str = FILLED) -> Script:
        """Return the script with blanks. BlankError where nothing has such a name.

        But at level 1 its head has no equation of what is left out. `usage` says how it is run.
        """
        script = write_script(self._program, name=name, rewrite=self._put, usage=usage)
        if self._level == ONE:
            return script
        hidden = {name for unit in self._wanted for name in unit.writes}
        known = (_without(equation, hidden) for equation in self._program.equations)
        less = replace(self._program, equations=tuple(one for one in known if one.text))
        return write_script(less, name=name, rewrite=self._put, usage=usage)

    def _put(self, sections: list[Section]) -> list[Section]:
        """Return the sections with blanks; `chosen` are then those that it put. BlankError."""
        self.chosen = []
        self._functions = dict(self._program.methods)
        made = [part for section in sections for part in section.parts]
        self._functions |= {part.name: part for part in made if isinstance(part, Function)}
        self._found = Units(self._program, self._functions, self._parsed)
        self._units = [*self._found.all()]
        self._wanted = self._all_wanted()
        return [
            replace(section, parts=tuple(map(self._with_blanks, section.parts)))
            for section in sections
        ]

    # --- What was asked for -------------------------------------------------------------

    def _all_wanted(self) -> list[Unit]:
        found: set[int] = set()
        for asked in self._asked:
            units = self._named(asked)
            if not units:
                of_parts = [unit for unit in self._units if unit.part in WRITTEN]
                written = dict.fromkeys(name for unit in of_parts for name in unit.writes)
                written.pop(RETURNED, None)
                raise BlankError(
                    f"the script has nothing called `{asked}` that could be left out",
                    f"name one of {', '.join(WRITTEN)}, or a function, or the number of a line of "
                    f"the script, or a variable: {', '.join(written)}",
                )
            found |= {id(unit) for unit in units}
        return [unit for unit in self._units if id(unit) in found]

    def _named(self, asked: str) -> list[Unit]:
        units = [unit for unit in self._units if any(map(unit.is_of, self._alike(asked)))]
        if asked in WRITTEN and self._level == ONE:
            units = self._only_one(units)
        elif asked.isdecimal():
            units = [unit for unit in self._units if int(asked) in unit.numbers]
        elif not units:
            units = [
                unit
                for unit in self._units
                if {asked, asked.removeprefix(f"{unit.function}.")} & {*unit.writes}
            ]
        return [*units, *self._said_again(units)]

    def _alike(self, asked: str) -> Iterator[str]:
        """Yield what is asked for; of a function also those of other layers of its word.

        They say nearly the same.
        """
        yield asked
        words = {node.layer.keyword() for node in self._program.graph.nodes}
        of = {name: _word_of(name, words) for name in self._functions}
        for name, word in of.items():
            if word and word == of.get(asked) and _is_backward(name) == _is_backward(asked):
                yield name

    def _only_one(self, units: list[Unit]) -> list[Unit]:
        """Return the blank of a pass that teaches most: the first that has to do with weights."""
        weights = {array.name for array in self._program.trained if array.is_weight}
        written = {f"d{name}" for name in weights} | {"loss"}
        written |= {f"d{name}" for of in self._program.classes for name in self._held(of.name)}
        weights |= {f"{ME}.{name}" for of in self._program.classes for name in self._held(of.name)}
        found = [
            unit
            for unit in units
            if (unit.function == STEP or unit.function in self._program.methods)
            and (written & {*unit.writes} or (unit.part == FORWARD and weights & unit.reads))
        ]
        return (found or units[-1:])[:1]

    def _held(self, of: str) -> tuple[str, ...]:
        """Return what an object of a class is made with."""
        made = self._program.methods.get(f"{of}.{CONSTRUCTOR}")
        return made.arguments[1:] if made is not None else ()

    def _said_again(self, units: Sequence[Unit]) -> Iterator[Unit]:
        """Yield where else the answer stands: `predict` and `evaluate` go forward as well."""
        arrays = {array.name for array in self._program.parameters}
        for unit in units:
            if unit.function in self._found.steps and unit.part in (FORWARD, LOSS):
                names = {*unit.writes}
                if unit.part == FORWARD:  # `predict` has lines of its own: max(0, X @ W1 + b1)
                    names |= unit.reads & arrays
                for other in self._units:
                    same = {*other.writes} | (other.reads & arrays)
                    if other.function in (PREDICT, EVALUATE) and names & same:
                        yield other

    # --- What stands there --------------------------------------------------------------

    def _with_blanks(self, part: Part) -> Part:
        match part:
            case Function():
                return self._changed(part.name, part)
            case Class():
                methods = (self._changed(f"{part.name}.{one.name}", one) for one in part.methods)
                return replace(part, methods=tuple(methods))
        return part

    def _changed(self, name: str, function: Function) -> Function:
        units = [unit for unit in self._wanted if unit.function == name]
        if not units:
            return function
        body = self._found.bodies[name]
        asked = [one for name in self._asked for one in self._alike(name)]
        if self._level == WHOLE and any(unit.is_of(one) for one in asked for unit in units):
            if name in self._found.parts or not units[0].part:
                read = self._parsed[name]
                numbers = range(read[0].numbers.start, read[-1].numbers.stop)
                all_of_it = replace(units[0], lines=body, writes=(), numbers=numbers)
                return function.with_body((statement(self._raise(all_of_it)),))
            passes = dict.fromkeys(unit.part for unit in units)
            whole = [joined([unit for unit in units if unit.part == part]) for part in passes]
            units = [replace(unit, writes=needed(unit, body)) for unit in whole]
        starts = {id(unit.lines[0]): unit for unit in units}
        left_out = {id(line) for unit in units for line in unit.lines}
        return function.with_body([*self._lines(body, starts, left_out)])

    def _lines(
        self, lines: Iterable[Made], starts: dict[int, Unit], left_out: set[int]
    ) -> Iterator[Made]:
        for line in lines:
            if id(line) in starts:
                raised = self._raise(starts[id(line)])
                why = line.comment if self._level == ONE else NO_COMMENT
                yield _with_node(line, raised, why)
            elif id(line) not in left_out:
                if isinstance(line.node, Block):
                    body = tuple(self._lines(line.node.body, starts, left_out))
                    line = _with_node(line, replace(line.node, body=body), line.comment)
                yield line

    def _raise(self, unit: Unit) -> KeywordStatement:
        """Return what stands in the place of a unit, which is then one of those chosen."""
        function = self._functions[unit.function]
        is_answer = unit.writes == (RETURNED,)
        called = (function.result,) if is_answer and function.result else unit.writes
        variables = tuple(name for name in called if name not in ("_", RETURNED))
        name = changed_part(unit) or ", ".join(variables) or unit.function
        shape = self._shape(unit, variables)
        lines = self._text[unit.numbers.start - 1 : unit.numbers.stop - 1]
        self.chosen.append(
            Blank(
                name,
                unit.function,
                tuple(name for name in unit.writes if name != "_") or (RETURNED,),
                shape,
                unit.part,
                unit.numbers.start,
                textwrap.dedent("\n".join(lines)),
                hints(
                    variables,
                    unit.lines,
                    self._forward_of(unit.function),
                    self._purpose(unit),
                    self._found.bodies[unit.function],
                    {made.text for one in self._wanted for made in simple(one.lines)},
                ),
            )
        )
        says = translated(self._says(unit, name, variables, shape))
        says = " ".join(says.split()).replace("( ", "(").replace(", )", ")")  # of several lines
        text = quoted(says.replace('"', "'"))
        return KeywordStatement("raise", Operation("NotImplementedError()", (text,)))

    def _shape(self, unit: Unit, variables: Sequence[str]) -> str:
        """Return the shape of the only variable that a unit writes, as far as it is certain."""
        if len(variables) != 1:
            return ""
        shapes = [
            line.shape
            for line in unit.lines
            if line.shape and variables[0] in statement(line.node).writes
        ]
        of_parameters = {f"d{array.name}": array.array_shape for array in self._program.trained}
        if variables[0] in of_parameters and unit.function not in self._program.methods:
            shapes.append(of_parameters[variables[0]])
        return shape_text(shapes[0]) if shapes else ""

    def _says(self, unit: Unit, name: str, variables: Sequence[str], shape: str) -> str:
        """Return what is said of a unit where it is left out."""
        function = self._functions[unit.function]
        if shape:
            return sentence("{name}: shape {shape}", name=name, shape=shape)
        like = self._has_shape_of(unit, variables)
        if unit.writes == (RETURNED,):
            if like:
                answer = "{name}: what is returned, in the shape of {array}"
                return sentence(answer, name=name, array=like)
            return sentence("{name}: what it returns", name=name)
        if like:
            return sentence("{name}: the shape of {array}", name=name, array=like)
        match unit.lines[-1].node:
            case KeywordStatement("return", value) if not unit.writes and value is not None:
                kept = [made.text for made in function.statements if keeps_gradients(made)]
                if is_made_of_names(value):
                    returned = sentence("return {values}", values=print_expression(value))
                    before = f"{name}: {'; '.join(kept)}; " if kept else f"{name}: "
                    return sentence("{before}{returned}", before=before, returned=returned)
                answer = sentence("{name}: what it returns", name=name)
                kept_too = "{name}: {code}, and what it returns"
                return sentence(kept_too, name=name, code=kept[0]) if kept else answer
        return verbatim(name)

    def _has_shape_of(self, unit: Unit, variables: Sequence[str]) -> str:
        """Return what in a method has the shape of the variable that a unit writes, if any.

        A gradient has that of its value: what the layer is made with, what it takes, what its
        forward pass keeps.
        """
        of, _, method = unit.function.rpartition(".")
        node = unit.lines[0].node
        match node:
            case Assign((Name(),), Operation("np.zeros_like()", (Name(array), *_))) if of:
                return array
            case Assign((Operation("[]"),), _) | AugmentedAssign():
                return ""
        value = variables[0].removeprefix("d") if len(variables) == 1 else ""
        if not of or method != BACKWARD or value in ("", *variables):
            return ""
        before = self._program.methods.get(f"{of}.{FORWARD}")
        forward = before.statements if before is not None else ()
        own = f"{ME}.{value}"
        unpacked = [made for made in self._found.bodies[unit.function] if hands_on(made, set())]
        if before is not None and value in before.arguments[1:]:
            return value
        if value in self._held(of) or any(own in writes_of(made) for made in forward):
            return own
        if any(value in made.mutates for made in forward):  # the gradient is then of a part
            return ""
        return value if any(value in made.writes for made in unpacked) else ""

    def _purpose(self, unit: Unit) -> str:
        """Say how what a function is for can be found. Empty: its docstring is all there is."""
        forward = unit.function.removesuffix(f"_{BACKWARD}")
        if forward != unit.function and forward in self._functions:
            says = "It goes backward through `{code}`: its last statement is the first to pass the "
            says += "gradient on to what it was made of."
            return sentence(says, code=forward)
        if unit.function == PREDICT:
            says = "It goes forward as `{code}` does, and ends before the loss."
            return sentence(says, code=STEP)
        docstring = self._functions[unit.function].docstring
        is_named = unit.function == STEP and bool(unit.writes)
        return "" if is_named else self._docstrings.get(unit.function, docstring)

    def _forward_of(self, name: str) -> list[Statement]:
        """Return the statements of the forward pass that those of a backward one belong to."""
        if name == STEP:
            step = self._functions[name].statements
            return [made for made in step if made.section.part in (FORWARD, LOSS)]
        of, _, method = name.rpartition(".")
        before = f"{of}.{FORWARD}" if method == BACKWARD else name.removesuffix(f"_{BACKWARD}")
        body = self._found.bodies.get(before, ()) if before != name else ()
        given = {*self._functions[before].arguments} if body else set()
        return [made for made in body if not (of and hands_on(made, given))]


def _with_node(line: Made, node: Node, why: Comment) -> Made:
    """Return a line with another statement and comment; of a blank the margin says no shape."""
    shape = line.shape if isinstance(node, Block) else None
    made: Any = line.with_node(node) if isinstance(line, Statement) else replace(line, node=node)
    changed: Made = replace(made, comment=why, shape=shape)
    return changed


def _without(equation: Equation, hidden: set[str]) -> Equation:
    """Return what an equation of the head says of other variables than those that are hidden."""
    said = (part for part in equation.text.split(APART) if part.partition(" = ")[0] not in hidden)
    return replace(equation, text=APART.join(said))


def _word_of(name: str, words: Iterable[str]) -> str:
    """Return the word of the layers that a function is for: `rnn` of `rnn_all_backward`."""
    fitting = (word for word in words if f"{name}_".startswith(f"{word}_"))
    return max(fitting, key=len, default="")


def _is_backward(name: str) -> bool:
    return name.endswith(f"_{BACKWARD}")
