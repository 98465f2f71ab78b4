"""Lints of layers that look along the positions of an example."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nndsl.analysis.fixes import fix
from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext, number
from nndsl.lints.rule import NetworkLint, example

_FILES = {"fable.txt": "the fox looked up at the grapes on the fence " * 8}
_LAYERS = "embedding(16); positional_embedding; self_attention(heads=2{0}); dense(18)"


def _spec(more: str) -> str:
    data = 'text("fable.txt", window=16, validation=0.2)'
    return example(_LAYERS.format(more), "batch = 4", data=data)


def _recurrent(more: str) -> str:
    layers = f"embedding(16); lstm(16, output=all{more}); dense(18)"
    return example(layers, "batch = 4", data='text("fable.txt", window=16, validation=0.2)')


@NetworkLint(
    "NN462",
    "a position that sees its answer",
    wrong=_spec(""),
    right=_spec(", causal=true"),
    files=_FILES,
)
def visible_answer(context: LintContext) -> Iterator[Finding]:
    """Each position is to predict the next one, and a layer shows it later ones.

    The network learns to copy: its loss falls to almost nothing in training and on what is held
    back alike, and when it is to continue a text there is nothing to copy from.

    Source: Vaswani et al. 2017, Attention Is All You Need, section 3.2.3.
    """
    if not context.spec.description.predicts_next:
        return
    the_data = (Label(context.spec.origins["data"].span, "each position predicts the next one"),)
    for node in context.graph.nodes:
        if node.layer.sees_ahead:
            yield Finding(
                f"`{node.layer.keyword()}` sees later positions, and the next one is the answer",
                node.origin,
                f"{node.layer.sees_ahead}: a position then sees itself and those before it",
                the_data,
            )


@NetworkLint(
    "NN464",
    "a memory that forgets from the start",
    wrong=_recurrent(", forget_bias=0"),
    right=_recurrent(""),
    files=_FILES,
)
def closed_memory(context: LintContext) -> Iterator[Finding]:
    """The gate that keeps a memory from step to step begins half open, or less.

    What a step wrote is halved at each step that follows, and so is the gradient that comes back:
    what lies far apart is not connected before the gate has learnt to stay open, which it does
    slowly for the same reason.

    Source: Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015, An Empirical
    Exploration of Recurrent Network Architectures.
    """
    for node in context.graph.nodes:
        field, steps = node.layer.memory_bias, node.shapes[0][0]
        if not field or getattr(node.layer, field) > 0 or steps == 1:
            continue
        bias = getattr(node.layer, field)
        kept = 0.5 + 0.5 * math.tanh(0.5 * bias)  # the sigmoid
        yield Finding(
            f"with {field}={bias:g} `{node.layer.keyword()}` keeps {number(kept)} of its "
            "memory from "
            f"step to step, and of the first of {steps} steps {number(kept ** (steps - 1))}",
            context.argument_origin(node.layer, node.origin, field),
            f"write {field}=1, or leave it out: then it remembers, until it has learnt to forget",
            fixes=fix(f"write {field}=1", context.set_argument(node, field, "1")),
        )
