"""What a spec and its variants have in common is found out once, and nothing is said otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nndsl.analysis.graph_building import build_graph
from nndsl.analysis.reuse import Reuse
from nndsl.lints import check
from nndsl.source import Source
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data

PAGE = """\
let width = 20
let rate = 0.1
let held = 0.2
block hidden(n) {{ dense(n); relu }}
data = digits(validation=0.1, test=held)
network {{ hidden(width); dense(10) }}
train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=rate); epochs = 3 }}
compare(seeds=2) {{
{variants}
}}
"""
OF_TRAINING = ("rate = 0.3", "optimizer = adam", "batch = 10; epochs = 2", "rate = 2 * held")
OTHERS = (
    "width = 30",
    "width = rate",
    "held = 0.5",
    "held = 1.5",
    "held = 0.2; width = 20",
    "data = digits(test=0.5)",
    "data = spiral(classes=3, samples=60)",
    "data = digits(validation=0.1, test=held)",
    'data = csv("missing.csv", target="x")',
    "loss = mean_squared_error",
    "batch = 1_000_000",
    "optimizer = sgd(lr=width, momentum=2)",
    "rate = widht",
    "width = width",
)


def page(*variants: str) -> str:
    return PAGE.format(
        variants="\n".join(f"  variant v{n} {{ {body} }}" for n, body in enumerate(variants))
    )


def test_data_and_network_are_analysed_once_for_variants_of_a_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    described, built = [], []
    digits = registry.get(Data, "digits")
    describe = digits.describe

    def describe_and_count(data: Any, folder: Path) -> Any:
        described.append(data)
        return describe(data, folder)

    def build_and_count(*given: Any) -> Any:
        built.append(given)
        return build_graph(*given)

    monkeypatch.setattr(digits, "describe", describe_and_count)
    monkeypatch.setattr("nndsl.analysis.reuse.build_graph", build_and_count)
    assert check(Source("page.nn", page(*OF_TRAINING)), {}) == []
    assert (len(described), len(built)) == (1, 1)
    others = "width = 30", "held = 0.5", "data = digits(test=0.5)"
    check(Source("page.nn", page(*OF_TRAINING, *others)), {})
    assert (len(described), len(built)) == (1 + 3, 1 + 4)


def test_the_same_is_said_as_of_each_variant_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("page.nn", page(*OF_TRAINING, *OTHERS, *OF_TRAINING))
    found = check(source, {})
    monkeypatch.setattr(Reuse, "description", lambda self, data, folder: data.describe(folder))
    monkeypatch.setattr(Reuse, "network", lambda self, described, names: None)
    monkeypatch.setattr(Reuse, "graph", lambda self, spec, found: build_graph(spec, found))
    assert list(map(str, check(source, {}))) == list(map(str, found))
    assert len(found) >= 6
