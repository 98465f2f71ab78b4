"""Expectations are held to what was measured."""

from __future__ import annotations

import json
import math

import pytest

from nndsl.analysis.compile import analyse
from nndsl.analysis.expect import Expectation, known_before
from nndsl.analysis.expectation_results import ExpectationResult, Results, check_expectations
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source

SPEC = """\
data = digits(validation=0.1, test=0.2)
network { dense(20); relu; dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.5); METRICS }
expect { COMPARISONS }
"""


def checked(comparisons: str, metrics: str = "batch = 32", lets: str = ""):
    diagnostics = Diagnostics()
    text = lets + SPEC.replace("COMPARISONS", comparisons).replace("METRICS", metrics)
    return analyse(Source("spec.nn", text), diagnostics), diagnostics.diagnostics


def expectations(comparisons: str, lets: str = "") -> tuple[Expectation, ...]:
    found, diagnostics = checked(comparisons, lets=lets)
    assert not diagnostics
    assert found.spec is not None
    expected: tuple[Expectation, ...] = found.spec.experiments["expect"]
    return expected


def failures(expected: tuple[Expectation, ...], results: Results) -> list[ExpectationResult]:
    return [one for one in check_expectations(expected, results) if not one.holds]


def test_results_hold_or_fail() -> None:
    expected = expectations("test_accuracy >= 0.95; validation_loss < 0.5; test_loss != 1")
    results = {"test_accuracy": 0.9412, "validation_loss": 0.2, "test_loss": 1.0}
    assert [one.holds for one in check_expectations(expected, results)] == [False, True, False]
    assert [one.message for one in failures(expected, results)] == [
        "expected `test_accuracy >= 0.95`, found 0.9412",
        "expected `test_loss != 1`, found 1",
    ]
    assert not failures(expected, results | {"test_accuracy": 0.95, "test_loss": 2.0})


@pytest.mark.parametrize("operator", ["<=", ">=", "==", "!=", "<", ">"])
def test_what_is_no_number_or_not_there_fails(operator: str) -> None:
    expected = expectations(f"test_loss {operator} 1")
    (absent,) = failures(expected, {})
    assert absent.message == f"expected `test_loss {operator} 1`, found nothing"
    (undefined,) = failures(expected, {"test_loss": math.nan})
    assert undefined.message == f"expected `test_loss {operator} 1`, found nan"
    assert undefined.to_json()["found"] is None


def test_an_infinite_loss_is_more_than_any_number() -> None:
    assert failures(expectations("test_loss < 1"), {"test_loss": math.inf})
    assert not failures(expectations("test_loss > 1"), {"test_loss": math.inf})


def test_the_loss_of_the_training_part_is_the_one_that_is_reported() -> None:
    assert not failures(expectations("training_loss < 0.2"), {"loss": 0.1})
    assert failures(expectations("validation_loss < 0.2"), {"loss": 0.1})


def test_as_many_digits_are_shown_as_tell_on_which_side_it_lies() -> None:
    (held,) = check_expectations(
        expectations("test_accuracy >= 0.95"), {"test_accuracy": 0.9499999}
    )
    assert held.shown == "0.9499999"
    (held,) = check_expectations(expectations("test_accuracy < 0.95"), {"test_accuracy": 0.94999})
    assert held.shown == "0.94999"
    (held,) = check_expectations(expectations("test_accuracy >= 0.9"), {"test_accuracy": 0.94999})
    assert held.shown == "0.95"


def test_what_is_known_before_a_run_is_held_with_the_rest() -> None:
    found, _ = checked("parameters == 1510; output == 10")
    assert found.spec is not None
    assert found.graph is not None
    known = known_before(found.graph)
    assert [o.to_json() for o in check_expectations(found.spec.experiments["expect"], known)] == [
        {"name": "parameters", "operator": "==", "expected": 1510, "found": 1510, "holds": True},
        {"name": "output", "operator": "==", "expected": (10,), "found": (10,), "holds": True},
    ]


def test_they_are_json_that_any_reader_takes() -> None:
    expected = expectations("test_loss < 1; test_accuracy > 0.5")
    written = [o.to_json() for o in check_expectations(expected, {"test_loss": math.inf})]
    assert json.loads(json.dumps(written, allow_nan=False)) == written


@pytest.mark.parametrize(
    ("metrics", "comparison", "label"),
    [
        ("batch = 32", "test_top_k_accuracy > 0.9", []),
        ("metrics = [top_k_accuracy(k=2)]", "test_accuracy > 0.9", ["what is measured"]),
    ],
)
def test_a_metric_that_training_leaves_out(metrics: str, comparison: str, label: list[str]) -> None:
    _, (found,) = checked(comparison, metrics)
    name = comparison.split()[0]
    word = name.removeprefix("test_")
    assert found.code == "NN308"
    assert found.message == f"`{word}` is not measured, and `{name}` will not be known"
    assert found.span.text == name
    assert [label.message for label in found.labels] == label
    assert found.help == f"name it in `train`: metrics = [{word}]"


def test_a_metric_that_training_measures() -> None:
    _, diagnostics = checked("test_top_k_accuracy > 0.9", "metrics = [top_k_accuracy(k=2)]")
    assert not diagnostics


@pytest.mark.parametrize(
    ("comparison", "baseline", "found", "message"),
    [
        (
            "test_accuracy >= baseline + 0.05",
            0.9372,
            0.9361,
            "expected `test_accuracy >= baseline + 0.05` (0.9872), found 0.9361",
        ),
        (
            "test_loss <= 0.8 * baseline",
            0.27,
            0.21600001,
            "expected `test_loss <= 0.8 * baseline` (0.216), found 0.21600001",
        ),
        (
            "test_accuracy >= max(baseline, 1 - 2 * least)",
            0.3,
            0.7,
            "expected `test_accuracy >= max(baseline, 1 - 2 * least)` (0.8), found 0.7",
        ),
    ],
)
def test_a_number_beside_the_baseline(
    comparison: str, baseline: float, found: float, message: str
) -> None:
    (expected,) = expectations(comparison, lets="let least = 0.1\n" * ("least" in comparison))
    name = comparison.split()[0]
    (one,) = check_expectations([expected], {name: found}, {name: ("chance", baseline)}.get)
    assert one.message == message
    assert not one.holds
    assert one.to_json()["baseline"] == baseline
    assert one.to_json()["written"] == comparison.split(maxsplit=2)[2]
    better = {"test_loss": 0.1}.get(name, 0.99)
    (one,) = check_expectations([expected], {name: better}, {name: ("chance", baseline)}.get)
    assert one.holds
    (one,) = check_expectations([expected], {name: better})
    assert one.message == f"expected `{comparison}` (no baseline), found {better}"
    assert json.dumps(one.to_json(), allow_nan=False)


def test_a_let_may_be_called_baseline() -> None:
    (expected,) = expectations("test_accuracy >= baseline", lets="let baseline = 0.5\n")
    assert expected.expected == 0.5
    assert expected.formula is None


def test_what_needs_no_run_has_no_baseline() -> None:
    _, (found,) = checked("parameters <= baseline")
    assert found.message == (
        "`parameters` has no baseline: that is what results have without a network"
    )
