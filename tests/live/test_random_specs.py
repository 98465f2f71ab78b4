"""Random specs of all words, nested in each other: every gradient of each is proved.

The optimized program of each is held to the plain one.

`NNDSL_RANDOM_SPECS=1000 pytest -m slow tests/live/test_random_specs.py` tries 1,000 specs of each
kind, in about 15 minutes; without it, CI tries 40. Hypothesis draws the same ones every time.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from spec_strategy import STRUCTURES, specs

import nndsl
from nndsl.live.gradients.equivalence import check_equivalence
from nndsl.live.gradients.executable import Point
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Structure

MANY = int(os.environ.get("NNDSL_RANDOM_SPECS", "40"))
NOT_NESTED = {
    "bidirectional": "it holds layers that take steps alone: test_bidirectional_against_torch",
    "frozen": "what it holds has no gradients",
    "pretrained": "it needs the weights of another training",
}


def assert_proved(text: str) -> None:
    report = nndsl.check_gradients(nndsl.load("net.nn", text=text))
    assert report.passed, f"{text}\n{report}"
    optimized = nndsl.load("net.nn", text=text, optimize=True)
    held = check_equivalence(
        optimized, Point("", optimized.parameters, optimized.state, np.zeros(0))
    )
    assert held.passed, f"{text}\n{held.detail}"


def test_every_structure_is_nested_by_the_random_specs() -> None:
    found = (registry.find("layers", name) for name in registry.names("layers"))
    nested = {w.keyword() for w in found if w is not None and issubclass(w, Structure)}
    assert nested - {*NOT_NESTED} == STRUCTURES


# A spec that fails is small enough to be read: to shrink it would take minutes.
QUIET = {
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "phases": [Phase.generate],
}
WITH_KINKS = ("batch_norm", "dense", "dropout", "leaky_relu", "relu")


@pytest.mark.slow
@settings(max_examples=MANY, derandomize=True, **QUIET)  # type: ignore[arg-type]
@given(specs())
def test_many_random_specs(text: str) -> None:
    assert_proved(text)


@pytest.mark.slow
@settings(max_examples=MANY, derandomize=True, **QUIET)  # type: ignore[arg-type]
@given(specs(WITH_KINKS, ("huber",)))
def test_no_false_alarm_in_many_specs(text: str) -> None:
    assert_proved(text)
