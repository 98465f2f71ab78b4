"""Lints of layers that look along the positions of an example."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nndsl.analysis.fixes import fix
from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, number


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


def closed_memory(context: LintContext) -> Iterator[Finding]:
    """A memory whose gate begins half open or less: it has forgotten before it learns to keep."""
    for node in context.graph.nodes:
        field, steps = node.layer.memory_bias, node.shapes[0][0]
        if not field or getattr(node.layer, field) > 0 or steps == 1:
            continue
        bias = getattr(node.layer, field)
        kept = 0.5 + 0.5 * math.tanh(0.5 * bias)  # the sigmoid
        yield Finding(
            f"with {field}={bias:g} `{node.layer.word()}` keeps {number(kept)} of its memory from "
            f"step to step, and of the first of {steps} steps {number(kept ** (steps - 1))}",
            context.argument(node.layer, node.origin, field),
            f"write {field}=1, or leave it out: then it remembers, until it has learnt to forget",
            fixes=fix(f"write {field}=1", context.giving(node, field, "1")),
        )
