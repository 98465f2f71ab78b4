"""The pages in the folder that `nndsl play` was started in: listed, read, and saved when asked."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nndsl.confined.folder import page_below
from nndsl.files import write_text
from nndsl.languages import with_comments
from nndsl.source import SourceError, read_source
from nndsl.vocabulary.starter import starter

NEW = "digits.nn"  # what is begun where there is no page yet


def new_page(name: str = NEW) -> dict[str, Any]:
    """Return the name and the text of a page to begin with."""
    return {"name": name, "text": with_comments(starter(Path(name).stem, for_a_terminal=False))}


class Pages:
    """The pages below a folder. `find` lists them, as paths."""

    def __init__(self, folder: Path, find: Callable[[], Iterable[str | Path]]) -> None:
        self.folder = folder.resolve()
        self._find = find

    def names(self) -> list[str]:
        """Return the paths of all pages, from the folder on."""
        found = {Path(path).resolve() for path in self._find()}
        below = (path for path in found if path.is_relative_to(self.folder))
        return sorted(path.relative_to(self.folder).as_posix() for path in below)

    def path(self, name: str) -> Path:
        """Return where a page lies. Refused where that is not below the folder."""
        return page_below(self.folder, name)

    def inside(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return a question whose pages have paths from the folder on. Refused as by `path`."""
        names = {key: self.path(str(given[key])) for key in ("name", "other_name") if key in given}
        return given | {
            key: path.relative_to(self.folder).as_posix() for key, path in names.items()
        }

    def read(self, name: str) -> dict[str, Any]:
        """Return the text of a page and its checksum, or what kept it from being read."""
        path = self.path(name)
        if not path.exists():
            return {"name": name, "text": "", "checksum": None}
        try:
            text = read_source(path).text
        except SourceError as error:
            return {"error": str(error)}
        return {"name": name, "text": text.replace("\r\n", "\n"), "checksum": _checksum(path)}

    def save(self, name: str, text: str, before: str | None) -> dict[str, Any]:
        """Write a page in one step, unless it is not any more what `before` is the checksum of.

        Return its new checksum; or the text that is there now, as a `conflict`; or an error.
        """
        path = self.path(name)
        try:
            now = _checksum(path) if path.exists() else None
            if now != before:
                return {"conflict": True, **self.read(name)}
            crlf = now is not None and b"\r\n" in path.read_bytes()  # its line ends stay
            write_text(path, text.replace("\n", "\r\n") if crlf else text)
            return {"checksum": _checksum(path)}
        except OSError as error:
            return {"error": f"{name} cannot be written: {error.strerror or error}"}


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
