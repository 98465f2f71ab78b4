"""What stands in memory that a step uses again and again, and which names may share it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from nndsl.ir import Assign, AugmentedAssign, Name, Operation, Statement, names_of
from nndsl.ir.values import Value, value_of
from nndsl.program.optimize.rules import COPYING, is_elementwise, is_operation


def eligible_buffers(statements: Sequence[Statement], known: Mapping[str, Value]) -> set[str]:
    """Return the names of large arrays that can be written into memory that is there already.

    Every assignment must be an operation of the tables, and nobody may hold a view of the array
    when it is written again.
    """
    found: set[str] = set()
    refused: set[str] = set()
    viewed: set[str] = set()
    for statement in statements:
        target = statement.target
        for name in statement.writes:
            if name in statement.mutates:
                continue
            if name != target or name in viewed or not _computes(statement, known):
                refused.add(name)
            found.add(name)
        if _may_alias(statement, known):
            viewed |= statement.reads
    return {
        name
        for name in found - refused
        if name in known and known[name].kind == "float" and known[name].order is not None
    }


def allocate_buffers(
    statements: Sequence[Statement], known: Mapping[str, Value], owned: set[str], keep: set[str]
) -> dict[str, str]:
    """Return the names that may stand in memory of another one that is read no more.

    A result may also take the place of an operand, where each number follows from its own.
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, statement in enumerate(statements):
        for name in (*statement.reads, *statement.writes):
            first.setdefault(name, at)
            last[name] = at
    last |= dict.fromkeys(keep, len(statements))
    for statement in reversed(statements):  # a view keeps what it looks at
        if _may_alias(statement, known):
            looks = max((last[name] for name in statement.writes), default=0)
            for name in (*statement.reads, *(statement.writes if statement.is_compound else ())):
                last[name] = max(last[name], looks)
    free: dict[Value, list[str]] = {}
    taken: dict[str, str] = {}  # name -> that of its memory
    ends: dict[int, list[str]] = {}
    for at, statement in enumerate(statements):
        target = statement.target
        if target in owned - keep and first[target] == at:
            place = known[target]
            operands = [taken.get(name) for name in _operands(statement) if last[name] == at]
            held = next((m for m in operands if m is not None and known[m] == place), None)
            if held is not None:
                ends[at] = [name for name in ends.get(at, []) if taken[name] != held]
            elif free.get(place):
                held = free[place].pop()
            taken[target] = held or target
            ends.setdefault(last[target], []).append(target)
        for name in ends.get(at, []):
            free.setdefault(known[taken[name]], []).append(taken[name])
    return taken


def coalesce(
    statements: Sequence[Statement], known: Mapping[str, Value], owned: set[str], keep: set[str]
) -> list[Statement]:
    """Let a result take over the memory of an operand that nothing else reads.

    The operand gets the name of the result, from its first statement on.
    """
    last = {name: at for at, s in enumerate(statements) for name in {*s.reads, *s.writes}}
    readers = Counter(n for s in statements for n in s.reads if n not in s.writes)
    first: dict[str, int] = {}
    for at, statement in enumerate(statements):
        for name in statement.writes:
            first.setdefault(name, at)
    viewed = {name for s in statements if _may_alias(s, known) for name in s.reads}
    successor: dict[str, str] = {}
    for at, statement in enumerate(statements):
        target = statement.target
        if target not in owned or first[target] != at:
            continue
        for name in _operands(statement):
            fits = known.get(name) == known[target] and name in owned
            is_link = readers[name] == 1 and last[name] == at and name != target
            if fits and is_link and name not in keep and name not in viewed:
                successor[name] = target
                break
    return [_renamed(statement, successor) for statement in statements]


def _renamed(statement: Statement, successor: Mapping[str, str]) -> Statement:
    names: dict[str, str] = {}
    for name in {*statement.reads, *statement.writes}:
        new = name
        while new in successor:
            new = successor[new]
        if new != name:
            names[name] = new
    if not names:
        return statement
    return replace(statement.rename(names), comment=statement.comment)


def _computes(statement: Statement, known: Mapping[str, Value]) -> bool:
    """Does a statement assign a large array that one operation of the tables computes?"""
    value, node = known.get(statement.target or ""), statement.value
    if value is None or node is None or not value.is_new:
        return False
    return is_operation(node) and value_of(node, known) == value


def _operands(statement: Statement) -> Iterable[str]:
    """Return the names that an elementwise operation takes as they are."""
    node = statement.value
    if not isinstance(node, Operation) or not is_elementwise(node):
        return []
    names = [operand.id for operand in node.operands if isinstance(operand, Name)]
    inner = {n for o in node.operands if not isinstance(o, Name) for n in names_of(o)}
    return [name for name in names if name not in inner]


def _may_alias(statement: Statement, known: Mapping[str, Value]) -> bool:
    """May what a statement writes share memory with what it reads?"""
    node = statement.value
    if node is None:
        stores = isinstance(statement.node, Assign) and statement.mutates == set(statement.writes)
        return not isinstance(statement.node, AugmentedAssign) and not stores
    if isinstance(node, Operation) and node.op in COPYING:
        return False
    value = value_of(node, known)
    return value is None or not (value.is_new or not value.shape)
