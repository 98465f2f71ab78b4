"""From the arguments to the command: its module is imported when it is named, not before."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from nndsl import __version__
from nndsl.cli.commands import COMMANDS, overview

INTERRUPTED, BROKEN_PIPE = 130, 141  # what a shell reports for these two signals


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code.

    0: no errors; 1: the spec has errors, or does not do what it should; 2: the command could not
    run; 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what no terminal shows
    try:
        code = _dispatch(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads the output has seen enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return code


def _dispatch(given: list[str]) -> int:
    name, *rest = given or [""]
    if name in ("-h", "--help"):
        print(overview())
        return 0
    if name in ("-V", "--version"):
        print(f"nndsl {__version__}")
        return 0
    try:
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
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        from nndsl.cli.failure import report

        return report(error)


def _unknown(name: str) -> Exception:
    from nndsl.analysis.suggest import suggestion
    from nndsl.cli.failure import CommandError

    if not name:
        return CommandError("which command?", "`nndsl --help` lists them")
    close = suggestion(name, [*COMMANDS, "--help", "--version"])
    what = "option" if name.startswith("-") else "command"
    help = f"did you mean `{close}`?" if close else "`nndsl --help` lists them"
    return CommandError(f"there is no {what} `{name}`", help)
