"""`nndsl schema`: the JSON Schema of the JSON form."""

import json
from argparse import Namespace
from pathlib import Path

from nndsl.analysis.schema import json_schema
from nndsl.cli.arguments import Parser
from nndsl.cli.output import print_text, say, write

DESCRIPTION = """\
Print the JSON Schema (draft 2020-12) of the JSON form, with the documentation
of every word. Editors complete and check .json specs with it."""
EXAMPLE = """\
  nndsl schema -o nndsl.schema.json"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", default="-", help="left out, stdout")


def run(arguments: Namespace) -> int:
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if arguments.output == "-":
        print_text(text)
        return 0
    write(Path(arguments.output), text)
    say(f"wrote {arguments.output}")
    return 0
