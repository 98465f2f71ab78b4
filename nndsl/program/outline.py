"""Long copies of a block become calls: of one function on the way forward, and of one back.

What is computed, and in which order, stays the same. The function of the way forward also gives
what the one of the way back reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from nndsl.ir import (
    Assign,
    Expression,
    Name,
    Operation,
    Statement,
    name_tuple,
    names_of,
    statement,
    wrapped,
)
from nndsl.ir.printer import enclosed, expression
from nndsl.program.copies import Renaming, Run, Uses, groups_alike, runs_of_copies
from nndsl.program.identifiers import identifiers
from nndsl.program.names import Names
from nndsl.program.program import Equation, Function, Program
from nndsl.source import Copy

SAVES = 30  # lines, at least: for fewer, one text is easier to read than functions
OVERHEAD = 8  # lines of a function besides its statements
CALL = 3  # lines
KEPT = "kept"


def outline(program: Program) -> Program:
    """Return a program with functions for its long blocks that stand in it several times."""
    names = Names(identifiers(program))
    copies = {copy for node in program.graph.nodes for copy in node.origin.copies}
    changed = {c for n in program.graph.nodes if n.layer.inference_forward for c in n.origin.copies}
    for depth in range(max((len(n.origin.copies) for n in program.graph.nodes), default=0)):
        training, predict, blocks = program.training, program.predict, list(program.blocks)
        if training is not None:
            made = Outlined(training.batch_loss or training.loss_and_gradients, depth, names)
            if training.batch_loss is not None:
                training = replace(training, batch_loss=made.function)
            else:
                training = replace(training, loss_and_gradients=made.function)
            blocks += made.blocks
            program = replace(program, equations=made.said_once(program.equations, depth))
            predict = made.called_by(predict, depth, copies - changed)
        made = Outlined(predict, depth, names, "_predict" if training is not None else "")
        program = replace(
            program, training=training, predict=made.function, blocks=(*blocks, *made.blocks)
        )
    return program


@dataclass(frozen=True, slots=True)
class Interface:
    """What a function takes and gives, in the names of the first copy."""

    name: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    kept: tuple[str, ...]  # what the way forward gives the way back


class Outlined:
    """A function with its long copies of blocks as calls, and what these call."""

    def __init__(self, function: Function, depth: int, names: Names, suffix: str = "") -> None:
        self.blocks: list[Function] = []
        self._names = names
        self._forward: dict[Copy, tuple[Interface, Renaming]] = {}
        self._statements = function.statements
        self._returned = _returned(function)
        self._uses = Uses(function.arguments, function.statements)
        self._calls: dict[int, Statement] = {}
        self._gone: set[int] = set()
        self._numbers = count(1)
        found = runs_of_copies(function.statements, depth, self._uses)
        for group in groups_alike(found, self._uses.bound):
            first = next(iter(group))
            if self._saves(found[first], len(group)) and self._is_plain(found[first]):
                self._write(group, found, suffix)
        kept = [
            self._calls.get(place, statement)
            for place, statement in enumerate(function.statements)
            if place not in self._gone or place in self._calls
        ]
        self.function = replace(function, statements=tuple(kept))

    def _saves(self, runs: Sequence[Run], copies: int) -> bool:
        lines = sum(run.lines for run in runs)
        return (copies - 1) * lines - len(runs) * (OVERHEAD + copies * CALL) >= SAVES

    def _is_plain(self, runs: Sequence[Run]) -> bool:
        """Is there a way forward, and at most one back, which finds everything as it was left?"""
        if len(runs) == 1:
            return True
        forward, backward = runs[0], runs[-1]
        between = forward.places[0], backward.places[0]
        read = {*backward.reads} & {*forward.reads, *forward.binds}
        own = {*forward.places}
        return len(runs) == 2 and not any(
            self._uses.is_bound_between(name, *between, own) for name in read
        )

    def _write(
        self,
        group: Mapping[Copy, Renaming],
        found: Mapping[Copy, Sequence[Run]],
        suffix: str,
    ) -> None:
        first = next(iter(group))
        forward, *backward = found[first]
        called = self._names.fresh(f"{first.block}{suffix}")
        inner = {*forward.reads, *forward.binds}
        kept = tuple(n for r in backward for n in r.reads if n in inner and n in self._uses.bound)
        takes = self._taken(forward)
        gives = self._given(forward, *backward)
        ahead = Interface(called, takes, gives, kept)
        mode = ", in evaluation mode" * bool(suffix)
        self.blocks.append(_forward_function(f"{first.block} puts out{mode}", ahead, forward))
        self._forward |= {copy: (ahead, names) for copy, names in group.items()}
        back = None
        for run in backward:
            takes = tuple(name for name in self._taken(run) if name not in kept)
            order = {f"d{name}": place for place, name in enumerate(ahead.takes)}
            gives = self._given(run)
            gives = tuple(sorted(gives, key=lambda name: order.get(name, len(order))))
            back = Interface(self._names.fresh(f"{called}_backward"), takes, gives, kept)
            self.blocks.append(_backward_function(first.block, back, run))
        for copy, names in group.items():
            memory = self._names.fresh(f"{KEPT}{next(self._numbers)}") if kept else ""
            self._call(ahead, names, found[copy][0], memory, "")
            if back is not None:
                self._call(back, names, found[copy][1], "", memory)

    def _call(
        self, interface: Interface, names: Renaming, run: Run, gives: str, takes: str
    ) -> None:
        call = _call(interface, names, gives, takes)
        self._calls[run.places[0]] = replace(call, section=run.statements[0].section)
        self._gone.update(run.places)

    def _taken(self, run: Run) -> tuple[str, ...]:
        """Return what a run reads and others bind: not the variables of its own loops."""
        uses, first = self._uses, run.places[0]
        return tuple(name for name in run.reads if uses.is_bound_before(name, first))

    def _given(self, run: Run, *others: Run) -> tuple[str, ...]:
        """Return what a run binds for what comes later, besides some other runs."""
        own = {place for each in (run, *others) for place in each.places}
        return tuple(
            name
            for name in run.binds
            if name in self._returned or self._uses.is_read_from(name, run.places[0], own)
        )

    def said_once(self, equations: Iterable[Equation], depth: int) -> tuple[Equation, ...]:
        """Return equations without those that are the same in another copy."""
        times = Counter(interface.name for interface, _ in self._forward.values())
        result = []
        for equation in equations:
            copy = equation.copies[depth] if depth < len(equation.copies) else None
            if copy in self._forward:
                interface, names = self._forward[copy]
                block = f"{copy.block}, {times[interface.name]} times; the first"
                equation = replace(equation, block=block)
                if names:
                    continue
            result.append(equation)
        return tuple(result)

    def called_by(self, function: Function, depth: int, copies: set[Copy]) -> Function:
        """Return another function, with calls for those `copies` that compute the same in it."""
        returned, uses = _returned(function), Uses(function.arguments, function.statements)
        statements: list[Statement | None] = list(function.statements)
        for copy, runs in runs_of_copies(function.statements, depth, uses).items():
            if copy not in copies or copy not in self._forward or len(runs) != 1:
                continue
            interface, names = self._forward[copy]
            (run,) = runs
            first, after = run.places[0], run.places[-1] + 1
            needed = {n for n in run.binds if n in returned or uses.is_read_from(n, after, ())}
            takes = (names.get(name, name) for name in interface.takes)
            if needed != {names.get(name, name) for name in interface.gives} or not all(
                uses.is_bound_before(name, first) for name in takes
            ):
                continue
            for place in run.places:
                statements[place] = None
            statements[first] = _call(interface, names, "_" * bool(interface.kept), "")
        return replace(function, statements=tuple(s for s in statements if s is not None))


def _forward_function(result: str, interface: Interface, run: Run) -> Function:
    returns: tuple[Expression, ...] = tuple(map(Name, interface.gives))
    says = f"Return what a {result}."
    if interface.kept:
        returns = (*returns, enclosed(wrapped(name_tuple(interface.kept))))
        says = f"Return what a {result}, and what its way back reads."
    return Function(
        interface.name,
        interface.takes,
        says,
        _without_sections(run),
        Operation("tuple", returns) if len(returns) > 1 else returns[0],
    )


def _backward_function(block: str, interface: Interface, run: Run) -> Function:
    kept = wrapped(name_tuple(interface.kept))
    unpacked = [statement(Assign((kept,), Name(KEPT)))] if interface.kept else []
    return Function(
        interface.name,
        (*interface.takes, *[KEPT] * bool(interface.kept)),
        f"Return the gradients of what a {block} takes, given that of what it puts out.",
        (*unpacked, *_without_sections(run)),
        _one_or_several(interface.gives),
    )


def _call(interface: Interface, names: Renaming, gives: str, takes: str) -> Statement:
    given = [*(names.get(n, n) for n in interface.gives), *[gives] * bool(gives)]
    taken = [*(names.get(n, n) for n in interface.takes), *[takes] * bool(takes)]
    end = f" = {interface.name}"
    targets = _one_or_several(given, before=len(end))
    beside = len(f"{expression(targets)}{end}".rpartition("\n")[2])
    call = Operation(f"{interface.name}()", tuple(map(Name, taken)))
    return statement(Assign((targets,), wrapped(call, beside)))


def _one_or_several(names: Sequence[str], before: int = 20) -> Expression:
    return wrapped(name_tuple(names), before) if len(names) > 1 else Name(names[0])


def _without_sections(run: Run) -> tuple[Statement, ...]:
    return tuple(replace(statement, section="") for statement in run.statements)


def _returned(function: Function) -> set[str]:
    return set(names_of(function.returns)) if function.returns is not None else set()
