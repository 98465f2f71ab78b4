"""The process that answers what the page asks of the compiler."""

from pathlib import Path
from typing import Any

from nndsl.confined.folder import Refused, reading_below
from nndsl.confined.process import do_jobs
from nndsl.live.script.confinement import limit_memory_to_half
from nndsl.play.answers import Answer, answer


def main() -> None:
    """Answer what is asked on stdin."""
    limit_memory_to_half()
    do_jobs(_answered)


def _answered(folder: Path, method: str, given: dict[str, Any]) -> Answer | str:
    """Return the answer to a question about a page below a folder, or why there is none."""
    try:
        with reading_below(folder):
            return answer(method, given, folder)
    except Refused as error:
        return str(error)
    except MemoryError:
        return f"`{method}` needs more memory than it may have"
