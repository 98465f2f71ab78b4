"""`nndsl lsp`: the language server, for editors."""

from __future__ import annotations

import sys
from argparse import Namespace

from nndsl.cli.arguments import Parser
from nndsl.cli.errors import CommandError

DESCRIPTION = """\
Serve an editor in the Language Server Protocol, on stdin and stdout. It is
started by the editor: docs/editors.md shows how."""
EXAMPLE = "  nndsl lsp"


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
    server.start_io()
    return 0
