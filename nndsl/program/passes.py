"""Passes: each takes the statements of a function and returns fewer or better ones.

They look at what statements read, write and change in place, and at nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nndsl.program.program import Function
from nndsl.statements import Identifier, Statement
from nndsl.statements.statement import assign


def accumulate(statement: Statement) -> Statement:
    """Turn `d = e` into `d = d + e`: a value that is used twice has the sum of two gradients."""
    target = statement.target
    assert target is not None
    assert statement.value is not None
    value = statement.value if statement.value_is_operand else ("(", *statement.value, ")")
    return assign(
        target,
        (Identifier(target), " + ", *value),
        statement.reads | {target},
        operand=True,
        like=statement,
    )


def fold_sums(statements: Sequence[Statement]) -> list[Statement]:
    """Write `d = a` … `d = d + b` as the one statement `d = b + a`, where nothing comes between.

    Nothing comes between when no statement there reads or writes `d`, or writes what `a` reads.
    """
    result: list[Statement | None] = list(statements)
    first: dict[str, int] = {}  # target -> position of its plain assignment
    readers: dict[str, list[str]] = defaultdict(list)  # name -> targets whose values read it
    for position, statement in enumerate(statements):
        target = statement.target
        earlier = first.get(target) if target is not None else None
        if target is not None and earlier is not None:
            begun, value = result[earlier], statement.value
            assert begun is not None
            assert value is not None
            adds_to_it = value[:2] == (target, " + ") and target not in value[2:]
            operands = begun.value_is_operand and statement.value_is_operand
            if adds_to_it and operands and begun.value is not None:
                folded = assign(
                    target,
                    (*value[2:], " + ", *begun.value),
                    begun.reads | (statement.reads - {target}),
                    operand=True,
                    like=statement,
                )
                result[earlier], result[position] = None, folded
                statement = folded
        changed = (name for write in statement.writes for name in readers.pop(write, ()))
        for name in (*statement.reads, *statement.writes, *changed):
            first.pop(name, None)
        if target is not None:
            first[target] = position
            for name in statement.reads:
                readers[name].append(target)
    return [statement for statement in result if statement is not None]


def forward_copies(
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


def drop_dead(statements: Sequence[Statement], wanted: Iterable[str]) -> list[Statement]:
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


def inline(statements: Sequence[Statement], width: int) -> list[Statement]:
    """Write `z = e; a = f(z)` as `a = f(e)`, where nothing else reads `z` and the line stays short.

    It happens only where `e` needs no parentheses: as a whole argument of a call, or anywhere
    if it is a call or a name itself.
    """
    result: list[Statement | None] = list(statements)
    readers: dict[str, set[int]] = defaultdict(set)  # name -> positions of what reads it
    last_write: dict[str, int] = {}
    for position, statement in enumerate(statements):
        for name in statement.reads:
            readers[name].add(position)
        last_write.update(dict.fromkeys(statement.writes, position))
    for position in range(len(result)):
        begun = result[position]
        if begun is None or begun.target is None or begun.comment:
            continue
        later = [at for at in readers[begun.target] if at > position]
        if len(later) != 1 or last_write[begun.target] != position:
            continue
        (at,) = later
        reader = result[at]
        joined = _joined(begun, reader, width) if reader is not None else None
        between = (s for s in result[position + 1 : at] if s is not None)
        if joined is not None and all(begun.reads.isdisjoint(s.writes) for s in between):
            result[position], result[at] = None, joined
            for name in begun.reads:
                readers[name].add(at)
    return [statement for statement in result if statement is not None]


def _joined(begun: Statement, reader: Statement, width: int) -> Statement | None:
    name, value, code = begun.target, begun.value, reader.value
    if (
        name is None
        or value is None
        or code is None
        or reader.target is None
        or code.count(name) != 1
    ):
        return None
    at = code.index(name)
    before, after = "".join(code[:at])[-1:], "".join(code[at + 1 :])[:1]
    is_argument = (
        before in ("(", " ")
        and after in (")", ",")
        and (before == "(" or "".join(code[:at])[-2:] == ", ")
    )
    if not (begun.value_is_primary or is_argument) or reader.comment:
        return None
    joined = assign(
        reader.target,
        (*code[:at], *value, *code[at + 1 :]),
        begun.reads | reader.reads - {name},
        operand=reader.value_is_operand,
        like=reader,
    )
    return joined if len(joined.text) <= width else None


def say_once(statements: Iterable[Statement], said: set[str]) -> list[Statement]:
    """Keep each comment at the first place where it stands, and drop it at all later ones.

    `said` remembers the comments, as the vocabulary wrote them, from function to function.
    """
    result = []
    for statement in statements:
        if statement.comment and statement.said in said:
            statement = replace(statement, comment="")
        elif statement.comment:
            said.add(statement.said)
        result.append(statement)
    return result


def return_value(function: Function) -> Function:
    """Write `y = e; return y` as `return e`, where that is not all that the function does."""
    if len(function.statements) < 2:
        return function
    *rest, last = function.statements
    if last.value is None or last.target != function.returns:
        return function
    return replace(function, statements=tuple(rest), returns="".join(last.value))
