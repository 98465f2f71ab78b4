"""`nndsl lsp`: the language server, for editors."""

import logging
import os
import re
import sys
from argparse import Namespace
from typing import BinaryIO

from nndsl.cli.arguments import Parser
from nndsl.cli.errors import CommandError

DESCRIPTION = """\
Serve an editor in the Language Server Protocol, on stdin and stdout. It is
started by the editor: docs/editors.md shows how."""
EXAMPLE = "  nndsl lsp"
HEADER = re.compile(rb"(?:[\w-]+: ?[^\r\n]*)?\r\n")  # a line before a message, the empty one too
MAX_HEADER, MAX_MESSAGE = 1_000, 100_000_000  # bytes


class _Messages:
    """What an editor writes. CommandError where it is something else."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def readline(self) -> bytes:
        line = self.stream.readline(MAX_HEADER)
        if line and not HEADER.fullmatch(line):
            raise self._wrong(line[:40].decode("utf-8", "backslashreplace").strip())
        return line

    def read(self, size: int) -> bytes:
        if size > MAX_MESSAGE:
            raise self._wrong(f"{size} bytes")
        return self.stream.read(size)

    def _wrong(self, found: str) -> CommandError:
        help = "an editor starts it, and talks to it: docs/editors.md says how"
        return CommandError(f"this is no message of the Language Server Protocol: {found}", help)


class _OneLine(logging.Formatter):
    """What is wrong with a message, without the traceback of pygls."""

    def format(self, record: logging.LogRecord) -> str:
        if os.environ.get("NNDSL_TRACEBACK"):
            return super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        said = record.getMessage().partition("\n")[0]
        return f"{said}: {error}" if error else said


def add_arguments(parser: Parser) -> None:
    pass


def run(arguments: Namespace) -> int:
    try:
        from nndsl.lsp.server import server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise CommandError(
            "the language server needs pygls", 'python -m pip install "nndsl[lsp]"'
        ) from None
    if sys.stdin.isatty():
        help = "docs/editors.md says how: it starts `nndsl lsp`, and talks to it"
        raise CommandError("a language server is started by an editor", help)
    log = logging.StreamHandler()  # to stderr, which editors keep
    log.setFormatter(_OneLine())
    logging.getLogger("pygls").addHandler(log)
    server.start_io(_Messages(sys.stdin.buffer))  # type: ignore[arg-type]  # it asks for no more
    return 0
