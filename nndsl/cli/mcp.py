"""`nndsl mcp`: the compiler as tools for agents."""

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser
from nndsl.cli.errors import CommandError

DESCRIPTION = """\
Serve an agent in the Model Context Protocol, on stdin and stdout: tools that
check, explain, build, prove and train pages. Nothing outside of the current
folder is read or written. It is started by the agent."""
EXAMPLE = "  nndsl mcp"


def add_arguments(parser: Parser) -> None:
    pass


def run(arguments: Namespace) -> int:
    try:
        from nndsl.mcp.server import server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise CommandError("the server needs mcp", 'pip install "nndsl[mcp]"') from None
    server(Path()).run()
    return 0
