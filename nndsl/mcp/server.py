"""The tools in the Model Context Protocol."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from nndsl import __version__
from nndsl.mcp.pages import Pages, ToolProblem
from nndsl.mcp.worker import Tools

SECONDS = 60.0  # that a tool may take; a training as much more than it is given
INSTRUCTIONS = """\
nndsl compiles one-page descriptions of neural networks (.nn) to readable numpy scripts.
Write a page, `check` it, mend what it says (findings have a help), `build` its script, `train` it.
`words` lists the words of the language with their arguments, `explain` says what a code means."""


def server(folder: Path, seconds: float = SECONDS) -> MCPServer:
    """Return the server of the tools, for the pages below a folder."""
    made = MCPServer("nndsl", instructions=INSTRUCTIONS, version=__version__)
    pages = Pages(folder)
    tools = Tools(pages.folder)
    for tool in (
        pages.list_pages,
        pages.read_page,
        pages.write_page,
        pages.check,
        pages.explain,
        pages.words,
        pages.summary,
        pages.build,
        pages.graph,
        pages.gradcheck,
        pages.train,
    ):
        made.tool()(_elsewhere(tool, tools, seconds))
    return made


def _elsewhere(tool: Callable[..., Any], tools: Tools, seconds: float) -> Callable[..., Any]:
    """Return a tool that is done by a process of its own, within its time."""

    @wraps(tool)
    def asked(**given: Any) -> Any:
        try:
            return tools.call(tool.__name__, given, seconds + given.get("seconds", 0))
        except ToolProblem as error:
            raise ToolError(str(error)) from None

    return asked
