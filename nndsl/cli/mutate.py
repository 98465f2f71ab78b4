"""`nndsl mutate`: a script with one mistake in its backward pass, as an exercise."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.output import check_output_path, checked_spec, say, write
from nndsl.emit.build import build_script
from nndsl.live.gradients.mutants import choose_mutant
from nndsl.live.model import Model, ModelError

DESCRIPTION = """\
Write the script of a spec with one mistake in its backward pass, for an
exercise in debugging. The answer goes to a file of its own."""
EXAMPLE = """\
  nndsl mutate digits.nn --seed 3 -o buggy.py     and buggy.answer.txt"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the script")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="which mistake (default 0)"
    )


def run(arguments: Namespace) -> int:
    if arguments.seed < 0:
        raise CommandError("--seed takes a number that is not negative")
    output = Path(arguments.output)
    answer = output.with_suffix(".answer.txt")
    source, checked, diagnostics = checked_spec(arguments)
    for path in (output, answer):
        check_output_path(path, source, checked.spec)
    script = build_script(checked, diagnostics, name=output.name)
    try:
        mutant = choose_mutant(Model(checked, script), arguments.seed)
    except ModelError as error:
        raise CommandError(str(error), error.help, code=1) from None
    write(output, mutant.text)
    write(answer, mutant.answer)
    say(f"wrote {output}: one statement of loss_and_gradients is wrong")
    say(f"wrote {answer}: which one it is, and how to mend it")
    for name, file in script.files.items():
        if not output.with_name(name).exists():
            say(f"the script reads {name} beside itself: copy it from {file.path}")
    return 0
