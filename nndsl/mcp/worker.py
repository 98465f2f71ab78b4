"""The processes that do what tools are asked for. The server itself reads no page."""

from pathlib import Path
from typing import Any

from nndsl.confined.folder import reading_below
from nndsl.confined.process import JobError, Workers, do_jobs
from nndsl.diagnostics import SpecError
from nndsl.explained import ExplainedError
from nndsl.live.script.confinement import limit_memory_to_half
from nndsl.mcp.pages import Pages, ToolProblem

WRONG = (ExplainedError, OSError, MemoryError)


class Tools:
    """The tools for the pages below a folder, each done by one of `workers`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.workers = Workers("nndsl.mcp.worker")

    def call(self, tool: str, given: dict[str, Any], seconds: float) -> Any:
        """Return what a tool returns within so many seconds. ToolProblem."""
        try:
            is_right, found = self.workers.call(tool, (Pages(self._folder), tool, given), seconds)
        except JobError as error:
            raise ToolProblem(str(error)) from None
        if not is_right:
            raise ToolProblem(found)
        return found


def main() -> None:
    """Do what is asked on stdin."""
    limit_memory_to_half()
    do_jobs(answer)


def answer(pages: Pages, tool: str, given: dict[str, Any]) -> tuple[bool, Any]:
    """Return what a tool of pages returns, or what is wrong; it opens nothing outside of them."""
    try:
        with reading_below(pages.folder):
            return True, getattr(pages, tool)(**given)
    except SpecError as error:
        return False, f"the page has errors:\n{error}"
    except WRONG as error:
        help = getattr(error, "help", None)
        return False, f"{error}\n{help}" if help else str(error)
