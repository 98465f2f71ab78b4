"""`nndsl gradcheck`: prove every gradient of the script of a spec."""

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared, style_of
from nndsl.cli.output import checked_spec, print_text
from nndsl.emit.build import build_script
from nndsl.live.descent import Descent
from nndsl.live.gradients.check import check_gradients
from nndsl.live.gradients.formula import check_formula
from nndsl.live.model import Model
from nndsl.live.script.judging import MEMORY, TIMEOUT, judge_source
from nndsl.source import SourceError, read_source

DESCRIPTION = """\
Prove every gradient, and hold the rest of the script to its page."""
EXAMPLE = """\
  nndsl gradcheck digits.nn
  nndsl gradcheck digits.nn --script mine.py      a script that you edited"""
EDITED = (
    "\na script that you edited is judged by its page: nndsl gradcheck PAGE.nn --script {script}"
)


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "--full", action="store_true", help="check every entry and all of the data, however large"
    )
    add_shared(parser, "--format", choices=["text", "json", "junit"], help="text, json, junit")
    add_shared(parser, "--seed", default=0, help="of the random examples (default 0)")
    parser.add_argument(
        "--script", metavar="FILE", help="judge this script, edited, by what the spec says"
    )
    may_run = f"that it may run (default {TIMEOUT:.0f})"
    add_shared(parser, "--timeout", default=int(TIMEOUT), help=may_run)
    add_shared(parser, "--memory", default=MEMORY, help=f"that it may use (default {MEMORY:_})")
    add_shared(parser, "--optimize", "--style")


def run(arguments: Namespace) -> int:
    try:
        source, checked = checked_spec(arguments)
    except SourceError as error:
        path = Path(arguments.spec)
        if path.suffix == ".py" and error.help is not None:
            error.help += EDITED.format(script=path.name)
        raise
    style = style_of(arguments)
    if arguments.script is not None and not checked.minimizes:
        report = judge_source(
            checked,
            source,
            dict(arguments.set),
            read_source(arguments.script, is_script=True),
            optimize=arguments.optimize,
            timeout=arguments.timeout,
            memory=arguments.memory,
            full=arguments.full,
            seed=arguments.seed,
        )
    else:
        script = build_script(checked, optimized=arguments.optimize, style=style)
        if checked.minimizes:
            report = check_formula(Descent(checked), seed=arguments.seed)
        else:
            model = Model(checked, script)
            report = check_gradients(model, full=arguments.full, seed=arguments.seed)
    forms = {"text": report.__str__, "json": report.to_json, "junit": report.to_junit}
    print_text(forms[arguments.format]() + "\n")
    return 0 if report.passed else 1
