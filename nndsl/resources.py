"""Where the grammar, the templates and the package lie: installed, and in a checkout."""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

_PACKAGE = Path(__file__).parent  # a Path, since importlib.resources costs a third of bare Python

_FOLDERS = ("grammar", "templates")
_LEFT_OUT = {"__pycache__", "web", "page", "node_modules"}


@cache
def read_text(folder: str, name: str) -> str:
    """Return the text of a file in `grammar` or `templates`.

    A wheel carries the folders as `nndsl/_grammar` and `nndsl/_templates`; an editable
    install and a checkout have them beside the package.
    """
    installed = _PACKAGE / f"_{folder}"
    place = installed if installed.is_dir() else _PACKAGE.parent / folder
    return (place / name).read_text(encoding="utf-8")


def environment(*, autoescape: bool = False) -> "Environment":
    """Return what reads templates: a value that lacks is an error, and a tag leaves no line."""
    from jinja2 import Environment, StrictUndefined

    return Environment(
        autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def rendered(template: str, **values: object) -> str:
    """Return a template of text with its values, which ends with one line break."""
    read = environment().from_string(read_text("templates", template))
    return read.render(**values).rstrip() + "\n"


def import_path() -> list[str]:
    """Return where this process imports from, to be searched after the standard library alone.

    The current folder is left out: a file that lies there, named like a module, is data.
    """
    here, own = Path().resolve(), str(_PACKAGE.parent)
    found = [path for path in sys.path if path and Path(path).resolve() != here]
    return found if own in found else [own, *found]


def main_of(module: str, *flags: str) -> list[str]:
    """Return the command of a process that does `main` of a module, with what is installed here."""
    start = f"import sys; sys.path += sys.argv[1:]; from {module} import main; main()"
    return [sys.executable, "-I", "-S", *flags, "-c", start, *import_path()]


def own_folders() -> list[Path]:
    """Return what nndsl itself consists of."""
    beside = (_PACKAGE.parent / name for name in _FOLDERS)
    return [_PACKAGE, *(folder for folder in beside if folder.is_dir())]


def own_files() -> Iterator[tuple[str, Path]]:
    """Yield the files that a wheel of nndsl holds, but for its page of play: name and place."""
    for path in sorted(_PACKAGE.rglob("*")):
        inside = path.relative_to(_PACKAGE.parent)
        if path.is_file() and _LEFT_OUT.isdisjoint(inside.parts):
            yield inside.as_posix(), path
    for folder in _FOLDERS:
        beside = _PACKAGE.parent / folder
        if not (_PACKAGE / f"_{folder}").is_dir():  # a checkout
            for path in sorted(path for path in beside.rglob("*") if path.is_file()):
                yield f"nndsl/_{folder}/{path.relative_to(beside).as_posix()}", path
