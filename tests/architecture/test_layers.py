"""Imports go one way: from the command line down to the source text."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import nndsl

ROOT = Path(__file__).parents[2]

# From the top to the bottom. Neighbours in one row do not know each other. `nndsl` is the package
# itself: the Python API of `nndsl/__init__.py`, which the commands may use.
ROWS = (
    {"__main__"},
    {"cli", "sklearn"},
    {"mcp"},
    {"lsp", "play"},
    {"nndsl"},
    {"notebook"},
    {"course", "experiment"},
    {"report"},
    {"live"},
    {"assistance", "diagram"},
    {"emit"},
    {"program"},
    {"lints"},
    {"analysis"},
    {"syntax", "vocabulary"},
    {"confined"},
    {"data", "ir"},
    {"codes", "diagnostics", "project"},
    {"columns", "files", "interchange", "languages", "resources", "shapes", "source"},
    {"displayed", "explained", "record"},
)
RANK = {layer: rank for rank, row in enumerate(ROWS) for layer in row}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / "nndsl").rglob("*.py"))}


def package_of(module: str) -> str:
    """Return the package that holds a module; a package holds itself."""
    is_package = module in MODULES and MODULES[module].name == "__init__.py"
    return module if is_package else module.rpartition(".")[0]


def layer_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "nndsl"


def imports(code: str) -> Iterator[tuple[str, str, int]]:
    """Yield (module, name, line) of every import of nndsl in the code.

    The name is empty for `import nndsl.x`, and for a string that spells a module, or the
    beginning of one: such strings are how modules are imported late.
    """
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                targets = [(alias.name, "") for alias in names]
            case ast.ImportFrom(level=level) if level:
                targets = [("nndsl.<relative>", "")]  # no layer: full names say where an arrow goes
            case ast.ImportFrom(module=source, names=names):
                targets = [
                    (f"{source}.{alias.name}", "")
                    if f"{source}.{alias.name}" in MODULES
                    else (source or "", alias.name)
                    for alias in names
                ]
            case ast.Constant(value=str(text)) if re.fullmatch(r"nndsl(\.\w+)+\.?", text) and any(
                module.startswith(text) for module in MODULES
            ):
                targets = [(text, "")]
            case _:
                continue
        for target, name in targets:
            if target.split(".")[0] == "nndsl":
                yield target, name, node.lineno


def upward(module: str, code: str) -> list[str]:
    """Return the imports of a module that do not go down."""
    here = layer_of(module)
    found = []
    for target, name, line in imports(code):
        there = layer_of(target)
        if here == there or (there == "nndsl" and name == "__version__"):
            continue
        if there not in RANK or RANK[there] <= RANK[here]:
            found.append(f"{module}:{line}: {here} imports {there}")
    return found


def private(module: str, code: str) -> list[str]:
    """Return the imports of a name or a module whose underscore says: for my own package only."""
    found = []
    for target, name, line in imports(code):
        parts = [*target.split("."), *filter(None, [name])]
        for i, part in enumerate(parts):
            if not part.startswith("_") or part.startswith("__"):
                continue
            owner = package_of(".".join(parts[:i]))
            inside = f"{module}.".startswith(f"{owner}.") and layer_of(module) == layer_of(target)
            if not inside:
                found.append(f"{module}:{line}: {'.'.join(parts)} belongs to {owner}")
    return found


def out_of_order(module: str, room: str, folders: list[str]) -> list[str]:
    """Return the imports of a module from a folder of its room that is named after its own."""
    inside = {f"nndsl.{room}.{folder}": rank for rank, folder in enumerate(folders)}
    here = inside.get(".".join(module.split(".")[:3]), len(folders))
    if here == len(folders):
        return []
    found = imports(MODULES[module].read_text(encoding="utf-8"))
    ranks = {target: inside.get(".".join(target.split(".")[:3]), -1) for target, _, _ in found}
    return [f"{module}: {target}" for target, rank in ranks.items() if rank > here]


def circle(graph: dict[str, set[str]]) -> str:
    """Return one circle among modules and those that each imports, or an empty text.

    Wherever an import stands, it counts: one inside a function hides a circle from Python, and
    not from whoever wants to understand or move one of the files. `nndsl` itself is left out: it
    has the version that many read, and attributes that are imported when they are asked for.
    """
    known = graph.keys() - {"nndsl"}
    within = {module: graph[module] & known - {module} for module in sorted(known)}
    try:
        TopologicalSorter(within).prepare()
    except CycleError as error:
        return " <- ".join(error.args[1])  # each is imported by the next
    return ""


def test_every_module_has_a_layer() -> None:
    assert {layer_of(module) for module in MODULES} <= RANK.keys()


def test_every_public_name_is_there() -> None:
    assert [name for name in nndsl.__all__ if not callable(getattr(nndsl, name))] == []
    assert set(nndsl.__all__) <= set(dir(nndsl))
    assert issubclass(nndsl.SourceError, Exception)


def test_the_page_names_each_room_after_those_that_it_imports() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    base, *rooms = re.findall(r"^\*\*(.*?)(?=\n\n(?!- ))", page, re.MULTILINE | re.DOTALL)
    foundation = re.findall(r"`(\w+)`", base)
    named = [*foundation, *(room[1 : room.index("`", 1)] for room in rooms)]
    assert set(named) == RANK.keys() - {"nndsl", "__main__"}
    ranks = [RANK[name] for name in named[len(foundation) :]]
    assert ranks == sorted(ranks, reverse=True)
    for name, room in zip(named[len(foundation) :], rooms, strict=True):
        files = re.findall(r"`([\w/*]+\.py)`", room)
        assert [file for file in files if not any((ROOT / "nndsl" / name).rglob(file))] == []
        folders = re.findall(r"^- `(\w+)/`", room, re.MULTILINE)
        assert not [wrong for module in MODULES for wrong in out_of_order(module, name, folders)]


def in_every_module(offences: Callable[[str, str], list[str]]) -> str:
    """Return what any module does wrong, one offence a line."""
    return "\n".join(
        offence
        for module, path in MODULES.items()
        for offence in offences(module, path.read_text(encoding="utf-8"))
    )


@pytest.mark.slow
def test_imports_go_down() -> None:
    assert not in_every_module(upward)


@pytest.mark.slow
def test_private_names_stay_in_their_package() -> None:
    assert not in_every_module(private)


@pytest.mark.slow
def test_no_imports_run_in_a_circle() -> None:
    graph = {
        module: {target for target, _, _ in imports(path.read_text(encoding="utf-8"))}
        for module, path in MODULES.items()
    }
    assert not circle(graph)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("nndsl.source", "from nndsl.diagnostics import Diagnostics"),
        ("nndsl.source", "import nndsl.resources"),
        ("nndsl.syntax.ast", "from nndsl import vocabulary"),
        ("nndsl.syntax.ast", "from ..vocabulary import anything"),
        ("nndsl.vocabulary", "from nndsl.syntax.ast import File"),
        ("nndsl.analysis", "def late():\n    from nndsl.program import graph"),
        ("nndsl.analysis", "importlib.import_module('nndsl.emit')"),
        ("nndsl.emit", "from nndsl import build"),
        ("nndsl", "from nndsl.cli import main"),
        ("nndsl.emit", "import nndsl.unheard_of"),
    ],
)
def test_a_wrong_arrow_is_seen(module: str, code: str) -> None:
    assert upward(module, code)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("nndsl.cli", "from nndsl.syntax.ast import _grammar"),
        ("nndsl.cli", "from nndsl.syntax import _parser"),
        ("nndsl.cli", "from nndsl.vocabulary.layers._base import Layer"),
        ("nndsl.vocabulary", "from nndsl.vocabulary.layers.dense import _shape"),
        ("nndsl.diagnostics", "from nndsl.source import _offset"),
    ],
)
def test_a_foreign_private_name_is_seen(module: str, code: str) -> None:
    assert private(module, code)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("nndsl.emit.script", "from nndsl import __version__"),
        ("nndsl.cli", "import nndsl\nimport nndsl.live\nfrom nndsl.diagnostics import SpecError"),
        (
            "nndsl.syntax.ast",
            "from nndsl.syntax import _parser\nfrom nndsl.syntax.ast import _Node",
        ),
        ("nndsl.vocabulary.layers.dense", "from nndsl.vocabulary.layers._base import Layer"),
    ],
)
def test_a_right_import_passes(module: str, code: str) -> None:
    assert not upward(module, code)
    assert not private(module, code)


def test_a_circle_is_seen() -> None:
    graph = {"nndsl": {"nndsl.a"}, "nndsl.a": {"nndsl.b"}, "nndsl.b": {"nndsl"}, "nndsl.c": set()}
    assert not circle(graph)
    graph["nndsl.b"].add("nndsl.a")
    assert set(circle(graph).split(" <- ")) == {"nndsl.a", "nndsl.b"}
