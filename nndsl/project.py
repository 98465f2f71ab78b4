"""What a project says of all its pages: the table `tool.nndsl` of its pyproject.toml."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nndsl.source import Source, SourceError, Span, read_source


@dataclass(frozen=True)
class Project:
    """The settings of the nearest pyproject.toml that has some, or why its text has none."""

    source: Source
    settings: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def folder(self) -> Path:
        return self.source.folder

    def texts(self, name: str) -> list[str] | None:
        """Return a setting that is a list of texts; None where it is something else."""
        found = self.settings.get(name, [])
        is_list = isinstance(found, list) and all(isinstance(one, str) for one in found)
        return found if is_list else None

    def place(self, name: str) -> Span:
        """Return where a name stands behind the head of the table, as far as can be found."""
        text = self.source.text
        start = text.find(name, max(0, text.find("nndsl")))
        if start < 0:
            return Span(self.source, 0, 0)
        return Span(self.source, start, start + len(name))


def project_above(path: Path) -> Project | None:
    """Return the project of a file or folder: from its own folder upwards."""
    try:
        path = path.absolute()
    except FileNotFoundError:  # the current folder is gone
        return None
    for folder in path.parents if path.is_file() else (path, *path.parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            source = read_source(file)
        except SourceError:
            continue  # it is for the tools that own it to say so
        if _may_have_table(source.text) and (found := _read(source)) is not None:
            return found
    return None


def _may_have_table(text: str) -> bool:
    """Whether a text names `tool.nndsl`: to find none, no TOML need be read, which takes longer."""
    bare = text.translate(dict.fromkeys(map(ord, " \t\"'")))
    return "tool.nndsl" in bare or ("nndsl" in bare and ("[tool]" in bare or "tool=" in bare))


def _read(source: Source) -> Project | None:
    document = _parse(source.text)
    if isinstance(document, str):
        return Project(source, problem=document)
    tool = document.get("tool")
    table = tool.get("nndsl") if isinstance(tool, dict) else None
    return Project(source, table) if isinstance(table, dict) else None


@cache
def _parse(text: str) -> dict[str, Any] | str:
    """Return what a TOML document says, or what is wrong with it."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return str(error)
