"""`nndsl graph`: the computational graph as a picture."""

from argparse import Namespace
from pathlib import Path

from nndsl.analysis.suggest import did_you_mean
from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.output import check_output_path, checked_spec, print_text, require_svg, say, write
from nndsl.cli.progress import fetch_data
from nndsl.cli.rendering import plural
from nndsl.diagram.network import UnknownPart
from nndsl.files import is_stream
from nndsl.live.graph import picture_of

DESCRIPTION = """\
Draw the network, or the formula of a descent: a layer or an operation a node,
parameters apart. Blocks and repetitions are folded to one node."""
EXAMPLE = """\
  nndsl graph digits.nn -o digits.svg
  nndsl graph apples.nn --values -o apples.svg    and the numbers on its edges"""
FORMATS = ("svg", "dot", "mermaid")
_ENDINGS = {".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid"}


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words")
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="the picture; - is stdout"
    )
    parser.add_argument(
        "--values",
        action="store_true",
        help="the numbers of one example, forward above and gradients below",
    )
    parser.add_argument(
        "--steps", action="store_true", help="a picture a step: FILE-01.svg, FILE-02.svg …"
    )
    parser.add_argument(
        "--expand",
        metavar="NAME",
        nargs="?",
        const=True,
        action="append",
        default=[],
        help="open blocks and repetitions, or one",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        metavar="FORMAT",
        help="svg, dot, mermaid; left out, as the name of FILE ends",
    )


def run(arguments: Namespace) -> int:
    output = Path(arguments.output)
    source, checked = checked_spec(arguments, brief=True)
    written = arguments.format or _ENDINGS.get(output.suffix.lower(), "svg")
    if written == "svg":
        require_svg(output)
    values = arguments.values or arguments.steps
    streams = arguments.output == "-" or is_stream(output)
    if arguments.steps and (streams or written != "svg"):
        raise CommandError("--steps writes several files of SVG", "name a file after -o")
    spec = checked.spec
    if values and spec is not None:
        fetch_data(spec)
    try:
        expand = True if True in arguments.expand else arguments.expand
        picture = picture_of(checked, values=values, expand=expand)
    except UnknownPart as error:
        raise CommandError(str(error), did_you_mean(error.name, error.known)) from None
    text = getattr(picture, written)
    if arguments.output == "-":
        print_text(text)
        return 0
    if not streams:
        check_output_path(output, source, spec)
    if not arguments.steps:
        write(output, text)
        if not streams:
            say(f"wrote {output}")
        return 0
    steps = list(picture.steps())
    digits = len(str(len(steps)))
    for number, step in enumerate(steps, 1):
        write(output.with_stem(f"{output.stem}-{number:0{digits}d}"), step)
    say(f"wrote {plural(len(steps), 'picture')}: {output.stem}-*{output.suffix}")
    return 0
