"""The learning-rate range test of `nndsl run --rates`."""

from pathlib import Path

from nndsl.cli.errors import CommandError
from nndsl.cli.output import check_output_path, print_text, say, write
from nndsl.cli.progress import fetch_data
from nndsl.columns import padded
from nndsl.languages import translated
from nndsl.languages.widths import width
from nndsl.live.model import Model
from nndsl.live.rates import RateTest, try_rates
from nndsl.report.rate_figure import rate_figure
from nndsl.source import Source

SUFFIX = ".svg"
ROWS = 12  # of the table, at most


def show_rates(model: Model, source: Source, output: Path) -> int:
    """Try rates, print what came of them, and draw it; return the exit code."""
    if output.suffix != SUFFIX:
        raise CommandError(f"{output} is no name of a picture", f"name a {SUFFIX} file")
    check_output_path(output, source, model.spec)
    fetch_data(model.spec)
    test = try_rates(model)
    title = f"{model.spec.name}: the loss at rising learning rates"
    write(output, rate_figure(title, test))
    print_text(_table(test))
    say(f"wrote {output}")
    return 0


def _table(test: RateTest) -> str:
    every = -(-len(test.rates) // ROWS)
    shown = range(0, len(test.rates), every)
    heads = (translated("rate"), translated("loss"))
    rows = [heads, *((f"{test.rates[i]:.1e}", f"{test.smoothed[i]:.4f}") for i in shown)]
    lines = ["   ".join(cells) for cells in padded(rows, (1,), width)]
    ends = f"beyond {test.rates[-1]:.2g} it diverges" if test.diverged else "it never diverges"
    least = f"the loss is least at a rate of {test.rates[test.least]:.2g}; {ends}"
    said = f"a rate to begin with: {test.suggested:g}, a tenth of that"
    if not test.falls:
        said = "it hardly falls at any of them: the rate alone is not what is wrong"
    return "\n".join([*lines, "", translated(least), translated(said), ""])
