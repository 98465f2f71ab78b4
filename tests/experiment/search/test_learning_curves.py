"""The learning curves of the best trials."""

from __future__ import annotations

from pathlib import Path

import pytest
from searching import SPEC, plan

from nndsl.experiment.search.figures import draw_learning_curves
from nndsl.experiment.search.trial import Trial


@pytest.mark.slow
@pytest.mark.parametrize(("last", "is_logarithmic"), [(0.5, False), (0.001, True)])
def test_a_loss_over_magnitudes_has_plain_numbers(
    last: float, is_logarithmic: bool, tmp_path: Path
) -> None:
    of_loss = plan(SPEC.replace("validation_accuracy", "validation_loss"))
    trials = [
        Trial(number, {"rate": "0.1"}, {"rate": 0.1}, "finished", last, (1.0, last))
        for number in range(2)
    ]
    svg = draw_learning_curves(of_loss, trials, tmp_path).svg
    assert "mathdefault" not in svg  # the notation of formulas, which pages do not read
    assert (">0.01<" in svg) is is_logarithmic
