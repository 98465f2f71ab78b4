"""Deferring Ctrl-C while Python could not handle it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """Defer a Ctrl-C until the end of the context.

    Drawing runs callbacks of garbage collected objects, in which Python prints a KeyboardInterrupt
    as a traceback, and ignores it.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield  # this thread gets no signals, or Python does not handle them
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
