"""The optimizer's step on one vector of all parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nndsl.program.constants import Constant
from nndsl.program.names import Names
from nndsl.program.optimize.in_place import write_in_place
from nndsl.program.optimize.running_sums import (
    Change,
    Factors,
    Signs,
    keep_sums,
    put_in_place,
    running_sums,
)
from nndsl.program.optimize.spelling import Unspoken, spell
from nndsl.program.optimize.split import Splitter
from nndsl.program.optimize.values import NUMBER, Value, value_of
from nndsl.program.program import Update
from nndsl.program.workspace import VectorStep
from nndsl.statements import Rows, Statement, parse_text

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
    known = dict.fromkeys(given, VECTOR) | dict.fromkeys({"step", *once}, NUMBER)
    roles = {"params[name]": "p"} | {f"{name}[name]": name for name in states}
    numbers = {c.name: _number(c.code) for c in constants}
    signs = Signs({name: value for name, value in numbers.items() if value is not None})
    means = [name for name, first, _ in update.states if first == 0]
    try:
        before, clipped = _clipped(update.before, known)
        changes = [*clipped, *(_change(s.rename(roles), known) for s in update.statements)]
        decay = [_change(s.rename(roles), known) for s in update.decay]
        if any(change.target not in ("p", "g") for change in decay):
            means = []  # the texts for weights alone see what the others do
        sums = running_sums(changes, means, signs)
        changes = put_in_place(keep_sums(changes, sums), known)
        writer = _Writer(known, given, names, signs)
        decay_lines, lines = writer.lines(decay), writer.lines(changes)
        if writer.keeps_arrays:
            return None
    except (NotElementwise, Unspoken):
        return None
    return VectorStep(
        before=tuple(before),
        numbers=tuple(writer.numbers),
        decay=tuple(decay_lines),
        statements=tuple(lines),
        scratch=tuple(writer.scratch),
        sums={name: spell(scale, 3) for name, (scale, _) in sums.items()},
    )


def _clipped(
    before: Sequence[Statement], known: dict[str, Value]
) -> tuple[list[Statement], list[Change]]:
    """Take a dictionary of new gradients, each made alike of the old one, as a change of `g`.

    Any other new dictionary is copied into the vector.
    """
    kept: list[Statement] = []
    changes: list[Change] = []
    for statement in before:
        if GRADIENTS not in statement.writes:
            kept.append(statement)
            continue
        match ast.parse(statement.text).body:
            case [ast.Assign(value=ast.DictComp(value=value, generators=[part]))] if (
                isinstance(part.target, ast.Tuple)
                and [n.id for n in part.target.elts if isinstance(n, ast.Name)] == ["name", "g"]
                and not part.ifs
            ):
                found = value_of(value, known)
                if found == VECTOR and not _mixes(value, known):
                    changes.append(Change("g", value, statement.comment))
                    continue
        kept += [statement, *parse_text(COPY)]
    return kept, changes


def _change(statement: Statement, known: dict[str, Value]) -> Change:
    """Return `a += b` as `a = a + b`. NotElementwise where a statement is no such thing."""
    if statement.is_compound:
        raise NotElementwise
    match ast.parse(statement.text).body:
        case [ast.Assign(targets=[ast.Name(id=target)], value=value)]:
            pass
        case [ast.AugAssign(target=ast.Name(id=target), op=op, value=right)]:
            value = ast.BinOp(ast.Name(target, ast.Load()), op, right)
        case _:
            raise NotElementwise
    found = value_of(value, known)
    if found is None or found.kind != "float" or found.shape not in ((), VECTOR.shape):
        raise NotElementwise
    if _mixes(value, known):
        raise NotElementwise
    known[target] = Value(found.shape)
    return Change(target, value, statement.comment or "")


def _mixes(node: ast.expr, known: dict[str, Value]) -> bool:
    """Does an expression ask for more of a vector than each number alone: its size, its sum?"""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute | ast.Call):
            inner = [n for n in ast.walk(part) if isinstance(n, ast.Name) and n.id in known]
            found = value_of(part, known)
            vectors = [n for n in inner if known[n.id] == VECTOR]
            if vectors and (found is None or not found.shape):
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
    def keeps_arrays(self) -> bool:
        """Does it read arrays as long as a batch, which a step on blocks has not?"""
        return bool(self._splitter.kept.entries)

    def lines(self, changes: Iterable[Change]) -> list[Statement]:
        statements: list[Statement] = []
        for change in changes:
            value = self._gathered(change)
            (statement,) = parse_text(f"{change.target} = {spell(value)}")
            found = value_of(value, self._known)
            if found is not None and not found.shape:
                self.numbers.append(replace(statement, comment=change.says, said=change.says))
                continue
            split = self._splitter.split([replace(statement, shape=None)])
            first = replace(split[0], comment=change.says, said=change.says)
            statements += [first, *(replace(s, comment="", said="…") for s in split[1:])]
        owned = {s.target for s in statements if s.target is not None}
        new = {name for name in owned if name not in self._given}
        self.scratch = list(
            dict.fromkeys([*self.scratch, *sorted(new), *self._splitter.scratch_names])
        )
        made = write_in_place(statements, self._known, owned)
        return [
            replace(m, comment=s.comment, shape=None) for m, s in zip(made, statements, strict=True)
        ]

    def _gathered(self, change: Change) -> ast.expr:
        """Return the value with the factor of what is added or taken away as one number."""
        match change.value:
            case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub(), right=right) if (
                name == change.target
            ):
                factor, rest = self._factors.of(right)
                rest = _Numbers(self).visit(rest)
                if factor is not None:
                    rest = ast.BinOp(rest, ast.Mult(), self.number("scale", factor))
                return ast.BinOp(ast.Name(name, ast.Load()), change.value.op, rest)
        return change.value

    def number(self, like: str, node: ast.expr) -> ast.expr:
        """Return a number as it can stand in a pass: a name, where it must be worked out."""
        if isinstance(node, ast.Name | ast.Constant):
            return node
        name = self._names.fresh(like)
        self._known[name] = NUMBER
        (statement,) = parse_text(f"{name} = {spell(node)}")
        self.numbers.append(statement)
        return ast.Name(name, ast.Load())


class _Numbers(ast.NodeTransformer):
    """Works out each number inside an expression before the passes begin."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        found = value_of(node, self._writer._known)
        if found is not None and not found.shape:
            return self._writer.number("offset", node)
        return self.generic_visit(node)  # type: ignore[return-value]


def _number(code: str) -> float | None:
    value = ast.literal_eval(code) if code[:1].isdigit() else None
    return float(value) if isinstance(value, int | float) else None
