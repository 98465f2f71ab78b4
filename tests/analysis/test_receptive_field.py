"""What a place is said to see of the input, and what reaches it where the script is run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.analysis.graph import Graph
from nndsl.analysis.receptive_field import receptive_fields
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source


def graph_of(layers: str) -> Graph:
    diagnostics = Diagnostics()
    graph = analyse(Source("net.nn", f"network {{ {layers} }}"), diagnostics).graph
    diagnostics.raise_if_failed()
    assert graph is not None
    return graph


def said(layers: str) -> tuple[int, ...] | None:
    """Return what a place of the output is said to see."""
    graph = graph_of(layers)
    return receptive_fields(graph)[graph.output]


def measured(layers: str, folder: Path) -> tuple[int, ...]:
    """Return how far what reaches a place lies apart, where that is farthest, along each axis.

    What is no number makes everything that depends on it no number either.
    """
    spec = folder / "net.nn"
    spec.write_text(f"network {{ {layers} }}", "utf-8")
    model = nndsl.load(spec)
    shape = graph_of(layers).input.shape
    farthest = []
    for axis in range(1, len(shape)):
        reached = []  # by place of the input: which places of the output
        for place in range(shape[axis]):
            X = np.zeros((1, *shape), np.float32)
            X[(slice(None),) * (axis + 1) + (place,)] = np.nan
            others = tuple(a for a in range(model.predict(X).ndim) if a != axis + 1)
            reached.append(np.isnan(model.predict(X)).any(axis=others))
        sees = np.array(reached)
        spans = [np.flatnonzero(column) for column in sees.T]
        farthest.append(max(span[-1] - span[0] + 1 for span in spans))
    return tuple(int(length) for length in farthest)


@pytest.mark.parametrize(
    "layers",
    [
        "input(1, 40, 36); conv2d(2, kernel=5)",
        "input(1, 40, 40); conv2d(2, kernel=3, stride=2, padding=same); relu; conv2d(2, kernel=3)",
        "input(2, 40, 40); conv2d(2, kernel=3); max_pool(2); conv2d(2, kernel=3); avg_pool(3, 2)",
        "input(1, 40, 40); max_pool(3, 3); conv2d(1, kernel=2); batch_norm; conv2d(1, kernel=2)",
        "input(1, 48, 48); max_pool(4); upsample(2); conv2d(1, kernel=4)",
        "input(1, 40, 40); residual { conv2d(1, kernel=3, padding=same); relu; "
        "conv2d(1, kernel=5, padding=same) }",
        "input(1, 40, 40); concat { branch { conv2d(1, kernel=3) }; "
        "branch { conv2d(1, kernel=7, padding=2) } }",
        "input(2, 60); conv1d(3, kernel=4, stride=3); tanh; conv1d(3, kernel=3)",
        "input(1, 40, 40); conv2d(2, kernel=3); conv_transpose2d(2, 2, stride=2); conv2d(1, 3)",
        "input(2, 40); max_pool(2); conv_transpose1d(2, 4, stride=2, padding=1); conv1d(1, 3)",
        "input(2, 40); conv1d(1, 3); upsample(2); conv1d(1, 4)",
        "input(8, 40, 40); depth_to_space(2); conv2d(1, 3); random_crop(60)",
        "input(2, 60); conv1d(3, kernel=2, dilation=4); max_pool(3, stride=2, padding=1)",
        "input(1, 48, 48); conv2d(1, kernel=3); max_pool(2); upsample(3); conv2d(1, kernel=3); "
        "upsample(2); conv2d(1, kernel=4)",
    ],
)
def test_what_is_said_is_what_reaches(layers: str, tmp_path: Path) -> None:
    assert said(layers) == measured(layers, tmp_path)


def test_fields_begin_where_images_do() -> None:
    assert said("input(1600); reshape(1, 40, 40); conv2d(1, kernel=3)") == (3, 3)


def test_what_mixes_everything_sees_everything() -> None:
    assert said("input(1, 8, 8); flatten; dense(64); reshape(1, 8, 8); conv2d(1, kernel=3)") is None
    assert said("input(1, 8, 8); conv2d(1, kernel=3, padding=same); softmax") is None


def test_rows_have_no_places() -> None:
    graph = graph_of("input(1, 8, 8); conv2d(1, kernel=3); flatten; dense(3)")
    assert graph.output not in receptive_fields(graph)


def test_a_network_without_windows_has_no_fields() -> None:
    assert receptive_fields(graph_of("input(1, 8, 8); relu")) == {}
