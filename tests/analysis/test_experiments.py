"""Experiments: what the right ones mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nndsl.analysis.compare import ComparisonSpec
from nndsl.analysis.compile import Checked, analyse
from nndsl.analysis.minimize import DescentSpec
from nndsl.analysis.search import SearchSpec
from nndsl.diagnostics import Diagnostic, Diagnostics
from nndsl.ir.printer import expression
from nndsl.source import Source
from nndsl.syntax.value_printer import print_value
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import NameOf
from nndsl.vocabulary.stop import Stop

BASE = """\
let width = 20
let rate = 0.1
data = digits(validation=0.1, test=0.2)
network { dense(width); relu; dropout(rate); dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.5) }
"""  # an experiment after it begins on line 6


def check(text: str) -> tuple[Checked, list[Diagnostic]]:
    diagnostics = Diagnostics()
    return analyse(Source("spec.nn", text), diagnostics), diagnostics.diagnostics


def experiment(text: str, name: str) -> Any:
    checked, diagnostics = check(text)
    assert not diagnostics
    assert checked.spec is not None
    return checked.spec.experiments[name]


def test_a_comparison() -> None:
    text = BASE + (
        "let lr = 0.1\n"
        "compare(seeds=3) {\n"
        "  variant base {}\n"
        "  variant adam { optimizer = adam(lr=lr) }\n"
        "  variant wide { width = 50; epochs = 3; data = digits(validation=10) }\n"
        "}"
    )
    found = experiment(text, "compare")
    assert isinstance(found, ComparisonSpec)
    assert found.settings.seeds == 3
    assert [(variant.name.text, sorted(variant.values)) for variant in found.variants] == [
        ("base", []),
        ("adam", ["train.optimizer"]),
        ("wide", ["data", "train.epochs", "width"]),
    ]


def test_a_search() -> None:
    text = BASE + (
        "search(trials=5, sampler=tpe, metric=validation_accuracy) {\n"
        "  rate = uniform(0, 0.5)\n"
        "  width = choice(50, 10 * 10)\n"
        "}"
    )
    found = experiment(text, "search")
    assert isinstance(found, SearchSpec)
    assert found.settings.trials == 5
    assert found.settings.sampler is not None
    assert found.settings.metric == "validation_accuracy"
    assert {name: range_.keyword() for name, range_ in found.ranges.items()} == {
        "rate": "uniform",
        "width": "choice",
    }
    assert [(name, print_value(value)) for name, value in found.listed] == [
        ("width", "50"),
        ("width", "10 * 10"),
    ]


def test_a_choice_by_name_is_a_choice_by_position() -> None:
    found = experiment(BASE + "search { width = choice(values=[5, 6]) }", "search")
    assert [print_value(value) for _, value in found.listed] == ["5", "6"]


def test_a_recording() -> None:
    found = experiment(BASE + "record { activations; gradients; weights; updates }", "record")
    assert [word.keyword() for word in found] == ["activations", "gradients", "weights", "updates"]


def test_expectations() -> None:
    text = BASE + (
        "let most = 2_000\n"
        "expect { parameters <= most; parameters == 1510; output == (10); output != (1, 10)\n"
        "  test_accuracy >= 0.95; validation_loss < 1; training_loss > 0 }"
    )
    found = experiment(text, "expect")
    assert [(e.name, e.operator, e.expected) for e in found if e.is_static] == [
        ("parameters", "<=", 2000),
        ("parameters", "==", 1510),
        ("output", "==", (10,)),
        ("output", "!=", (1, 10)),
    ]
    accuracy = next(e for e in found if e.name == "test_accuracy")
    assert accuracy.holds(0.95)
    assert not accuracy.holds(0.9)


def test_a_descent_needs_no_network() -> None:
    text = (
        "let steep = 20\n"
        "minimize {\n"
        "  f = (x)**2 / steep + y**2 - sin(-x * 2)\n"
        "  start(x=-7, y=steep / 10)\n"
        "  optimizer = sgd(lr=0.1)\n"
        "}\n"
        "compare { variant fast { optimizer = adam(lr=0.3) } variant flat { steep = 40 } }"
    ).replace("} variant", "}; variant")
    found = experiment(text, "minimize")
    assert isinstance(found, DescentSpec)
    assert found.start == {"x": -7.0, "y": 2.0}
    assert found.steps == 100
    assert expression(found.formula) == "x**2 / 20 + y**2 - sin(-x * 2)"
    comparing = experiment(text, "compare")
    assert [sorted(v.values) for v in comparing.variants] == [["minimize.optimizer"], ["steep"]]


def test_a_name_that_only_a_search_varies_is_unused() -> None:
    _, found = check(BASE + "let depth = 2\nsearch { depth = integer(1, 6) }")
    assert [(d.code, d.span.line) for d in found] == [("NN401", 6)]


def test_an_error_of_the_spec_is_said_once() -> None:
    text = BASE.replace("dense(10)", "dense(9)") + (
        "compare { variant a { rate = 0.2 }; variant b { rate = 0.3 } }\n"
        "search { width = choice(5, 6) }"
    )
    _, found = check(text)
    assert [d.code for d in found] == ["NN304"]


def test_an_error_outside_of_a_variant_is_said_at_its_name() -> None:
    _, (found,) = check(BASE + "compare { variant wide { width = 0 } }")
    assert (found.span.text, found.span.line) == ("wide", 6)
    assert found.message.startswith("variant `wide`: `units` must be at least 1")
    labels = [(label.span.text, label.span.line) for label in found.labels]
    assert labels == [("width", 4), ("0", 6)]


class Early(Stop):
    """A stop for tests."""

    metric: NameOf = "validation_loss"
    begin = watch = done = finish = ""


@pytest.fixture
def early() -> Iterator[None]:
    with registry.added(Early):
        yield


@pytest.mark.usefixtures("early")
@pytest.mark.parametrize(
    ("data", "stop", "code", "message"),
    [
        ("digits(validation=0.1)", "early", None, ""),
        ("digits(validation=0.1)", "early(metric=training_accuracy)", None, ""),
        ("digits", "early", "NN309", "needs a validation part"),
        ("digits(validation=1)", "early(metric=test_loss)", "NN308", "unknown metric"),
        ("digits(validation=1)", "early(metric=validaton_loss)", "NN308", "unknown metric"),
    ],
)
def test_a_stop_watches_a_metric(data: str, stop: str, code: str | None, message: str) -> None:
    _, found = check(
        f"data = {data}\nnetwork {{ dense(10) }}\n"
        f"train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=1); stop = {stop} }}"
    )
    assert [d.code for d in found] == ([code] if code else [])
    assert all(message in d.message and d.span.text == stop for d in found)


def test_variants_have_limits() -> None:
    many = ";".join(f"variant v{i} {{}}" for i in range(101))
    assert [d.code for d in check(BASE + f"compare {{ {many} }}")[1]] == ["NN213"]


def test_variants_have_limits_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nndsl.analysis.variants.MAX_WORK", 5)
    body = "variant a { width = 5 }; variant b { width = 6 }; variant c { width = 0 }"
    _, (found,) = check(BASE + f"compare {{ {body} }}")
    assert (found.code, found.span.text) == ("NN213", "c")


def test_names_that_stand_for_each_other_deeply() -> None:
    lets = "".join(f"let a{i} = a{i + 1}\n" for i in range(3000))
    _, found = check(lets + "let a3000 = 5\nnetwork { input(3); dense(a0) }")
    assert [d.code for d in found] == ["NN213"]
