"""What a project says about all of its specs: `[tool.nndsl]` in its pyproject.toml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, SourceError, Span, read_source

if TYPE_CHECKING:
    from nndsl.lints.suppression import Suppression

SETTINGS = ("ignore",)


def project_of(path: Path, diagnostics: Diagnostics) -> list[Suppression]:
    """Return the codes that the nearest pyproject.toml with a table `tool.nndsl` ignores."""
    for folder in path.absolute().parents:
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            source = read_source(file)
        except SourceError:
            continue  # it is for the tools that own it to say so
        if _may_have_table(source.text) and (found := _read(source, diagnostics)) is not None:
            return found
    return []


def _may_have_table(text: str) -> bool:
    """Whether a text names `tool.nndsl`: to find none, no TOML need be read, which takes longer."""
    bare = text.translate(dict.fromkeys(map(ord, " \t\"'")))
    return "tool.nndsl" in bare or ("nndsl" in bare and ("[tool]" in bare or "tool=" in bare))


def _read(source: Source, diagnostics: Diagnostics) -> list[Suppression] | None:
    from nndsl.lints.suppression import Suppression, warn

    document = _parse(source.text)
    if isinstance(document, str):
        warn(diagnostics, f"{source.name} is no valid TOML: {document}", Span(source, 0, 0))
        return []
    tool = document.get("tool")
    table = tool.get("nndsl") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return None
    for name in table:
        if name not in SETTINGS:
            help = did_you_mean(name, SETTINGS)
            wrong = f"[tool.nndsl] has no setting `{name}`"
            warn(diagnostics, wrong, _place(source, name), help)
    ignored = table.get("ignore", [])
    if not isinstance(ignored, list) or not all(isinstance(code, str) for code in ignored):
        help = 'write ignore = ["NN431"]'
        warn(diagnostics, "`ignore` is a list of codes", _place(source, "ignore"), help)
        return []
    return [Suppression(code, _place(source, code)) for code in ignored]


@cache
def _parse(text: str) -> dict[str, Any] | str:
    """Return what a TOML document says, or what is wrong with it."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return str(error)


def _place(source: Source, name: str) -> Span:
    """Return where a name stands behind the head of the table, as far as that can be found."""
    start = source.text.find(name, max(0, source.text.find("nndsl")))
    return Span(source, start, start + len(name)) if start >= 0 else Span(source, 0, 0)
