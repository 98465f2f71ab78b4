"""The copies of a block among the statements of a function, and which of them say the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from nndsl.source import Copy
from nndsl.statements import Identifier, Statement

Renaming = dict[str, str]


@dataclass(frozen=True)
class Run:
    """Statements of one copy that can be done together, where the first of them stands."""

    places: tuple[int, ...]  # in the function
    statements: tuple[Statement, ...]

    @cached_property
    def reads(self) -> dict[str, None]:
        """What is read and not bound before here, in the order in which it is met."""
        found: dict[str, None] = {}
        bound: set[str] = set()
        for statement in self.statements:
            names = (part for part in statement.code if isinstance(part, Identifier))
            found |= dict.fromkeys(n for n in names if n in statement.reads and n not in bound)
            bound.update(set(statement.writes) - statement.mutates)
        return found

    @cached_property
    def binds(self) -> dict[str, None]:
        """What is bound here, in order: not what is only changed in place."""
        bound = (n for s in self.statements for n in s.writes if n not in s.mutates)
        return dict.fromkeys(bound)

    @cached_property
    def changes(self) -> set[str]:
        """What is bound here or changed in place."""
        return {name for statement in self.statements for name in statement.writes}

    @property
    def lines(self) -> int:
        return sum(s.text.count("\n") + 1 for s in self.statements)


def runs_of_copies(statements: Sequence[Statement], depth: int) -> dict[Copy, list[Run]]:
    """Return the runs of each copy of a block that stands in `depth` others."""
    found: dict[Copy, list[Run]] = {}
    start = 0
    for copy, group in groupby(statements, lambda statement: _copy(statement, depth)):
        run = tuple(group)
        if copy is not None:
            places = tuple(range(start, start + len(run)))
            found.setdefault(copy, []).append(Run(places, run))
        start += len(run)
    return {copy: _joined(runs, statements) for copy, runs in found.items()}


def _copy(statement: Statement, depth: int) -> Copy | None:
    copies = statement.origin.copies if statement.origin else ()
    return copies[depth] if depth < len(copies) else None


def _joined(runs: list[Run], statements: Sequence[Statement]) -> list[Run]:
    """Add to the first run what can be done there as well: what it notes for prediction."""
    first, *others = runs
    left = []
    for run in others:
        between = Run((), tuple(statements[first.places[-1] + 1 : run.places[0]]))
        if between.changes.isdisjoint({*run.reads, *run.changes}) and run.changes.isdisjoint(
            between.reads
        ):
            first = Run(first.places + run.places, first.statements + run.statements)
        else:
            left.append(run)
    return [first, *left]


def groups_alike(
    found: Mapping[Copy, Sequence[Run]], variables: Collection[str]
) -> list[dict[Copy, Renaming]]:
    """Group the copies that say the same: each with its names for those of the first of them."""
    groups: dict[object, dict[Copy, list[str]]] = {}
    for copy, runs in found.items():
        names: dict[str, int] = {}
        shape = tuple(tuple(_canonical(run, names, variables)) for run in runs)
        groups.setdefault((copy.block, shape), {})[copy] = list(names)
    made = []
    for group in groups.values():
        ours = next(iter(group.values()))
        made.append({copy: _changes(ours, theirs) for copy, theirs in group.items()})
    return made


def _canonical(
    run: Run, names: dict[str, int], variables: Collection[str]
) -> Iterator[tuple[str | int, ...]]:
    """Yield the code of a run, with numbers for variables in the order in which they are met."""
    for statement in run.statements:
        yield tuple(
            names.setdefault(part, len(names))
            if isinstance(part, Identifier) and part in variables
            else part
            for part in statement.code
        )


def _changes(ours: Sequence[str], theirs: Sequence[str]) -> Renaming:
    pairs = zip(ours, theirs, strict=True)
    return {one: other for one, other in pairs if one != other}
