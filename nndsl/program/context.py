"""What the writers of a program share: one spec, one allocator of names, one list of constants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nndsl.analysis.spec import Spec
from nndsl.ir import Assign, Name, Operation, Statement
from nndsl.ir.rows import Dimensions
from nndsl.ir.values import Value, value_of, with_named_lengths
from nndsl.program.constants import Constants, known_numbers
from nndsl.program.names import Names
from nndsl.record import record


class Shapes:
    """Knows the shape of names and works out those of new ones."""

    def __init__(self, constants: Constants) -> None:
        self._constants = constants
        self._known: dict[str, Value] = {}

    def declare(self, name: str, shape: Dimensions) -> None:
        self._known[name] = Value(shape)

    def copy(self, name: str, other: str) -> None:
        if name in self._known:
            self._known[other] = self._known[name]

    def annotate(self, statements: Iterable[Statement]) -> list[Statement]:
        """Give each plain assignment the shape of what it assigns, where that is certain."""
        self._known |= known_numbers(self._constants)  # more have come up since the last time
        return [self._annotated(statement) for statement in statements]

    def _annotated(self, statement: Statement) -> Statement:
        match statement.node:
            case Assign((Operation("tuple", names),), Operation(".shape", (Name(array),))):
                self._name_lengths(array, [name.id for name in names if isinstance(name, Name)])
        if statement.target is None or statement.value is None:
            return statement
        found = self._known.get(statement.target) or value_of(statement.value, self._known)
        if found is None:
            return replace(statement, shape=None)
        self._known[statement.target] = found
        return replace(statement, shape=found.shape)

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
