"""What is recorded of each variant stands in its folder, and in the report of the comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

import nndsl
from nndsl.live.recording.record import Record

SPEC = """\
let start = xavier
data = spiral(samples=60)
network { repeat(2) { dense(8, init=start); tanh }; dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 2 }
compare(seeds=2) {
  variant good      { start = xavier }
  variant too_small { start = normal(0.001) }
}
"""


@pytest.mark.slow
def test_variants_are_recorded_and_train_as_if_they_were_not(tmp_path: Path) -> None:
    for name, text in (("plain", SPEC), ("seen", f"{SPEC}record {{ activations; updates }}\n")):
        nndsl.compare("net.nn", text=text, folder=tmp_path / name, workers=1)
    for name in ("good", "too_small"):
        for seed in (0, 1):
            folders = [tmp_path / which / f"{name}-seed{seed}" for which in ("plain", "seen")]
            histories = [(folder / "history.csv").read_text() for folder in folders]
            assert histories[0] == histories[1]
            record = Record.load(folders[1])
            assert {word for word, _ in record.series} == {"activations", "updates"}
            assert record.epochs == [0, 1, 2]
    assert (tmp_path / "seen" / "record-beginnings.svg").exists()
    report = (tmp_path / "seen" / "report.html").read_text(encoding="utf-8")
    assert "Activations before training" in report
    assert "Before training the signal fades: " in report
    assert "Activations before training" not in (tmp_path / "plain" / "report.html").read_text()
