"""`nndsl convert`: a spec in its other form."""

import json
from argparse import Namespace
from pathlib import Path

from nndsl.analysis.imports import read_tree
from nndsl.analysis.json_form import tree_to_json
from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.output import check_output_path, checked_spec, print_text, say, write
from nndsl.diagnostics import Diagnostics
from nndsl.syntax.printer import print_tree

DESCRIPTION = "Translate a spec between .nn and its JSON form."
EXAMPLE = """\
  nndsl convert digits.nn --to json -o digits.json
  nndsl convert digits.json --to nn"""


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument("--to", choices=("json", "nn"), required=True, help="the form to write")
    parser.add_argument("-o", "--output", metavar="FILE", default="-", help="left out, stdout")


def run(arguments: Namespace) -> int:
    output = Path(arguments.output)
    source, checked = checked_spec(arguments)
    # What is imported stays where it is, unless a value of it is another one here.
    tree = checked.tree if arguments.set else read_tree(source, Diagnostics())
    assert tree is not None, "without a tree there are findings"
    if arguments.to == "nn":
        text = print_tree(tree)
    else:
        text = (
            json.dumps(tree_to_json(tree, checked.diagnostics), indent=2, ensure_ascii=False) + "\n"
        )
        checked.diagnostics.raise_if_failed()  # in blocks that are not used
    if arguments.output == "-":
        print_text(text)
        return 0
    check_output_path(output, source, checked.spec)
    write(output, text)
    say(f"wrote {output}")
    return 0
