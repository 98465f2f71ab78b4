"""The copies of a block among the statements of a function, and which of them say the same."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, takewhile

from nndsl.ir import Expression, Operation, Statement
from nndsl.ir.rows import Dimensions, margin
from nndsl.ir.tree import Block, Node, rewritten
from nndsl.source import Copy

Renaming = dict[str, str]


@dataclass(frozen=True)
class Segment:
    """Statements of one copy that can be done together, where the first of them stands."""

    places: tuple[int, ...]  # in the function
    statements: tuple[Statement, ...]

    @cached_property
    def reads(self) -> dict[str, None]:
        """What is read and not bound before here, in the order in which it is met."""
        found: dict[str, None] = {}
        bound: set[str] = set()
        for statement in self.statements:
            reads = (name for name in statement.names if name in statement.reads)
            found |= dict.fromkeys(name for name in reads if name not in bound)
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


class NameUses:
    """Where the names of a function are bound, changed and read: by name, places in order."""

    def __init__(self, arguments: Iterable[str], statements: Iterable[Statement]) -> None:
        self.bound: dict[str, list[int]] = defaultdict(list, {name: [-1] for name in arguments})
        self._changed: dict[str, list[int]] = defaultdict(list)
        self._read: dict[str, list[int]] = defaultdict(list)
        for place, statement in enumerate(statements):
            for name in statement.writes:
                self._changed[name].append(place)
                if name not in statement.mutates:
                    self.bound[name].append(place)
            for name in statement.reads:
                self._read[name].append(place)

    def is_bound_before(self, name: str, place: int) -> bool:
        """Is a name bound by what stands before a place? Not if that binds it itself, in a loop."""
        return name in self.bound and self.bound[name][0] < place

    def is_bound_between(self, name: str, first: int, end: int, own: Collection[int]) -> bool:
        """Is a name bound from a place on, before another, and not at some `own` places?"""
        return any(place not in own for place in _within(self.bound, name, first, end))

    def is_read_from(self, name: str, first: int, own: Collection[int]) -> bool:
        """Is a name read from a place on, and not only at some `own` places?"""
        places = self._read.get(name, [])
        later = takewhile(lambda place: place >= first, reversed(places))
        return any(place not in own for place in later)

    def can_be_done_at(self, segment: Segment, place: int) -> bool:
        """Can a segment be moved to a place before it, past what stands between?"""
        between = place, segment.places[0]
        return not any(
            _within(self._changed, name, *between) for name in {*segment.reads, *segment.changes}
        ) and not any(_within(self._read, name, *between) for name in segment.changes)


def _within(places: Mapping[str, list[int]], name: str, first: int, end: int) -> list[int]:
    found = places.get(name, [])
    return found[bisect_left(found, first) : bisect_left(found, end)]


def segments_of_copies(
    statements: Sequence[Statement], depth: int, uses: NameUses
) -> dict[Copy, list[Segment]]:
    """Return the segments of each copy of a block that stands in `depth` others."""
    found: dict[Copy, list[Segment]] = {}
    start = 0
    for copy, group in groupby(statements, lambda statement: _copy(statement, depth)):
        segment = tuple(group)
        if copy is not None:
            places = tuple(range(start, start + len(segment)))
            found.setdefault(copy, []).append(Segment(places, segment))
        start += len(segment)
    return {copy: _merged(segments, uses) for copy, segments in found.items()}


def _copy(statement: Statement, depth: int) -> Copy | None:
    copies = statement.origin.copies if statement.origin else ()
    return copies[depth] if depth < len(copies) else None


def _merged(segments: list[Segment], uses: NameUses) -> list[Segment]:
    """Add to the first segment what can be done there as well: what it notes for prediction."""
    first, *others = segments
    left = []
    for segment in others:
        if uses.can_be_done_at(segment, first.places[-1] + 1):
            first = Segment(first.places + segment.places, first.statements + segment.statements)
        else:
            left.append(segment)
    return [first, *left]


def equal_copies(
    found: Mapping[Copy, Sequence[Segment]], variables: Collection[str]
) -> list[dict[Copy, Renaming]]:
    """Group the copies that say the same: each with its names for those of the first of them."""
    groups: dict[object, dict[Copy, list[str]]] = {}
    for copy, segments in found.items():
        names: dict[str, int] = {}
        shape = tuple(tuple(_canonical(segment, names, variables)) for segment in segments)
        groups.setdefault((copy.block, shape), {})[copy] = list(names)
    made = []
    for group in groups.values():
        ours = next(iter(group.values()))
        made.append({copy: _changes(ours, theirs) for copy, theirs in group.items()})
    return made


def with_common_shapes(copies: Sequence[Sequence[Segment]]) -> list[Segment]:
    """Return the segments of the first copy, with the shapes that all of them have in the margin.

    Copies that read their sizes off arrays are alike where those differ.
    """
    return [
        Segment(
            same[0].places,
            tuple(map(_with_common_shape, zip(*(one.statements for one in same), strict=True))),
        )
        for same in zip(*copies, strict=True)
    ]


def _with_common_shape(same: Sequence[Statement]) -> Statement:
    first = same[0]
    if len({tuple(_margins(one.node, one.shape)) for one in same}) == 1:
        return first
    return replace(first, node=_without_shapes(first.node), shape=None)


def _margins(node: Node, shape: Dimensions | None) -> Iterator[str]:
    yield ", ".join(map(margin, shape or ()))
    for line in node.body if isinstance(node, Block) else ():
        yield from _margins(line.node, line.shape)


def _without_shapes(node: Node) -> Node:
    if not isinstance(node, Block):
        return node
    body = (replace(line, node=_without_shapes(line.node), shape=None) for line in node.body)
    return replace(node, body=tuple(body))


def _canonical(
    segment: Segment, names: dict[str, int], variables: Collection[str]
) -> Iterator[Node]:
    """Yield the trees of a segment, its variables numbered in the order in which they are met."""
    for statement in segment.statements:
        own = [name for name in statement.names if name in variables]
        numbered = statement.rename({n: f"v{names.setdefault(n, len(names))}" for n in own})
        yield rewritten(numbered.node, _on_one_line)


def _on_one_line(node: Expression) -> Expression:
    """Return an operation without its lines: names of other lengths are wrapped elsewhere."""
    match node:
        case Operation(op, operands, options, (_, *_), enclosed):
            return Operation(op, operands, options, (), enclosed)
    return node


def _changes(ours: Sequence[str], theirs: Sequence[str]) -> Renaming:
    pairs = zip(ours, theirs, strict=True)
    return {one: other for one, other in pairs if one != other}
