"""Lints of layers that look along the positions of an example."""

from __future__ import annotations

from collections.abc import Iterator

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext


def visible_answer(context: LintContext) -> Iterator[Finding]:
    """A position that is to predict the next one, and sees it."""
    if not context.spec.description.predicts_next:
        return
    the_data = (Label(context.spec.origins["data"].span, "each position predicts the next one"),)
    for node in context.graph.nodes:
        if node.layer.sees_ahead:
            yield Finding(
                f"`{node.layer.word()}` sees later positions, and the next one is the answer",
                node.origin,
                f"{node.layer.sees_ahead}: a position then sees itself and those before it",
                the_data,
            )
