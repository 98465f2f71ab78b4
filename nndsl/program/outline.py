"""Long copies of a block become calls: of one function on the way forward, and of one back.

What is computed, and in which order, stays the same. The function of the way forward also gives
what the one of the way back reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from nndsl.program.context import entries, reads
from nndsl.program.copies import Renaming, Run, groups_alike, runs_of_copies
from nndsl.program.identifiers import identifiers
from nndsl.program.names import Names
from nndsl.program.program import Equation, Function, Program
from nndsl.source import Copy
from nndsl.statements import Statement, parse_text

SAVES = 30  # lines, at least: for fewer, one text is easier to read than functions
OVERHEAD = 8  # lines of a function besides its statements
CALL = 3  # lines
KEPT = "kept"


def outline(program: Program) -> Program:
    """Return a program with functions for its long blocks that stand in it several times."""
    names = Names(identifiers(program))
    copies = {copy for node in program.graph.nodes for copy in node.origin.copies}
    changed = {c for n in program.graph.nodes if n.layer.evaluate for c in n.origin.copies}
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
        self._arguments = _identifiers(function.arguments)
        self._returned = _identifiers(function.returns)
        self._calls: dict[int, Statement] = {}
        self._gone: set[int] = set()
        self._numbers = count(1)
        given = self._arguments | _bound(function.statements)
        found = runs_of_copies(function.statements, depth)
        for group in groups_alike(found, given):
            first = next(iter(group))
            if self._saves(found[first], len(group)) and self._is_plain(found[first]):
                self._write(group, found, given, suffix)
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
        between = Run((), self._statements[forward.places[0] : backward.places[0]])
        later = Run((), tuple(s for s in between.statements if s not in forward.statements))
        read = {*backward.reads} & {*forward.reads, *forward.binds}
        return len(runs) == 2 and read.isdisjoint(later.binds)

    def _write(
        self,
        group: Mapping[Copy, Renaming],
        found: Mapping[Copy, Sequence[Run]],
        given: set[str],
        suffix: str,
    ) -> None:
        first = next(iter(group))
        forward, *backward = found[first]
        called = self._names.fresh(f"{first.block}{suffix}")
        inner = {*forward.reads, *forward.binds}
        kept = tuple(n for run in backward for n in run.reads if n in inner & given)
        takes = tuple(name for name in forward.reads if name in self._bound_before(forward))
        gives = tuple(n for n in forward.binds if n in self._read_after(forward, *backward))
        ahead = Interface(called, takes, gives, kept)
        mode = ", in evaluation mode" * bool(suffix)
        self.blocks.append(_forward_function(f"{first.block} puts out{mode}", ahead, forward))
        self._forward |= {copy: (ahead, names) for copy, names in group.items()}
        back = None
        for run in backward:
            bound = self._bound_before(run).difference(kept)
            takes = tuple(name for name in run.reads if name in bound)
            order = {f"d{name}": place for place, name in enumerate(ahead.takes)}
            found_there = [name for name in run.binds if name in self._read_after(run)]
            gives = tuple(sorted(found_there, key=lambda name: order.get(name, len(order))))
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

    def _bound_before(self, run: Run) -> set[str]:
        """Return what is bound where a run begins: not the variables of its own loops."""
        return self._arguments | _bound(self._statements[: run.places[0]])

    def _read_after(self, *runs: Run) -> set[str]:
        """Return what is read behind the first of some runs, and not by them."""
        own = {place for run in runs for place in run.places}
        later = enumerate(self._statements[runs[0].places[0] :], runs[0].places[0])
        return reads(s for place, s in later if place not in own) | self._returned

    def said_once(self, equations: Iterable[Equation], depth: int) -> tuple[Equation, ...]:
        """Return equations without those that are the same in another copy."""
        result = []
        for equation in equations:
            copy = equation.copies[depth] if depth < len(equation.copies) else None
            if copy in self._forward:
                interface, names = self._forward[copy]
                times = sum(other is interface for other, _ in self._forward.values())
                equation = replace(equation, block=f"{copy.block}, {times} times; the first")
                if names:
                    continue
            result.append(equation)
        return tuple(result)

    def called_by(self, function: Function, depth: int, copies: set[Copy]) -> Function:
        """Return another function, with calls for those `copies` that compute the same in it."""
        found = runs_of_copies(function.statements, depth)
        statements: list[Statement | None] = list(function.statements)
        for copy, runs in found.items():
            if copy not in copies or copy not in self._forward or len(runs) != 1:
                continue
            interface, names = self._forward[copy]
            (run,) = runs
            before = _identifiers(function.arguments)
            before |= _bound(function.statements[: run.places[0]])
            needed = reads(function.statements[run.places[-1] + 1 :])
            needed = set(run.binds) & (needed | _identifiers(function.returns))
            if needed != {names.get(n, n) for n in interface.gives} or not before.issuperset(
                names.get(name, name) for name in interface.takes
            ):
                continue
            for place in run.places:
                statements[place] = None
            statements[run.places[0]] = _call(interface, names, "_" * bool(interface.kept), "")
        return replace(function, statements=tuple(s for s in statements if s is not None))


def _forward_function(result: str, interface: Interface, run: Run) -> Function:
    returns = ", ".join(interface.gives)
    says = f"Return what a {result}."
    if interface.kept:
        returns += f", ({_tuple(interface.kept)})"
        says = f"Return what a {result}, and what its way back reads."
    return Function(
        interface.name,
        entries([*interface.takes], before=len(interface.name)),
        says,
        _without_sections(run),
        returns,
    )


def _backward_function(block: str, interface: Interface, run: Run) -> Function:
    unpacked = parse_text(f"{_targets(interface.kept)} = {KEPT}") if interface.kept else ()
    return Function(
        interface.name,
        entries([*interface.takes, *[KEPT] * bool(interface.kept)], before=len(interface.name)),
        f"Return the gradients of what a {block} takes, given that of what it puts out.",
        (*unpacked, *_without_sections(run)),
        _targets(interface.gives) if len(interface.gives) > 1 else interface.gives[0],
    )


def _call(interface: Interface, names: Renaming, gives: str, takes: str) -> Statement:
    targets = [*(names.get(n, n) for n in interface.gives), *[gives] * bool(gives)]
    taken = [*(names.get(n, n) for n in interface.takes), *[takes] * bool(takes)]
    end = f" = {interface.name}"
    head = (_targets(targets, len(end)) if len(targets) > 1 else targets[0]) + end
    before = len(head.rpartition("\n")[2])
    (call,) = parse_text(f"{head}({entries(taken, before=before)})")
    return call


def _targets(names: Sequence[str], before: int = 20) -> str:
    left = _tuple(names, before)
    return f"({left})" if "\n" in left else left


def _tuple(names: Sequence[str], before: int = 20) -> str:
    return entries([*names], before=before) + "," * (len(names) == 1)


def _without_sections(run: Run) -> tuple[Statement, ...]:
    return tuple(replace(statement, section="") for statement in run.statements)


def _bound(statements: Iterable[Statement]) -> set[str]:
    return {name for statement in statements for name in statement.writes}


def _identifiers(code: str) -> set[str]:
    tree = ast.parse(f"({code})" if code else "()")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
