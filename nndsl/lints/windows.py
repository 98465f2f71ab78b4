"""Lints of layers that look at parts of their input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext
from nndsl.shapes import axes, describe, places

if TYPE_CHECKING:
    from nndsl.analysis.node import Value


def oversized_window(context: LintContext) -> Iterator[Finding]:
    """A window that is longer than its input: it fits nowhere but for the zeros around it."""
    for node in context.graph.nodes:
        value = node.inputs[0]
        windows = node.layer.windows(*node.shapes) or ()
        names = axes(value.shape)[1:] if len(value.shape) == 3 else ("length",)
        over = [
            (window.size, length, name)
            for window, length, name in zip(windows, places(value.shape), names, strict=False)
            if window.size > length
        ]
        if over:
            size, length, name = min(over, key=lambda found: found[1])
            yield Finding(
                f"the window of `{node.layer.word()}` is {size} long, and the {name} of its input "
                f"{length}: wherever it stands, {size - length} of {size} or more see zeros alone",
                node.origin,
                "take a smaller kernel, or one that is applied where the input is larger",
                _maker(value),
            )


def unseen_rest(context: LintContext) -> Iterator[Finding]:
    """Rows or columns at the end that no window reaches."""
    for node in context.graph.nodes:
        value = node.inputs[0]
        said = node.layer.left_out(*(value.shape for value in node.inputs))
        if said:
            yield Finding(
                f"`{node.layer.word()}` never sees {said}",
                node.origin,
                "choose a window and a step that fill its input, or another size before it",
                _maker(value),
            )


def _maker(value: Value) -> tuple[Label, ...]:
    if value.producer is None:
        return ()
    return (Label(value.producer.origin.span, f"gives {describe(value.shape)}"),)
