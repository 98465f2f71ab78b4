"""The errors of commands: a message and what to do, never a bare traceback."""

import errno
import os
import sys

from nndsl.cli.color import painter
from nndsl.cli.formats import full
from nndsl.cli.rendering import notice
from nndsl.diagnostics import SpecError
from nndsl.explained import ExplainedError
from nndsl.languages import translated

FULL = (errno.EBADF, errno.EFBIG, errno.EIO, errno.ENOSPC)  # a stream that takes no output


class CommandError(ExplainedError):
    """A command cannot do what it was asked for. `code` is the exit code."""

    def __init__(self, message: str, help: str | None = None, code: int = 2) -> None:
        super().__init__(message, help)
        self.code = code


def report(error: Exception) -> int:
    """Print an error to stderr; return the exit code."""
    paint = painter(sys.stderr)
    code, help = 2, None
    match error:
        case SpecError():
            print(full.render(error.diagnostics, [""], paint), file=sys.stderr)
            return 1
        case ExplainedError():
            message, help, code = error.message, error.help, error.code
            if error.place:
                message = f"{error.place}: {translated(message)}"
        case FileNotFoundError(filename=None):  # of the current folder
            message = "the current folder is not there any more"
        case OSError(strerror=str() as reason):
            what = error.filename or ("the output cannot be written" if error.errno in FULL else "")
            message = f"{what}: {reason[:1].lower()}{reason[1:]}".removeprefix(": ")
        case MemoryError():
            message = f"there is not enough memory: {error}".rstrip(": ")
            help = "a smaller network or batch needs less, and so does a part of the data"
        case _:
            if os.environ.get("NNDSL_TRACEBACK"):
                from traceback import print_exception

                print_exception(error)
            message = f"internal error: {type(error).__name__}: {error}".rstrip(": ")
            help = (
                "this is a bug of nndsl: please report it, with the command and the spec\n"
                "NNDSL_TRACEBACK=1 in the environment shows where it happened"
            )
    print(notice("error", message, help, paint), file=sys.stderr)
    return code
