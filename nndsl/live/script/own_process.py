"""A process of its own for a script that somebody wrote: what it says is read as JSON lines.

Each line has a nonce that the script does not know. What the process prints goes nowhere, and the
processes of its group end with it. That bounds mistakes, not malice.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO

from nndsl.live.script.confinement import Printed
from nndsl.resources import main_of

GRACE = 5.0  # seconds beyond the limit, to start and to say what there was
LINE = re.compile(r'^  File "([^"]+)", line (\d+) in (.+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process wrote, and how it ended: with no `code` where it was ended."""

    output: str
    code: int | None

    @property
    def took_too_long(self) -> bool:
        return self.code is None or "Timeout (" in self.output

    @property
    def was_killed(self) -> bool:
        """Was it ended from outside? Where memory is short, systems do so."""
        return self.code == -getattr(signal, "SIGKILL", 9)

    @property
    def frames(self) -> Iterator[tuple[str, int, str]]:
        """The file, line and function of each call in what it wrote when it was stopped."""
        return ((file, int(line), name) for file, line, name in LINE.findall(self.output))

    def said(self, nonce: str) -> Iterator[dict[str, Any]]:
        """Yield what it said: a script may write there as well, and does not know the nonce."""
        for line in self.output.split("\n"):
            with contextlib.suppress(ValueError, RecursionError):
                held = json.loads(line)
                if isinstance(held, dict) and held.get("nonce") == nonce:
                    yield held


def run_module(
    module: str, job: bytes, seconds: float, most: int, environment: Mapping[str, str]
) -> Ended:
    """Run `main` of a module with a job on stdin; `most` is how many bytes are read of the end.

    It writes no compiled modules (`-B`): that would look as if the script wrote files.
    """
    process = subprocess.Popen(
        main_of(module, "-B"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**environment, "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(job, seconds + GRACE)
        code: int | None = process.returncode
    except subprocess.TimeoutExpired:
        _end(process)
        output, code = process.communicate()[0], None
    finally:
        _end(process)
    return Ended(output[-most:].decode("utf-8", "replace"), code)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


# --- In the process --------------------------------------------------------------------


def take_streams(printed: Printed) -> TextIO:
    """Give a script no input, and `printed` to print to; return what leads to who started it."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), printed, printed
    return answer


def raise_exit(code: int = 1) -> NoReturn:
    """Stand for `os._exit`, so that a script does not end the process without a word."""
    raise SystemExit(code)
