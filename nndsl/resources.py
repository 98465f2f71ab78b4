"""Where the grammar and the templates lie: in an installed package, and in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent  # a Path, since importlib.resources costs a third of bare Python


def read_text(folder: str, name: str) -> str:
    """Return the text of a file in `grammar` or `templates`.

    A wheel carries the folders as `nndsl/_grammar` and `nndsl/_templates`; an editable
    install and a checkout have them beside the package.
    """
    installed = _PACKAGE / f"_{folder}"
    place = installed if installed.is_dir() else _PACKAGE.parent / folder
    return (place / name).read_text(encoding="utf-8")
