"""Processes that do what tools are asked for: one that takes too long is ended, and another begun.

The server itself reads no page, and answers whatever happens to them.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import BoundedSemaphore, Timer
from time import monotonic
from typing import Any
from weakref import finalize

from nndsl.confined_folder import Refused, reading_below
from nndsl.data import DataError
from nndsl.diagnostics import SpecError
from nndsl.live.errors import ModelError
from nndsl.live.script.confinement import limit_memory_to_half
from nndsl.mcp.pages import Pages, ToolProblem
from nndsl.resources import import_path
from nndsl.source import SourceError

START = "import sys; sys.path += sys.argv[1:]; from nndsl.mcp.worker import main; main()"
MAX_AT_ONCE = 4
WRONG = (ToolProblem, Refused, DataError, ModelError, SourceError, OSError, MemoryError)
GONE = (EOFError, OSError, pickle.UnpicklingError)  # what the pipes of an ended process raise


class Worker:
    """A process that calls tools."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", "-c", START, *import_path()]
        own = TemporaryDirectory(prefix="nndsl-", ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": own.name},
        )
        self._close = finalize(self, _end, self.process, own)

    def call(self, job: tuple[Path, str, dict[str, Any]], seconds: float) -> Any:
        """Return what a tool returns. ToolProblem; TimeoutError, or one of GONE: it has ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = Timer(seconds, self.process.kill)
        timer.daemon = True
        began = monotonic()
        timer.start()
        try:
            pickle.dump(job, self.process.stdin)
            self.process.stdin.flush()
            is_right, found = pickle.load(self.process.stdout)
        except GONE:
            self._close()
            if monotonic() - began < seconds:
                raise
            raise TimeoutError from None
        finally:
            timer.cancel()
        if not is_right:
            raise ToolProblem(found)
        return found


def _end(process: subprocess.Popen[bytes], own: TemporaryDirectory[str]) -> None:
    process.kill()
    with suppress(OSError):  # what was not yet written is not needed
        process.communicate()
    own.cleanup()


class Workers:
    """Processes for the pages below a folder, as many as are asked at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.idle: list[Worker] = []
        self._free = BoundedSemaphore(MAX_AT_ONCE)

    def call(self, tool: str, given: dict[str, Any], seconds: float) -> Any:
        """Return what a tool returns within so many seconds. ToolProblem."""
        with self._free:
            worker = self.idle.pop() if self.idle else Worker()
            try:
                found = worker.call((self._folder, tool, given), seconds)
            except TimeoutError:
                raise ToolProblem(f"`{tool}` was ended after {seconds:g} seconds") from None
            except GONE:  # by the system, where there is no more memory
                raise ToolProblem(f"the process that did `{tool}` has ended") from None
            except ToolProblem:
                self.idle.append(worker)
                raise
            self.idle.append(worker)
            return found


def main() -> None:
    """Do jobs from stdin, until there are no more."""
    limit_memory_to_half()
    gettempdir()  # inside of the folder none is found but the folder itself
    jobs, answers, sys.stdout = sys.stdin.buffer, sys.stdout.buffer, sys.stderr
    while True:
        try:
            folder, tool, given = pickle.load(jobs)
        except EOFError:  # the server has ended
            return
        pickle.dump(answer(Pages(folder), tool, given), answers)
        answers.flush()


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
