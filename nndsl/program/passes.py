"""Passes: each takes the statements of a function and returns fewer or better ones.

They look at what statements read, write and change in place, and at nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nndsl.statements import Statement
from nndsl.statements.statement import assign


def accumulate(statement: Statement) -> Statement:
    """Turn `d = e` into `d = d + e`: a value that is used twice has the sum of two gradients."""
    target = statement.target
    assert target is not None
    assert statement.value is not None
    value = statement.value if statement.value_is_operand else ("(", *statement.value, ")")
    from nndsl.statements import Identifier

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
    for position, statement in enumerate(statements):
        target = statement.target
        earlier = first.get(target) if target is not None else None
        if target is not None and earlier is not None:
            begun, value = result[earlier], statement.value
            assert begun is not None
            assert value is not None
            adds_to_it = len(value) > 2 and value[0] == target and value[1] == " + "
            if adds_to_it and begun.value_is_operand and begun.value is not None:
                folded = assign(
                    target,
                    (*value[2:], " + ", *begun.value),
                    begun.reads | (statement.reads - {target}),
                    operand=True,
                    like=statement,
                )
                result[earlier], result[position] = None, folded
                statement = folded
        for name, begun_at in list(first.items()):
            begun = result[begun_at]
            if begun is None or name in statement.reads or not begun.reads.isdisjoint(statement.writes):
                del first[name]
        for name in statement.writes:
            first.pop(name, None)
        if target is not None:
            first[target] = position
    return [statement for statement in result if statement is not None]


def forward_copies(statements: Sequence[Statement], keep: Iterable[str]) -> tuple[list[Statement], dict[str, str]]:
    """Drop `y = x` and read `x` instead, where neither is written again.

    Returns the statements, and for each dropped name the one that stands for it. Names in
    `keep` stay.
    """
    writers: dict[str, int] = {}
    for statement in statements:
        for name in statement.writes:
            writers[name] = writers.get(name, 0) + 1
    kept = set(keep)
    renaming: dict[str, str] = {}
    result = []
    for statement in statements:
        statement = statement.rename(renaming) if renaming else statement
        source, target = statement.copied, statement.target
        if source and target and target not in kept and writers[target] == 1 and writers.get(source, 0) <= 1:
            renaming[target] = source
        else:
            result.append(statement)
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
