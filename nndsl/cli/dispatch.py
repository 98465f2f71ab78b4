"""From the arguments to the command, whose module is imported only when it is named."""

import errno
import gc
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from contextvars import copy_context
from itertools import zip_longest
from types import ModuleType
from typing import TextIO

from nndsl import __version__
from nndsl.cli.commands import COMMANDS, GROUPS

_PAGE = """\
{usage} nndsl COMMAND [ARGUMENT …] | COMMAND --help | --help | --version

{commands}

  nndsl new digits && nndsl build digits.nn -o train.py && python train.py"""

SPEC_ENDINGS = (".nn", ".json")
INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143  # as a shell reports SIGINT, SIGPIPE, SIGTERM
CLEANED = {
    "new",
    *GROUPS["teach"],
}  # these leave no half of a folder: the others leave runs that go on
_LOADER = "pydantic.plugin._loader"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code.

    0: no errors; 1: the spec has errors, or does not do what it should; 2: the command could not
    run; 130: interrupted; 143: terminated.
    """
    _open_streams()
    if argv is None and CLEANED.intersection(sys.argv[1:2]):
        signal.signal(signal.SIGTERM, _terminated)
    message = ""
    try:
        given = sys.argv[1:] if argv is None else list(argv)
        code = copy_context().run(_attempt, given)  # whose language is its own
    except KeyboardInterrupt as error:
        code, message = next(iter(error.args), INTERRUPTED), "interrupted\n"
    except OSError:  # the error cannot be printed either
        code = 2
    if code == INTERRUPTED and argv is None:  # a second Ctrl-C must not crash the exit
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        print(message, end="", file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        _give_up(stream)
    return code


def _terminated(number: int, frame: object) -> None:
    """End as Ctrl-C does, which removes what is not complete."""
    raise KeyboardInterrupt(TERMINATED)


def _open_streams() -> None:
    """Prepare the standard streams, any of which may be closed, or lack some characters.

    A closed one is replaced by one that refuses all output: otherwise the next file that is opened
    would take its place.
    """
    for name, access in (("stdin", os.O_WRONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_RDONLY)):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(os.open(os.devnull, access), mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _give_up(stream: TextIO) -> None:
    """Flush a stream; if that fails, drop its output, which Python would try to flush again."""
    try:
        stream.flush()
    except OSError:
        discard(stream)


def discard(stream: TextIO) -> None:
    """Discard what is written to a stream from now on."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), stream.fileno())


def is_broken_pipe(error: OSError) -> bool:
    """Whether the reader of a pipe has closed it. Windows reports an invalid argument."""
    is_invalid = error.errno == errno.EINVAL and error.filename is None  # and no name of a file
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and is_invalid)


def _attempt(given: list[str]) -> int:
    try:
        code = _dispatch(given)
        sys.stdout.flush()
        return code
    except Exception as error:
        if isinstance(error, OSError) and is_broken_pipe(error):
            return BROKEN_PIPE  # such as `| head`
        from nndsl.cli.errors import report

        return report(error)


def _dispatch(given: list[str]) -> int:
    name, *rest = given or [""]
    if name not in COMMANDS and name not in ("-V", "--version"):
        from nndsl.cli.arguments import language_of
        from nndsl.languages import choose_language

        choose_language(language_of(rest))
    if name in ("-h", "--help"):
        print(overview())
        return 0
    if name in ("-V", "--version"):
        print(f"nndsl {__version__}")
        return 0
    if name not in COMMANDS:
        raise _unknown(name, rest)
    from importlib import import_module

    from nndsl.cli.arguments import parse

    _hasten()
    command = import_module(f"nndsl.cli.{name}")
    arguments = parse(name, command, rest)
    code: int = 0 if arguments is None else command.run(arguments)
    return code


def _unknown(name: str, rest: list[str]) -> Exception:
    from nndsl.analysis.suggest import suggestion
    from nndsl.cli.errors import CommandError

    if not name:
        return CommandError("which command?", "`nndsl --help` lists them")
    close = suggestion(name, [*COMMANDS, "--help", "--version"])
    what = "option" if name.startswith("-") else "command"
    meant = next((word for word in rest if word in COMMANDS), "")
    help = f"did you mean `{close}`?" if close else "`nndsl --help` lists them"
    if name == "help":
        help = f"did you mean `nndsl {f'{meant} ' * bool(meant)}--help`?"
    elif meant or name.endswith(SPEC_ENDINGS):
        help = f"the command comes first: `nndsl {meant or 'check'} …`"
    return CommandError(f"there is no {what} `{name}`", help)


def summaries() -> dict[str, str]:
    """Return what each command does, in a few words."""
    return {name: summary for group in GROUPS.values() for name, summary in group.items()}


def overview() -> str:
    """Return the page of `nndsl --help`: two commands a line, in groups."""
    from nndsl.languages import translated
    from nndsl.languages.widths import pad

    lines = []
    for label, commands in GROUPS.items():
        entries = [f"{name:<10} {translated(summary)}" for name, summary in commands.items()]
        for first, second in zip_longest(entries[::2], entries[1::2], fillvalue=""):
            lines.append(f"{pad(translated(label), 8)}{pad(first, 35)} {second}".rstrip())
            label = ""
    return _PAGE.format(usage=translated("usage:"), commands="\n".join(lines))


def _hasten() -> None:
    """Save time that a short command does not need.

    Imports create many objects and no garbage. And pydantic searches all installed packages for
    plugins, which nndsl does not use; a version that is built in another way is left alone.
    """
    gc.set_threshold(100_000)
    if "pydantic" not in sys.modules:
        sys.modules[_LOADER] = _NoPlugins(_LOADER)


class _NoPlugins(ModuleType):
    """Replaces the search of pydantic; for any other attribute it imports the real module."""

    def get_plugins(self) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        from importlib import import_module

        del sys.modules[_LOADER]
        return getattr(import_module(_LOADER), name)
