"""The argument parser of all commands, and the arguments that several of them take."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol

from nndsl.cli import color
from nndsl.cli.errors import CommandError
from nndsl.languages import ENGLISH, LANGUAGES, choose_language, translated
from nndsl.program.style import BLACKBOARD, FLAT, NAMINGS, STYLES
from nndsl.project import project_above
from nndsl.source import MAX_FILE, Source, SourceError, read_source

WIDTH = 80
STDIN = "<stdin>"
_is_quiet = False


class Command(Protocol):
    """What the module of a command provides."""

    DESCRIPTION: str
    EXAMPLE: str

    def add_arguments(self, parser: Parser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Shows `-o, --output FILE` on one line, as newer versions of Python do."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or f"{translated('usage:')} ")

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"

    def _split_lines(self, text: str, width: int) -> list[str]:
        from nndsl.languages.widths import wrap

        return wrap(" ".join(text.split()), width)


class Parser(argparse.ArgumentParser):
    """A parser whose errors say what to do, and whose help fits on a screen."""

    def __init__(self, name: str, command: Command) -> None:
        self.options: list[str] = []
        self.actions: list[argparse.Action] = []
        self._needed = [f"nndsl {name}"]  # the shortest command, for the usage
        super().__init__(
            prog=f"nndsl {name}",
            description=_paragraph(command.DESCRIPTION),
            epilog=f"{translated('example:')}\n{_example(command.EXAMPLE)}",
            formatter_class=lambda prog: _Formatter(prog, max_help_position=24, width=WIDTH),
            allow_abbrev=False,
            add_help=False,  # who reads it knows the option
        )
        self.options.append("--help")
        self._optionals.title = translated("arguments")
        self._positionals = self._optionals  # in one list

    def add_argument(self, *names: str, **options: Any) -> argparse.Action:
        self.options += [name for name in names if name.startswith("--")]
        if options.get("help"):
            options["help"] = translated(options["help"])
        action = super().add_argument(*names, **options)
        self.actions.append(action)
        shown = action.metavar or "{" + ",".join(map(str, action.choices or ())) + "}"
        what = f"{shown}{' …' * (action.nargs in ('+', '*'))}"
        if not action.option_strings:
            self._needed.append(f"[{what}]" if action.nargs in ("?", "*") else what)
        elif action.required:
            self._needed.append(f"{names[0]} {what}")
        self.usage = " ".join([*self._needed, "[OPTION …]"])
        return action

    def error(self, message: str) -> NoReturn:
        raise CommandError(message, f"`{self.prog} --help` shows what it takes")


def _paragraph(text: str) -> str:
    """Return a description as it is laid out, or in another language, in lines of its own."""
    words = " ".join(text.split())
    other = translated(words)
    if other == words:
        return text
    from nndsl.languages.widths import wrap  # of which a command that is run has no need

    return "\n".join(wrap(other, WIDTH - 2))


def _example(text: str) -> str:
    """Return commands, each a line, with what stands behind some in the language chosen."""
    return re.sub(r"(?<=\S {2})( *)(\S.*)", lambda found: f"{found[1]}{translated(found[2])}", text)


def parser_of(name: str, command: Command) -> Parser:
    """Return the parser of a command, with what all commands take."""
    parser = Parser(name, command)
    command.add_arguments(parser)
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="say only what is asked for, and what is wrong"
    )
    parser.add_argument(
        "--color", choices=color.CHOICES, default="auto", metavar="WHEN", help="auto, always, never"
    )
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        metavar="LANGUAGE",
        help="of what is written and printed: en, ja",
    )
    return parser


def parse(name: str, command: Command, given: Sequence[str]) -> argparse.Namespace | None:
    """Return the arguments of a command, or None if its help was printed instead."""
    choose_language(language_of(given))
    parser = parser_of(name, command)
    if "-h" in given or "--help" in given:
        print(parser.format_help(), end="")
        return None
    arguments, unknown = parser.parse_known_args(given)
    if unknown:
        raise _unknown(parser, unknown[0], arguments)
    color.choose(arguments.color)
    global _is_quiet
    _is_quiet = arguments.quiet
    return arguments


def language_of(given: Sequence[str]) -> str:
    """Return the language to print in: that of --lang, NNDSL_LANG, or the project."""
    for at, argument in enumerate(given):
        option, _, value = argument.partition("=")
        if option == "--lang":
            value = value or "".join(given[at + 1 : at + 2])
            return value if value in LANGUAGES else ENGLISH  # the parser says what is wrong
    found, who = os.environ.get("NNDSL_LANG"), "NNDSL_LANG"
    if not found:
        project = project_above(Path())
        found, who = project.settings.get("lang") if project else None, "[tool.nndsl] lang"
    if found is None:
        return ENGLISH
    if found not in LANGUAGES:
        wrong = f"{who} names the language `{found}`"
        raise CommandError(wrong, f"choose from {', '.join(LANGUAGES)}")
    return found


def is_quiet() -> bool:
    """Whether the command is to leave out what it says about its work: `--quiet`."""
    return _is_quiet


def at_least_one(text: str) -> int:
    """Return the value of an option that counts something."""
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number from 1 to 999_999_999")
    return int(text)


def at_least_two(text: str) -> int:
    """Return the value of an option that counts pieces."""
    if at_least_one(text) < 2:
        raise argparse.ArgumentTypeError("one piece is no part of the whole: from 2")
    return int(text)


def a_seed(text: str) -> int:
    """Return the value of an option that other random numbers depend on."""
    if not text.isdecimal() or len(text) > 19 or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number from 0 on, below 2**63")
    return int(text)


def a_folder(text: str) -> str:
    """Return the value of an option that names a folder, which cannot be stdout."""
    if text in ("", "-"):
        raise argparse.ArgumentTypeError(f"`{text}` names no folder")
    return text


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name.strip() or not sign:
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME=VALUE")
    return name.strip(), value.strip()


SHARED: dict[str, dict[str, Any]] = {
    "spec": {"metavar": "SPEC", "help": "a .nn or .json file; - reads stdin"},
    "--set": {
        "action": "append",
        "default": [],
        "type": _setting,
        "metavar": "NAME=VALUE",
        "help": "another value for a `let` or a setting (repeatable)",
    },
    "--words": {
        "action": "append",
        "default": [],
        "metavar": "PATH",
        "help": "what may be imported from outside of its folder",
    },
    "--optimize": {
        "action": "store_true",
        "help": "a faster training step; the script gets longer",
    },
    "--names": {
        "choices": NAMINGS,
        "default": BLACKBOARD,
        "metavar": "WHOSE",
        "help": "letters in the script: blackboard, book, cs231n",
    },
    "--style": {
        "choices": STYLES,
        "default": FLAT,
        "metavar": "STYLE",
        "help": "flat, in reading order, or layers, as classes",
    },
    "--seed": {"type": a_seed, "metavar": "N"},
    "--timeout": {"type": at_least_one, "metavar": "SECONDS"},
    "--memory": {"type": at_least_one, "metavar": "MB"},
    "--workers": {
        "type": at_least_one,
        "metavar": "N",
        "help": "how many train at a time; left out, one for each core",
    },
    "--watch": {"action": "store_true", "help": "do it again after each change, until Ctrl-C"},
    "--format": {
        "choices": ("text", "json"),
        "default": "text",
        "metavar": "FORMAT",
        "help": "text, or json for programs",
    },
    "--stdin-filename": {"metavar": "FILE", "help": "the file that the text on stdin is to be"},
}


def add_shared(parser: Parser, *names: str, **options: Any) -> None:
    """Add arguments that several commands take. `options` are those of this command."""
    for name in names:
        parser.add_argument(name, **SHARED[name] | options)


def add_folder(parser: Parser, help: str) -> None:
    """Add the folder that a command writes."""
    parser.add_argument("-o", "--output", metavar="DIR", type=a_folder, help=help)


def style_of(arguments: argparse.Namespace) -> str:
    """Return the style of a script. CommandError where it does not go with the other options."""
    style: str = arguments.style
    for option, is_given in (
        ("--optimize", arguments.optimize),
        ("--with gradcheck", getattr(arguments, "extra", None)),
    ):
        if style != FLAT and is_given:
            wrong = f"{option} is for scripts of the style {FLAT}, and not --style {style}"
            raise CommandError(wrong, "leave one of them out")
    return style


def read_spec(path: str, words: Iterable[str] = (), *, stdin_filename: str | None = None) -> Source:
    """Read a spec from a file, or from stdin if the path is `-`. SourceError if that fails.

    `words` are what it may import from outside of its folder. `stdin_filename` is the file that
    the text on stdin stands for: paths of data lead from it.
    """
    if path != "-":
        return read_source(path, words)
    try:
        content = sys.stdin.buffer.read(MAX_FILE + 1)
    except OSError as error:
        raise SourceError(f"stdin cannot be read: {error.strerror}") from None
    if len(content) > MAX_FILE:
        raise SourceError(f"stdin holds more than {MAX_FILE // 1_000_000} MB, and no spec")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"stdin is not UTF-8 text (byte {error.start})") from None
    allowed = tuple(map(Path, words))
    if stdin_filename is not None:
        return Source(stdin_filename, text, Path(stdin_filename), allowed)
    is_json = text.lstrip()[:1] in ("{", "[")  # no .nn text starts like this
    return Source(f"{STDIN}.json" if is_json else STDIN, text, words=allowed)


def _unknown(parser: Parser, argument: str, others: argparse.Namespace) -> CommandError:
    from nndsl.analysis.suggest import suggestion

    option = argument.partition("=")[0]
    if not option.startswith("-"):
        help = f"`{parser.prog} --help` shows what it takes"
        if getattr(others, "output", "") is None:
            help = f"what is written stands behind -o: -o {argument}"
        return CommandError(f"`{argument}` is one argument too many", help)
    wrong = f"there is no option `{option}`"
    if commands := _commands_with(option):
        return CommandError(wrong, f"it is an option of {commands}")
    known = {name.lstrip("-"): name for name in parser.options}
    close = suggestion(option.lstrip("-"), known)  # what all begin with makes none alike
    help = f"`{parser.prog} --help` shows what it takes"
    return CommandError(wrong, f"did you mean `{known[close]}`?" if close else help)


def _commands_with(option: str) -> str:
    """Return the commands that have an option: "`check`, `diff`"; "" if none has it."""
    from importlib import import_module

    from nndsl.cli.commands import COMMANDS

    parsers = {name: parser_of(name, import_module(f"nndsl.cli.{name}")) for name in COMMANDS}
    return ", ".join(f"`{name}`" for name, parser in parsers.items() if option in parser.options)
