"""How much memory a large table and a deep network take: in bytes for each row, and each layer."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

import nndsl

CHILD = """\
import resource, runpy
runpy.run_path("train.py")["load_data"]()
unit = 1 if __import__("sys").platform == "darwin" else 1024
print(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_of_rows(folder: Path, rows: int) -> int:
    """Return the memory that a script takes to load a table of 12 columns."""
    row = ",".join(f"{i / 7:.5f}" for i in range(11))
    lines = "".join(f"{row},{'ab'[i % 2]}\n" for i in range(rows))
    (folder / "a.csv").write_text(",".join(f"c{i}" for i in range(11)) + f",t\n{lines}")
    (folder / "a.nn").write_text(
        'data = csv("a.csv", target="t", validation=0.1)\nnetwork { dense(2) }\n'
        "train { loss = softmax_cross_entropy; optimizer = sgd }\n"
    )
    (folder / "train.py").write_text(nndsl.build(folder / "a.nn"), encoding="utf-8")
    command = [sys.executable, "-c", CHILD]
    return int(subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="resource")
def test_a_row_of_a_table(tmp_path: Path) -> None:
    few, many = 20_000, 220_000
    each = (peak_of_rows(tmp_path, many) - peak_of_rows(tmp_path, few)) / (many - few)
    assert each < 400  # 48 are the numbers themselves; lists of texts took 1200


@pytest.mark.slow
def test_a_layer_of_a_deep_network() -> None:
    def peak(layers: int) -> int:
        text = f"network {{ input(4)\nrepeat({layers // 2}) {{ dense(4); relu }} }}\n"
        text += "data = blobs(classes=4, features=4)\n"
        text += "train { loss = softmax_cross_entropy; optimizer = sgd }\n"
        tracemalloc.start(1)
        try:
            nndsl.build("deep.nn", text=text)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    each = (peak(1000) - peak(200)) / 800
    assert each < 16_000  # with the tree of the whole script it was 40,000
