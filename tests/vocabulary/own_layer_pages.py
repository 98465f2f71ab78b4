"""Pages with a layer of their own, and what becomes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from execution import LayerRun, run

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.ir import parse_text
from nndsl.live.gradients.complex_forms import complex_form
from nndsl.shapes import Shape
from nndsl.source import Source
from nndsl.vocabulary.layer import Layer

H = 1e-30


def checked(page: str, call: str, shape: Shape) -> tuple[Layer | None, list[Any]]:
    """Return the layer of a call where it stands in a network, and what is said of the page."""
    lengths = ", ".join(map(str, shape))
    text = f"{page}\n\nnetwork {{\n  input({lengths})\n  {call}\n}}\n"
    diagnostics = Diagnostics()
    found = analyse(Source("page.nn", text), diagnostics)
    graph = found.graph
    layer = graph.nodes[-1].layer if graph is not None else None
    return layer, diagnostics.diagnostics


def own_layer(page: str, call: str, shape: Shape) -> Layer:
    layer, said = checked(page, call, shape)
    assert layer is not None, [one.message for one in said]
    return layer


def complex_step(made: LayerRun, name: str) -> np.ndarray:
    """Return the derivative of the sum of dy * y, by a forward pass that keeps imaginary parts."""
    statements = (s.rewrite(complex_form) for s in parse_text(made.layer.forward))
    forward = "\n".join(statement.text for statement in statements)
    value = made.arrays[name]
    slope = np.empty(value.shape)
    for index in np.ndindex(value.shape):
        moved = value.astype(complex)
        moved[index] += 1j * H
        y = run(forward, **made.names(**{name: moved, "dtype": np.complex128}))["y"]
        slope[index] = np.imag((made.dy * y).sum()) / H
    return slope
