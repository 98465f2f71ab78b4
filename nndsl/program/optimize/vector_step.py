"""The optimizer's step on one vector of all parameters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nndsl.ir import (
    Assign,
    AugmentedAssign,
    Expression,
    Literal,
    Name,
    Operation,
    Statement,
    assign,
    names_of,
    parse_text,
    parse_value,
)
from nndsl.ir.printer import SIGN, enclosed, expression, tightness
from nndsl.ir.rows import Rows
from nndsl.ir.tree import Clause, Comprehension, mapped, parts, replacing
from nndsl.ir.values import NUMBER, Value, value_of
from nndsl.program.constants import Constant, known_numbers
from nndsl.program.names import Names
from nndsl.program.optimize.in_place import write_in_place
from nndsl.program.optimize.rules import is_elementwise
from nndsl.program.optimize.running_sums import (
    Assignment,
    Factors,
    Signs,
    inline_single_uses,
    rewrite_as_sums,
    running_sums,
)
from nndsl.program.optimize.split import Splitter
from nndsl.program.program import Update, VectorStep

VECTOR = Value((Rows(),))  # as long as there are parameters


GRADIENTS = "gradients"
COPY = """
for name, part in parts(gradient).items():
    part[...] = gradients[name]
"""


class NotElementwise(Exception):
    """The step does more than treat each number of a parameter alone."""


def vector_step(update: Update, constants: Iterable[Constant], names: Names) -> VectorStep | None:
    """Return the step on one vector, or None where a parameter is more to it than its numbers."""
    states = [name for name, _, _ in update.states]
    given = {"p", "g", *states}
    once = {name for s in update.before for name in s.writes} - {GRADIENTS}
    constants = list(constants)
    known = dict.fromkeys(given, VECTOR) | dict.fromkeys({"step", *once}, NUMBER)
    known |= known_numbers(constants)
    places = {parse_value("params[name]"): Name("p")}
    places |= {parse_value(f"{name}[name]"): Name(name) for name in states}
    signs = Signs({c.name: float(c.number) for c in constants if c.number is not None})
    means = [name for name, first, _ in update.states if first == 0]
    try:
        before, clipped = _clipped(update.before, known)
        changes = [*clipped, *(_change(s, places, known) for s in update.statements)]
        decay = [_change(s, places, known) for s in update.decay]
        if any(change.target not in ("p", "g") for change in decay):
            means = []  # the texts for weights alone see what the others do
        sums = running_sums(changes, means, signs)
        changes = inline_single_uses(rewrite_as_sums(changes, sums), known)
        writer = _Writer(known, given, names, signs)
        decay_lines, lines = writer.lines(decay), writer.lines(changes)
        if writer.hoists_arrays:
            return None
    except NotElementwise:
        return None
    return VectorStep(
        before=tuple(before),
        numbers=tuple(writer.numbers),
        decay=tuple(decay_lines),
        statements=tuple(lines),
        scratch=tuple(writer.scratch),
        sums={
            name: expression(scale if tightness(scale) >= SIGN else enclosed(scale))
            for name, (scale, _) in sums.items()
        },
    )


def _clipped(
    before: Sequence[Statement], known: dict[str, Value]
) -> tuple[list[Statement], list[Assignment]]:
    """Take a dictionary of new gradients, each made alike of the old one, as a change of `g`.

    Any other new dictionary is copied into the vector.
    """
    kept: list[Statement] = []
    changes: list[Assignment] = []
    for statement in before:
        if GRADIENTS not in statement.writes:
            kept.append(statement)
            continue
        match statement.value:
            case Comprehension("{}", Operation("pair", (_, value)), (Clause(target, _, ()),)) if (
                [*names_of(target)] == ["name", "g"]
                and value_of(value, known) == VECTOR
                and not _mixes(value, known)
            ):
                changes.append(Assignment("g", value, statement.comment))
                continue
        kept += [statement, *parse_text(COPY)]
    return kept, changes


def _change(
    statement: Statement, places: Mapping[Expression, Expression], known: dict[str, Value]
) -> Assignment:
    """Return `a += b` as `a = a + b`. NotElementwise where a statement is no such thing."""
    match statement.rewrite(replacing(places)).node:
        case Assign((Name(target),), value):
            pass
        case AugmentedAssign(Name(target) as own, op, right):
            value = Operation(op, (own, right))
        case Assign((Operation("[]", (Name("p" as target), Literal())),), value):
            pass  # all of it
        case _:
            raise NotElementwise
    found = value_of(value, known)
    if found is None or found.kind != "float" or found.shape not in ((), VECTOR.shape):
        raise NotElementwise
    if not found.shape and known.get(target) == VECTOR:
        raise NotElementwise
    if _mixes(value, known) or not _is_plain(value, known):
        raise NotElementwise
    known[target] = Value(found.shape)
    return Assignment(target, value, statement.comment)


def _is_plain(node: Expression, known: dict[str, Value]) -> bool:
    """Is a vector made by operations alone that write into memory that is there?"""
    for part in parts(node):
        found = value_of(part, known)
        is_vector = found is not None and bool(found.shape)
        if isinstance(part, Operation) and is_vector and not is_elementwise(part):
            return False
    return value_of(node, known) != VECTOR or isinstance(node, Operation)


def _mixes(node: Expression, known: dict[str, Value]) -> bool:
    """Does an expression ask for more of a vector than each number alone: its size, its sum?"""
    for part in parts(node):
        if isinstance(part, Operation) and (part.op[0] == "." or part.op[-1] == ")"):
            found = value_of(part, known)
            has_vector = any(known.get(name) == VECTOR for name in names_of(part))
            if has_vector and (found is None or not found.shape):
                return True
    return False


class _Writer:
    """Writes changes as statements in place, and the numbers that they need once a step."""

    def __init__(
        self, known: dict[str, Value], given: set[str], names: Names, signs: Signs
    ) -> None:
        self.numbers: list[Statement] = []
        self.scratch: list[str] = []
        self._given = given
        self._known = known
        self._names = names
        self._factors = Factors(known, signs)
        self._splitter = Splitter(known, names)

    @property
    def hoists_arrays(self) -> bool:
        """Does it read arrays as long as a batch, which a step on blocks has not?"""
        return bool(self._splitter.hoisted.entries)

    def lines(self, changes: Iterable[Assignment]) -> list[Statement]:
        statements: list[Statement] = []
        for change in changes:
            value = self._gathered(change)
            made = assign(change.target, value)
            found = value_of(value, self._known)
            if found is not None and not found.shape:
                self.numbers.append(replace(made, comment=change.comment))
                continue
            split = self._splitter.split([made])
            first = replace(split[0], comment=change.comment)
            statements += [first, *(s.with_comment("") for s in split[1:])]
        owned = {s.target for s in statements if s.target is not None}
        new = {name for name in owned if name not in self._given}
        self.scratch = list(
            dict.fromkeys([*self.scratch, *sorted(new), *self._splitter.scratch_names])
        )
        written = write_in_place(statements, self._known, owned)
        return [replace(statement, shape=None) for statement in written]

    def _gathered(self, change: Assignment) -> Expression:
        """Return the value with the factor of what is added or taken away as one number."""
        match change.value:
            case Operation("+" | "-" as op, (Name(name) as own, right)) if name == change.target:
                factor, rest = self._factors.of(right)
                rest = self._with_numbers(rest)
                if factor is not None:
                    rest = Operation("*", (rest, self._as_number("scale", factor)))
                return Operation(op, (own, rest))
        return change.value

    def _with_numbers(self, node: Expression) -> Expression:
        """Work out each number inside an expression before the passes begin."""
        if isinstance(node, Operation) and len(node.operands) == 2 and node.op[-1] != ")":
            found = value_of(node, self._known)
            if found is not None and not found.shape:
                return self._as_number("offset", node)
        return mapped(node, self._with_numbers)

    def _as_number(self, like: str, node: Expression) -> Expression:
        """Return a number as it can stand in a pass: a name, where it must be worked out."""
        if isinstance(node, Name | Literal):
            return node
        name = self._names.fresh(like)
        self._known[name] = NUMBER
        self.numbers.append(assign(name, node))
        return Name(name)
