"""Lints of names."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.lints.context import Finding, SpecContext
from nndsl.lints.places import children
from nndsl.syntax.tree import Declaration, Reference


def unused_parameter(context: SpecContext) -> Iterator[Finding]:
    """A parameter of a block that the block does not use."""
    for block in context.tree.statements:
        if not isinstance(block, Declaration) or block.body is None:
            continue
        used = set()
        waiting: list[object] = [block.body]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Reference):
                used.add(node.name.text)
            waiting += children(node)
        for argument in block.arguments or ():
            name = argument.name
            if name is None and isinstance(argument.value, Reference):
                name = argument.value.name
            if name is not None and name.text not in used:
                yield Finding(
                    f"block `{block.name.text}` does not use its parameter `{name.text}`",
                    name.span,
                    "use it in the block, or leave it out",
                )
