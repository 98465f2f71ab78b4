"""What is said of numbers: means and spreads, the best variant, the sentence."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from comparing import OTHER, PLAIN, SPEC, WIDE, outcome, plan_of

from nndsl.experiment.comparison.comparison import (
    Comparison,
    best_epochs,
    chosen_columns,
    collect,
    remark,
    result_columns,
    verdict,
)
from nndsl.experiment.comparison.figures import curve
from nndsl.experiment.comparison.report import write_report
from nndsl.experiment.comparison.results import (
    Spread,
    decimals,
    format_interval,
    format_spread,
    spread,
    student_t,
)
from nndsl.experiment.comparison.training import Unfinished
from nndsl.experiment.job import Job, Outcome


def made(column: str = "validation_accuracy", **values: list[float] | str) -> Comparison:
    """Return a comparison whose trainings ended with these values; a text: they diverged so."""
    seeds = max(len(found) for found in values.values() if isinstance(found, list))
    plan = plan_of(seeds=seeds)
    outcomes: dict[tuple[str, int], Outcome] = {}
    for name, found in values.items():
        for number in range(seeds):
            outcomes[name, 4 + number] = (
                outcome(0.1, diverged=found, column=column)
                if isinstance(found, str)
                else outcome(0.5, found[number], column=column)
            )
    return collect(plan, outcomes)


def test_a_spread_is_the_mean_and_the_deviation_of_a_sample() -> None:
    assert spread([1.0, 2.0, 6.0]) == Spread(3.0, math.sqrt(7), 3)
    assert spread([2.5]) == Spread(2.5, None)
    assert spread([]) is None


def test_the_interval_of_a_mean_is_students() -> None:
    """The values of t stand in every table."""
    tabled = {1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262, 30: 2.042, 999: 1.962}
    assert {n: round(student_t(n, 0.95), 3) for n in tabled} == tabled
    found = spread([1.0, 2.0, 6.0])
    assert found is not None
    half = 4.302653 * math.sqrt(7 / 3)
    assert found.interval == pytest.approx((3 - half, 3 + half))
    assert format_interval(found.interval, 3) == "-3.572 to 9.572"
    assert Spread(2.5, None).interval is None


def with_baselines(comparison: Comparison, *numbers: float) -> Comparison:
    """Return it with what the answers of each seed reach."""
    column = comparison.criterion.column
    for found in comparison.variants:
        for ended, number in zip(found.outcomes.values(), numbers, strict=True):
            ended.baselines["how often each class occurs"] = {column: number}
    return comparison


def test_variants_stand_beside_the_baseline() -> None:
    comparison = made(plain=[0.90, 0.92], other=[0.5, 0.6], wide=[0.4, 0.5])
    with_baselines(comparison, 0.5, 0.6)
    assert remark(comparison, comparison.variants[1]) == "not past baseline"
    assert verdict(comparison).startswith(
        "other and wide are no better than without a network: by how often each class occurs, the "
        "validation accuracy is 0.550. plain is ahead by validation accuracy: 0.910"
    )
    assert [cells[-1] for cells in result_columns(comparison)] == ["0.550", "-", "-", "-"]
    heads = [head for head, *_ in result_columns(comparison)]
    assert heads[1:3] == ["difference from best", "95% interval"]


def test_that_no_variant_is_past_the_baseline_comes_first() -> None:
    comparison = with_baselines(made(plain=[0.9], other=[0.5], wide=[0.4]), 0.9)
    assert verdict(comparison).startswith("no variant is better than without a network: by how ")
    better = with_baselines(made(plain=[0.9], other=[0.8], wide=[0.7]), 0.1)
    assert verdict(better).startswith("plain is ahead")


def test_what_may_be_chance_is_said() -> None:
    comparison = made(plain=[0.90, 0.92, 0.94], other=[0.89, 0.92, 0.92], wide=[0.5, 0.51, 0.53])
    assert verdict(comparison) == (
        "plain is ahead by validation accuracy: 0.920 ± 0.020 over 3 seeds; seed by seed its lead "
        "over other (0.010, 95% interval -0.034 to 0.054) may be chance; its lead over wide "
        "(0.407, 95% interval 0.381 to 0.432) is more than chance; so few seeds show little: "
        "--seeds 10 shows more."
    )
    assert [remark(comparison, v) for v in comparison.variants] == ["ahead", "undecided", ""]
    assert [cells for _, cells, _ in result_columns(comparison)][1:3] == [
        ["-", "-0.010", "-0.407"],
        ["-", "-0.054 to 0.034", "-0.432 to -0.381"],
    ]


def test_one_seed_says_nothing_of_chance() -> None:
    said = verdict(made(plain=[0.9], other=[0.95], wide=[0.5]))
    assert said == (
        "other is ahead by validation accuracy: 0.950 with one seed; plain follows with 0.900; one "
        "seed says nothing about chance: --seeds 5 does."
    )


def test_after_one_step_no_variant_is_best() -> None:
    plan = plan_of(SPEC.replace("epochs    = 3", "steps = 1"), seeds=1)
    numbers = zip((PLAIN, OTHER, WIDE), (0.9, 0.5, 0.1), strict=True)
    comparison = collect(plan, {(name, 4): outcome(number) for name, number in numbers})
    assert verdict(comparison) == (
        "after one step no variant is best: what its figures show is how each begins."
    )
    assert [remark(comparison, variant) for variant in comparison.variants] == ["", "", ""]


def test_of_equals_the_smaller_loss_is_better() -> None:
    plan = plan_of(seeds=1)
    outcomes = {(n, 4): outcome(0.9) for n in (PLAIN, OTHER, WIDE)}
    for number, ended in enumerate(outcomes.values()):
        ended.results["validation_loss"] = abs(number - 1) + 0.5
    comparison = collect(plan, outcomes)
    assert [variant.name for variant in comparison.ranked] == [OTHER, PLAIN, WIDE]
    assert "other is ahead by validation accuracy: 0.900 with one seed; plain reaches the same" in (
        verdict(comparison)
    )


def test_without_a_validation_part_accuracies_stand_beside_the_loss() -> None:
    comparison = made("training_accuracy", plain=[0.9], other=[0.8], wide=[0.7])
    for found in comparison.variants:
        for ended in found.outcomes.values():
            ended.results.update(test_loss=0.3, test_accuracy=0.6)
    assert chosen_columns(comparison) == ["loss", "training_accuracy", "test_accuracy"]


def test_of_a_loss_less_is_better() -> None:
    comparison = made("validation_loss", plain=[0.9, 0.9], other=[0.2, 0.2], wide=[0.5, 0.5])
    assert [variant.name for variant in comparison.ranked] == [OTHER, WIDE, PLAIN]
    assert verdict(comparison).startswith("other is ahead by validation loss: 0.200 ± 0.000")


def test_without_a_validation_part_the_training_loss_judges() -> None:
    comparison = made("training_accuracy", plain=[0.9], other=[0.2], wide=[0.5])
    assert (comparison.criterion.column, comparison.criterion.title) == (
        "loss",
        "training loss",
    )


def test_diverged_variants_are_results_and_never_the_best() -> None:
    comparison = made(plain=[0.9, 0.91], other="epoch 3: W1 is not finite", wide=[0.7, 0.71])
    assert comparison.variants[1].divergence == "diverged in epoch 3: W1 is not finite"
    assert [variant.name for variant in comparison.ranked] == [PLAIN, WIDE]
    assert verdict(comparison).endswith("--seeds 10 shows more; other diverged.")


def test_a_variant_that_diverges_with_one_seed_is_not_ranked() -> None:
    plan = plan_of(seeds=2)
    outcomes = {
        (PLAIN, 4): outcome(0.99),
        (PLAIN, 5): outcome(0.1, diverged="epoch 2: b1 is not finite"),
        (OTHER, 4): outcome(0.8),
        (OTHER, 5): outcome(0.9),
        (WIDE, 4): outcome(0.6),
        (WIDE, 5): outcome(0.6),
    }
    comparison = collect(plan, outcomes)
    assert comparison.best is comparison.variants[1]
    assert remark(comparison, comparison.variants[0]) == (
        "1 of 2 diverged in epoch 2: b1 is not finite"
    )
    assert verdict(comparison).endswith("plain diverged with 1 of 2 seeds.")
    assert comparison.variants[0].spread("validation_accuracy") == Spread(0.99, None)


def test_all_may_diverge() -> None:
    comparison = made(plain=[0.0], other="epoch 1: W1 is not finite", wide="epoch 1: b1 is no")
    diverged = collect(
        comparison.plan, {(n, 4): outcome(0.1, diverged="epoch 2: x") for n in (PLAIN, OTHER, WIDE)}
    )
    assert diverged.best is None
    assert verdict(diverged) == "all 3 variants diverged."


def test_the_best_epoch_of_a_variant() -> None:
    plan = plan_of(seeds=2)
    outcomes = {(PLAIN, 4): outcome(0.5, 0.9, 0.8), (PLAIN, 5): outcome(0.5, 0.6, 0.7)}
    comparison = collect(plan, outcomes)
    assert best_epochs(comparison, comparison.variants[0]) == "2-3"


def test_a_curve_ends_with_the_shortest_training() -> None:
    plan = plan_of(seeds=2)
    outcomes = {(PLAIN, 4): outcome(0.4, 0.9, 0.8), (PLAIN, 5): outcome(0.6, 0.7)}
    found = curve(collect(plan, outcomes).variants[0], "validation_accuracy")
    assert found is not None
    assert list(found.epochs) == [1, 2]
    assert found.mean == pytest.approx([0.5, 0.8])
    assert (list(found.lowest), list(found.highest)) == ([0.4, 0.7], [0.6, 0.9])


@pytest.mark.parametrize(
    ("means", "places", "shown"),
    [
        ([0.972, 0.5], 3, "0.972 ± 0.004"),
        ([0.0312], 4, "0.0312 ± 0.0040"),
        ([12.3456], 3, "12.346 ± 0.004"),
        ([1e-7], None, "1.00e-07 ± 4.00e-03"),
        ([0.0], 3, "0.000 ± 0.004"),
        ([math.nan, 0.5], 3, "nan ± 0.004"),
    ],
)
def test_numbers_have_three_digits(means: list[float], places: int | None, shown: str) -> None:
    spreads = [Spread(mean, 0.004) for mean in means]
    assert decimals(spreads) == places
    assert format_spread(spreads[0], places) == shown


def test_folders_of_a_plan_are_named_by_variant_and_seed() -> None:
    jobs = plan_of().jobs(Path("runs"))
    assert list(jobs) == [(n, s) for s in (4, 5) for n in (PLAIN, OTHER, WIDE)]
    assert jobs[WIDE, 5].folder == Path("runs/wide-seed5")
    assert jobs[WIDE, 5].settings == {"width": "12", "train.seed": "5"}
    assert len({job.digest for job in jobs.values()}) == 6


def test_a_message_gives_a_few_reasons() -> None:
    failed = [replace(outcome(0.5), job=Job(f"n{i}", {}), problem="no data") for i in range(5)]
    assert str(Unfinished(failed, 9)) == (
        "5 of 9 trainings did not end: n0: no data; n1: no data; n2: no data; and 2 more"
    )


def test_variants_that_differ_in_case_have_folders_that_do_not() -> None:
    """As on Windows and macOS; nor is a folder named as a device is (`con`)."""
    names = ("plain", "Plain", "PLAIN", "con", "nul")
    text = SPEC[: SPEC.index("compare(")] + "compare(seeds=2) {\n"
    text += "".join(f"  variant {name} {{ epochs = {n + 1} }}\n" for n, name in enumerate(names))
    folders = [job.folder for job in plan_of(text + "}\n").jobs(Path("runs")).values()]
    found = [folder.name.casefold() for folder in folders if folder is not None]
    assert len(set(found)) == len(found) == 10
    assert not {name.partition(".")[0] for name in found} & {"con", "nul"}


def test_the_page_says_what_the_command_changed_in_the_spec(tmp_path: Path) -> None:
    plan = plan_of(settings={"train.epochs": "7", "rate": "0.3"}, seeds=1)
    outcomes = {(name, 4): outcome(0.5, 0.6) for name in (PLAIN, OTHER, WIDE)}
    write_report(collect(plan, outcomes), [], tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "changed by --set" in page
    assert "train.epochs=7, rate=0.3" in page
    write_report(made(plain=[0.5], other=[0.6], wide=[0.7]), [], tmp_path)
    assert "changed by --set" not in (tmp_path / "report.html").read_text("utf-8")
