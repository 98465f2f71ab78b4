"""Mutants of the optimizer's step: `nndsl mutate` makes those of the backward pass."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.ir.parser import parse_script
from nndsl.ir.tree import Block, Line
from nndsl.live.gradients.mutants import Mutant, statement_mutants


def update_mutants(text: str) -> Iterator[Mutant]:
    """Yield a mutant for each mistake in each statement of the optimizer's step."""
    for definition in parse_script(text):
        if definition.name == "update":
            for line in _plain(definition.body):
                yield from statement_mutants(text, line.node, line.numbers, [], {})


def _plain(body: tuple[Line, ...]) -> Iterator[Line]:
    """Yield the statements of a body and of its loops and conditions."""
    for line in body:
        if isinstance(line.node, Block):
            yield from _plain(line.node.body)
        else:
            yield line
