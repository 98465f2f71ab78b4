"""`nndsl run`: train in process; the lines on stdout are those of the script."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_folder, add_shared, style_of
from nndsl.cli.errors import CommandError
from nndsl.cli.output import checked_spec
from nndsl.emit.build import build_script
from nndsl.emit.script import ONE_CORE
from nndsl.live.execute import THREADS
from nndsl.program.style import FLAT

NEW_SPEC = "`nndsl new NAME` writes a spec that has both"
DESCRIPTION = """\
Train a spec, and keep history, results, weights, learning curves, the spec, its
script and a report in a folder. What it prints is what the script prints."""
EXAMPLE = """\
  nndsl run digits.nn                         into runs/digits-1, then -2 …
  nndsl run digits.nn --set train.epochs=3 -o quick
  nndsl run digits.nn --record                and what goes on inside it"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    add_folder(parser, "the folder; left out, runs/NAME-NUMBER")
    add_shared(parser, "--optimize", "--style")
    parser.add_argument(
        "--record",
        action="store_true",
        help="watch layers, gradients and steps, without a `record`",
    )
    parser.add_argument(
        "--rates",
        metavar="FILE",
        help="try learning rates instead; the loss in an .svg",
    )


def run(arguments: Namespace) -> int:
    source, checked = checked_spec(arguments, brief=True)
    if checked.minimizes:
        from nndsl.cli.descent import run_descent

        if arguments.rates is not None:
            help = "`compare { variant … { optimizer = … } }` tries rates"
            raise CommandError("a formula has no batches to try rates on", help, code=1)
        if style_of(arguments) != FLAT:
            raise CommandError("a formula has no layers", "leave out --style", code=1)
        return run_descent(checked, source, arguments)
    spec = checked.spec
    if checked.graph is not None and spec is not None and spec.lacks:  # before anything is made
        wrong = f"there is nothing to train: the spec has no {spec.lacks}"
        raise CommandError(wrong, NEW_SPEC, code=1)
    script = build_script(checked, optimized=arguments.optimize, style=style_of(arguments))
    if ONE_CORE in script.text and "numpy" not in sys.modules:  # after numpy it has no effect
        os.environ.setdefault(THREADS, "1")
    if arguments.rates is not None:
        from nndsl.cli.rates import show_rates
        from nndsl.live.model import Model

        if arguments.output is not None:
            raise CommandError("rates are tried, and no run is kept", "leave out -o or --rates")
        return show_rates(Model(checked, script), source, Path(arguments.rates))
    from nndsl.cli.training import train

    return train(checked, script, source, arguments)
