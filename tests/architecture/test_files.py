"""What holds for the files of the repository: names, and what may stand in them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (".ci", "bench", "docs", "grammar", "nndsl", "specs", "templates", "tests")
PAGES = (".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml")
PEERS = {"jax", "sklearn", "threadpoolctl", "torch"}  # of the extra `verify`, not of `test`
GENERATED = {"__pycache__", "runs"}


def files(*folders: str) -> list[Path]:
    """Return the files under folders of the repository, without what tools leave there."""
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and not GENERATED & set(path.relative_to(ROOT).parts)
    ]


def python_files(*folders: str) -> list[Path]:
    return [path for path in files(*folders) if path.suffix == ".py"]


def relative(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def builtin_uses(path: Path, names: set[str]) -> list[str]:
    """Return `path:line name` wherever a file mentions one of the builtins, called or not."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) if name in names:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in names:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
            case ast.ImportFrom(module="builtins"):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} builtins")
    return found


def test_every_file_is_named_after_what_it_is() -> None:
    shapeless = {"utils", "util", "helpers", "helper", "common", "misc"}
    named = [path for path in files(*FOLDERS) if shapeless & {path.stem, path.parent.name}]
    assert not relative(named)


def test_templates_hold_no_mathematics() -> None:
    templates = files("templates")
    assert templates
    found = [
        f"{path.name}: {mark}"
        for path in templates
        for mark in (" @ ", "np.", "dW")
        if mark in path.read_text(encoding="utf-8")
    ]
    assert not found


@pytest.mark.slow
def test_there_is_one_exec_and_no_eval() -> None:
    uses = [use for path in python_files("nndsl") for use in builtin_uses(path, {"exec", "eval"})]
    assert len(uses) == 1, uses
    assert uses[0].endswith(" exec")


@pytest.mark.parametrize(
    "code", ["exec(text)", "run = eval", "builtins.exec(text)", "from builtins import exec as run"]
)
def test_a_hidden_exec_is_seen(code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "module.py").write_text(code, encoding="utf-8")
    assert len(builtin_uses(tmp_path / "module.py", {"exec", "eval"})) == 1


def test_ci_runs_the_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    first, second = (command.strip() for command in commands[:2])
    assert "\n" not in first
    assert "\n" not in second
    assert "-m pytest" in second

    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    extraction = re.search(r"^  python -c '(.*?)' \"\$1\"$", script, re.M | re.S)
    assert extraction is not None
    for number, name in enumerate(("first", "test")):
        code = [sys.executable, "-c", extraction[1], str(number)]
        output = subprocess.check_output(code, cwd=ROOT, text=True)
        assert output.strip() == (first, second)[number]
        assert f"{name}_command=$(block {number})" in script
        assert re.search(rf'bash -euo pipefail -c "\${name}_command"', script)


@pytest.mark.slow
def test_tests_are_collected_without_the_peers() -> None:
    for path in python_files("tests"):
        for node in ast.parse(path.read_text("utf-8")).body:
            match node:
                case ast.Import(names=names):
                    found = {name.name.partition(".")[0] for name in names}
                case ast.ImportFrom(module=str(module)):
                    found = {module.partition(".")[0]}
                case _:
                    continue
            assert not found & PEERS, f"{path}:{node.lineno}: use pytest.importorskip"


def test_no_file_names_a_folder_of_one_machine() -> None:
    folders = ["/".join(("", name, "")).encode() for name in ("work", "tmp", "root")]
    texts = files(*FOLDERS) + [ROOT / page for page in PAGES]
    naming = [path for path in texts if any(folder in path.read_bytes() for folder in folders)]
    assert not relative(naming)


def test_an_error_that_tells_the_way_out_is_an_explained_one() -> None:
    """Or a command would take it for a bug of nndsl: `help` of an error is for `ExplainedError`."""
    found = []
    for path in python_files("nndsl"):
        for one in ast.walk(ast.parse(path.read_bytes())):
            is_own = isinstance(one, ast.ClassDef) and "Exception" in map(ast.unparse, one.bases)
            if is_own and "self.help = " in ast.unparse(one):
                found.append(path.name)
    assert found == ["explained.py", "lexeme.py"]  # a fault of a text becomes a finding


NOT_SUBSCRIPTED = {"array"}  # before Python 3.12


def test_a_future_import_stands_only_where_an_annotation_needs_it() -> None:
    """It needs it where it names what is not there yet, or what only type checkers import."""
    texts = {path: path.read_text(encoding="utf-8") for path in python_files("nndsl")}
    trees = {path: ast.parse(text) for path, text in texts.items() if "__future__" in text}
    found = {
        path
        for path, tree in trees.items()
        if any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        )
        and not has_late_annotations(tree)
    }
    assert not relative([*found])


@pytest.mark.parametrize(
    ("code", "is_late"),
    [
        ("class A: ...\ndef f(a: A) -> A: ...", False),
        ("def f(a: A) -> None: ...\nclass A: ...", True),
        ("class A:\n    def same(self) -> A: ...", True),
        ("def f() -> None:\n    a: A\nclass A: ...", False),
        ("if TYPE_CHECKING:\n    from a import A\ndef f(*, a: list[A]) -> None: ...", True),
        ("class B:\n    a: A\nclass A: ...", True),
    ],
)
def test_a_late_annotation_is_seen(code: str, is_late: bool) -> None:
    assert has_late_annotations(ast.parse(code)) == is_late


def has_late_annotations(tree: ast.Module) -> bool:
    """Does an annotation that is evaluated on import name what is not there by then?"""
    checked = [node for node in tree.body if isinstance(node, ast.If)]
    checked = [node for node in checked if ast.unparse(node.test) == "TYPE_CHECKING"]
    late = NOT_SUBSCRIPTED | {name for node in checked for name, _ in bindings(ast.walk(node))}
    there = dict(bindings(tree.body))  # by name, the line after which it is there
    return any(
        isinstance(name, ast.Name)
        and (name.id in late or there.get(name.id, 0) >= annotation.lineno)
        for annotation in annotations(tree.body)
        for name in ast.walk(annotation)
    )


def bindings(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((one.asname or one.name, node.lineno) for one in names)
            case ast.ClassDef(name=name):
                yield name, node.end_lineno or 0
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node.lineno


def annotations(body: Iterable[ast.stmt]) -> Iterator[ast.expr]:
    """Yield those that are evaluated when a module is imported."""
    for node in body:
        match node:
            case ast.FunctionDef(args=args, returns=returns):
                some = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
                yield from (one.annotation for one in some if one and one.annotation)
                yield from [returns] if returns else []
            case ast.ClassDef(body=inner):
                yield from annotations(inner)
            case ast.AnnAssign(annotation=annotation):
                yield annotation
