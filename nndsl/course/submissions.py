"""What students hand in: scripts, notebooks, and folders of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from nndsl.course.observation import notebook_code

SUFFIXES = (".py", ".ipynb")


class SubmissionError(Exception):
    """What was handed in cannot be read, or is not there."""


def submissions(paths: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Yield the files that were handed in, each with the name that tells whose it is.

    Of a folder these are its scripts and notebooks, and those in the folders of students in it;
    tests are none. SubmissionError where nothing is there.
    """
    for path in paths:
        if not path.is_dir():
            if not path.exists():
                raise SubmissionError(f"there is no {path}")
            yield path.name, path
            continue
        found = [
            file
            for file in sorted([*path.glob("*"), *path.glob("*/*")])
            if file.suffix in SUFFIXES and file.is_file() and not file.name.startswith("test_")
        ]
        if not found:
            raise SubmissionError(f"{path} holds no script and no notebook")
        for file in found:
            alone = file.parent != path and sum(f.parent == file.parent for f in found) == 1
            name = file.parent.name if alone else file.relative_to(path).as_posix()
            yield name, file


def read_submission(path: Path) -> str:
    """Return the script in a file: of a notebook, its cells of code. SubmissionError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SubmissionError(f"{path} cannot be read: {error}") from None
    if path.suffix != ".ipynb":
        return text
    try:
        return notebook_code(text)
    except ValueError:
        raise SubmissionError(f"{path} is no notebook") from None
