"""Four variants side by side, against the same four trained one after another.

What a person waits for: `nndsl compare` with all cores, and `nndsl run` four times with all cores,
from the start of the processes to their ends, reports and figures included. One seed each.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.machine import unset_variables
from bench.table import duration, plain_table
from bench.timing import Times

GOAL = 0.6  # of the time of one after another, on two cores
OPTIMIZERS = {
    "plain": "sgd(lr=0.02)",
    "inert": "momentum(lr=0.002)",
    "scaled": "adagrad(lr=0.01)",
    "both": "adam(lr=0.001)",
}
SPEC = """\
data = blobs(classes=10, samples=4000, features=200, validation=0.1, test=0.1)
network {{
  dense({width})
  relu
  dense({width})
  relu
  dense(10)
}}
train {{
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=0.05)
  batch     = 128
  epochs    = {epochs}
}}
compare {{
{variants}
}}
"""
NETWORKS = {"200-50-50-10": (50, 60), "200-300-300-10": (300, 20), "200-1000-1000-10": (1000, 5)}


def measure(rounds: int) -> dict[str, tuple[Times, Times]]:
    """Return, for each network, the times of `compare` and of the runs one after another."""
    found = {}
    for name, (width, epochs) in NETWORKS.items():
        variants = "\n".join(
            f"  variant {name} {{ optimizer = {optimizer} }}"
            for name, optimizer in OPTIMIZERS.items()
        )
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            text = SPEC.format(width=width, epochs=epochs, variants=variants)
            (place / "net.nn").write_text(text, "utf-8")
            together, apart = [], []
            for number in range(rounds + 1):
                seconds = _together(place, number), _apart(place)
                if number:  # the first one fills the caches of the system
                    together.append(seconds[0])
                    apart.append(seconds[1])
        found[name] = Times(tuple(together)), Times(tuple(apart))
    return found


def _together(place: Path, number: int) -> float:
    return _seconds(place, "compare", "net.nn", "-o", f"compared-{number}")


def _apart(place: Path) -> float:
    return sum(
        _seconds(place, "run", "net.nn", "--set", f"train.optimizer={optimizer}")
        for optimizer in OPTIMIZERS.values()
    )


def _seconds(place: Path, *arguments: str) -> float:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "nndsl", *arguments]
    subprocess.run(command, cwd=place, env=unset_variables(), check=True, capture_output=True)
    return time.perf_counter() - begun


def lines(found: Mapping[str, tuple[Times, Times]]) -> list[str]:
    """Return the table."""
    rows = [
        [
            name,
            duration(together.median),
            duration(apart.median),
            f"{together.median / apart.median:.2f} (goal {GOAL:g})",
        ]
        for name, (together, apart) in found.items()
    ]
    return plain_table(["four variants", "compare", "one after another", "ratio"], rows)


if __name__ == "__main__":
    print("\n".join(lines(measure(3))))
