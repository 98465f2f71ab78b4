"""`nndsl trace`: the values and gradients of one batch."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from nndsl.cli.arguments import WIDTH, Parser, add_shared
from nndsl.cli.errors import CommandError, without_data
from nndsl.cli.output import checked_spec, print_text
from nndsl.cli.progress import fetch_data
from nndsl.columns import padded
from nndsl.data import DataError
from nndsl.emit.build import build_script
from nndsl.languages import translated
from nndsl.languages.widths import width, wrap
from nndsl.live.descent import Descent
from nndsl.live.model import Model, ModelError
from nndsl.live.trace import FUNCTION, TracedValue, trace, trace_descent

DESCRIPTION = """\
Send one batch through the script, forward and backward, and show every value
and gradient on the way: its shape, mean, spread and fraction of zeros. Of a
formula, every number at the start."""
EXAMPLE = """\
  nndsl trace digits.nn
  nndsl trace digits.nn --set width=200     what another width does"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")


def run(arguments: Namespace) -> int:
    _, checked = checked_spec(arguments)
    if checked.minimizes:
        print_text("\n".join(_formula(Descent(checked))) + "\n")
        return 0
    model = Model(checked, build_script(checked))
    try:
        fetch_data(model.spec)
        X, t = model.first_batch()
        rows = trace(model, X, t)
    except ModelError as error:
        raise CommandError(str(error), error.help, code=1) from None
    except DataError as error:
        raise without_data(error, model.spec) from None
    print_text("\n".join(_table(rows, len(X))) + "\n")
    return 0


def _formula(descent: Descent) -> Iterator[str]:
    start = descent.program.minimizing.start
    point = ", ".join(f"{name} = {value:.6g}" for name, value in start.items())
    yield from wrap(translated(f"at the start: {point}"), WIDTH)
    rows = trace_descent(descent, list(start.values()))
    table = [["", *map(translated, ("number", "line")), ""]]
    table += [[row.name, f"{row.mean:.6g}", str(row.line), row.code] for row in rows]
    head, *lines = ("  ".join(cells).rstrip() for cells in padded(table, (1, 2), width))
    yield f"\n{head}"
    function = ""
    for row, line in zip(rows, lines, strict=True):
        if row.call != function:
            function = row.call
            yield f"\n{function}:"
        yield line


def _table(rows: list[TracedValue], examples: int) -> Iterator[str]:
    yield translated(f"a batch of {examples} examples") + "\n"
    table = [["", *map(translated, ("shape", "mean", "std", "zero", "line")), ""]]
    for row in rows:
        shape = " x ".join(map(str, row.shape))
        numbers = f"{row.mean:.3g}", f"{row.std:.3g}", f"{row.zeros:.0%}"
        table.append([row.name, shape, *numbers, str(row.line), row.code])
    head, *lines = ("  ".join(cells).rstrip() for cells in padded(table, (2, 3, 4, 5), width))
    yield head
    call = ""
    for row, line in zip(rows, lines, strict=True):
        if row.call != call:
            call = row.call
            yield f"\n{translated(call or FUNCTION)}:"
        yield line
