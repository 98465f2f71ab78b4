"""Where a value inside the network stands at a kink, its gradient is neither right nor wrong."""

from __future__ import annotations

from dataclasses import replace

import nndsl
from nndsl.live.gradients.check import check_gradients
from nndsl.live.model import Model


def test_units_that_are_off_and_compared_are_no_mistake() -> None:
    """Where all of a window are 0, no gradient of its numbers alone is right or wrong."""
    text = (
        "network { input(1, 6, 6); conv2d(2, 3); relu; max_pool(2); flatten; dense(3) }\n"
        "train { loss = softmax_cross_entropy; optimizer = adam }\n"
    )
    model = nndsl.load("net.nn", text=text)
    report = check_gradients(model)
    assert report.passed
    assert report.culprit is None
    (at,) = {row.line for row in report.rows if row.name == "W2"}
    wrong = model.source.replace("dW2 = ", "dW2 = 2 * ")
    report = check_gradients(Model(model.checked, replace(model.script, text=wrong)))
    assert report.culprit is not None
    assert (report.culprit.variable, report.culprit.line) == ("dW2", at)
    wrong = model.source.replace("dW1 = ", "dW1 = 2 * ")
    report = check_gradients(Model(model.checked, replace(model.script, text=wrong)))
    assert report.culprit is not None
    assert report.culprit.variable == "dW1"
