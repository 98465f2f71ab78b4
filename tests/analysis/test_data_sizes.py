"""`features` and `classes` are the sizes of the data, unless the page gives them to others."""

from __future__ import annotations

from pathlib import Path

import pytest

import nndsl
from nndsl.lints import check
from nndsl.source import read_source

TABLE = "a,b,color,kind\n1,2,red,x\n3,4,blue,y\n5,1,red,z\n2,2,blue,x\n"
PAGE = """\
data = csv("t.csv", target="kind", standardize=true)
{more}
network {{ dense({units}); relu; dense(classes) }}
train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }}
"""


def page(tmp_path: Path, units: str, more: str = "", name: str = "t.csv") -> Path:
    (tmp_path / name).write_text(TABLE)
    spec = tmp_path / "t.nn"
    spec.write_text(PAGE.format(units=units, more=more))
    return spec


def test_layers_may_be_as_wide_as_the_data(tmp_path: Path) -> None:
    model = nndsl.load(page(tmp_path, "2 * features"))
    assert {name: array.shape for name, array in model.parameters.items()} == {
        "W1": (4, 8),
        "b1": (8,),
        "W2": (8, 3),
        "b2": (3,),
    }
    assert "FEATURES = 4" in model.source
    assert "(N, CLASSES)" in model.source
    assert "(FEATURES, 2 * FEATURES)" in model.source
    model.fit()


@pytest.mark.parametrize(
    ("units", "more", "width"),
    [
        ("features", "let features = 7", 7),  # the page's own name wins
        ("wide", "let wide = 3 * classes + features", 13),
        ("max(8, features // 2)", "", 8),
    ],
)
def test_arithmetic_with_sizes(tmp_path: Path, units: str, more: str, width: int) -> None:
    assert nndsl.load(page(tmp_path, units, more)).parameters["W1"].shape == (4, width)


def test_own_layers_know_classes(tmp_path: Path) -> None:
    layer = "layer last() {\n  W = parameter(features, classes)\n  y = x @ W\n}"
    spec = page(tmp_path, "5", layer)
    spec.write_text(spec.read_text().replace("dense(classes)", "last"))
    assert nndsl.load(spec).parameters["W2"].shape == (5, 3)


def test_sizes_are_not_known_without_data(tmp_path: Path) -> None:
    spec = tmp_path / "t.nn"
    spec.write_text("network { input(4); dense(classes) }\n")
    [found] = check(read_source(spec), {})
    assert found.code == "NN201"
    assert "give it a value: let classes = …" in (found.help or "")


def test_data_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    spec = page(tmp_path, "features", name="other.csv")
    assert [d.code for d in check(read_source(spec), {})] == ["NN311"]
