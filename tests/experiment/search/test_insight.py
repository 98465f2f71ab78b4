"""What trials say about names, where it is known what decides."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from searching import SPEC, plan

from nndsl.experiment.search.insight import edge_sentences, insights, position
from nndsl.experiment.search.spec_text import best_spec, next_spec
from nndsl.experiment.search.trial import Trial, rank_trials
from nndsl.vocabulary.ranges.integer import Integer
from nndsl.vocabulary.ranges.log_uniform import LogUniform
from nndsl.vocabulary.ranges.uniform import Uniform


def trials(count: int = 80, *, follows: bool = False) -> list[Trial]:
    """Return trials of which the rate alone decides; with `follows` the depth is drawn after it."""
    draw = random.Random(0)
    made = []
    for number in range(count):
        exponent = draw.uniform(-3, 6)
        depth = 1 + min(5, int((exponent + 3) / 1.5)) if follows else draw.randint(1, 6)
        settings = {
            "rate": f"{10**exponent:.4g}",
            "width": draw.choice(["4", "8", "16"]),
            "depth": str(depth),
        }
        value = math.exp(-(((exponent + 1) / 2) ** 2)) + draw.gauss(0, 0.02)
        made.append(Trial(number, settings, {}, "finished", value, (value,)))
    return made


def test_what_decides_is_named_and_the_rest_is_not() -> None:
    first, *others = insights(plan(), trials())
    assert first.name == "rate"
    assert first.share > 0.6
    assert first.sentence.startswith("rate decides (")
    assert {other.name: other.share for other in others} == {"width": 0, "depth": 0}
    assert "width makes no difference that 80 trials can show" in [o.sentence for o in others]


@pytest.mark.parametrize("seed", [45, 98, 222, 391])
def test_what_explains_nothing_is_not_taken_from_the_next(seed: int) -> None:
    """Of few trials chance is a large part: subtracted, it made the next name seem to decide."""
    draw = random.Random(seed)
    few = [
        Trial(trial.number, trial.settings, {}, "finished", value, (value,))
        for trial in draw.sample(trials(), 14)
        for is_wide, is_deep in [(trial.settings["width"] == "8", trial.settings["depth"] > "3")]
        for value in [2 * draw.random() + is_wide + 0.5 * is_deep]
    ]
    shares = [found.share for found in insights(plan(), few)]
    assert shares == sorted(shares, reverse=True)


def test_a_name_that_goes_with_another_does_not_count_twice() -> None:
    shares = {found.name: found.share for found in insights(plan(), trials(follows=True))}
    assert shares["width"] == 0
    assert min(shares["rate"], shares["depth"]) < 0.1
    assert max(shares["rate"], shares["depth"]) > 0.6


def test_of_few_trials_nothing_is_said() -> None:
    assert insights(plan(), trials(9)) == []


def test_the_end_of_a_range_is_pointed_out() -> None:
    settings = {"rate": "9e5", "width": "8", "depth": "3"}
    near = [Trial(number, settings, {}, "finished", 1.0) for number in range(3)]
    (said,) = edge_sentences(plan(), near)
    assert said.startswith("3 of the best 3 have rate near the upper end of its range, 1e+06")


@pytest.mark.parametrize(
    ("range_", "values", "narrowed"),
    [
        (LogUniform(low=1e-6, high=1e-2), ["0.001", "0.009"], ("0.001", "0.009")),
        (LogUniform(low=1e-6, high=1e-2), ["0.01"], ("0.0079", "0.01")),
        (Uniform(low=-1, high=1), ["-0.333"], ("-0.39", "-0.28")),
        (Uniform(low=100.01, high=100.02), ["100.015"], ("100.01", "100.02")),
        (Integer(low=1, high=6), ["2", "4"], ("2", "4")),
        (Integer(low=1, high=6), ["6"], ("5", "6")),
    ],
)
def test_narrowed_ranges_hold_the_values_and_are_not_empty(
    range_: LogUniform | Uniform | Integer, values: list[str], narrowed: tuple[str, str]
) -> None:
    assert range_.narrowed(values) == narrowed
    low, high = map(float, narrowed)
    assert range_.low <= low < high <= range_.high
    assert all(low <= float(value) <= high for value in values)


def test_positions() -> None:
    rate = LogUniform(low=1e-4, high=1)
    assert position(rate, "0.01") == pytest.approx(0.5)
    assert position(Integer(low=1, high=5), "2") == 0.25


def test_values_from_outside_stand_in_the_specs() -> None:
    own = plan(SPEC, settings={"train.epochs": "7", "train.batch": "5"})
    best = rank_trials(trials(), own)[:3]
    for text in (best_spec(own, best[0], "SearchResult.", Path()), next_spec(own, best, Path())):
        assert "  epochs    = 7\n" in text
        assert "batch" in text
        assert f"let rate  = {best[0].settings['rate']}" in text
