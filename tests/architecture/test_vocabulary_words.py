"""A word of the language is known to its own file alone: a new word changes no other file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VOCABULARY = ROOT / "nndsl" / "vocabulary"
KINDS = (
    "layers",
    "losses",
    "optimizers",
    "initializers",
    "regularizers",
    "schedules",
    "clips",
    "gradients",
    "stops",
    "averages",
    "mixtures",
    "metrics",
    "data",
    "reports",
    "ranges",
    "samplers",
    "ties",
)

# (file, word): why this is English, or a field of a record, and not the word of the language.
ALLOWED: dict[tuple[str, str], str] = {
    ("nndsl/live/gradients/mutants.py", "transpose"): "a kind of mistake: a matrix turned",
    ("nndsl/report/network.py", "frozen"): "what is not trained, in a table",
    ("nndsl/program/layer_style.py", "frozen"): "what is not trained, a variable of the script",
    ("nndsl/cli/evaluate.py", "f1"): "a heading of the table of classes",
    ("nndsl/cli/evaluate.py", "precision"): "a heading of the table of classes",
    ("nndsl/cli/evaluate.py", "recall"): "a heading of the table of classes",
    ("nndsl/live/judging/differences.py", "input"): "what a function is given, in that file",
    ("nndsl/live/judging/reasons.py", "transpose"): "a mistake, in a sentence",
    ("nndsl/live/judging/reference.py", "input"): "what a function is given, in that file",
    ("nndsl/live/judging/returned.py", "input"): "what a function is given, in that file",
    ("nndsl/live/judging/observation.py", "input"): "what a function is given, in that file",
    ("templates/course.md.jinja", "npz"): "a file of an exercise, by its name",
    ("nndsl/course/grading/results.py", "csv"): "a format of results",
    ("nndsl/analysis/messages.py", "input"): "the key of pydantic's error for the value it refused",
    ("nndsl/cli/predict.py", "csv"): "a format of output",
    ("nndsl/report/judged.py", "precision"): "a heading of the table of classes",
    ("nndsl/report/judged.py", "recall"): "a heading of the table of classes",
    ("nndsl/report/judged.py", "accuracy"): "the axis of a diagram",
    ("nndsl/analysis/schema.py", "integer"): "a type of JSON Schema's",
    ("nndsl/ir/values.py", "add"): "a function of numpy, the name behind `np.`",
    ("nndsl/program/optimize/rules.py", "add"): "a function of numpy",
    ("nndsl/program/optimize/rules.py", "multiply"): "a function of numpy",
    ("nndsl/program/optimize/in_place.py", "dot"): "a function of numpy",
    ("nndsl/cli/graph.py", "dot"): "a format of graphs, Graphviz's",
    ("nndsl/diagram/picture.py", "dot"): "a format of graphs, Graphviz's",
    ("nndsl/assistance/names.py", "choice"): "a kind of name, in an editor",
    ("nndsl/ir/latex.py", "zeros"): "a function of numpy",
}

# Words that a compiler needs for its own matters, in any file: as data, `text` is a source. A
# statement has a `value`, which is the word of a clip, and training a `step`, that of a schedule.
EVERYDAY = {"text", "Text", "value", "step"}

WORD_FILES = [
    path
    for kind in KINDS
    for path in sorted((VOCABULARY / kind).glob("*.py"))
    if not path.name.startswith("_")
]
WORDS = {path.stem for path in WORD_FILES}
CLASSES = {
    node.name
    for path in WORD_FILES
    for node in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
WORD_MODULES = {f"nndsl.vocabulary.{path.parent.name}.{path.stem}" for path in WORD_FILES}
PYTHON_FILES = [
    path for path in sorted((ROOT / "nndsl").rglob("*.py")) if not path.is_relative_to(VOCABULARY)
]
TEXTS = [
    path
    for folder in ("grammar", "templates")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix != ".css"  # which has words of its own: `repeat`, `normal`
]


def docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the constants that only document: strings that stand alone as a statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for an attribute chain of names, or an empty string."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case _:
            return ""


def imported_from_vocabulary(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (full name, local name) of what an import takes from the vocabulary."""
    match node:
        case ast.ImportFrom(module=str(module), names=names):
            imported = [(f"{module}.{alias.name}", alias.asname or alias.name) for alias in names]
        case ast.Import(names=names):
            imported = [(alias.name, alias.asname or alias.name.split(".")[0]) for alias in names]
        case _:
            return
    for full, local in imported:
        if "vocabulary" in full.split("."):
            yield full, local


