"""The textbook's descents: the specs of specs/book reach what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.analysis.compile import Checked, analyse
from nndsl.analysis.expectation_results import check_expectations
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.descents import compare_descents
from nndsl.live.descent import Descent
from nndsl.live.gradients.formula import check_formula
from nndsl.source import read_source

BOOK = Path(__file__).parents[2] / "specs" / "book"
ALONE = [
    "ch04_gradient_1d",
    "ch04_gradient_2d",
    "ch04_gradient_method",
    "ch06_optimizer_compare_naive",
]
COMPARED = {"ch04_gradient_method": 5, "ch06_optimizer_compare_naive": 4}


def checked(name: str, **settings: str) -> Checked:
    diagnostics = Diagnostics()
    result = analyse(read_source(BOOK / f"{name}.nn"), diagnostics, settings)
    assert not diagnostics.diagnostics
    return result


@pytest.mark.parametrize("name", ALONE)
def test_the_spec_itself(name: str) -> None:
    descent = Descent(checked(name))
    expectations = descent.spec.experiments.get("expect") or ()
    held = check_expectations(expectations, descent.walk().results)
    assert all(one.holds for one in held)
    assert check_formula(descent).passed


@pytest.mark.parametrize(
    ("oranges", "price", "slopes"),
    [("0", 220, [2.2, 110, 0, 165, 200]), ("3", 715, [2.2, 110, 3.3, 165, 650])],
)
def test_a_step_takes_off_what_the_price_hangs_on(
    oranges: str, price: float, slopes: list[float]
) -> None:
    """The figures are those of the book, which its graphs give: buy_apple and buy_apple_orange."""
    descent = Descent(checked("ch05_buy_apple", basket=oranges))
    path = descent.walk()
    assert path.values[0] == pytest.approx(price)
    assert path.points[0] - path.points[1] == pytest.approx(slopes)
    assert check_formula(descent).passed


@pytest.mark.parametrize(("name", "count"), COMPARED.items())
def test_its_variants(name: str, count: int) -> None:
    descents = compare_descents(checked(name))
    assert len(descents.walks) == count
    assert {name for name, _ in descents.held} == {walk.name for walk in descents.walks}
    assert [one.message for _, one in descents.held if not one.holds] == []


def test_a_variant_varies_the_optimizer_and_nothing_else() -> None:
    descents = compare_descents(checked("ch06_optimizer_compare_naive"))
    words = [walk.descent.program.minimizing.optimizer.keyword() for walk in descents.walks]
    assert words == [walk.name for walk in descents.walks]
    starts = {tuple(walk.trajectory.points[0]) for walk in descents.walks}
    assert starts == {(-7.0, 2.0)}
