"""Loops of a forward pass that fill arrays step by step, and sums and stacks of what one makes."""

from collections.abc import Mapping
from dataclasses import replace

from nndsl.ir.derivatives import NotDifferentiable
from nndsl.ir.statement import Statement, statement
from nndsl.ir.tree import (
    Assign,
    Block,
    Comprehension,
    Expression,
    Line,
    Name,
    Operation,
    mapped,
    names_of,
    putting,
    rewritten,
)
from nndsl.ir.values import NUMBER, Value, value_of
from nndsl.record import record

BEFORE, NOW = "_before", "_now"  # of an array: what the step before put there, what this one reads


@record
class Loop:
    """One step of a loop as statements that give each name once.

    What a step puts into an array has the name of the array here, what the step before put there
    the name of it with `_before`, and a part of another array that with `_now`. `places` says
    where each of them stands.
    """

    variable: str
    iterable: Expression
    body: tuple[Statement, ...]
    places: Mapping[str, Operation]
    stored: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()  # of those, what the next step reads

    @property
    def parts(self) -> dict[str, str]:
        """Names of parts of arrays that the loop only reads, and of their arrays."""
        made = {*self.stored, *(f"{name}{BEFORE}" for name in self.carried)}
        return {
            local: array.id
            for local, place in self.places.items()
            if local not in made and isinstance(array := place.operands[0], Name)
        }

    def known(self, outside: Mapping[str, Value]) -> dict[str, Value]:
        """Return what is known of what a step reads."""
        whole = value_of(self.iterable, outside)
        item = Value(whole.shape[1:], whole.kind) if whole is not None else NUMBER
        around = {**outside, self.variable: item}
        found = {
            name: value_of(place, around)
            for name, place in self.places.items()
            if name not in self.stored
        }
        written = {name for step in self.body for name in step.writes}
        rest = {name: value for name, value in around.items() if name not in written}
        return rest | {name: value for name, value in found.items() if value is not None}

    def active(self, outside: set[str]) -> set[str]:
        """Return which names of a step change with what changes outside."""
        found = outside | {part for part, array in self.parts.items() if array in outside}
        while True:
            before = len(found)
            for step in self.body:
                found |= set(step.writes) if found & step.reads else set()
            found |= {f"{name}{BEFORE}" for name in self.carried if name in found}
            if len(found) == before:
                return found


def loop_of(step: Statement) -> Loop:
    """Return `for t in range(…):`. NotDifferentiable where a step is no list of formulas."""
    match step.node:
        case Block("for", Operation("range()") as iterable, Name(variable), body, None):
            reader = _Reader(variable)
            for line in body:
                for target in line.node.targets if isinstance(line.node, Assign) else ():
                    reader.note_stored(target)
            made = tuple(map(reader.localized, body))
            return Loop(
                variable,
                iterable,
                made,
                reader.places,
                tuple(reader.stored),
                tuple(reader.carried),
            )
    raise NotDifferentiable("each line gives one new name to one formula")


def loop_of_terms(node: Comprehension, name: str) -> Loop:
    """Return the loop that makes what is summed or stacked, each by this name."""
    match node.clauses:
        case (clause,) if isinstance(clause.target, Name) and not clause.conditions:
            reader = _Reader(clause.target.id)
            term = statement(Assign((Name(name),), reader.localized_value(node.element)))
            return Loop(clause.target.id, clause.iterable, (term,), reader.places)
    raise NotDifferentiable("it runs over several things at once", node)


class _Reader:
    def __init__(self, variable: str) -> None:
        self.variable = variable
        self.stored: dict[str, Operation] = {}
        self.carried: list[str] = []
        self.places: dict[str, Operation] = {}

    def note_stored(self, target: Expression) -> None:
        """Note which arrays a step puts something into, before it is known what it reads."""
        match target:
            case Operation("tuple", several):
                for one in several:
                    self.note_stored(one)
            case Operation(_, (Name(array), *_)) if array not in self.stored:
                self.stored[array] = self.places[array] = target
            case Operation():
                raise NotDifferentiable("a step puts one value into each array", target)

    def localized(self, line: Line) -> Statement:
        node = line.node
        if not isinstance(node, Assign):
            raise NotDifferentiable("each line of a loop gives one value to one name")
        targets = tuple(map(self._target, node.targets))
        return statement(Assign(targets, self.localized_value(node.value)), line.comment)

    def _target(self, target: Expression) -> Expression:
        match target:
            case Operation("tuple", several):
                return Operation("tuple", tuple(map(self._target, several)))
            case Operation("[]", (array, *_)):
                return array
        return target

    def localized_value(self, node: Expression) -> Expression:
        match node:
            case Operation("[]", (Name(array), *indices)) if any(
                self.variable in names_of(index) for index in indices
            ):
                return Name(self._local(array, node))
        return mapped(node, self.localized_value)

    def _local(self, array: str, node: Operation) -> str:
        if node == self.stored.get(array):
            return array
        if array in self.stored:
            if array not in self.carried:
                self.carried.append(array)
            name = f"{array}{BEFORE}"
            if self.places.setdefault(name, node) != node:
                raise NotDifferentiable("a step reads one step before it, and no other", node)
            return name
        same = [name for name, place in self.places.items() if place == node]
        count = sum(place.operands[0] == Name(array) for place in self.places.values())
        name = same[0] if same else f"{array}{NOW}" + f"_{count + 1}" * (count > 0)
        self.places[name] = node
        return name


def in_place(line: Statement, places: Mapping[str, Expression]) -> Statement:
    """Return a statement of a step with arrays in the places of names."""
    rule = putting(places)
    arguments = tuple(map(rule, line.comment.arguments))
    return statement(rewritten(line.node, rule), replace(line.comment, arguments=arguments))