def words_in_python(code: str) -> set[str]:
    """Return the words and word classes that a module names: in strings, imports, attributes."""
    tree = ast.parse(code)
    documentation = set(docstrings(tree))
    known = WORDS | CLASSES
    imported = [names for node in ast.walk(tree) for names in imported_from_vocabulary(node)]
    found = {part for full, _ in imported for part in full.split(".") if part in known}
    locals_ = {local for _, local in imported}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if node not in documentation:
                if text in known:
                    found.add(text)
                elif text in WORD_MODULES:
                    found.add(text.rpartition(".")[2])
            case ast.Attribute(attr=attr) if (
                attr in known and dotted(node).split(".")[0] in locals_
            ):
                found.add(attr)
    return found


def words_in_text(text: str) -> set[str]:
    """Return the whole words of the vocabulary in a grammar or a template, outside comments."""
    code = re.sub(r"//[^\n]*|\{#.*?#\}", "", text, flags=re.DOTALL)
    return WORDS & set(re.findall(r"\w+", code))


def foreign_words(path: Path, code: str) -> set[str]:
    """Return the modules of other words that a file of the vocabulary imports."""
    own = f"nndsl.vocabulary.{path.parent.name}.{path.stem}"
    imported = {
        full for node in ast.walk(ast.parse(code)) for full, _ in imported_from_vocabulary(node)
    }
    return {
        word
        for word in WORD_MODULES - {own}
        if any(f"{full}.".startswith(f"{word}.") for full in imported)
    }


def diagnostics() -> set[tuple[str, str]]:
    """Return (file, word) for every word outside the vocabulary."""
    python = ((path, words_in_python(path.read_text(encoding="utf-8"))) for path in PYTHON_FILES)
    texts = ((path, words_in_text(path.read_text(encoding="utf-8"))) for path in TEXTS)
    return {
        (path.relative_to(ROOT).as_posix(), word)
        for path, words in [*python, *texts]
        for word in words - EVERYDAY
    }


def test_the_words_are_found() -> None:
    assert {"dense", "relu", "adam", "digits"} <= WORDS
    assert "Dense" in CLASSES
    assert PYTHON_FILES
    assert TEXTS


@pytest.mark.slow
def test_no_word_stands_outside_the_vocabulary() -> None:
    assert diagnostics() == {allowed for allowed in ALLOWED if allowed[1] in WORDS}


def test_the_vocabulary_imports_its_bases_alone() -> None:
    knowing = {
        path.relative_to(VOCABULARY).as_posix(): words
        for path in sorted(VOCABULARY.rglob("*.py"))
        if (words := foreign_words(path, path.read_text(encoding="utf-8")))
    }
    assert knowing == {}


@pytest.mark.parametrize(
    "code",
    [
        "if kind == 'dense': pass",
        "WEIGHTED = {'Dense'}",
        "import_module('nndsl.vocabulary.layers.dense')",
        "from nndsl.vocabulary.layers.dense import Layer",
        "from nndsl.vocabulary.layers import dense",
        "from nndsl.vocabulary import Dense as Affine",
        "from nndsl import vocabulary\nvocabulary.layers.Dense",
        "match kind:\n    case 'dense': pass",
    ],
)
def test_a_word_in_python_is_seen(code: str) -> None:
    assert words_in_python(code) & {"dense", "Dense"}


def test_documentation_may_speak_of_words() -> None:
    assert not words_in_python('def f():\n    """dense"""\nlayer = 1\n"""relu"""')
    assert not words_in_text("// relu dense(50)\nstart: body {# dense #}")


def test_a_word_in_a_text_is_seen() -> None:
    assert words_in_text('call: "dense" arguments') == {"dense"}
    assert words_in_text("{% if layer == 'relu' %}") == {"relu"}


def test_a_word_that_knows_another_is_seen() -> None:
    adam = VOCABULARY / "optimizers" / "adam.py"
    assert foreign_words(adam, "from nndsl.vocabulary.layers.dense import Dense")
    assert not foreign_words(adam, "from nndsl.vocabulary.optimizer import Optimizer")
