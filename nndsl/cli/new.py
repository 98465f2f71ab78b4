"""`nndsl new`: a spec to start from."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser
from nndsl.cli.errors import CommandError
from nndsl.cli.output import say, write
from nndsl.syntax.lexeme import NAME
from nndsl.vocabulary.starter import starter

DESCRIPTION = "Write NAME.nn, a spec with comments that trains as it is."
EXAMPLE = """\
  nndsl new digits
  nndsl run digits.nn"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the model; .nn may be left out")


def run(arguments: Namespace) -> int:
    path = Path(arguments.name)
    if path.name and path.suffix != ".nn":
        path = path.with_name(f"{path.name}.nn")
    if not re.fullmatch(NAME, path.stem):
        raise CommandError(
            f"`{path.stem}` is no name", "letters, digits and _ make one, a letter first: my_net"
        )
    if path.exists() or path.is_symlink():
        raise CommandError(f"{path} exists, and is left as it is", "choose another name")
    write(path, starter(path.stem))
    say(f"wrote {path}")
    say(f"train it with: nndsl run {path}")
    return 0
