"""One operation a statement: `y = a @ b + c` becomes `y = a @ b` and `y = y + c`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from nndsl.program.names import Names
from nndsl.program.optimize.rules import BINARY, FUNCTIONS, is_layout, is_operation, looked_at
from nndsl.program.optimize.simplify import Kept, Simplifier
from nndsl.program.optimize.spelling import Unspoken, spell
from nndsl.program.optimize.values import Value, unpacked, value_of
from nndsl.statements import Dimensions, Statement, parse_text

CONTINUED = "…"  # what a statement says that belongs to the one before it


class Splitter:
    """Takes the values of assignments apart, as far as they are large arrays of floats."""

    def __init__(self, known: dict[str, Value], names: Names) -> None:
        self.known = known
        self._given = frozenset(known)  # parameters are unpacked by a statement
        self.kept = Kept(names)
        self._names = names
        self._scratch: dict[
            Value, list[str]
        ] = {}  # names of intermediate results, by what they are
        self._used: dict[Value, int] = {}  # of them, in the statement at hand
        self._made: list[str] = []

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
            target = statement.target
            if target is not None and writes[target] == 1:
                node = _value(statement)
                value = value_of(node, self.known)
                reads = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
                if reads <= {"np"} and value is not None and value.shape:
                    renamed[target] = self.kept.entries.setdefault(
                        "".join(statement.value or ()), target
                    )
                    self.known[renamed[target]] = value
                    continue
            yield statement.rename(renamed) if renamed else statement

    def _before_views(self, statement: Statement) -> Iterator[Statement]:
        """Yield `y = (a @ b).reshape(…)` as two: what is looked at gets a name of its own."""
        node = view = _value(statement)
        while looked_at(inner := looked_at(view) or view) is not None:
            view = inner
        found = value_of(inner, self.known) if inner is not view else None
        if not found or not found.is_large or not self.is_large_result(inner):
            yield statement
            return
        name = self._names.fresh(f"{statement.target}_made")
        first = f"{name} = {ast.unparse(inner)}"
        holder = view.func if isinstance(view, ast.Call) else view
        assert isinstance(holder, ast.Attribute)
        holder.value = ast.Name(name, ast.Load())
        for number, line in enumerate((first, f"{statement.target} = {ast.unparse(node)}")):
            yield _like(statement, parse_text(line)[0], None, is_first=not number)

    def _split(self, statement: Statement) -> Iterator[Statement]:
        target = statement.target
        if target is None or statement.value is None:
            self._unpack(statement)
            yield self._simplified(statement)
            return
        node = _value(statement)
        value = value_of(node, self.known)
        parts: list[Statement] = []
        if value is not None and value.is_new:
            parts = self._taken_apart(node, target, statement, value)
        if value is None and statement.shape is not None:
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
        match ast.parse(statement.text).body:
            case [ast.Assign(targets=[ast.Tuple(elts=parts)], value=node)]:
                value = unpacked(value_of(node, self.known), len(parts))
                for part in parts:
                    if value is not None and isinstance(part, ast.Name):
                        self.known[part.id] = value

    def _simplified(self, statement: Statement) -> Statement:
        """Return `a[np.arange(N), t] -= 1` and the like with the rules applied."""
        node = None if statement.is_compound else ast.parse(statement.text).body[0]
        if not isinstance(node, ast.AugAssign) or type(node.op) not in BINARY:
            return statement
        simplifier = Simplifier(self.known, self.kept)
        left, right = simplifier.visit(node.target), simplifier.visit(node.value)
        try:
            line = f"{spell(left)} {BINARY[type(node.op)][1]}= {spell(right)}"
        except Unspoken:
            return statement
        return _like(statement, parse_text(line)[0], statement.shape)

    def _taken_apart(
        self, node: ast.expr, target: str, statement: Statement, value: Value
    ) -> list[Statement]:
        """Return the operations of a value one by one, or none where it is not understood."""
        self._made, self._used = [], {}
        node = Simplifier(self.known, self.kept).visit(node)
        try:
            code = self._value(node, "" if target in statement.reads else target, value)
        except Unspoken:
            return []
        return [parse_text(line)[0] for line in (*self._made, f"{target} = {code}")]

    def _value(self, node: ast.expr, free: str, wanted: Value | None) -> str:
        """Return the code of one operation; what it takes is made before, the first in `free`."""
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                a, b = self._operands([left, right], free, wanted)
                return spell(ast.BinOp(a, op, b))
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                a, b = self._operands([left, right], "", wanted)
                return spell(ast.BinOp(a, ast.MatMult(), b))
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="np"), attr=name), args=arguments, keywords=[]
            ) if name in FUNCTIONS:
                return spell(ast.Call(node.func, self._operands(arguments, free, wanted), []))
            case ast.UnaryOp(op=op, operand=operand):
                (a,) = self._operands([operand], free, wanted)
                return spell(ast.UnaryOp(op, a))
        if is_layout(node):
            _Inner(self).generic_visit(node)
            return spell(node)
        return spell(_Inner(self).visit(node))

    def _operands(self, nodes: list[ast.expr], free: str, wanted: Value | None) -> list[ast.expr]:
        """Return names or short expressions for operands; large results get memory of their own."""
        made = []
        for node in nodes:
            if not self.is_large_result(node):
                made.append(_Inner(self).visit(node))
                continue
            value = value_of(node, self.known)
            assert value is not None
            place = free if free and wanted is not None and value.shape == wanted.shape else ""
            made.append(self.result(node, value, place))
            free = "" if place else free
        return made

    def is_large_result(self, node: ast.expr) -> bool:
        """Is an expression an operation whose result, floats, is large?"""
        value = value_of(node, self.known)
        if value is None or value.kind != "float" or not is_operation(node):
            return False
        return value.is_new and (value.is_large or len(value.shape) > 1)

    def result(self, node: ast.expr, value: Value, place: str) -> ast.expr:
        """Compute an operand into `place`, or into memory for intermediate results."""
        place = place or self._scratch_for(value)
        code = self._value(node, place, value)
        self._made.append(f"{place} = {code}")
        self.known[place] = value
        return ast.Name(place, ast.Load())

    def _scratch_for(self, value: Value) -> str:
        names, used = self._scratch.setdefault(value, []), self._used.get(value, 0)
        if used == len(names):
            names.append(self._names.fresh("scratch"))
        self._used[value] = used + 1
        return names[used]


def _value(statement: Statement) -> ast.expr:
    return ast.parse("".join(statement.value or ()), mode="eval").body


def _like(
    statement: Statement, made: Statement, shape: Dimensions | None, *, is_first: bool = True
) -> Statement:
    """Return what was made of a statement, with what comes with its place."""
    return replace(
        made,
        comment=statement.comment if is_first else "",
        said=statement.said if is_first else CONTINUED,
        shape=shape,
        origin=statement.origin,
        section=statement.section,
    )


class _Inner(ast.NodeTransformer):
    """Computes the large arrays inside an expression that stays: in reductions, in subscripts."""

    def __init__(self, splitter: Splitter) -> None:
        self.splitter = splitter

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and self.splitter.is_large_result(node):
            value = value_of(node, self.splitter.known)
            assert value is not None
            return self.splitter.result(node, value, "")
        return self.generic_visit(node)
