"""What a script computes, statement by statement, without running it: calls inside of calls.

The statements of a function and of all that it calls become steps, one after another, in which
each variable has a name that no other has. What is known of a name without running anything is its
value: an expression, an object, or several values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from nndsl.ir import Expression, Literal, Name, Operation, Statement
from nndsl.ir.parser import Definition
from nndsl.ir.statement import statement
from nndsl.ir.tree import Assign, KeywordStatement, Line, quoted


@dataclass(frozen=True, slots=True)
class Step:
    """A statement with unique names, and what stands for it in the script."""

    numbers: range  # of its lines in the script
    statement: Statement
    written: Statement
    function: str  # of the script, in which it stands
    shown: str = ""  # how it stands there, if not as a statement
    calls: tuple[tuple[str, str], ...] = ()  # around it, innermost first: where, and what it writes

    @property
    def line(self) -> int:
        """The number of its first line."""
        return self.numbers[0]

    @property
    def writes(self) -> tuple[str, ...]:
        """The variables that it binds or changes."""
        return self.statement.writes


@dataclass(eq=False)
class Object:
    """An object of the script: its class, what it holds, and what its last `forward` knew."""

    of: Definition
    held: dict[str, Value] = field(default_factory=dict)
    known: dict[str, dict[str, Value]] = field(default_factory=dict)  # by the class of `forward`
    taken: dict[str, list[str]] = field(default_factory=dict)  # what `forward` took, likewise


@dataclass(frozen=True)
class Several:
    """A list or a tuple whose elements are known, with what the function knew that made it."""

    values: tuple[Value, ...]
    known: Mapping[str, Value] = field(default_factory=dict, compare=False)


@dataclass(eq=False)
class Entries:
    """A dictionary whose keys are known."""

    values: dict[str, Value]


Value: TypeAlias = Expression | Object | Several | Entries


class Unclear(ValueError):
    """What the script does cannot be told without running it."""


class Whole:
    """The steps of a function and of all that it calls; what it returns."""

    returned: Expression

    def __init__(self, defined: Mapping[str, Definition], function: str) -> None:
        self.defined = defined
        self.steps: list[Step] = []
        self.names: dict[tuple[str, str], str] = {}  # of the script, by function and variable
        # Names that mean the same everywhere, and those of the variables.
        self.taken = {*defined, *defined[function].arguments}

    def unique(self, variable: str, name: str = "") -> str:
        """Return this name of a variable if it is free, or else `name`, with a number."""
        number, name = 1, name or variable
        while variable in self.taken:
            number += 1
            variable = f"{name}__{number}"
        self.taken.add(variable)
        return variable


@dataclass
class Call:
    """A function while it is called: what its names mean, and the line that is read."""

    whole: Whole
    function: Definition
    names: dict[str, Value]
    line: Line = field(default_factory=lambda: Line(KeywordStatement("pass")))
    calls: tuple[tuple[str, str], ...] = ()  # around it, innermost first: where, and what it writes

    @property
    def title(self) -> str:
        """The name of the function, as a person would say it."""
        return self.function.name

    @property
    def written(self) -> Statement:
        """The line as it stands in the script."""
        return statement(self.line.node, self.line.comment)

    def add(self, own: Statement, written: Statement | None = None, shown: str = "") -> None:
        """Add a step, by names of the whole, for the line."""
        written = written or self.written
        step = Step(self.line.numbers, own, written, self.title, shown, self.calls)
        self.whole.steps.append(step)


def plain(value: Value) -> Expression:
    """Return a value as an expression. Unclear where it is an object."""
    match value:
        case Several(values):
            return Operation("tuple", tuple(map(plain, values)), enclosed=True)
        case Entries(values):
            pairs = ((quoted(key), plain(v)) for key, v in values.items())
            return Operation("dict", tuple(Operation("pair", pair) for pair in pairs))
        case Object():
            raise Unclear(f"an object of `{value.of.name}` stands where an array should")
    return value


def elements_of(value: Value) -> tuple[Value, ...]:
    """Return the elements of a list. Unclear where they are not known."""
    if not isinstance(value, Several):
        raise Unclear("it is not clear what a list holds")
    return value.values


# --- Constants of a script ------------------------------------------------------------------


def constant(node: Expression, defined: Mapping[str, Definition]) -> Expression | None:
    """Return what a name stands for that a script defines in a single assignment."""
    if isinstance(node, Name) and node.id in defined:
        match defined[node.id].body:
            case [Line(Assign(_, value))] if not defined[node.id].is_function:
                return value
    return None


def texts(node: Expression, defined: Mapping[str, Definition], *kinds: str) -> list[str]:
    """Return the texts of what a script defines: a "tuple", a "list", a "dict" with such keys."""
    match constant(node, defined):
        case Operation(kind, items) if kind in kinds:
            firsts = (i.operands[0] if isinstance(i, Operation) else i for i in items)
            return [i.value for i in firsts if isinstance(i, Literal) and type(i.value) is str]
    return []


def rounds(value: Expression, defined: Mapping[str, Definition]) -> int | None:
    """Return how often a loop over `range(4)`, or over `range(DEPTH)`, runs; None for others."""
    match value:
        case Operation("range()", (end,)):
            match constant(end, defined) or end:
                case Literal(int(times)):
                    return times
    return None
