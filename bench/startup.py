"""How long the compiler itself takes, from the start of its process: python -m bench.startup."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.machine import unset_variables
from bench.table import duration, plain_table
from bench.timing import Times

SPEC = Path(__file__).parents[1] / "specs" / "digits.nn"


def commands(folder: Path) -> dict[str, list[str]]:
    """Return what is measured, by its name in the table."""
    nndsl = [sys.executable, "-m", "nndsl"]
    output = str(folder / "train.py")
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import pydantic'": [sys.executable, "-c", "import pydantic"],
        "python -c 'import numpy'": [sys.executable, "-c", "import numpy"],
        "nndsl --version": [*nndsl, "--version"],
        "nndsl check": [*nndsl, "check", str(SPEC)],
        "nndsl build": [*nndsl, "build", str(SPEC), "-o", output],
        "nndsl build --optimize": [*nndsl, "build", str(SPEC), "--optimize", "-o", output],
    }


def measure(rounds: int) -> Mapping[str, Times]:
    """Return the times of all commands, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        given = commands(Path(folder))
        found: dict[str, list[float]] = {name: [] for name in given}
        for number in range(rounds + 1):
            for name, command in given.items():
                taken = _run(command)
                if number:  # the first round fills the caches of the disk
                    found[name].append(taken)
    return {name: Times(tuple(times)) for name, times in found.items()}


def _run(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=unset_variables(), capture_output=True, check=True)
    return time.perf_counter() - begun


def lines(found: Mapping[str, Times]) -> list[str]:
    """Return the table."""
    base = found["python -c pass"].median
    rows = [
        [f"`{name}`", duration(times.median), f"{times.median / base:.1f}"]
        for name, times in found.items()
    ]
    return plain_table(["command", "median", "of `python -c pass`"], rows)


if __name__ == "__main__":
    print("\n".join(lines(measure(int(os.environ.get("ROUNDS", "15"))))))
