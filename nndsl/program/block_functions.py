"""Long copies of a block become calls of two functions, for the forward and the backward pass.

What is computed, and in which order, stays the same. The function of the forward pass also returns
the cache: what that of the backward pass reads.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from nndsl.ir import (
    NO_HEADING,
    Expression,
    Name,
    Operation,
    Statement,
    assign,
    name_tuple,
    names_of,
    wrapped,
)
from nndsl.ir.printer import enclosed
from nndsl.languages import sentence
from nndsl.program.block_copies import (
    NameUses,
    Renaming,
    Segment,
    equal_copies,
    segments_of_copies,
    with_common_shapes,
)
from nndsl.program.layer_calls import CACHE, call, one_or_several
from nndsl.program.local_names import in_local_names
from nndsl.program.names import Names
from nndsl.program.program import Equation, Function, Program
from nndsl.record import record
from nndsl.source import Copy

MIN_SAVED_LINES = 0  # a block has a name: it is a function unless that is longer
FUNCTION_LINES = 6  # of a function besides its statements
CALL_LINES = 2


def extract_blocks(program: Program) -> Program:
    """Return a program with functions for its long blocks that stand in it several times.

    Stacked ones are called in loops.
    """
    names = Names(program.identifiers)
    stacked: dict[int, set[Copy]] = defaultdict(set)
    for repetition in program.graph.repetitions:
        stacked[repetition.depth].update(repetition.marks)
    for depth, marks in stacked.items():
        program = _extracted(program, depth, names, marks)
    if stacked:
        from nndsl.program.loops import write_loops  # few scripts have any

        program = write_loops(program, names)
    for depth in range(max((len(n.origin.copies) for n in program.graph.nodes), default=0)):
        program = _extracted(program, depth, names, set())
    return program


def _extracted(program: Program, depth: int, names: Names, stacked: set[Copy]) -> Program:
    """Return a program with functions for blocks in `depth` others: those of the `stacked` copies.

    Where there are none, for those that save lines.
    """
    copies = {copy for node in program.graph.nodes for copy in node.origin.copies}
    changed = {c for n in program.graph.nodes if n.layer.inference_forward for c in n.origin.copies}
    training, predict, blocks = program.training, program.predict, list(program.blocks)
    if training is not None:
        made = _Extraction(training.learner, depth, names, stacked, program)
        training = training.with_learner(made.function)
        blocks += made.blocks
        program = replace(program, equations=made.without_repeats(program.equations, depth))
        program = replace(program, values_within={**program.values_within, **made.values})
        predict = made.called_by(predict, depth, copies - changed)
    suffix = "_predict" if training is not None else ""
    made = _Extraction(predict, depth, names, stacked, program, suffix)
    blocks += made.blocks
    return replace(program, training=training, predict=made.function, blocks=tuple(blocks))


@record
class _Signature:
    """The arguments and results of a function, in the names of the first copy."""

    name: str
    arguments: tuple[str, ...]
    results: tuple[str, ...]
    cached: tuple[str, ...]  # what the forward pass hands to the backward pass


DROPPED = "_"  # the name of what nobody reads


class _Extraction:
    """A function with its long copies of blocks as calls, and what these call."""

    def __init__(
        self,
        function: Function,
        depth: int,
        names: Names,
        stacked: set[Copy],
        program: Program,
        suffix: str = "",
    ) -> None:
        self.blocks: list[Function] = []
        self.values: dict[str, set[str]] = {}  # of the network: as functions call them
        self._stacked, self._values, self._taken = stacked, program.values, program.identifiers
        self._names = names
        self._forward: dict[Copy, tuple[_Signature, Renaming]] = {}
        self._statements = function.statements
        self._returned = _returned(function)
        self._uses = NameUses(function.arguments, function.statements)
        self._calls: dict[int, Statement] = {}
        self._gone: set[int] = set()
        self._numbers = count(1)
        found = segments_of_copies(function.statements, depth, self._uses)
        for group in equal_copies(found, self._uses.bound):
            first = next(iter(group))
            is_wanted = (
                not stacked.isdisjoint(group) if stacked else self._saves(found[first], len(group))
            )
            if is_wanted and self._is_supported(found[first]):
                self._write(group, found, suffix)
        kept = [
            self._calls.get(place, statement)
            for place, statement in enumerate(function.statements)
            if place not in self._gone or place in self._calls
        ]
        self.function = replace(function, statements=tuple(kept))

    def _saves(self, segments: Sequence[Segment], copies: int) -> bool:
        lines = sum(segment.lines for segment in segments)
        added = len(segments) * (FUNCTION_LINES + copies * CALL_LINES)
        return (copies - 1) * lines - added >= MIN_SAVED_LINES

    def _is_supported(self, segments: Sequence[Segment]) -> bool:
        """Are there a forward and at most one backward pass, which finds everything unchanged?"""
        if len(segments) == 1:
            return True
        forward, backward = segments[0], segments[-1]
        between = forward.places[0], backward.places[0]
        read = {*backward.reads} & {*forward.reads, *forward.binds}
        own = {*forward.places}
        return len(segments) == 2 and not any(
            self._uses.is_bound_between(name, *between, own) for name in read
        )

    def _write(
        self,
        group: Mapping[Copy, Renaming],
        found: Mapping[Copy, Sequence[Segment]],
        suffix: str,
    ) -> None:
        first = next(iter(group))
        forward, *backward = with_common_shapes([found[copy] for copy in group])
        called = self._names.fresh(f"{first.block}{suffix}")
        inner = {*forward.reads, *forward.binds}
        cached = tuple(n for r in backward for n in r.reads if n in inner and n in self._uses.bound)
        arguments = self._arguments(forward)
        results = self._results(forward, *backward)
        ahead = _Signature(called, arguments, results, cached)
        mode = ", in evaluation mode" * bool(suffix)
        functions = [_forward_function(f"a {first.block}{mode}", ahead, forward)]
        self._forward |= {copy: (ahead, names) for copy, names in group.items()}
        back = None
        for segment in backward:
            if any(names.get(DROPPED, DROPPED) != DROPPED for names in group.values()):
                # The first copy drops what others go on with: the gradient of what it takes.
                made = (f"d{name}" for name in ahead.arguments)
                kept = next(name for name in made if name not in segment.binds)
                segment = Segment(
                    segment.places, tuple(s.rename({DROPPED: kept}) for s in segment.statements)
                )
                group = {
                    copy: {kept: names.get(DROPPED, DROPPED), **names}
                    for copy, names in group.items()
                }
            arguments = tuple(name for name in self._arguments(segment) if name not in cached)
            order = {f"d{name}": place for place, name in enumerate(ahead.arguments)}
            read = {copy: self._results(found[copy][-1]) for copy in group}
            found_results = [
                name
                for name in segment.binds
                if any(names.get(name, name) in read[copy] for copy, names in group.items())
            ]
            results = tuple(sorted(found_results, key=lambda name: order.get(name, len(order))))
            name = self._names.fresh(f"{called}_backward")
            back = _Signature(name, arguments, results, cached)
            functions.append(_backward_function(first.block, back, segment))
        if not self._stacked:  # a loop has names of its own for what it calls
            functions, local = in_local_names(functions, self._values, self._taken)
            if local:
                inside = {local[name] for name in self._values if name in local}
                self.values |= dict.fromkeys((function.name for function in functions), inside)
        self.blocks += functions
        for copy, names in group.items():
            cache = [self._names.fresh(f"{CACHE}{next(self._numbers)}")] if cached else []
            self._replace(found[copy][0], _call(ahead, names, result=cache))
            if back is not None:
                self._replace(found[copy][1], _call(back, names, argument=cache))

    def _replace(self, segment: Segment, call: Statement) -> None:
        self._calls[segment.places[0]] = replace(call, section=segment.statements[0].section)
        self._gone.update(segment.places)

    def _arguments(self, segment: Segment) -> tuple[str, ...]:
        """Return what a segment reads and others bind: not the variables of its own loops."""
        uses, first = self._uses, segment.places[0]
        return tuple(name for name in segment.reads if uses.is_bound_before(name, first))

    def _results(self, segment: Segment, *others: Segment) -> tuple[str, ...]:
        """Return what a segment binds for what comes later, besides some other segments."""
        own = {place for each in (segment, *others) for place in each.places}
        return tuple(
            name
            for name in segment.binds
            if name in self._returned or self._uses.is_read_from(name, segment.places[0], own)
        )

    def without_repeats(self, equations: Iterable[Equation], depth: int) -> tuple[Equation, ...]:
        """Return equations without those that are the same in another copy."""
        times = Counter(signature.name for signature, _ in self._forward.values())
        result = []
        for equation in equations:
            copy = equation.copies[depth] if depth < len(equation.copies) else None
            if copy in self._forward and not equation.block:
                signature, names = self._forward[copy]
                block = f"{copy.block}, {times[signature.name]} times; the first"
                equation = replace(equation, block=block)
                if names:
                    continue
            result.append(equation)
        return tuple(result)

    def called_by(self, function: Function, depth: int, copies: set[Copy]) -> Function:
        """Return another function, with calls for those `copies` that compute the same in it."""
        returned, uses = _returned(function), NameUses(function.arguments, function.statements)
        statements: list[Statement | None] = list(function.statements)
        for copy, segments in segments_of_copies(function.statements, depth, uses).items():
            if copy not in copies or copy not in self._forward or len(segments) != 1:
                continue
            signature, names = self._forward[copy]
            (segment,) = segments
            first, after = segment.places[0], segment.places[-1] + 1
            needed = {n for n in segment.binds if n in returned or uses.is_read_from(n, after, ())}
            arguments = {name: names.get(name, name) for name in signature.arguments}
            unknown = [n for n, own in arguments.items() if not uses.is_bound_before(own, first)]
            known = {own for name, own in arguments.items() if name not in unknown}
            given = [n for n in segment.reads if n not in known and uses.is_bound_before(n, first)]
            results = {names.get(name, name) for name in signature.results}
            if needed != results or len(unknown) > 1 or len(given) != len(unknown):
                continue
            # What goes in may have another name here, behind what does nothing in prediction.
            names = {**names, **dict(zip(unknown, given, strict=True))}
            for place in segment.places:
                statements[place] = None
            statements[first] = _call(signature, names, result=["_"] * bool(signature.cached))
        return replace(function, statements=tuple(s for s in statements if s is not None))


def _forward_function(block: str, signature: _Signature, segment: Segment) -> Function:
    returns: list[Expression] = [*map(Name, signature.results)]
    says = "Return the output of {block}."
    if signature.cached:
        returns.append(enclosed(wrapped(name_tuple(signature.cached))))
        says = "Return the output of {block}, and what its backward pass reads."
    return Function(
        signature.name,
        signature.arguments,
        sentence(says, block=block),
        _without_sections(segment),
        Operation("tuple", tuple(returns)) if len(returns) > 1 else returns[0],
    )


def _backward_function(block: str, signature: _Signature, segment: Segment) -> Function:
    cached = wrapped(name_tuple(signature.cached))
    unpacked = [assign(cached, Name(CACHE))] * bool(signature.cached)
    return Function(
        signature.name,
        (*signature.arguments, *[CACHE] * bool(signature.cached)),
        sentence(
            "Return the gradients of the arguments of a {block}, given that of its output.",
            block=block,
        ),
        (*unpacked, *_without_sections(segment)),
        one_or_several(signature.results),
    )


def _call(
    signature: _Signature, names: Renaming, result: Sequence[str] = (), argument: Sequence[str] = ()
) -> Statement:
    """Call a function on the values of a copy, with a `result` and an `argument` more."""
    results = [*(names.get(name, name) for name in signature.results), *result]
    given = [*(names.get(name, name) for name in signature.arguments), *argument]
    return call(signature.name, results, list(map(Name, given)))


def _without_sections(segment: Segment) -> tuple[Statement, ...]:
    return tuple(replace(statement, section=NO_HEADING) for statement in segment.statements)


def _returned(function: Function) -> set[str]:
    """Return what a function returns, or keeps."""
    names = names_of(function.returns) if function.returns is not None else ()
    return {*names, *function.keeps}
