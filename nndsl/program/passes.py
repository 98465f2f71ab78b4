"""Passes: each takes the statements of a function and returns fewer or better ones.

They look at what statements read, write and change in place, and at nothing else.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from nndsl.ir import Expression, Name, Operation, Statement, assign, is_operand, plus
from nndsl.ir.printer import CALL, tightness
from nndsl.ir.tree import names_of, parts, putting, transformed
from nndsl.program.program import Function


def accumulate(statement: Statement) -> Statement:
    """Turn `d = e` into `d = d + e`: a value that is used twice has the sum of two gradients."""
    target = statement.target
    assert target is not None
    assert statement.value is not None
    return assign(target, plus(Name(target), statement.value), like=statement)


def fold_sums(
    statements: Sequence[Statement], stays: Callable[[Statement], bool] = lambda _: False
) -> list[Statement]:
    """Write `d = a` … `d = d + b` as the one statement `d = b + a`, where nothing comes between.

    Nothing comes between when no statement there reads or writes `d`, or writes what `a` reads.
    A statement `d = a` that `stays` is left alone.
    """
    result: list[Statement | None] = list(statements)
    first: dict[str, int] = {}  # target -> position of its plain assignment
    readers: dict[str, list[str]] = defaultdict(list)  # name -> targets whose values read it
    for position, statement in enumerate(statements):
        target = statement.target
        earlier = first.get(target) if target is not None else None
        if target is not None and earlier is not None:
            begun = result[earlier]
            assert begun is not None
            assert begun.value is not None
            added = _added(statement, target)
            if added is not None and is_operand(begun.value) and not stays(begun):
                statement = assign(target, plus(added, begun.value), like=statement)
                result[earlier], result[position] = None, statement
        changed = (name for write in statement.writes for name in readers.pop(write, ()))
        for name in (*statement.reads, *statement.writes, *changed):
            first.pop(name, None)
        if target is not None:
            first[target] = position
            for name in statement.reads:
                readers[name].append(target)
    return [statement for statement in result if statement is not None]


def _added(statement: Statement, target: str) -> Expression | None:
    """Return what `d = d + …` adds to d, None where a statement does anything else."""

    def rest(value: Expression | None) -> Expression | None:
        match value:
            case Operation("+", (Name(name), first), enclosed=False) if name == target:
                return first
            case Operation("+" | "-" as op, (left, right), enclosed=False):
                before = rest(left)
                return Operation(op, (before, right)) if before is not None else None
        return None

    added = rest(statement.value)
    return added if added is not None and target not in names_of(added) else None


def propagate_copies(
    statements: Sequence[Statement], keep: Iterable[str]
) -> tuple[list[Statement], dict[str, str]]:
    """Drop `y = x` and read `x` instead, where neither is written again.

    Returns the statements, and for each dropped name the one that stands for it. Names in
    `keep` stay.
    """
    writers = Counter(name for statement in statements for name in statement.writes)
    written: Counter[str] = Counter()  # of those, as far as we have come
    kept = set(keep)
    renaming: dict[str, str] = {}
    result = []
    for statement in statements:
        statement = statement.rename(renaming) if renaming else statement
        source, target = statement.copied, statement.target
        is_last = source is not None and written[source] == writers[source]
        if source and target and target not in kept and writers[target] == 1 and is_last:
            renaming[target] = source
        else:
            result.append(statement)
        written.update(statement.writes)
    return result, renaming


def eliminate_dead_code(statements: Sequence[Statement], wanted: Iterable[str]) -> list[Statement]:
    """Drop every statement that writes nothing that is read later or wanted at the end."""
    live = set(wanted)
    result = []
    for statement in reversed(statements):
        if live.isdisjoint(statement.writes):
            continue
        if not statement.is_compound:
            live -= set(statement.writes) - statement.mutates
        live |= statement.reads
        result.append(statement)
    return result[::-1]


def inline(
    statements: Sequence[Statement], width: int, keep: Iterable[str] = ()
) -> list[Statement]:
    """Write `z = e; a = f(z)` as `a = f(e)`, where nothing else reads `z` and the line stays short.

    It happens only where `e` needs no parentheses: as a whole argument of a call, or anywhere
    if it is a call or a name itself. What was joined is not joined again but as an argument:
    a line holds two steps at most. Names in `keep` are read by what comes behind, too.
    """
    result: list[Statement | None] = list(statements)
    joints: set[int] = set()  # positions of what was joined
    kept = set(keep)
    readers: dict[str, set[int]] = defaultdict(set)  # name -> positions of what reads it
    last_write: dict[str, int] = {}
    for position, statement in enumerate(statements):
        for name in statement.reads:
            readers[name].add(position)
        last_write.update(dict.fromkeys(statement.writes, position))
    for position in range(len(result)):
        begun = result[position]
        if begun is None or begun.target is None or begun.comment or begun.target in kept:
            continue
        later = [at for at in readers[begun.target] if at > position]
        if len(later) != 1 or last_write[begun.target] != position:
            continue
        (at,) = later
        reader = result[at]
        joined = None
        if reader is not None:
            joined = _joined(begun, reader, width, anywhere=position not in joints)
        between = (s for s in result[position + 1 : at] if s is not None)
        if joined is not None and all(begun.reads.isdisjoint(s.writes) for s in between):
            result[position], result[at] = None, joined
            joints.add(at)
            for name in begun.reads:
                readers[name].add(at)
    return [statement for statement in result if statement is not None]


def _joined(begun: Statement, reader: Statement, width: int, *, anywhere: bool) -> Statement | None:
    value, around = begun.value, reader.value
    if value is None or around is None or reader.target is None or reader.comment:
        return None
    name = Name(begun.writes[0])
    if [part for part in parts(around) if isinstance(part, Name)].count(name) != 1:
        return None
    is_argument = any(
        name in part.operands[part.op[0] in ".(" :]
        for part in parts(around)
        if isinstance(part, Operation) and part.op[-1] == ")"
    )
    if not is_argument and not (anywhere and tightness(value) >= CALL):
        return None
    inside = transformed(around, putting({name.id: value}))
    joined = assign(reader.target, inside, like=reader)
    return joined if len(joined.text) <= width else None


def drop_repeated_comments(statements: Iterable[Statement], said: set[str]) -> list[Statement]:
    """Keep each comment at the first place where it stands, and drop it at all later ones.

    `said` remembers their sentences, as the vocabulary wrote them, from function to function.
    """
    result = []
    for statement in statements:
        if statement.comment.sentence in said:
            statement = statement.with_comment("")
        elif statement.comment:
            said.add(statement.comment.sentence)
        result.append(statement)
    return result


def return_value(function: Function) -> Function:
    """Write `y = e; return y` as `return e`, where that is not all that the function does."""
    if len(function.statements) < 2:
        return function
    *rest, last = function.statements
    if last.value is None or Name(last.target or "") != function.returns:
        return function
    return replace(function, statements=tuple(rest), returns=last.value)
