"""The specs that paths on the command line name."""

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from nndsl.cli.errors import CommandError
from nndsl.project import project_above

EXCLUDED = ("node_modules", "__pycache__")  # folders that are not searched
MAX_GITIGNORE = 100_000  # bytes of a .gitignore
Ignored = list[tuple[Path, str]]  # the folder of a .gitignore, a pattern


def find_specs(paths: Iterable[str]) -> list[str]:
    """Return the specs that paths name: files, `-`, and the .nn files in folders, recursively.

    Each is listed once. Unless they are named, hidden files and folders are left out, and so are
    virtual environments, node_modules, what git ignores, what the project excludes, and the folders
    that `run`, `compare` and `search` write: their specs are copies.
    """
    return list(dict.fromkeys(found for path in paths for found in _specs(path)))


def _specs(given: str) -> Iterator[str]:
    if not given:
        raise CommandError("an empty path names no file", "name a spec or a folder")
    if given == "-" or not Path(given).is_dir():
        yield given
        return
    found = False
    ignored = {given: _ignored_above(Path(given).resolve())}
    for folder, folders, names in os.walk(given):
        patterns = [*ignored.pop(folder), *_patterns(Path(folder).resolve())]
        folders[:] = sorted(n for n in folders if not _is_left_out(Path(folder, n), patterns))
        ignored |= {os.path.join(folder, name): patterns for name in folders}  # noqa: PTH118
        for name in sorted(names):
            path = Path(folder, name)
            if name.endswith(".nn") and name[0] != "." and not _is_ignored(path, patterns):
                found = True
                yield str(path)
    if not found:
        help = "what a run keeps, .gitignore names or [tool.nndsl] excludes is taken where named"
        raise CommandError(f"the folder {given} holds no .nn files of yours", help)


def _is_left_out(folder: Path, patterns: Ignored) -> bool:
    if folder.name[0] == "." or folder.name in EXCLUDED or (folder / "pyvenv.cfg").exists():
        return True
    return _is_kept_by_us(folder) or _is_ignored(folder, patterns)


def _is_kept_by_us(folder: Path) -> bool:
    """Whether a folder is that of a run, a comparison or a search."""
    if (folder / "experiment.json").exists() and (folder / "spec.nn").exists():
        return True
    try:
        with (folder / "command.txt").open("rb") as file:
            return file.read(6) == b"nndsl "
    except OSError:
        return False


# --- What git ignores -----------------------------------------------------------------


def _ignored_above(folder: Path) -> Ignored:
    """Return the ignore patterns that lie above a folder: those of its repository and project."""
    project = project_above(folder)
    excluded = [(project.folder, one) for one in project.texts("exclude") or ()] if project else []
    return _of_repository(folder) + excluded


def _of_repository(folder: Path) -> Ignored:
    around: list[Path] = []
    while not (folder / ".git").exists():
        if folder.parent == folder:
            return []  # not in a repository
        folder = folder.parent
        around.insert(0, folder)
    return [pattern for one in around for pattern in _patterns(one)]


def _patterns(folder: Path) -> Ignored:
    file = folder / ".gitignore"
    try:
        text = file.read_bytes()[:MAX_GITIGNORE] if file.is_file() else b""
    except OSError:
        return []
    lines = [line.rstrip() for line in text.decode("utf-8", errors="replace").splitlines()]
    return [(folder, line) for line in lines if line and line[0] != "#"]


def _is_ignored(path: Path, patterns: Ignored) -> bool:
    """Whether git ignores a path. The last pattern that matches decides."""
    whole = path.parent.resolve() / path.name
    for folder, pattern in reversed(patterns):
        wanted = pattern.removeprefix("!")
        parts = wanted.removesuffix("/").lstrip("/").split("/")
        if len(parts) == 1 and wanted[:1] != "/":
            parts = ["**", *parts]  # a bare name matches at any depth
        fits = path.is_dir() or not wanted.endswith("/")
        if fits and _matches(whole.relative_to(folder).parts, parts):
            return pattern[0] != "!"
    return False


def _matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a whole path matches. `**` is any number of folders; the time is linear in both."""
    reached = {0}  # the possible numbers of matched parts
    for number, part in enumerate(pattern, 1):
        if part == "**":
            inside = number == len(pattern)  # `a/**` is what is inside a, not a
            reached = set(range(min(reached) + inside, len(path) + 1)) if reached else set()
        else:
            reached = {n + 1 for n in reached if n < len(path) and fnmatchcase(path[n], part)}
    return len(path) in reached
