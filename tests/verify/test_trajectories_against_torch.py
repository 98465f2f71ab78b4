"""Whole training runs, of live models, end where PyTorch's end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nndsl.vocabulary import registry

pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
import trajectories

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("case", trajectories.CASES, ids=lambda case: case.name)
def test_trajectories(case: trajectories.Case) -> None:
    assert trajectories.error(case) <= 1e-10


def test_every_optimizer_is_compared() -> None:
    words = {case.optimizer.partition("(")[0] for case in trajectories.CASES}
    assert words == set(registry.names("optimizers"))


def test_every_clip_and_schedule_that_both_have_is_compared() -> None:
    said = " ".join(case.name for case in trajectories.CASES)
    without = {
        "constant": "it is a number",
        "linear_warmup": "PyTorch's begins at another step",
        "plateau": "it watches epochs, not steps: tests/verify/test_optimizers_against_torch.py",
    }
    for role in ("clips", "schedules"):
        for word in set(registry.names(role)) - set(without):
            assert f"{word}(" in said, word
