"""Progress of downloads, of a training and of whatever is counted: bars on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from nndsl.cli.arguments import is_quiet
from nndsl.data import DataError

if TYPE_CHECKING:
    from nndsl.analysis.spec import Spec

Made = TypeVar("Made")
EVERY = 50  # of those that are counted, in a log
Download = Callable[[str, int, int], None]  # a file's name, bytes done, bytes in all


@contextmanager
def downloads() -> Iterator[Download]:
    """Yield the function that shows the progress of downloads."""
    if not sys.stderr.isatty() or is_quiet():
        mentioned: set[str] = set()

        def mention(name: str, done: int, total: int) -> None:
            if name not in mentioned and not is_quiet():
                mentioned.add(name)
                print(f"downloading {name} ({total / 1e6:.1f} MB)", file=sys.stderr)

        yield mention
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

    columns = (TextColumn("downloading {task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done)

        yield show


@contextmanager
def fetching(spec: Spec) -> Iterator[Download]:
    """Yield `downloads` for the data of a spec. DataError, with its place, if that fails."""
    try:
        with downloads() as show:
            yield show
    except DataError as error:
        error.place = spec.origins["data"].span.place
        raise


@contextmanager
def training(steps: int | None) -> Iterator[Callable[[], None] | None]:
    """Yield the function to call after each step of training; None if there is no terminal."""
    if not sys.stdout.isatty() or is_quiet():
        yield None
        return
    from time import monotonic

    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("steps"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("", total=steps)
        done, shown = 0, 0.0

        def advance() -> None:
            nonlocal done, shown
            done += 1
            if monotonic() - shown > 0.1:
                shown = monotonic()
                bar.update(task, completed=done)

        yield advance


def fetch_data(spec: Spec) -> None:
    """Download the data of a spec, where it is not here yet. DataError if that fails."""
    if spec.data is not None:
        with fetching(spec) as progress:
            spec.data.fetch(spec.source.folder, progress)


def counted(made: Iterable[Made], total: int) -> Iterator[Made]:
    """Yield what is made, and say how many of all there are: in a log, now and then."""
    is_shown = total > 1 and not is_quiet()
    for number, one in enumerate(made, 1):
        if is_shown and sys.stderr.isatty():
            print(f"\r{number} of {total}", end="", file=sys.stderr, flush=True)
        elif is_shown and number % EVERY == 0:
            print(f"{number} of {total}", file=sys.stderr, flush=True)
        yield one
    if is_shown and sys.stderr.isatty():
        print(file=sys.stderr)
