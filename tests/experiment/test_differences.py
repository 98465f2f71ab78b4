"""Whether one variant is better than another, by what both reach with the same seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from comparing import OTHER, PLAIN, SPEC, WIDE, outcome, plan_of

import nndsl
from nndsl.experiment.comparison.comparison import Comparison, collect, remark, verdict
from nndsl.experiment.comparison.difference import overlap
from nndsl.experiment.comparison.plan import Plan

TWO = SPEC[: SPEC.index("  variant wide")] + "}\n"
TABLE = 'csv("t.csv", target="y", validation=0.25)'


def compared(*results: list[float], text: str = TWO, path: Path | None = None) -> Comparison:
    """Return a comparison whose variants reached these accuracies, seed by seed."""
    return of_plan(plan_of(text, path=path, seeds=len(results[0])), *results)


def of_plan(plan: Plan, *results: list[float]) -> Comparison:
    seeds = {name: iter(found) for name, found in zip((PLAIN, OTHER, WIDE), results, strict=False)}
    return collect(plan, {key: outcome(next(seeds[key[0]])) for key in plan.jobs(Path())})


def test_a_small_difference_with_every_seed_is_shown_where_the_splits_hide_it() -> None:
    comparison = compared([0.80, 0.90, 0.85, 0.95, 0.75], [0.78, 0.88, 0.84, 0.93, 0.72])
    assert verdict(comparison) == (
        "plain is best by validation accuracy: 0.850 ± 0.079 over 5 seeds; seed by seed its lead "
        "over other (0.020, 95% interval 0.011 to 0.029) is more than chance."
    )
    found = comparison.differences[OTHER]
    half = 2.776445 * 0.00707107 / 5**0.5  # t of 4 degrees; deviation; 5 seeds
    assert found.interval == pytest.approx((-0.02 - half, -0.02 + half))
    assert found.is_shown
    assert remark(comparison, comparison.variants[0]) == "best"


def test_what_seeds_do_not_agree_on_is_undecided() -> None:
    comparison = compared([0.80, 0.90, 0.85, 0.95, 0.75], [0.78, 0.93, 0.81, 0.93, 0.77])
    assert comparison.undecided == [comparison.variants[1]]
    assert remark(comparison, comparison.variants[0]) == "ahead"


def table_of(tmp_path: Path, rows: int = 100) -> Path:
    """Write a table, and return where a spec beside it is."""
    lines = (f"{n},{n % 3},c{n % 3}" for n in range(rows))
    (tmp_path / "t.csv").write_text("a,b,y\n" + "\n".join(lines) + "\n")
    return tmp_path / "net.nn"


def test_examples_that_are_drawn_again_widen_the_interval(tmp_path: Path) -> None:
    """By 1/J + n2/n1 for 1/J: Nadeau and Bengio 2003, corrected resampled t."""
    source = SPEC[SPEC.index("spiral(") : SPEC.index("\nnetwork")]
    text, path = TWO.replace(source, TABLE), table_of(tmp_path)
    first, second = [0.80, 0.90, 0.85, 0.95, 0.75], [0.78, 0.88, 0.84, 0.93, 0.72]
    anew = compared(first, second).differences[OTHER].interval
    again = compared(first, second, text=text, path=path)
    assert overlap(again.plan.variants[0]) == pytest.approx(25 / 75)
    interval = again.differences[OTHER].interval
    assert anew is not None
    assert interval is not None
    ratio = ((1 / 5 + 25 / 75) / (1 / 5)) ** 0.5
    assert interval[1] - interval[0] == pytest.approx(ratio * (anew[1] - anew[0]))
    ordered = text.replace("validation=0.25", "validation=0.25, split=in_order")
    assert overlap(plan_of(ordered, path=path).variants[0]) == 0  # nothing is drawn
    folds = plan_of(TWO.replace("seeds=2", "folds=5"))
    assert overlap(folds.variants[0]) == pytest.approx(1 / 4, abs=0.02)


@pytest.mark.parametrize("setting", ["data = spiral(samples=60, validation=0.3)", "seed = 90"])
def test_variants_of_other_data_or_seeds_are_not_paired(setting: str) -> None:
    results = [0.80, 0.90, 0.85, 0.95, 0.75], [0.78, 0.88, 0.84, 0.93, 0.72]
    text = TWO.replace("optimizer = adam(lr=rate / 10)", setting)
    comparison = compared(*results, text=text)
    found = comparison.differences[OTHER]
    assert not found.is_paired
    assert found.interval is not None
    variance = np.var(results[0], ddof=1) + np.var(results[1], ddof=1)
    assert found.interval[1] - found.mean == pytest.approx(2.776445 * (variance / 5) ** 0.5)
    assert verdict(comparison).endswith(
        "over 5 seeds; its lead over other (0.020, 95% interval -0.122 to 0.162) may be chance; "
        "not paired with other, whose data or seeds are others."
    )


def test_equal_differences_are_shown_when_they_are_enough() -> None:
    """Six of one sign have a chance of 1/32, five of 1/16."""
    five = compared([0.8] * 5, [0.7] * 5).differences[OTHER]
    six = compared([0.9, 0.8] * 3, [0.8, 0.7] * 3).differences[OTHER]
    assert five.interval is None
    assert six.interval == (six.mean, six.mean)
    assert six.is_shown
    assert not compared([0.8] * 6, [0.8] * 6).differences[OTHER].is_shown


@pytest.mark.parametrize(("text", "seeds"), [(TWO, 5), (TWO, 10), (SPEC, 5)])
def test_equal_variants_are_rarely_told_different(text: str, seeds: int) -> None:
    """In 5 of 100, up to three deviations of so many trials; the split decides half of each."""
    rng, trials, plan = np.random.default_rng(seeds), 400, plan_of(text, seeds=seeds)
    told = 0
    for _ in range(trials):
        drawn = rng.normal(0.9, 0.02, seeds) + rng.normal(0, 0.02, (len(plan.variants), seeds))
        results = (np.round(drawn * 180) / 180).tolist()  # as 180 examples give it
        comparison = of_plan(plan, *results)
        told += len(comparison.undecided) + 1 < len(plan.variants)
    assert told / trials <= 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5


@pytest.mark.slow
def test_a_seed_gives_all_variants_the_same_split_and_the_same_order(tmp_path: Path) -> None:
    settings = ("width = 9", "optimizer = adam(lr=0.1)", "batch = 7", "rate = 0.3", "share = 0.4")
    text = SPEC.replace("let rate", "let share = 0\nlet rate").replace(
        "  relu\n", "  relu\n  dropout(share)\n", 1
    )
    path = table_of(tmp_path, 60)
    path.write_text(text)
    seen = []
    for setting in settings:
        name, _, value = setting.partition(" = ")
        known = name if name in ("width", "rate", "share") else f"train.{name}"
        model = nndsl.load(path, set={known: value})
        model.fit()
        parts = [array.tobytes() for pair in model.data().values() for array in pair]
        seen.append((parts, model.namespace["batch_rng"].bit_generator.state))
    assert all(one == seen[0] for one in seen)
