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
    results = check_expectations(expectations, descent.trajectory().results)
    assert all(one.holds for one in results)
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
    path = descent.trajectory()
    assert path.values[0] == pytest.approx(price)
    assert path.points[0] - path.points[1] == pytest.approx(slopes)
    assert check_formula(descent).passed


@pytest.mark.parametrize(("name", "count"), COMPARED.items())
def test_its_variants(name: str, count: int) -> None:
    results = compare_descents(checked(name))
    assert len(results) == count
    assert all(result.expectations for result in results)
    assert [one.message for result in results for one in result.expectations if not one.holds] == []


def test_a_variant_varies_the_optimizer_and_nothing_else() -> None:
    results = compare_descents(checked("ch06_optimizer_compare_naive"))
    words = [result.descent.program.minimizing.optimizer.keyword() for result in results]
    assert words == [result.name for result in results]
    starts = {tuple(result.trajectory.points[0]) for result in results}
    assert starts == {(-7.0, 2.0)}
