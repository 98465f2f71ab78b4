"""One operation a statement: `y = a @ b + c` becomes `y = a @ b` and `y = y + c`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nndsl.ir import Assign, AugmentedAssign, Expression, Name, Operation, Statement, assign
from nndsl.ir.rows import Dimensions
from nndsl.ir.tree import NO_COMMENT, Rule, mapped
from nndsl.ir.values import Value, unpacked, value_of
from nndsl.program.names import Names
from nndsl.program.optimize.rules import BINARY, is_elementwise, is_layout, is_operation, viewed
from nndsl.program.optimize.simplify import Hoisted, Simplifier

CONTINUED = "…"  # what a statement says that belongs to the one before it


class Splitter:
    """Takes the values of assignments apart, as far as they are large arrays of floats."""

    def __init__(self, known: dict[str, Value], names: Names) -> None:
        self.known = known
        self._given = frozenset(known)  # parameters are unpacked by a statement
        self.hoisted = Hoisted(names)
        self._names = names
        self._scratch: dict[
            Value, list[str]
        ] = {}  # names of intermediate results, by what they are
        self._used: dict[Value, int] = {}  # of them, in the statement at hand
        self._made: list[Statement] = []

    @property
    def scratch_names(self) -> list[str]:
        """The names of all intermediate results."""
        return [name for names in self._scratch.values() for name in names]

    def split(self, statements: Sequence[Statement]) -> list[Statement]:
        """Return statements of one operation each; what is not understood stays as it is."""
        made: list[Statement] = []
        for statement in self._without_constants(statements):
            parts = [statement] if statement.target is None else self._before_views(statement)
            for part in parts:
                made += self._split(part)
        return made

    def _without_constants(self, statements: Sequence[Statement]) -> Iterator[Statement]:
        """Yield the statements but those that make the same array at every step: a mask, say."""
        writes = Counter(name for statement in statements for name in statement.writes)
        renamed: dict[str, str] = {}
        for statement in statements:
            target, made = statement.target, statement.value
            if target is not None and made is not None and writes[target] == 1:
                value = value_of(made, self.known)
                if statement.reads <= {"np"} and value is not None and value.shape:
                    renamed[target] = self.hoisted.entries.setdefault(made, target)
                    self.known[renamed[target]] = value
                    continue
            yield statement.rename(renamed) if renamed else statement

    def _before_views(self, statement: Statement) -> Iterator[Statement]:
        """Yield `y = (a @ b).reshape(…)` as two: what is looked at gets a name of its own."""
        assert statement.value is not None
        inner = statement.value
        while (further := viewed(inner)) is not None:
            inner = further
        found = value_of(inner, self.known) if inner is not statement.value else None
        if not found or not found.is_large or not self.is_large_result(inner):
            yield statement
            return
        name = self._names.fresh(f"{statement.target}_made")
        yield _like(statement, assign(name, inner), None)
        view = _view_of(statement.value, Name(name))
        yield _like(statement, assign(statement.writes[0], view), None, is_first=False)

    def _split(self, statement: Statement) -> Iterator[Statement]:
        target, node = statement.target, statement.value
        if target is None or node is None:
            self._unpack(statement)
            yield self._simplified(statement)
            return
        value = value_of(node, self.known)
        parts: list[Statement] = []
        if value is not None and value.is_new:
            parts = self._taken_apart(node, target, statement, value)
        if (value is None or value.kind == "unknown") and statement.shape is not None:
            value = Value(statement.shape, order=() if len(statement.shape) < 3 else None)
        self.known.pop(target, None)
        if value is not None:
            self.known[target] = value
        for number, part in enumerate(parts or [statement]):
            written = self.known.get(part.writes[0])
            shape = written.shape if written is not None else statement.shape
            yield _like(statement, part, shape, is_first=not number)

    def _unpack(self, statement: Statement) -> None:
        """Know what `a, b = parts` gives names, and forget what else is bound otherwise."""
        for name in statement.writes:
            if name not in statement.mutates and name not in self._given:
                self.known.pop(name, None)
        match statement.node:
            case Assign((Operation("tuple", parts),), node):
                value = unpacked(value_of(node, self.known), len(parts))
                for part in parts:
                    if value is not None and isinstance(part, Name):
                        self.known[part.id] = value

    def _simplified(self, statement: Statement) -> Statement:
        """Return `a[np.arange(N), t] -= 1` and the like with the rules applied."""
        match statement.node:
            case AugmentedAssign(target, op, value) if op in BINARY:
                simplified = Simplifier(self.known, self.hoisted).simplified
                return statement.with_node(
                    AugmentedAssign(simplified(target), op, simplified(value))
                )
        return statement

    def _taken_apart(
        self, node: Expression, target: str, statement: Statement, value: Value
    ) -> list[Statement]:
        """Return the operations of a value one by one."""
        self._made, self._used = [], {}
        node = Simplifier(self.known, self.hoisted).simplified(node)
        last = self._value(node, "" if target in statement.reads else target, value)
        return [*self._made, assign(target, last)]

    def _value(self, node: Expression, free: str, wanted: Value | None) -> Expression:
        """Return one operation; what it takes is made before, the first in `free`."""
        match node:
            case Operation("@"):
                return mapped(node, self._operands("", wanted))
            case Operation() if is_elementwise(node):
                return mapped(node, self._operands(free, wanted))
        return mapped(node, self._inner) if is_layout(node) else self._inner(node)

    def _operands(self, free: str, wanted: Value | None) -> Rule:
        """Return what makes names or short expressions of operands, the first one in `free`."""

        def operand(node: Expression) -> Expression:
            nonlocal free
            if not self.is_large_result(node):
                return self._inner(node)
            value = value_of(node, self.known)
            assert value is not None
            place = free if free and wanted is not None and value.shape == wanted.shape else ""
            made = self.result(node, value, place)
            free = "" if place else free
            return made

        return operand

    def _inner(self, node: Expression) -> Expression:
        """Compute the large arrays inside what stays: in reductions, in subscripts."""
        if not self.is_large_result(node):
            return mapped(node, self._inner)
        value = value_of(node, self.known)
        assert value is not None
        return self.result(node, value, "")

    def is_large_result(self, node: Expression) -> bool:
        """Is an expression an operation whose result, floats, is large?"""
        value = value_of(node, self.known)
        if value is None or value.kind != "float" or not is_operation(node):
            return False
        return value.is_new and (value.is_large or len(value.shape) > 1)

    def result(self, node: Expression, value: Value, place: str) -> Name:
        """Compute an operand into `place`, or into memory for intermediate results."""
        place = place or self._scratch_for(value)
        self._made.append(assign(place, self._value(node, place, value)))
        self.known[place] = value
        return Name(place)

    def _scratch_for(self, value: Value) -> str:
        names, used = self._scratch.setdefault(value, []), self._used.get(value, 0)
        if used == len(names):
            names.append(self._names.fresh("scratch"))
        self._used[value] = used + 1
        return names[used]


def _view_of(view: Expression, name: Name) -> Expression:
    """Return a view of something else: of a name."""
    if viewed(view) is None or not isinstance(view, Operation):
        return name
    inner, *arguments = view.operands
    return replace(view, operands=(_view_of(inner, name), *arguments))


def _like(
    statement: Statement, made: Statement, shape: Dimensions | None, *, is_first: bool = True
) -> Statement:
    """Return what was made of a statement, with what comes with its place."""
    return replace(
        made,
        comment=statement.comment if is_first else NO_COMMENT,
        formula=statement.formula if is_first else CONTINUED,
        shape=shape,
        origin=statement.origin,
        section=statement.section,
    )
