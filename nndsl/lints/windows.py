"""Lints of layers that look at parts of their input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nndsl.diagnostics import Label
from nndsl.lints.context import Finding, LintContext
from nndsl.lints.rule import NetworkLint, example
from nndsl.shapes import axes, describe, places

if TYPE_CHECKING:
    from nndsl.analysis.node import Value

_IMAGES = "digits(images=true, validation=0.1, test=0.2)"


@NetworkLint(
    "NN463",
    "a kernel larger than its image",
    wrong=example(
        "conv2d(8, kernel=9, padding=same); relu; flatten; dense(10)",
        data=_IMAGES,
    ),
    right=example(
        "conv2d(8, kernel=3, padding=same); relu; flatten; dense(10)",
        data=_IMAGES,
    ),
)
def oversized_window(context: LintContext) -> Iterator[Finding]:
    """A window is longer than what it moves over, and fits only because zeros stand around it.

    Wherever it stands, a part of it sees nothing but zeros: the weights there are trained for
    nothing, or for the edge alone.

    Source: Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning.
    """
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
                f"the window of `{node.layer.keyword()}` is {size} long, and the {name} of "
                "its input "
                f"{length}: wherever it stands, {size - length} of {size} or more see zeros alone",
                node.origin,
                "take a smaller kernel, or one that is applied where the input is larger",
                _maker(value),
            )


@NetworkLint(
    "NN461",
    "rows that nobody sees",
    wrong=example(
        "conv2d(8, kernel=3, padding=same); relu; max_pool(3); flatten; dense(10)",
        data=_IMAGES,
    ),
    right=example(
        "conv2d(8, kernel=3, padding=same); relu; max_pool(2); flatten; dense(10)",
        data=_IMAGES,
    ),
)
def unseen_rest(context: LintContext) -> Iterator[Finding]:
    """The windows of a layer do not reach the last rows or columns of its input.

    What is left over at the end is dropped without a word: it has no influence on the output, and
    what was computed there before was computed for nothing.

    Source: Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning.
    """
    for node in context.graph.nodes:
        value = node.inputs[0]
        said = node.layer.left_out(*(value.shape for value in node.inputs))
        if said:
            yield Finding(
                f"`{node.layer.keyword()}` never sees {said}",
                node.origin,
                "choose a window and a step that fill its input, or padding=same",
                _maker(value),
            )


def _maker(value: Value) -> tuple[Label, ...]:
    if value.producer is None:
        return ()
    return (Label(value.producer.origin.span, f"gives {describe(value.shape)}"),)
