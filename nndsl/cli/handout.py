"""`nndsl handout`: the script as literature, with equations, reasons and questions."""

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.exercise import add_blanks, asked_blanks
from nndsl.cli.output import check_output_path, checked_spec, print_text, say, write, write_error
from nndsl.cli.trained import add_weights_arguments, spec_and_weights_of
from nndsl.course.handouts.handout import Handout
from nndsl.course.handouts.script import write_handout
from nndsl.files import is_stream, write_content
from nndsl.live.prediction import load_with_data
from nndsl.report.judged import pictures_of
from nndsl.report.page import Picture

DESCRIPTION = """\
Write the script as literature: each statement with its equation, shapes and
reason beside it, derivations, the graph, and questions to think about."""
EXAMPLE = """\
  nndsl handout runs/digits-1 -o digits.pdf --answers"""
FORMATS = ("html", "ipynb", "md", "pdf")


def add_arguments(parser: Parser) -> None:
    add_weights_arguments(parser)
    add_shared(parser, "--names", "--style")
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="named .html, .pdf …; - is stdout"
    )
    parser.add_argument(
        "--to",
        choices=FORMATS,
        metavar="FORMAT",
        help="html and pdf (these need nndsl[handout]), ipynb, md",
    )
    parser.add_argument("--answers", action="store_true", help="with answers to the questions")
    add_blanks(parser, is_required=False)


def run(arguments: Namespace) -> int:
    output = Path(arguments.output)
    to = arguments.to or output.suffix.removeprefix(".")
    if to not in FORMATS:
        wrong = f"`{output}` does not say what to write"
        raise CommandError(wrong, f"add --to {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    is_printed = arguments.output == "-"
    if is_printed and to == "pdf":
        raise CommandError("a PDF is no text for stdout", "name a file after -o")
    pictures: list[Picture] = []
    if arguments.weights is None and not Path(arguments.spec).is_dir():
        source, checked = checked_spec(arguments, brief=True)
    else:
        source, file = spec_and_weights_of(arguments)
        model = load_with_data(source, dict(arguments.set), file).model
        checked, pictures = model.checked, [*pictures_of(model)]
    if checked.minimizes:
        raise CommandError("a handout needs a network, and the spec holds a formula", code=1)
    asked = asked_blanks(arguments) if arguments.blank is not None else []
    handout = write_handout(
        checked,
        pictures=pictures,
        asked=asked,
        level=arguments.level,
        style=arguments.style,
        naming=arguments.names,
    )
    if not is_printed and not is_stream(output):
        check_output_path(output, source, checked.spec)
    if to == "pdf":
        content = _printed(_text(handout, "html", arguments.answers))
        try:
            write_content(output, content)
        except OSError as error:
            raise write_error(output, error) from None
    elif is_printed:
        print_text(_text(handout, to, arguments.answers))
        return 0
    else:
        write(output, _text(handout, to, arguments.answers))
    say(f"wrote {output}")
    return 0


def _text(handout: Handout, to: str, answers: bool) -> str:
    from nndsl.course.handouts import page, text

    if to == "md":
        return text.write_markdown(handout, answers=answers)
    if to == "ipynb":
        return text.write_handout_notebook(handout, answers=answers)
    require_equations()
    return page.render_handout(handout, answers=answers)


def require_equations() -> None:
    """CommandError where the package is missing that writes the equations of a page."""
    from nndsl.course.handouts.page import MissingMathematics, mathml

    try:
        mathml("x")
    except MissingMathematics:
        wrong = "equations on a page need the package latex2mathml"
        raise CommandError(wrong, 'python -m pip install "nndsl[handout]"') from None


def _printed(html: str) -> bytes:
    from nndsl.course.handouts.pdf import NoBrowser, print_pdf

    try:
        return print_pdf(html)
    except NoBrowser as error:
        help = "install Chromium, or write FILE.html and print it from a browser"
        raise CommandError(str(error), help) from None
