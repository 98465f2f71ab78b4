"""From the arguments to the command: its module is imported when it is named, not before."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from nndsl import __version__
from nndsl.cli.commands import COMMANDS, overview

INTERRUPTED, BROKEN_PIPE = 130, 141  # what a shell reports for these two signals


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code.

    0: no errors; 1: the spec has errors, or does not do what it should; 2: the command could not
    run; 130: interrupted.
    """
    _open_streams()
    try:
        code = _attempt(sys.argv[1:] if argv is None else list(argv))
    except OSError:  # what went wrong cannot be said either
        code = 2
    for stream in (sys.stdout, sys.stderr):
        _give_up(stream)
    return code


def _open_streams() -> None:
    """Make the standard streams ready: any may be closed, and no terminal shows all characters.

    One that is closed refuses what is written to it: left as it is, the next file that is opened
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
    """Drop what a stream does not take: else Python tries it once more, and complains."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _attempt(given: list[str]) -> int:
    try:
        code = _dispatch(given)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever reads the output has seen enough of it
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        from nndsl.cli.failure import report

        return report(error)


def _dispatch(given: list[str]) -> int:
    name, *rest = given or [""]
    if name in ("-h", "--help"):
        print(overview())
        return 0
    if name in ("-V", "--version"):
        print(f"nndsl {__version__}")
        return 0
    if name not in COMMANDS:
        raise _unknown(name)
    from importlib import import_module

    from nndsl.cli.arguments import parse
    from nndsl.cli.startup import hasten

    hasten()
    command = import_module(f"nndsl.cli.{name}")
    arguments = parse(name, command, rest)
    code: int = 0 if arguments is None else command.run(arguments)
    return code


def _unknown(name: str) -> Exception:
    from nndsl.analysis.suggest import suggestion
    from nndsl.cli.failure import CommandError

    if not name:
        return CommandError("which command?", "`nndsl --help` lists them")
    close = suggestion(name, [*COMMANDS, "--help", "--version"])
    what = "option" if name.startswith("-") else "command"
    help = f"did you mean `{close}`?" if close else "`nndsl --help` lists them"
    return CommandError(f"there is no {what} `{name}`", help)
