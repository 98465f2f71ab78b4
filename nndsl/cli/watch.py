"""`--watch`: a command that is done again whenever a page, or what it reads, changes."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nndsl.cli.errors import CommandError, report
from nndsl.cli.printable import printable_lines
from nndsl.languages import translated

# How what a page reads may end: pages, settings, tables, arrays, texts and images
READ = (
    ".nn",
    ".json",
    ".toml",
    ".csv",
    ".gz",
    ".parquet",
    ".npz",
    ".npy",
    "-ubyte",
    ".txt",
    ".png",
)
WAKING = 200  # milliseconds: the first time, it is known that changes are seen


def repeat(command: Callable[[], int], paths: Iterable[str]) -> int:
    """Do a command, and again after each change below the folders of paths, until Ctrl-C."""
    given = [*paths]
    if "-" in given:
        raise CommandError("stdin does not change: there is nothing to watch", "name a file")
    try:
        from watchfiles import watch
    except ImportError:
        raise CommandError("--watch needs watchfiles", 'pip install "nndsl[watch]"') from None
    folders = {path if path.is_dir() else path.parent for path in map(Path, given)}
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        raise CommandError(f"there is no folder {missing[0]}", "create it first")

    def is_read(change: Any, path: str) -> bool:
        return path.endswith(READ) and not path.endswith(".weights.npz")

    has_begun = False
    for changes in watch(
        *folders, watch_filter=is_read, yield_on_timeout=True, rust_timeout=WAKING
    ):
        if changes or not has_begun:
            if has_begun:
                names = sorted({Path(path).name for _, path in changes})
                print("\n" + printable_lines(translated(f"{', '.join(names)} changed")), flush=True)
            has_begun = True
            try:
                command()
            except Exception as error:
                report(error)
    return 0
