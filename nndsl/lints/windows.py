"""Lints of layers that look at parts of their input."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext
from nndsl.vocabulary.shape_words import describe


def unseen_rest(context: LintContext) -> Iterator[Finding]:
    """Rows or columns at the end that no window reaches."""
    for node in context.graph.nodes:
        value = node.inputs[0]
        said = node.layer.left_out(*(value.shape for value in node.inputs))
        if said:
            maker = value.producer
            labels = (
                (Label(maker.origin.span, f"gives {describe(value.shape)}"),)
                if maker is not None
                else ()
            )
            yield Finding(
                f"`{node.layer.word()}` never sees {said}",
                node.origin,
                "choose a window and a step that fill its input, or another size before it",
                labels,
            )
