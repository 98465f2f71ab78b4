"""What can be left out of a script: statements that belong together, and what each makes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nndsl.ir import KeywordStatement, Name, Operation, Statement, names_of, statement
from nndsl.ir.printer import expression as print_expression
from nndsl.ir.tree import (
    Assign,
    AugmentedAssign,
    Block,
    Expression,
    Line,
    attributes_of,
    expressions,
    parts,
)
from nndsl.live.judging.observation import ME, RETURNED, STEP
from nndsl.program.parts import INIT, LOSS, WRITTEN, parts_of_functions
from nndsl.program.program import Function, Program

PREDICT, EVALUATE, UPDATE = "predict", "evaluate", "update"
CONSTRUCTOR = "__init__"


@dataclass(frozen=True, slots=True)
class Unit:
    """Neighbouring statements that write the same variables: they are left out together."""

    function: str
    part: str  # of the script: one of WRITTEN
    lines: tuple[Statement | Line, ...]
    writes: tuple[str, ...]
    reads: frozenset[str]
    numbers: range  # of the script without blanks

    def is_of(self, asked: str) -> bool:
        """Does it belong to this part, function or class?"""
        of, _, method = self.function.rpartition(".")
        return asked in (self.part, self.function) or (asked == of != "" and method != CONSTRUCTOR)


class Units:
    """Finds what can be left out of the functions of a script, and of its methods."""

    def __init__(
        self,
        program: Program,
        functions: Mapping[str, Function],
        parsed: Mapping[str, Sequence[Line]],
    ) -> None:
        """`parsed` are the lines of the functions as they stand in the script."""
        parts = parts_of_functions(program)
        self.parts = {name: part for name, part in parts.items() if part in WRITTEN}
        self.bodies = {name: function.body for name, function in functions.items()}
        self._program, self._functions, self._parsed = program, functions, parsed
        training = program.training
        by_itself = training.batch_loss if training is not None else None
        self.steps = {STEP} & {*functions} | ({by_itself.name} if by_itself is not None else set())

    def all(self) -> Iterator[Unit]:
        """Yield them in the order of the script."""
        step = [made for one in self.steps for made in self._functions[one].statements]
        of_loss = {name for made in step if made.section.part == LOSS for name in made.writes}
        by_name = {*self._program.methods, *(one.name for one in self._program.functions)}
        for name, body in self.bodies.items():
            part = self.parts.get(name, LOSS if name == EVALUATE else "")
            for unit in self._units_of(name, part, body, self._parsed[name]):
                first = unit.lines[0]
                if name in self.steps and isinstance(first, Statement):
                    unit = replace(unit, part=first.section.part or part)
                says_again = name != EVALUATE or {*unit.writes} <= of_loss
                if (unit.part or name in by_name) and says_again and self._asks(unit):
                    yield unit

    def _asks(self, unit: Unit) -> bool:
        """Is there something to find out, and not only to hand on?"""
        given = {"params", "state", *self._functions[unit.function].arguments}
        draws = unit.part == INIT and len(unit.writes) > 1  # a stream of random numbers
        begins = unit.function.endswith(CONSTRUCTOR)  # there is nothing else in it
        return not draws and (begins or not hands_on(unit.lines[0], given))

    def _units_of(
        self, function: str, part: str, lines: Sequence[Statement | Line], parsed: Sequence[Line]
    ) -> Iterator[Unit]:
        """Yield what can be left out of some lines; `parsed` are the same lines as they stand."""
        unit: Unit | None = None
        for line, read in zip(lines, parsed, strict=False):
            made = line if isinstance(line, Statement) else statement(line.node)
            writes, reads = writes_of(made), reads_of(made)
            if unit is not None and writes and {*writes} <= {*unit.writes}:
                numbers = range(unit.numbers.start, read.numbers.stop)
                unit = replace(
                    unit, lines=(*unit.lines, line), numbers=numbers, reads=unit.reads | reads
                )
                continue
            if unit is not None:
                yield unit
            unit = Unit(function, part, (line,), writes, reads, read.numbers)
            if isinstance(line.node, Block) and isinstance(read.node, Block) and function != STEP:
                unit = None
                yield from self._units_of(function, part, line.node.body, read.node.body)
        if unit is not None:
            yield unit


def writes_of(made: Statement) -> tuple[str, ...]:
    """Return what a statement writes: `self.x` of an object, RETURNED of a function."""
    match made.node:
        case KeywordStatement("return"):
            return (RETURNED,)
        case Assign(targets, _):
            places = targets
        case AugmentedAssign(target, _, _):
            places = (target,)
        case _:
            return made.writes
    own = [name for place in places for name in attributes_of(place)]
    return (*(name for name in made.writes if name != ME), *own)


def reads_of(made: Statement) -> frozenset[str]:
    """Return what a statement reads: `self.x` of an object."""
    own = {name for value in expressions(made.node) for name in attributes_of(value)}
    return made.reads - {ME} | own


def hands_on(line: Statement | Line, given: set[str]) -> bool:
    """Does a line only give names to what there is already, or keep or return it?

    As `x_hat, y = cache`, `self.x = x`, `self.gradients = [dW, db]` and `return dx` do.
    """
    match line.node:
        case Assign((Name("N" | "rows"),), _):
            return True
        case Assign(_, Name(name) | Operation(".values()", (Name(name),))) if name in given:
            return True
        case Assign((Operation("tuple"),), value) | KeywordStatement("return", value):
            return value is not None and is_made_of_names(value)
        case Assign((Operation(op, (Name("self"),)),), value) if op[0] == ".":
            return is_made_of_names(value)
    return False


def is_made_of_names(value: Expression) -> bool:
    """Is it a name, an attribute of the object, or a tuple, list or dictionary of such?"""
    if isinstance(value, Operation) and value.op == "[]":
        return False
    leaves = {*names_of(value)}
    own = {*attributes_of(value)}
    made = [part.op for part in parts(value) if isinstance(part, Operation)]
    gathers = {"tuple", "list", "dict", "pair", *(name.removeprefix(ME) for name in own)}
    return bool(leaves) and gathers.issuperset(made)


def keeps_gradients(made: Statement) -> bool:
    """Does a layer keep the gradients of its parameters there?"""
    match made.node:
        case Assign((Operation(".gradients", (Name("self"),)),), _):
            return True
    return False


def changed_part(unit: Unit) -> str:
    """Return what a unit changes where that is a part of something: `params[name]`."""
    if len({*unit.writes}) != 1:
        return ""
    match unit.lines[0].node:
        case Assign((Operation("[]") as target,), _) | AugmentedAssign(
            Operation("[]") as target, _, _
        ):
            return print_expression(target)
    return ""


def needed(unit: Unit, body: Sequence[Statement]) -> tuple[str, ...]:
    """Return what a unit writes that the rest of its function reads."""
    inside = {id(line) for line in unit.lines}
    read = {name for made in body if id(made) not in inside for name in made.reads}
    return tuple(name for name in unit.writes if name in read)


def joined(units: Sequence[Unit]) -> Unit:
    """Return units as one: with all that they write."""
    return replace(
        units[0],
        lines=tuple(line for unit in units for line in unit.lines),
        writes=tuple(dict.fromkeys(name for unit in units for name in unit.writes)),
        numbers=range(units[0].numbers.start, units[-1].numbers.stop),
    )
