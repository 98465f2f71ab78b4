"""nndsl run --rates: the loss at rising learning rates, and which to begin with."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import Cli

import nndsl
from nndsl.live.rates import is_lost, try_rates

PAGE = """\
data = spiral(classes=3, samples=300)
network { dense(20); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.0001) }
"""


def test_a_picture_and_a_rate(cli: Cli, spec: Path) -> None:
    spec.write_text(PAGE)
    result = cli("run", "net.nn", "--rates", "rates.svg")
    found = re.search(r"a rate to begin with: (\S+), a tenth", result.out)
    assert found
    assert 0.003 <= float(found[1]) <= 0.1
    assert "beyond" in result.out
    assert "rate        loss" in result.out
    texts = {text.text for text in ElementTree.parse("rates.svg").iter() if text.tag[-4:] == "text"}
    assert {"net: the loss at rising learning rates", "learning rate", found[1]} <= texts
    assert {path.name for path in Path().iterdir()} == {"net.nn", "rates.svg"}  # and no run


@pytest.mark.parametrize(
    ("old", "new", "options"),
    [
        ("lr=0.0001", "lr=cosine(1, warmup=9)", {}),
        ("adam", "adam", {"optimize": True, "style": "flat"}),
        ("adam", "adam", {"style": "layers"}),
    ],
)
def test_the_page_s_own_rate_and_the_form_of_its_script_do_not_matter(
    old: str, new: str, options: dict[str, object]
) -> None:
    plain = try_rates(nndsl.load("net.nn", text=PAGE))
    other = nndsl.load("net.nn", text=PAGE.replace(old, new), **options)  # type: ignore[arg-type]
    assert try_rates(other).smoothed == pytest.approx(plain.smoothed, rel=1e-3)


def test_what_does_not_learn_at_any_rate() -> None:
    text = PAGE.replace("relu; dense(3)", "frozen { dense(2) }; softmax; frozen { dense(3) }")
    text = text.replace("dense(20)", "dense(1)").replace("{ dense(1);", "{ dense(1); layer_norm;")
    assert not try_rates(nndsl.load("net.nn", text=text)).falls


def test_a_formula_has_no_batches(cli: Cli, spec: Path) -> None:
    spec.write_text("minimize {\n f = x**2\n start(x=1)\n optimizer = sgd(lr=0.1)\n}\n")
    assert "no batches" in cli("run", spec, "--rates", "rates.svg").err
    assert not Path("rates.svg").exists()


def test_what_is_no_picture_is_left_alone(cli: Cli, spec: Path) -> None:
    spec.write_text(PAGE)
    Path("data.npz").write_text("precious")
    assert "name a .svg file" in cli("run", spec, "--rates", "data.npz").err
    assert Path("data.npz").read_text() == "precious"
    assert "leave out -o or --rates" in cli("run", spec, "--rates", "r.svg", "-o", "runs/a").err


@pytest.mark.usefixtures("spec")
def test_a_loss_that_is_lost_at_once() -> None:
    text = "data = csv('t.csv', target='y')\n".replace("'", '"')
    Path("t.csv").write_text("x,y\n" + "\n".join(f"{i}e7,{i}" for i in range(60)))
    train = "train { loss = mean_squared_error; optimizer = sgd(lr=0.1); batch = 8 }"
    model = nndsl.load("net.nn", text=f"{text}network {{ dense(1) }}\n{train}\n")
    with pytest.raises(nndsl.ModelError, match="diverges at a rate of"):
        try_rates(model)


def test_a_loss_below_0_may_fall() -> None:
    assert not is_lost(-1.0, [0.5, -0.9])
    assert not is_lost(-0.5, [0.5, -0.9])
    assert is_lost(4.0, [0.5, -0.9])
    assert is_lost(4.1, [2.0, 1.0])


def test_an_optimizer_of_the_page_s_own() -> None:
    own = "optimizer own(lr=1) { p = p - lr * g }\n"
    page = own + PAGE.replace("adam(lr=0.0001)", "own")
    known = try_rates(nndsl.load("net.nn", text=PAGE.replace("adam", "sgd")))
    found = try_rates(nndsl.load("net.nn", text=page))
    assert found.smoothed == pytest.approx(known.smoothed, rel=1e-3)
