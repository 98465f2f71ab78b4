"""What the writers of a program share: one spec, one allocator of names, one list of constants."""

from collections.abc import Iterable
from dataclasses import replace

from nndsl.analysis.spec import Spec
from nndsl.ir import Assign, Expression, Name, Operation, Statement
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.tree import Block, Line, Node
from nndsl.ir.values import Value, unpacked, value_of, with_named_lengths
from nndsl.program.constants import Constants, known_numbers
from nndsl.program.names import Names
from nndsl.record import record


class Shapes:
    """Knows the shape of names and works out those of new ones."""

    def __init__(self, constants: Constants) -> None:
        self._constants = constants
        self._declared: dict[str, Value] = {}
        self._known: dict[str, Value] = {}

    def declare(self, name: str, shape: Dimensions) -> None:
        self._declared[name] = self._known[name] = Value(shape)

    def copy(self, name: str, other: str) -> None:
        if name in self._known:
            self._declared[other] = self._known[other] = self._known[name]

    def is_row(self, expression: Expression, classes: str) -> bool:
        """Does it have one number for each example? `classes` is the name of class numbers."""
        found = value_of(expression, self._known | {classes: Value((Rows(),), "int")})
        return found is not None and found.shape == (Rows(),)

    def annotate(self, statements: Iterable[Statement]) -> list[Statement]:
        """Give each plain assignment the shape of what it assigns, where that is certain."""
        self._known |= known_numbers(self._constants)  # more have come up since the last time
        return [self._annotated(statement) for statement in statements]

    def _annotated(self, statement: Statement) -> Statement:
        match statement.node:
            case Block() as block:
                return replace(statement, node=self._annotated_block(block))
        return replace(statement, shape=self._assigned(statement.node, statement.shape))

    def _annotated_block(self, block: Block) -> Block:
        """Say the shapes inside a loop, where they are those of every turn."""
        match block:
            case Block("for", _, Name(counter)):
                self._known[counter] = Value((), "int")
            case Block("def"):
                return block
        first, last = self._annotated_lines(block.body), self._annotated_lines(block.body)
        body = [
            replace(line, shape=line.shape if line.shape == before.shape else None)
            for before, line in zip(first, last, strict=True)
        ]
        rest = block.otherwise and self._annotated_lines([block.otherwise])[0]
        return replace(block, body=tuple(body), otherwise=rest)

    def _annotated_lines(self, lines: Iterable[Line]) -> list[Line]:
        return [
            replace(line, node=self._annotated_block(line.node))
            if isinstance(line.node, Block)
            else replace(line, shape=self._assigned(line.node, line.shape))
            for line in lines
        ]

    def _assigned(self, node: Node, said: Dimensions | None) -> Dimensions | None:
        """Return the shape of what an assignment assigns, and know it from now on."""
        match node:
            case Assign((Name(name),), value):
                found = self._declared.get(name) or value_of(value, self._known)
                if found is None:
                    return None
                self._known[name] = found
                return found.shape if found.kind != "place" else None  # an index is no array
            case Assign((Operation("[]") as part,), value):
                found = value_of(part, self._known) or value_of(value, self._known)
                return found.shape if found is not None else None
            case Assign((Operation("tuple", names),), Operation(".shape", (Name(array),))):
                self._name_lengths(array, [name.id for name in names if isinstance(name, Name)])
            case Assign((Operation("tuple", targets),), value):
                return self._unpacked(targets, value) or said
        return said

    def _unpacked(self, targets: tuple[Expression, ...], value: Expression) -> Dimensions | None:
        """Return the shape that all of several targets have."""
        match value:
            case Operation("tuple", values) if len(values) == len(targets):
                found = [value_of(each, self._known) for each in values]
            case _:
                found = [unpacked(value_of(value, self._known), len(targets))] * len(targets)
        for target, each in zip(targets, found, strict=True):
            if isinstance(target, Name) and each is not None:
                self._known[target.id] = each
        shapes = {each.shape if each is not None else None for each in found}
        return shapes.pop() if len(shapes) == 1 else None

    def _name_lengths(self, array: str, names: list[str]) -> None:
        """Call the lengths of an array by the names that they are unpacked to."""
        value = self._known.get(array)
        if value is not None and len(names) == len(value.shape):
            value = self._known[array] = with_named_lengths(value, names)
            for name, length in zip(names, value.shape, strict=True):
                self._known[name] = Value((), length=length)


@record
class Context:
    """Shared by all that write parts of one program. `dtype` is code: `np.float32`."""

    spec: Spec
    names: Names
    constants: Constants
    shapes: Shapes
    dtype: str
