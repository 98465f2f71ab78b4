"""The picture of a learning-rate range test as SVG, written without matplotlib."""

import math

from nndsl.live.rates import RateTest
from nndsl.report import svg
from nndsl.report.drawing import SERIES

CAPTION = "Thin: the loss of each batch; thick: a running mean. Dotted: the rate that is suggested."


def rate_figure(title: str, test: RateTest) -> str:
    """Return the losses over the rates, on a logarithmic axis, as the text of a file."""
    first, last = test.rates[0], test.rates[-1]
    powers = range(math.ceil(math.log10(first) - 1e-9), math.floor(math.log10(last) + 1e-9) + 1)
    ticks = [10.0**power for power in powers]
    x = svg.Axis(first, last, svg.LEFT, svg.RIGHT, ticks, math.log)
    top = 1.1 * max(test.smoothed)
    y = svg.linear_axis(min(0, *test.losses), top, svg.BOTTOM, svg.TOP, svg.UP)
    body = [*svg.frame(x, y, "learning rate")]
    if test.falls:
        at = x.place(test.suggested)
        body += [svg.line(at, svg.TOP, at, svg.BOTTOM, 0.7, dashes="1 3")]
        body += [svg.text(at, svg.TOP - 4, f"{test.suggested:g}", anchor="middle")]
    for losses, how in (
        (test.losses, 'stroke-width="0.8" stroke-opacity="0.45"'),
        (test.smoothed, 'stroke-width="1.8"'),
    ):
        points = (
            f"{x.place(rate)} {y.place(min(loss, top))}"
            for rate, loss in zip(test.rates, losses, strict=True)
        )
        path = f'd="M{"L".join(points)}" fill="none" stroke="{SERIES[0]}" stroke-linejoin="round"'
        body.append(f"<path {path} {how}/>")
    return svg.file_text(title, CAPTION, "".join(body))
