"""How variants begin: from the records of their trainings to one figure and two tables."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.errors import ModelError
from nndsl.live.recording.record import Record
from nndsl.live.recording.recorder import Recorder, all_instruments
from nndsl.report.page import Picture, Table
from nndsl.report.record_comparison import compare_initial_activations, record_table

pytestmark = pytest.mark.slow  # trains, or draws, again and again

SPEC = """\
data = spiral(classes=3, samples=90)
network { repeat(DEPTH) { dense(8, init=START); tanh }; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); steps = 3 }
"""


def recorded(start: str, depth: int = 3) -> Record:
    text = SPEC.replace("START", start).replace("DEPTH", str(depth))
    model = nndsl.load("net.nn", text=text)
    recorder = Recorder(model, all_instruments())
    model.fit()
    return recorder.record


@pytest.mark.parametrize("keep", [0, 40, -30])
def test_a_damaged_record_is_called_so(tmp_path: Path, keep: int) -> None:
    recorded("xavier").save(tmp_path)
    path = tmp_path / "record.npz"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match="is damaged") as raised:
        Record.load(tmp_path)
    assert raised.value.help == f"remove the folder {tmp_path}, and train again"


def test_a_record_is_read_as_it_was_saved(tmp_path: Path) -> None:
    record = recorded("xavier")
    record.save(tmp_path)
    again = Record.load(tmp_path)
    assert (again.examples, again.epochs) == (record.examples, record.epochs)
    assert list(again.series) == list(record.series)
    for key, series in record.series.items():
        other = again.series[key]
        assert (other.layer, other.bounds) == (series.layer, series.bounds)
        assert (other.is_nonlinear, other.is_weight) == (series.is_nonlinear, series.is_weight)
        assert type(other.instrument) is type(series.instrument)
        for epoch, numbers in series.numbers.items():
            known = {name: value for name, value in numbers.items() if not np.isnan(value)}
            assert other.numbers[epoch] == known
        for epoch, histogram in series.histograms.items():
            assert np.array_equal(other.histograms[epoch].counts, histogram.counts)
            assert np.array_equal(other.histograms[epoch].edges, histogram.edges)


def test_each_variant_has_a_row(tmp_path: Path) -> None:
    records = {"too_small": recorded("normal(std=0.01)"), "xavier": recorded("xavier", 2)}
    picture, table = compare_initial_activations(records, tmp_path)
    assert isinstance(picture, Picture)
    assert isinstance(table, Table)
    said = (tmp_path / "record-beginnings.svg").read_text(encoding="utf-8")
    words = set(re.findall(r"<text[^>]*>([^<]*)</text>", said))
    assert {"too small", "xavier", "A1", "A2", "A3"} <= words
    assert table.columns == ("", "A1", "A2", "A3")
    assert [row[0] for row in table.rows] == ["too_small", "xavier"]
    small, good = (record.series["activations", "A1"].at(0, "std") for record in records.values())
    assert table.rows[0][1] == f"{small:.3g}"
    assert table.rows[1][1:] == (f"{good:.3g}", table.rows[1][2], "–")


def test_one_record_is_compared_with_nothing(tmp_path: Path) -> None:
    assert compare_initial_activations({"alone": recorded("xavier")}, tmp_path) == []
    assert compare_initial_activations({}, tmp_path) == []


def test_what_each_record_says() -> None:
    (table,) = record_table({"a": recorded("zeros"), "b": recorded("xavier")})
    assert isinstance(table, Table)
    assert {row[0] for row in table.rows} == {"a", "b"}
    assert any(row[1].startswith("Before training all units of A1 (tanh)") for row in table.rows)
    assert record_table({}) == []
