"""Figures of a record: honest axes, and a line for each thing that was watched."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nndsl.live.recording.histogram import histogram
from nndsl.live.recording.record import Record, Series
from nndsl.report.record_figures import draw_record
from nndsl.vocabulary.instruments.activations import Activations
from nndsl.vocabulary.instruments.updates import Updates

pytestmark = pytest.mark.slow  # trains, or draws, again and again

EPOCHS = 3


def watched(record: Record, series: Series, values: np.ndarray, **numbers: float) -> None:
    for epoch in range(EPOCHS + 1):
        found = {"std": float(values.std()), "zero": float((values == 0).mean())}
        series.add(epoch, {**found, **numbers}, histogram(values))
    record.series[series.instrument.keyword(), series.name] = series
    record.epochs = list(range(EPOCHS + 1))


def layer(name: str, bounds: tuple[float, float]) -> Series:
    return Series(Activations(), name, "curve", bounds, is_nonlinear=True)


def texts(path: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


def test_bounds_are_the_axis_and_nothing_lies_beyond(tmp_path: Path) -> None:
    record = Record(examples=100)
    rng = np.random.default_rng(0)
    for number in (1, 2):
        values = np.tanh(rng.standard_normal((100, 20)) / number)
        watched(record, layer(f"A{number}", (-1, 1)), values)
    (picture,) = draw_record(record, tmp_path)
    assert picture.title == "Distribution: activations"
    assert "fixed batch of 100 examples" in picture.caption
    said = texts(tmp_path / "record-activations.svg")
    assert {"A1 curve", "A2 curve", "before training", "after epoch 3"} <= set(said)
    assert {"\u22121", "1"} <= set(said)
    assert not [text for text in said if "beyond" in text]


def test_a_tail_beyond_the_axis_is_said_and_so_is_a_bar_that_is_cut(tmp_path: Path) -> None:
    record = Record(examples=100)
    values = np.maximum(0, np.random.default_rng(0).standard_normal((100, 50)))
    values[0, :5] = 1000
    watched(record, layer("A1", (0, np.inf)), values)
    list(draw_record(record, tmp_path))
    said = texts(tmp_path / "record-activations.svg")
    beyond = [text for text in said if text.endswith("% beyond")]
    assert beyond
    assert 0.1 <= float(beyond[0].removesuffix("% beyond")) <= 1
    zeros = float((values == 0).mean())
    assert f"{zeros:.0%} zeros" in said
    assert [text for text in said if re.fullmatch(r" ↑5\d%", text)]


def test_of_many_layers_some_are_shown_the_first_and_the_last_among_them(tmp_path: Path) -> None:
    record = Record(examples=100)
    for number in range(1, 31):
        values = np.random.default_rng(number).random((10, 3))
        watched(record, layer(f"A{number}", (0, 1)), values, dead=number / 100)
    distribution, curves = draw_record(record, tmp_path)
    assert distribution.caption.endswith("5 of 30 are shown.")
    assert curves.caption == "8 of 30 are shown."
    assert {"A1 curve", "A30 curve"} <= set(texts(tmp_path / "record-activations.svg"))
    assert {"A1", "A30"} <= set(texts(tmp_path / "record-activations-dead.svg"))


def test_steps_are_drawn_with_what_is_usual(tmp_path: Path) -> None:
    record = Record(examples=100)
    for number, ratio in ((1, 1e-2), (2, 1e-5)):
        series = Series(Updates(), f"W{number}", "dense", is_weight=True)
        watched(record, series, np.ones(3), ratio=ratio)
    (picture,) = draw_record(record, tmp_path)
    assert picture.title == "Std of a step / std of the weights"
    said = texts(tmp_path / "record-updates-ratio.svg")
    assert {"W1", "W2", "usual: 0.001", "0.01", "1e\u221205"} <= set(said)


@pytest.mark.parametrize("values", [np.zeros((5, 4)), np.full((5, 4), np.nan), np.full((5, 4), 7)])
def test_values_without_a_spread(values: np.ndarray, tmp_path: Path) -> None:
    record = Record(examples=5)
    watched(record, layer("A1", (0, np.inf)), values.astype(np.float64), dead=1.0)
    assert [picture.title for picture in draw_record(record, tmp_path)] == [
        "Distribution: activations",
        "Dead units",
    ]


def test_the_same_record_gives_the_same_bytes(tmp_path: Path) -> None:
    record = Record(examples=5)
    watched(record, layer("A1", (0, 1)), np.random.default_rng(0).random((9, 3)), dead=0.5)
    pages = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pages.append([picture.svg for picture in draw_record(record, tmp_path / name)])
    assert pages[0] == pages[1]
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
