"""Each line of a script says which part of the page it was made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.emit.build import build
from nndsl.source import Source, read_source

PAGE = """\
let width = 20
block hidden(n) {
  dense(n)
  relu
}
data = digits(test=0.2)
network {
  hidden(width)
  dense(10)
}
train {
  loss      = softmax_cross_entropy
  optimizer = momentum(lr=0.1)
  batch     = 16
}
"""


def test_lines_of_the_script_come_from_lines_of_the_page() -> None:
    script = build(Source("page.nn", PAGE), {})
    lines = script.text.splitlines()
    found = {
        line.partition("#")[0].strip(): (origin.span.line, *(use.line for use in origin.uses))
        for line, origin in zip(lines, script.origins, strict=True)
        if origin is not None
    }
    assert found["WIDTH = 20"] == (1,)
    assert found["BATCH_SIZE = 16"] == (14,)
    assert found["LEARNING_RATE = 0.1"] == (13,)
    assert found["def load_data():"] == (6,)
    assert found["Z1 = X @ W1 + b1"] == (3, 8)
    assert found["dZ1 = dA1 * (Z1 > 0)"] == (4, 8)
    assert found["Z2 = A1 @ W2 + b2"] == (9,)
    assert found["dZ2 = np.exp(log_P)"] == (12,)
    assert found["def update(gradients):"] == (13,)


@pytest.mark.parametrize("style", ["flat", "layers"])
def test_every_line_has_its_place_among_the_origins(style: str) -> None:
    script = build(read_source(Path(__file__).parents[2] / "specs" / "lenet.nn"), {}, style=style)
    assert script.text.splitlines() == [*script.lines]
    assert len(script.lines) == len(script.origins)
    own = {origin.span.line for origin in script.origins if origin is not None}
    assert len(own) > 3
