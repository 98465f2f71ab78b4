"""`nndsl gradcheck`: prove every gradient of the script of a spec."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared, style_of
from nndsl.cli.errors import CommandError
from nndsl.cli.output import checked_spec, print_text
from nndsl.emit.build import build_script
from nndsl.live.descent import Descent
from nndsl.live.gradients.check import check_gradients
from nndsl.live.gradients.formula import check_formula
from nndsl.live.model import Model, ModelError
from nndsl.source import SourceError

DESCRIPTION = """\
Prove every gradient: the script's own text, in float64 on random examples, is
held to the derivative of its loss. The rest of the script (predict, update,
data, training …) is held to what the page says. Exit code 1 if one is wrong."""
EXAMPLE = """\
  nndsl gradcheck digits.nn
  nndsl gradcheck digits.nn --full --format json"""
EDITED = """
an edited script is checked from Python, with the page that it was built from:
  model = nndsl.load(page)
  script = dataclasses.replace(model.script, text=open("{script}", encoding="utf-8").read())
  print(nndsl.check_gradients(nndsl.Model(model.checked, script)))"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "--full", action="store_true", help="check every entry and all of the data, however large"
    )
    parser.add_argument(
        "--format", choices=["text", "json", "junit"], default="text", help="how it is written"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the random examples (default 0)"
    )
    add_shared(parser, "--optimize", "--style")


def run(arguments: Namespace) -> int:
    if arguments.seed < 0:
        raise CommandError("--seed takes a number that is not negative")
    try:
        _, checked, diagnostics = checked_spec(arguments)
    except SourceError as error:
        path = Path(arguments.spec)
        if path.suffix == ".py" and error.help is not None:
            error.help += EDITED.format(script=path.name)
        raise
    script = build_script(
        checked, diagnostics, optimized=arguments.optimize, style=style_of(arguments)
    )
    try:
        if checked.minimizes:
            report = check_formula(Descent(checked), seed=arguments.seed)
        else:
            model = Model(checked, script)
            report = check_gradients(model, full=arguments.full, seed=arguments.seed)
    except ModelError as error:
        raise CommandError(str(error), error.help, code=1) from None
    forms = {"text": report.__str__, "json": report.to_json, "junit": report.to_junit}
    print_text(forms[arguments.format]() + "\n")
    return 0 if report.passed else 1
