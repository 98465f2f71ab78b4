"""A whole training run to a given accuracy, from the start of the process to its end.

What a student waits for: imports, data, training until the validation accuracy is reached.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import CONTESTANTS
from bench.machine import unset_variables
from bench.table import duration, plain_table
from bench.timing import Times

SPEC = Path(__file__).parents[1] / "specs" / "digits.nn"
ACCURACY = 0.95
RUNNERS = {"script": "numpy", "optimized": "numpy", "torch": "torch", "jax": "jax"}


@dataclass(frozen=True, slots=True)
class Run:
    """What one contestant took: seconds a run, and the most memory of a run in bytes."""

    times: Times
    memory: int


def measure(rounds: int) -> dict[str, Run]:
    """Return the runs of everyone who is installed, in turns."""
    names = [name for name in RUNNERS if CONTESTANTS[name].is_there]
    taken: dict[str, list[float]] = {name: [] for name in names}
    memory = dict.fromkeys(names, 0)
    with tempfile.TemporaryDirectory() as folder:
        commands = {name: command(name, Path(folder)) for name in names}
        for number in range(rounds + 1):
            for name in names:
                seconds, peak = _run(commands[name])
                memory[name] = max(memory[name], peak)
                if number:
                    taken[name].append(seconds)
    return {name: Run(Times(tuple(taken[name])), memory[name]) for name in names}


def command(name: str, folder: Path) -> list[str]:
    """Return the command of a run; scripts are written before, as their readers have them."""
    if not CONTESTANTS[name].own:
        return [sys.executable, "-m", f"bench.programs.{name}", str(SPEC), str(ACCURACY)]
    import shutil

    import nndsl

    model = nndsl.load(SPEC, optimize=name == "optimized")
    epochs = next(
        epoch
        for epoch, results in model.epochs(model.data())
        if results["validation_accuracy"] >= ACCURACY
    )
    own = folder / name
    own.mkdir()
    for file, origin in model.script.files.items():
        shutil.copy(origin.path, own / file)
    text = nndsl.build(SPEC, set={"train.epochs": epochs}, optimize=name == "optimized")
    (own / "train.py").write_text(text, "utf-8")
    return [sys.executable, str(own / "train.py")]


def _run(command: list[str]) -> tuple[float, int]:
    begun = time.perf_counter()
    child = os.posix_spawn(
        command[0],
        command,
        unset_variables(),
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{command} failed")
    return time.perf_counter() - begun, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def lines(found: Mapping[str, Run]) -> list[str]:
    """Return the table."""
    base = found["torch"].times.median if "torch" in found else None
    rows = [
        [
            CONTESTANTS[name].title,
            duration(run.times.median),
            f"{run.times.median / base:.2f}" if base else "–",
            f"{run.memory / 1e6:.0f} MB",
        ]
        for name, run in found.items()
    ]
    return plain_table(["run", "median", "of PyTorch", "peak memory"], rows)
