"""`nndsl explain`: what a code means, why it matters, a wrong and a right example."""

import sys
from argparse import Namespace
from collections.abc import Iterator

from nndsl.analysis.suggest import suggestion
from nndsl.cli.arguments import WIDTH, Parser
from nndsl.cli.color import Paint, painter
from nndsl.cli.errors import CommandError
from nndsl.codes import Code
from nndsl.languages import sentence, translated
from nndsl.languages.widths import wrap
from nndsl.lints.table import all_codes
from nndsl.vocabulary import registry

DESCRIPTION = "Explain a code of a finding: what, why, a wrong and a right example."
EXAMPLE = """\
  nndsl explain NN203
  nndsl explain            all codes"""


MAX_LINE = 120  # characters of a line that are printed


def add_arguments(parser: Parser) -> None:
    parser.add_argument("code", metavar="CODE", nargs="?", help="such as NN203")


def run(arguments: Namespace) -> int:
    paint = painter(sys.stdout)
    codes = all_codes()
    if arguments.code is None:
        print(
            "\n".join(
                f"{paint(code.name, 'title')}  {translated(code.title)}" for code in codes.values()
            )
        )
        return 0
    name = arguments.code.upper()
    code = codes.get(name)
    if code is None:
        close = suggestion(name, [other for other in codes if other[:3] == name[:3]])
        help = f"did you mean `{close}`?" if close else "`nndsl explain` lists all there are"
        word = arguments.code.partition("(")[0]
        if any(word in registry.names(kind) for kind in registry.kinds()):
            help = f"`nndsl list {word}` explains the word"
        raise CommandError(f"there is no code `{arguments.code}`", help)
    print("\n".join(_page(code, paint)))
    return 0


def _page(code: Code, paint: Paint) -> Iterator[str]:
    yield paint(f"{code.name}: {translated(code.title)}", "title")
    source = sentence("Source: {source}", source=sentence(code.source)) if code.source else ""
    for paragraph in (code.what, code.why, source):
        if paragraph:
            yield ""
            yield from wrap(translated(paragraph), WIDTH)
    for name, text in code.files.items():
        yield from _example(name, "help", text, paint)
    for name, value in code.settings.items():
        yield from ("", f"{paint(translated('With:'), 'help')} --set {name}={value}")
    yield from _example(translated("Wrong:"), "error", code.wrong, paint)
    yield from _example(translated("Right:"), "good", code.right, paint)


def _example(head: str, style: str, text: str, paint: Paint) -> Iterator[str]:
    yield from ("", paint(head, style), "")
    for line in printable_example(text).splitlines():
        yield f"  {translated(line) if line.startswith('#') else line}".rstrip()


def printable_example(example: str) -> str:
    """Return an example in printable characters and lines of limited length.

    Some examples are wrong because of such characters.
    """
    lines = [
        line if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 1]}…"
        for line in example.split("\n")
    ]
    return "".join(
        c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in "\n".join(lines)
    )
