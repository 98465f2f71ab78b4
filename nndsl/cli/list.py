"""`nndsl list`: the builtins of the language and their documentation."""

import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterable, Iterator
from typing import Any

from nndsl.analysis.slots import describe_kind
from nndsl.analysis.suggest import did_you_mean, suggestion
from nndsl.assistance.builtin_docs import arguments, by_position, documentation, example, signature
from nndsl.cli.arguments import WIDTH, Parser, add_shared
from nndsl.cli.color import Paint, painter
from nndsl.cli.errors import CommandError
from nndsl.cli.output import print_text
from nndsl.interchange import json_text
from nndsl.languages import sentence, translated
from nndsl.languages.widths import wrap
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.formula_functions import EVERY

FORMULAS = "functions"  # of formulas, which are no words
DESCRIPTION = "Show the words of the language: all, those of one kind, or one in full."
EXAMPLE = """\
  nndsl list
  nndsl list optimizers
  nndsl list dense --format json"""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "words", metavar="KIND or NAME", nargs="*", help="`layers`, `layers dense`, `dense`"
    )
    add_shared(parser, "--format")


def run(arguments: Namespace) -> int:
    paint = painter(sys.stdout)
    given = [word.partition("(")[0].strip() or word for word in arguments.words]  # `gru(32)`
    kinds = [kind for kind in registry.kinds() if registry.names(kind)]
    if arguments.format == "json":
        print_text(json_text([_document(word) for word in _chosen(given, kinds)]))
    elif not given:
        lines = [line for kind in kinds for line in _names(kind, registry.names(kind), paint)]
        lines += _names(FORMULAS, sorted(EVERY), paint)
        more = translated("`nndsl list KIND` or `nndsl list NAME` says more.")
        print("\n".join([*lines, "", more]))
    elif given[0] in (*kinds, FORMULAS) and len(given) == 1:
        of_kind = _kind(given[0], paint) if given[0] != FORMULAS else _functions(paint)
        print("\n".join(of_kind))
    else:
        print("\n\n".join("\n".join(lines) for lines in _found(given, kinds, paint)))
    return 0


def _found(given: list[str], kinds: list[str], paint: Paint) -> Iterator[Iterable[str]]:
    """Yield what there is to say of each word of a name."""
    *within, name = given
    is_function = name in EVERY and within in ([], [FORMULAS])
    if not is_function or (not within and any(name in registry.names(kind) for kind in kinds)):
        yield from (_word(word, paint) for word in _find(given, kinds))
    if is_function:
        yield [
            paint(name, "title"),
            translated("a function of formulas: {says}", says=sentence(EVERY[name].says)),
        ]


def _chosen(given: list[str], kinds: list[str]) -> list[type[Builtin]]:
    """Return the words of all kinds, of one kind, or of one name."""
    within = given if len(given) == 1 and given[0] in kinds else []
    if given and not within:
        return _find(given, kinds)
    return [
        word
        for kind in within or kinds
        for name in registry.names(kind)
        if (word := registry.find(kind, name))
    ]


def _document(word: type[Builtin]) -> dict[str, Any]:
    """Return what a program is told of a word: what the text says, by name."""
    return {
        "kind": word.kind,
        "name": word.keyword(),
        "signature": signature(word),
        "documentation": documentation(word),
        "arguments": [
            {"name": name, "accepts": accepts, "documentation": says}
            for name, accepts, says in arguments(word)
        ],
        "example": example(word),
    }


def _functions(paint: Paint) -> Iterator[str]:
    width = max(map(len, EVERY))
    for name in sorted(EVERY):
        yield f"{paint(f'{name:<{width}}', 'title')}  {translated(EVERY[name].says)}"


def _find(given: list[str], kinds: list[str]) -> list[type[Builtin]]:
    *within, name = given
    if len(within) > 1:
        raise CommandError("at most a kind and a name", "`nndsl list --help` shows what it takes")
    if within and within[0] not in kinds:
        if within[0] == FORMULAS:
            raise CommandError(f"there is no function `{name}`", did_you_mean(name, [*EVERY]))
        help = did_you_mean(within[0], [*kinds, FORMULAS])
        raise CommandError(f"there is no kind of word `{within[0]}`", help)
    inside = within or kinds
    words = [word for kind in inside if (word := registry.find(kind, name)) is not None]
    if not words:
        known = [word for kind in inside for word in registry.names(kind)]
        close = suggestion(name, known if within else [*known, *kinds, FORMULAS, *EVERY])
        help = f"did you mean `{close}`?" if close else "`nndsl list` shows all there are"
        where = f" among the {within[0]}" if within else ""
        raise CommandError(f"there is no word `{name}`{where}", help)
    return words


def _names(kind: str, names: Iterable[str], paint: Paint) -> Iterator[str]:
    head = f"{kind:<13} "
    lines = textwrap.wrap("  ".join(names), WIDTH - len(head))
    for number, line in enumerate(lines):
        yield f"{paint(head, 'title') if number == 0 else ' ' * len(head)}{line}"


def _kind(kind: str, paint: Paint) -> Iterator[str]:
    words = [word for name in registry.names(kind) if (word := registry.find(kind, name))]
    width = max(len(word.keyword()) for word in words)
    for word in words:
        lines = wrap(translated(documentation(word)[0]), WIDTH - width - 2)
        for number, line in enumerate(lines):
            name = word.keyword() if number == 0 else ""
            yield f"{paint(f'{name:<{width}}', 'title')}  {line}"


def _word(word: type[Builtin], paint: Paint) -> Iterator[str]:
    first, *rest = textwrap.wrap(
        signature(word), WIDTH, subsequent_indent=" " * (len(word.keyword()) + 1)
    )
    yield from (paint(line, "title") for line in [first, *rest])
    known = {"kind": sentence(describe_kind(word.kind)), "how": by_position(word)}
    yield translated("{kind}, {how}", **known)
    for paragraph in documentation(word):
        yield ""
        yield from _indented(paragraph, 2)
    taken = [*arguments(word)]
    width = max((len(name) for name, *_ in taken), default=0)
    for name, *texts in taken:
        lines = [line for text in texts for line in _indented(text, width + 4)]
        yield ""
        yield f"  {paint(f'{name:<{width}}', 'help')}  {lines[0].lstrip()}"
        yield from lines[1:]
    if written := example(word):
        yield ""
        yield f"{translated('example:')}  {written}"


def _indented(text: str, indent: int) -> list[str]:
    return [" " * indent + line for line in wrap(translated(text), WIDTH - indent)]
