"""The verdict says what the numbers show, and nothing that they do not."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from nndsl.live.baseline import Baseline
from nndsl.live.model import History
from nndsl.report.verdict import Ending, doubt_of_few, main_metric, rounded, verdict


def history(
    loss: Sequence[float],
    validation_loss: Sequence[float] | None = None,
    accuracy: Sequence[float] | None = None,
    validation_accuracy: Sequence[float] | None = None,
    test: dict[str, float] | None = None,
    kept: int | None = None,
) -> History:
    columns = {
        "loss": loss,
        "training_accuracy": accuracy,
        "validation_loss": validation_loss,
        "validation_accuracy": validation_accuracy,
    }
    given = {name: values for name, values in columns.items() if values is not None}
    rows: list[dict[str, float]] = [
        {"epoch": i + 1, **{name: values[i] for name, values in given.items()}}
        for i in range(len(loss))
    ]
    return History(rows, test or {}, kept)


LEARNT = history(
    [1.0, 0.5, 0.4],
    [1.1, 0.6, 0.5],
    [0.5, 0.8, 0.99],
    [0.5, 0.9722, 0.96],
    {"test_loss": 0.5, "test_accuracy": 0.98049},
)


def test_what_a_run_came_to() -> None:
    assert verdict(LEARNT, Ending(3)) == (
        "Test accuracy 0.9805 after 3 epochs; best validation accuracy 0.9722 at epoch 2;"
        " training and validation differ by 3.0 points."
    )


def test_an_interrupted_run_says_so() -> None:
    said = verdict(LEARNT, Ending(20, finished=False))
    assert said.startswith(
        "Test accuracy 0.9805 after 3 of 20 epochs, when training was interrupted; best"
    )
    assert verdict(History(), Ending(20, finished=False)) == (
        "Training was interrupted in its first epoch."
    )


def test_the_last_epoch_may_be_the_best() -> None:
    accuracy = [0.5, 0.8, 0.9]
    tested = history([1, 1, 1], [1, 1, 1], accuracy, accuracy, {"test_accuracy": 0.85})
    assert "; validation accuracy 0.9000, the best of all epochs;" in verdict(tested, Ending(3))
    untested = history([1, 1, 1], [1, 1, 1], accuracy, accuracy)
    assert verdict(untested, Ending(3)) == (
        "Validation accuracy 0.9000 after 3 epochs; no epoch was better;"
        " training and validation differ by 0.0 points."
    )


def test_the_epoch_that_was_restored() -> None:
    losses = [1.0, 0.5, 0.6, 0.7]
    said = verdict(
        history(
            [1.0, 0.5, 0.4, 0.3],
            losses,
            [0.5, 0.8, 0.9, 0.95],
            [0.4, 0.7, 0.75, 0.7],
            {"test_accuracy": 0.72},
            kept=2,
        ),
        Ending(50),
    )
    assert said == (
        "Test accuracy 0.7200 with the weights of epoch 2, restored after epoch 4 of 50;"
        " best validation accuracy 0.7500 at epoch 3;"
        " training and validation differ by 10.0 points."
    )


def test_numbers_without_classes() -> None:
    said = verdict(history([1.0, 0.5, 0.25], [1.1, 0.75, 0.8], test={"test_loss": 0.7}), Ending(3))
    assert said == (
        "Test loss 0.7000 after 3 epochs; best validation loss 0.7500 at epoch 2;"
        " training loss 0.2500 against 0.8000 in validation."
    )
    alone = verdict(history([1.0, 0.5]), Ending(2))
    assert alone == (
        "Training loss 0.5000 after 2 epochs. No part of the data was held back, so this does not"
        " tell how it does on new examples."
    )


def test_what_diverged() -> None:
    ending = Ending(20, finished=False, diverged="epoch 4: W1 is not finite")
    assert verdict(LEARNT, ending) == (
        "Training diverged in epoch 4: W1 is not finite;"
        " after epoch 3 the validation accuracy was 0.9600."
    )
    assert verdict(History(), Ending(20, False, "epoch 1: W1 is not finite")) == (
        "Training diverged in epoch 1: W1 is not finite."
    )


Values = npt.NDArray[np.floating]

EPOCHS = np.arange(1, 41)
JITTER = np.random.default_rng(0).normal(0, 0.01, 40)
FALLING = 2 * np.exp(-EPOCHS / 6) + 0.05
BOWL = 0.5 + 0.0005 * (EPOCHS - 12) ** 2
FLAT = 0.4 + 2 * np.exp(-EPOCHS / 3)


def trend(training: Values, validation: Values | None) -> str:
    found = history(list(training), None if validation is None else list(validation))
    return verdict(found, Ending(40))


def test_overfitting_is_seen() -> None:
    said = trend(FALLING, BOWL + JITTER)
    assert "was lowest at epoch 1" in said
    assert "while the training loss still fell: it overfits." in said


@pytest.mark.parametrize("count", [12, 40, 60, 200])
def test_what_is_said_of_overfitting_stands_in_the_history(count: int) -> None:
    jitter = np.random.default_rng(count).normal(0, 0.02, count)
    at = np.arange(count) / count
    validation = 0.7 + 2 * (at - 0.3) ** 2 + jitter
    said = trend(2 * np.exp(-6 * at), validation)
    lowest, last = int(np.argmin(validation)), validation[-1]
    assert (
        f"The validation loss was lowest at epoch {lowest + 1} ({validation[lowest]:.4f}) and rose"
        f" to {last:.4f} at epoch {count} while"
    ) in said


@pytest.mark.parametrize(
    "validation",
    [
        FLAT + JITTER,  # it stays where it was
        FLAT + 10 * np.abs(JITTER),  # the last epochs are worse by chance
        FALLING + 0.2,  # it falls
    ],
)
def test_no_overfitting_where_there_is_none(validation: Values) -> None:
    assert "overfits" not in trend(FALLING, validation)


def test_a_rise_of_both_is_no_overfitting() -> None:
    assert "overfits" not in trend(BOWL, BOWL)


def test_weights_that_were_restored_do_not_overfit() -> None:
    found = history(list(FALLING), list(BOWL), kept=12)
    assert "overfits" not in verdict(found, Ending(40))


def test_improvement_to_the_end_is_seen() -> None:
    slow = 2 - 0.03 * EPOCHS
    assert trend(slow, slow + 0.1).endswith(
        "The validation loss was still falling at the end: more epochs may help."
    )
    assert "The training loss was still falling" in trend(slow, None)
    assert "still falling" not in trend(FLAT, FLAT + JITTER)
    assert "still falling" in trend(FALLING, 0.8 * 0.99**EPOCHS)  # by 1% in each epoch
    assert "still falling" not in trend(FALLING, np.abs(EPOCHS - 37) / 10 + 0.5)  # it rises again


def with_baseline(found: History, **results: float) -> History:
    found.baselines = [Baseline("how often each class occurs", results)]
    return found


def test_a_result_stands_beside_what_needs_no_network() -> None:
    better = with_baseline(history([1.0], [1.1], [0.5], [0.6]), validation_accuracy=0.1)
    assert verdict(better, Ending(1)).endswith(
        "Without a network, by how often each class occurs, the validation accuracy is 0.1000."
    )


def test_what_is_no_better_than_a_constant_is_said_first() -> None:
    found = with_baseline(history([1.0], [1.1], [0.5], [0.1]), validation_accuracy=0.1)
    assert verdict(found, Ending(1)).startswith(
        "This is no better than without a network: by how often each class occurs, the validation"
        " accuracy is 0.1000. A smaller or a larger learning rate, or more epochs, may help."
    )


def test_accuracy_says_little_of_uneven_classes() -> None:
    test = {"test_loss": 0.2, "test_accuracy": 0.9361}
    found = with_baseline(history([0.3], None, [0.94], None, test), test_accuracy=0.9372)
    assert "balanced_accuracy and recall tell more than accuracy" in verdict(found, Ending(1))


def test_probabilities_may_tell_something_where_classes_do_not() -> None:
    test = {"test_loss": 0.21, "test_accuracy": 0.9361}
    found = history([0.3], None, [0.94], None, test)
    with_baseline(found, test_accuracy=0.9372, test_loss=0.27, training_accuracy=0.93)
    assert verdict(found, Ending(1)).startswith(
        "This is no better than without a network: by how often each class occurs, the test"
        " accuracy is 0.9372. With classes so uneven, balanced_accuracy and recall tell more than"
        " accuracy, and `class_weights=balanced` of the loss lets rare classes count more."
        " Its probabilities tell something: test loss 0.2100 against 0.2700, and a threshold below"
        " one half finds more."
    )
    found.test = {"test_loss": 8.53, "test_accuracy": 0.95}
    assert (
        "Its probabilities are worse than those shares, though: test loss 8.5300 against 0.2700."
    ) in verdict(found, Ending(1))


@pytest.mark.parametrize(
    ("loss", "accuracy", "said"),
    [
        ([0.7, 0.4, 0.2, 0.1, 0.05, 0.02], 0.99, "On the training part it is better (training acc"),
        ([0.99, 0.96, 0.93, 0.9, 0.87, 0.84], 0.5, "The training loss was still falling: more"),
        ([0.7, 1.4, 0.6, 1.5, 0.7, 1.3], 0.5, "The loss jumps from epoch to epoch: a smaller"),
        (
            [0.7, 0.699, 0.699, 0.698, 0.698, 0.698],
            0.5,
            "The loss hardly moved, from 0.7000",
        ),
        (
            [0.9, 0.7, 0.5, 0.5, 0.5, 0.5],
            0.5,
            "A smaller or a larger learning rate, or more epochs",
        ),
    ],
)
def test_the_way_out_is_chosen_by_what_is_known(
    loss: list[float], accuracy: float, said: str
) -> None:
    count = len(loss)
    found = history(loss, [0.8] * count, [accuracy] * count, [0.5] * count)
    with_baseline(found, training_accuracy=0.5, validation_accuracy=0.5, validation_loss=0.7)
    text = verdict(found, Ending(count))
    assert said in text
    assert text.count("still falling") == ("still falling" in said)
    ways = ("On the training", "still falling: ", "The loss jumps", "hardly moved", "A smaller or")
    assert sum(way in text for way in ways) == 1


def test_a_loss_is_better_where_it_is_smaller() -> None:
    worse = History([{"epoch": 1, "loss": 155.0, "validation_loss": 155.0}])
    worse.baselines = [
        Baseline("the mean of the targets", {"validation_loss": 66.0, "training_loss": 60.0}, True)
    ]
    said = verdict(worse, Ending(1))
    assert said.startswith("This is no better than without a network: by the mean of the targets,")
    assert "Targets of about 1 are learnt best, and a constant has a loss of 60.0000" in said
    worse.rows[0]["validation_loss"] = 65.0
    assert "no better" not in verdict(worse, Ending(1))


def test_a_loss_may_be_negative() -> None:
    found = with_baseline(History([{"epoch": 1, "loss": -1.0}]), training_loss=-0.5)
    assert "no better" not in verdict(found, Ending(1))
    found.rows[0]["loss"] = -0.4
    assert verdict(found, Ending(1)).startswith("This is no better than without a network")


def test_what_is_no_number_is_no_best_epoch() -> None:
    nan, inf = math.nan, math.inf
    found = history([1.0] * 6, [nan, 2.0, 1.5, inf, inf, inf])
    assert verdict(found, Ending(6)) == (
        "Validation loss inf after 6 epochs; best validation loss 1.5000 at epoch 3."
    )
    assert (
        verdict(history([1.0] * 6, [nan] * 6), Ending(6)) == "Validation loss nan after 6 epochs."
    )


def test_few_epochs_have_no_trend() -> None:
    falling = np.array([1.0, 0.5, 0.25, 0.1])
    assert "falling" not in trend(falling, falling)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.98054, "0.9805"), (0, "0.0000"), (0.000123456, "0.000123"), (1e9, "1e+09")],
)
def test_numbers_are_as_short_as_a_script_prints_them(number: float, text: str) -> None:
    assert rounded(number) == text


def test_a_network_is_judged_by_its_first_metric() -> None:
    assert main_metric(LEARNT) == "accuracy"
    assert main_metric(history([1.0], [1.0])) == "loss"


@pytest.mark.parametrize(("right", "examples"), [(33, 36), (30, 30), (0, 5), (390, 399)])
def test_few_test_examples_say_between_what_an_accuracy_is(right: int, examples: int) -> None:
    """The ends are those from which the share found is 1.96 standard deviations away."""
    found = history([1.0], None, [0.9], test={"test_accuracy": right / examples})
    said = doubt_of_few(found, examples)
    low, high = map(float, re.findall(r"\d\.\d\d", said)[:2])
    for end, p in ((low, min(low, right / examples)), (high, max(high, right / examples))):
        distance = abs(p - right / examples) - 1.96 * math.sqrt(p * (1 - p) / examples)
        assert end in (0, 1) or abs(distance) < 0.011
    assert doubt_of_few(found, 400) == ""


def test_of_errors_a_very_small_test_part_is_named() -> None:
    rows: list[dict[str, float]] = [{"epoch": 1, "loss": 1.0, "training_mean_absolute_error": 2.0}]
    found = History(rows, {"test_mean_absolute_error": 2.4})
    assert doubt_of_few(found, 4).startswith("The test part has 4 examples: another seed")
    assert doubt_of_few(found, 30) == ""


def test_what_ended_early_is_no_training_that_was_too_short() -> None:
    falling = [1.0 - 0.05 * epoch for epoch in range(12)]
    found = history(
        falling, [0.9, 0.8, *[1.0] * 10], [0.5] * 12, [0.5] * 12, {"test_accuracy": 0.5}, 2
    )
    found.baselines = [
        Baseline("the most frequent", {"test_accuracy": 0.5, "training_accuracy": 0.5})
    ]
    said = verdict(found, Ending(20))
    assert "It got no better after epoch 2, while the training loss fell on: it overfits" in said
    assert "more epochs" not in said
