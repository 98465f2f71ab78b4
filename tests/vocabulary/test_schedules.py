"""Schedules: what each is at its landmarks, and what all have in common."""

from __future__ import annotations

from typing import Any

import pytest
from execution import all_variants, fields, name_case, run

from nndsl.vocabulary import registry
from nndsl.vocabulary.schedule import Schedule


def rate(schedule: Schedule, step: int, total_steps: int = 100) -> Any:
    known = fields(schedule) | run(schedule.begin, **fields(schedule))
    return run(schedule.value, **known | {"step": step, "total_steps": total_steps})["rate"]


@pytest.mark.parametrize("total_steps", [1, 2, 100])
@pytest.mark.parametrize("schedule", all_variants("schedules"), ids=name_case)
def test_a_rate_is_a_plain_number_at_every_step(schedule: Schedule, total_steps: int) -> None:
    rates = [rate(schedule, step, total_steps) for step in range(1, total_steps + 3)]
    assert {type(each) for each in rates} <= {int, float}, "a numpy scalar would widen float32"
    assert all(0 <= each <= 1 for each in rates)
    assert any(rates)


@pytest.mark.parametrize(
    ("word", "arguments", "landmarks"),
    [
        ("constant", {"base": 0.5}, {1: 0.5, 100: 0.5}),
        ("step", {"base": 1.0, "every": 30}, {1: 1, 30: 1, 31: 0.1, 60: 0.1, 61: 0.01}),
        ("step", {"base": 1.0, "every": 2, "factor": 0.5}, {2: 1, 3: 0.5, 5: 0.25}),
        ("exponential", {"base": 2.0, "decay": 0.5}, {1: 2, 2: 1, 3: 0.5}),
        ("exponential", {"base": 2.0, "decay": 0.5, "every": 10}, {1: 2, 6: 2**0.5, 11: 1}),
        ("linear_warmup", {"base": 0.4, "warmup": 4}, {1: 0.1, 3: 0.3, 4: 0.4, 99: 0.4}),
        ("cosine", {"base": 0.2}, {1: 0.2, 51: 0.1, 101: 0}),
        ("cosine_restarts", {"base": 0.2, "period": 10}, {1: 0.2, 6: 0.1, 11: 0.2, 16: 0.1}),
        ("plateau", {"base": 0.2}, {1: 0.2, 100: 0.2}),
        ("cosine", {"base": 0.2, "floor": 0.1}, {1: 0.2, 51: 0.15, 101: 0.1}),
        ("cosine", {"base": 0.2, "warmup": 20}, {1: 0.01, 20: 0.2, 21: 0.2, 61: 0.1, 101: 0}),
        ("cosine", {"base": 0.2, "warmup": 200}, {1: 0.001, 100: 0.1}),
    ],
)
def test_landmarks(word: str, arguments: dict[str, Any], landmarks: dict[int, float]) -> None:
    schedule = registry.find("schedules", word)
    assert schedule is not None
    made = schedule(**arguments)
    assert isinstance(made, Schedule)
    rates = {step: rate(made, step) for step in landmarks}
    assert rates == pytest.approx(landmarks, abs=1e-15)
