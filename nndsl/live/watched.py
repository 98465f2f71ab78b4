"""Code that is watched while it runs, line by line."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any


@contextlib.contextmanager
def watched(by: Callable[[FrameType, str, Any], Any]) -> Iterator[None]:
    """Let a function see each call made within, as `sys.settrace` says, and nothing after it."""
    before = sys.gettrace()
    sys.settrace(by)
    try:
        yield
    finally:
        sys.settrace(before)
