"""What figures of descents show: the whole path, or an honest part of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.axes import Axes

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.live.descent import Descent
from nndsl.report.descents.figures import draw_paths, draw_values
from nndsl.report.descents.pages import verdict, verdict_of_all
from nndsl.report.descents.result import DescentResult, contour_levels, shared_region
from nndsl.source import Source

pytestmark = pytest.mark.slow  # trains, or draws, again and again


def walk(
    f: str, start: str, rate: float | str, steps: int = 20, name: str = "test"
) -> DescentResult:
    text = f"minimize {{ f = {f}; start({start}); optimizer = sgd(lr={rate}); steps = {steps} }}"
    diagnostics = Diagnostics()
    checked = analyse(Source("test.nn", text), diagnostics)
    diagnostics.raise_if_failed()
    descent = Descent(checked)
    return DescentResult(name, descent, descent.trajectory())


def bowl(rate: float | str, steps: int = 20) -> DescentResult:
    return walk("x0**2 + x1**2", "x0=-3, x1=4", rate, steps, f"lr {rate}")


def inside(path: DescentResult) -> bool:
    low, high = path.region
    return bool(((path.shown.points > low) & (path.shown.points < high)).all())


@pytest.mark.parametrize("rate", [1e-10, 0.01, 0.1, 0.95, 1.0, 1.05])
def test_the_whole_path_is_shown(rate: float) -> None:
    path = bowl(rate)
    assert len(path.shown.points) == 21
    assert path.note == ""
    assert inside(path)


def test_a_path_that_explodes_is_cut_and_says_so() -> None:
    path = bowl(10, 100)
    assert len(path.shown.points) == 3
    assert path.note == "steps 3 to 100 lie outside: f ends at 1.408e+257"
    assert inside(path)
    assert path.region[1].max() < 1e4


def test_what_is_no_number_is_not_shown() -> None:
    path = walk("log(x)", "x=1", 10)
    assert path.shown.points.tolist() == [[1.0]]
    assert path.note == "step 1 lies outside: f ends at nan"
    assert inside(path)


def test_a_path_that_hardly_moves_is_not_magnified() -> None:
    low, high = bowl(1e-10).region
    assert (high - low).min() > 0.5


def test_paths_side_by_side_share_a_region() -> None:
    walks = [bowl(0.1), bowl(0.95)]
    low, high = shared_region(walks)
    for path in walks:
        assert ((path.shown.points > low) & (path.shown.points < high)).all()


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_lines_of_equal_f_are_even_on_a_bowl(scale: float) -> None:
    x, y = np.meshgrid(*[np.linspace(-1, 1, 101)] * 2)
    levels = contour_levels(scale * (x**2 + y**2))
    assert 10 <= len(levels) <= 14
    radii = np.sqrt(levels / scale)
    assert np.diff(radii).std() < 0.2 * np.diff(radii).mean()


def test_lines_of_equal_f_in_a_steep_valley() -> None:
    x, y = np.meshgrid(np.linspace(-2, 2, 101), np.linspace(-1, 3, 101))
    values = np.exp(3 * ((1 - x) ** 2 + (y - x**2) ** 2))
    levels = contour_levels(values)
    assert (levels < np.median(values)).sum() >= 5
    assert len(contour_levels(np.full((3, 3), np.nan))) == len(contour_levels(np.ones((3, 3)))) == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "walks",
    [
        [bowl(0.1)],
        [bowl(10, 300)],
        [bowl(1e-10)],
        [bowl(rate) for rate in (0.1, 0.95, 0.01, 1.0, 1.05)],
        [walk("0.01 * x**2 + 0.1 * x", "x=5", 10)],
        [walk("log(x)", "x=1", 10)],
        [walk("3", "x=1", 10)],
        [walk("3", "x=1, y=2", 10)],
        [walk("log(x * y)", "x=1, y=2", 0.1, 5)],
    ],
    ids=lambda walks: f"{walks[0].name}-{len(walks)}-{walks[0].descent.f.__name__}",
)
def test_figures_are_drawn_without_a_warning(walks: list[DescentResult], tmp_path: Path) -> None:
    path, values = draw_paths(walks, tmp_path), draw_values(walks, tmp_path)
    assert path.startswith("<svg")
    assert values.startswith("<svg")
    assert (tmp_path / "path.png").stat().st_size > 5_000
    if walks[0].note:
        assert walks[0].note.split(":")[0] in path


def test_arrows_point_downhill_where_a_path_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[np.ndarray[Any, Any]] = []
    monkeypatch.setattr(Axes, "quiver", lambda axes, *xyuv, **how: drawn.append(np.array(xyuv)))
    draw_paths([bowl(0.1), bowl(0.95)], tmp_path)
    assert not drawn
    draw_paths([bowl(0.1)], tmp_path)
    ((x, y, u, v),) = drawn
    assert len(x) > 100
    assert np.allclose([u, v], [-2 * x, -2 * y])
    draw_paths([walk("log(x * y)", "x=1, y=2", 0.1, 5)], tmp_path)
    assert np.isfinite(drawn[-1]).all()


@pytest.mark.filterwarnings("error")
def test_f_over_the_steps_of_many_variables(tmp_path: Path) -> None:
    path = walk("a**2 + b**2 + c**2", "a=1, b=2, c=3", 0.1)
    assert ">step<" in draw_values([path], tmp_path).replace("\n", "")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (bowl(0.1), "f fell from 25 to 0.003323 in 20 steps, and ends at x0 = -0.03459, x1 = 0.0"),
        (bowl(1.05), "f grew from 25 to 1131 in 20 steps: it diverges."),
        (bowl(1.0), "f is 25 after 20 steps, as it was at the start."),
        (bowl(1.0, 1), "f is 25 after 1 step, as it was at the start."),
        (bowl(1e-10), "f is 25 after 20 steps, as it was at the start."),
        (bowl(10, 500), "f is no finite number after step 120: the descent has diverged."),
    ],
)
def test_verdicts(path: DescentResult, said: str) -> None:
    assert verdict(path.trajectory).startswith(said)


def test_a_verdict_tells_of_a_step_that_was_lower() -> None:
    path = walk("x**2", "x=1", "step(0.4, every=2, factor=3)", 4)
    values = path.trajectory.values
    assert values.argmin() != 4
    assert f"it was lowest, {values.min():.4g}, after step {values.argmin()}" in verdict(
        path.trajectory
    )


def test_a_verdict_of_many() -> None:
    walks = [bowl(0.01), bowl(0.1), bowl(1.05)]
    said = "lr 0.1 ends lowest, at f = 0.003323; then lr 0.01 at 11.14; "
    assert verdict_of_all(walks) == f"{said}lr 1.05 ends higher than the start."


def test_a_formula_without_values_around_its_start_is_drawn(tmp_path: Path) -> None:
    """There is a root at 0 with a slope of 0, and none where the figure has a point beside it."""
    path = walk("sqrt(1e-12 - x**2)", "x=0", 0.1)
    assert draw_paths([path], tmp_path).startswith("<svg")
    assert draw_values([path], tmp_path).startswith("<svg")


def test_what_a_user_sets_for_other_figures_is_left_aside(tmp_path: Path) -> None:
    plain = draw_paths([bowl(0.1)], tmp_path)
    with rc_context({"text.usetex": True, "font.size": 30, "lines.linestyle": ":"}):
        assert draw_paths([bowl(0.1)], tmp_path) == plain
