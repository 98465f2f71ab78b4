"""The learning curves of a run: what is drawn is what was measured."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nndsl.analysis.compile import analyse
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics
from nndsl.live.model import History
from nndsl.report.curves import draw_curves
from nndsl.source import Source

SPEC = """
data = digits(validation=0.1)
network { dense(10) }
train { loss = %s; optimizer = sgd(lr=0.1) }
"""
BLUE, ORANGE = "#0072b2", "#d55e00"
EVIL = "<script>alert(1)</script>"


def a_spec(loss: str = "softmax_cross_entropy") -> Spec:
    spec = analyse(Source(f"{EVIL}.nn", SPEC % loss), Diagnostics()).spec
    assert spec is not None
    return spec


def drawn(folder: Path, losses: list[float], validation: list[float]) -> ElementTree.Element:
    history = History()
    for epoch, (loss, other) in enumerate(zip(losses, validation, strict=True), 1):
        history.rows.append({"epoch": epoch, "loss": loss, "validation_loss": other})
    (picture,) = draw_curves(a_spec(), history, folder)
    assert "style" not in picture.svg
    assert "<script" not in picture.svg
    file = (folder / "loss.svg").read_text("utf-8")
    assert EVIL not in file
    return ElementTree.fromstring(file)


def curves(root: ElementTree.Element, color: str) -> list[list[tuple[float, float]]]:
    """Return the points of the pieces of the thick curve of a colour."""
    (path,) = [
        e.attrib["d"]
        for e in root.iter("{http://www.w3.org/2000/svg}path")
        if e.get("stroke") == color and e.get("stroke-width") == "1.8"
    ]
    pieces = path.split("M")[1:]
    return [[(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", p)] for p in pieces]


def heights(root: ElementTree.Element) -> dict[float, float]:
    """Return where each number beside the panel stands, on the same line as its grid."""
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    beside = [e for e in texts if e.get("text-anchor") == "end" and float(e.attrib["x"]) < 50]
    return {float(e.text or ""): float(e.attrib["y"]) - 3.5 for e in beside}


@pytest.mark.parametrize("losses", [[2.0, 1.5, 1.0, 0.75], [20.0, 3.0, 0.5, 0.01]])
def test_points_stand_where_the_numbers_beside_say(losses: list[float], tmp_path: Path) -> None:
    """On an axis from 0, and on a logarithmic one."""
    root = drawn(tmp_path, losses, losses[::-1])
    scale = math.log if losses[0] > 5 else float
    named = "logarithmic scale" in "".join(root.itertext())
    assert named == (scale is not float)
    (low, low_at), *_, (high, high_at) = sorted(heights(root).items())
    for color, values in ((BLUE, losses), (ORANGE, losses[::-1])):
        (points,) = curves(root, color)
        steps = {round(b[0] - a[0], 1) for a, b in pairwise(points)}
        assert max(steps) - min(steps) < 0.2
        for (_, y), value in zip(points, values, strict=True):
            part = (scale(value) - scale(low)) / (scale(high) - scale(low))
            assert y == pytest.approx(low_at + part * (high_at - low_at), abs=0.05)


def test_a_curve_is_interrupted_where_it_is_not_finite(tmp_path: Path) -> None:
    root = drawn(tmp_path, [1.0, math.nan, 0.5, math.inf, 0.4, 0.3], [1.0] * 6)
    assert [len(piece) for piece in curves(root, BLUE)] == [1, 1, 2]


@pytest.mark.parametrize(
    "losses", [[0.5], [0.5, 0.5], [0.0, 0.0], [math.nan], [1e-300, 1e300], [1e-300, 1e199]]
)
def test_what_has_no_range_is_drawn(losses: list[float], tmp_path: Path) -> None:
    root = drawn(tmp_path, losses, losses)
    for piece in (*curves(root, BLUE), *curves(root, ORANGE)):
        assert all(0 <= x <= 360 and 0 <= y <= 245 for x, y in piece)
