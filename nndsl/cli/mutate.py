"""`nndsl mutate`: a script with one mistake in its backward pass, as an exercise."""

import sys
from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.output import check_output_path, checked_spec, print_text, say, write
from nndsl.course.hunts.hunts import Hunts
from nndsl.course.hunts.key import short_answer
from nndsl.live.judging.reference import Reference
from nndsl.live.run import SCRIPT
from nndsl.program.parts import BACKWARD

DESCRIPTION = """\
Write the script of a spec with one mistake in its backward pass, for an
exercise in debugging. The answer goes to a file of its own, or to stderr where
the script goes to stdout."""
EXAMPLE = """\
  nndsl mutate digits.nn --seed 3 -o buggy.py     and buggy.answer.txt"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="the script; - is stdout"
    )
    add_shared(parser, "--seed", default=0, help="which mistake (default 0)")


def run(arguments: Namespace) -> int:
    to_stdout = arguments.output == "-"
    output = Path(SCRIPT if to_stdout else arguments.output)
    answer = output.with_suffix(".answer.txt")
    source, checked = checked_spec(arguments)
    for path in () if to_stdout else (output, answer):
        check_output_path(path, source, checked.spec)
    reference = Reference(checked)
    reference.model.require_backward_pass()
    hunts = Hunts(reference, (BACKWARD,), output.name)
    hunt = hunts.make("", arguments.seed, 1, rewritten=0, is_trained=False)
    (mistake,) = hunt.mistakes
    if to_stdout:
        print_text(hunt.text)
        print_text(short_answer(mistake), sys.stderr)
        return 0
    write(output, hunt.text)
    write(answer, short_answer(mistake))
    say(f"wrote {output}: one statement of {mistake.function} is wrong")
    say(f"wrote {answer}: which one it is, and how to mend it")
    for name, file in reference.script.files.items():
        if not output.with_name(name).exists():
            say(f"the script reads {name} beside itself: copy it from {file.path}")
    return 0
