"""`nndsl trace`: the values and gradients of one batch."""

import shutil
import sys
from argparse import Namespace
from collections.abc import Collection, Iterator

from nndsl.cli.arguments import WIDTH, Parser, add_shared
from nndsl.cli.color import painter
from nndsl.cli.output import checked_spec, print_text
from nndsl.cli.printable import printable
from nndsl.cli.progress import fetch_data
from nndsl.columns import folded
from nndsl.emit.build import build_script
from nndsl.languages import translated
from nndsl.languages.widths import width, wrap
from nndsl.live.descent import Descent
from nndsl.live.model import Model
from nndsl.live.trace import FUNCTION, TracedValue, trace, trace_descent

DESCRIPTION = """\
Send one batch through the script, forward and backward, and show every value
and gradient on the way: its shape, mean, spread and fraction of zeros. Of a
formula, every number at the start."""
EXAMPLE = """\
  nndsl trace digits.nn
  nndsl trace digits.nn --set width=200     what another width does"""


_BELOW = " " * 4  # before code that does not fit beside its row
_MIN_CODE = 20  # columns


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")


def run(arguments: Namespace) -> int:
    _, checked = checked_spec(arguments)
    if checked.minimizes:
        print_text("\n".join([*_formula(Descent(checked)), ""]), painted=True)
        return 0
    model = Model(checked, build_script(checked))
    fetch_data(model.spec)
    X, t = model.first_batch()
    rows = trace(model, X, t)
    print_text("\n".join([*_table(rows, len(X)), ""]), painted=True)
    return 0


def _formula(descent: Descent) -> Iterator[str]:
    start = descent.program.minimizing.start
    point = ", ".join(f"{name} = {value:.6g}" for name, value in start.items())
    yield from wrap(translated(f"at the start: {point}"), WIDTH)
    rows = trace_descent(descent, list(start.values()))
    table = [["", *map(translated, ("number", "line"))]]
    table += [[row.name, f"{row.mean:.6g}", str(row.line)] for row in rows]
    yield from _by_call(rows, table, (1, 2))


def _table(rows: list[TracedValue], examples: int) -> Iterator[str]:
    yield translated(f"a batch of {examples} examples")
    table = [["", *map(translated, ("shape", "mean", "std", "zero", "line"))]]
    for row in rows:
        shape = " x ".join(map(str, row.shape))
        numbers = f"{row.mean:.3g}", f"{row.std:.3g}", f"{row.zeros:.0%}"
        table.append([row.name, shape, *numbers, str(row.line)])
    yield from _by_call(rows, table, (2, 3, 4, 5))


def _by_call(
    rows: list[TracedValue], table: list[list[str]], right: Collection[int]
) -> Iterator[str]:
    """Yield a table, its head first, with the code of each row and the function it stands in.

    Code that does not fit beside its row stands below it.
    """
    paint = painter(sys.stdout)
    head, *cells = folded(table, right, width)
    yield "\n" + paint(head.rstrip(), "title")
    whole = shutil.get_terminal_size((WIDTH, 24)).columns
    call = ""
    for row, before in zip(rows, cells, strict=True):
        if row.call != call:
            call = row.call
            yield "\n" + paint(f"{translated(call or FUNCTION)}:", "title")
        code = printable(row.code)
        line = f"{before}  {code}"
        if width(line) <= whole:
            yield line
            continue
        yield before
        room = max(_MIN_CODE, whole - len(_BELOW))
        yield from (_BELOW + piece for piece in wrap(code, room, on_hyphens=False))
