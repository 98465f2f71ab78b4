"""Scripts in Japanese: whole sentences, within their lines, and the same numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalogues import compiled, path_of, read, require_entries, untranslated, update
from every_word import ROLES, composite, spec_text, words_of

import nndsl
from nndsl.emit.layout import WIDTH
from nndsl.languages import in_language
from nndsl.languages.widths import width

SPECS = Path(__file__).parents[2] / "specs"
BOOK = sorted((SPECS / "book").glob("*.nn"))
LABS = sorted((Path(nndsl.__file__).parent / "course" / "labs").glob("*.nn"))
ENGLISH = re.compile(r'"""[A-Z][a-z]+ [a-z]+ .*|  # [A-Za-z]+,? [a-z]+ .*')
PLAIN = {
    "layers": "relu",
    "losses": "softmax_cross_entropy",
    "optimizers": "adam",
    "initializers": "he",
    "regularizers": "l2",
    "schedules": "constant",
    "data": "digits",
}


def build(spec: Path | str, style: str = "flat") -> str:
    text = spec if isinstance(spec, str) else None
    try:
        return nndsl.build(spec if text is None else "page.nn", text=text, style=style)
    except nndsl.SpecError:  # a formula has no layers; some words do not go together
        return ""


def build_all() -> Iterator[str]:
    """Build the pages that come with nndsl, one for each word, and all layers as objects."""
    for spec in (*sorted(SPECS.glob("*.nn")), *BOOK):
        yield build(spec)
    for role in ROLES:
        for word in words_of(role):
            yield build(spec_text(PLAIN | {role: word}))
    yield build(composite(), "layers")
    yield build(SPECS / "lenet.nn", "layers")


@pytest.mark.usefixtures("data_folder")
@pytest.mark.slow
def test_every_sentence_of_a_script_is_translated(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    require_entries("ja", lambda: [*build_all()], monkeypatch, pytestconfig)


def test_the_book_and_the_labs_are_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not untranslated("ja", lambda: [build(spec) for spec in (*BOOK, *LABS)], monkeypatch)


def test_no_comment_of_a_lab_is_english() -> None:
    with in_language("ja"):
        scripts = "".join(map(build, LABS))
    assert ENGLISH.findall(scripts) == []


@pytest.mark.parametrize(
    ("cut", "by"),
    [
        ("validation=0.1, split=stratified", "np.unique(t)"),
        ('validation=0.1, groups="length_m"', "np.unique(group_names"),
        ("fold=(2, 5)", "np.array_split(rest, FOLDS)"),
        ("fold=(2, 5), split=in_order", "np.array_split(rest, FOLDS + 1)"),
        ('fold=(2, 5), groups="length_m"', "% FOLDS"),
    ],
)
def test_no_comment_on_how_a_table_is_cut_is_english(
    cut: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SPECS)
    data = f'data = csv("data/pendulum.csv", target="place", test=0.2, {cut})'
    network = "network { dense(3) }"
    train = "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 1 }"
    with in_language("ja"):
        script = nndsl.build("page.nn", text="\n".join([data, network, train]))
    assert by in script
    assert ENGLISH.findall(script) == []


def test_the_catalogue_is_compiled(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-golden"):
        update("ja", ())
    kept = path_of("ja").with_suffix(".mo").read_bytes()
    assert kept == compiled(read("ja")), "run pytest tests/languages --update-golden"


def test_a_translation_has_the_names_of_its_sentence() -> None:
    for message in read("ja"):
        if message.id and message.string:
            assert names(message.string) <= names(message.id), message.id


def names(text: str) -> set[str]:
    """Return what is put into a sentence: values, and names in backticks."""
    return {*re.findall(r"\{\w+\}", text), *re.findall(r"`[^`]*`", text)}


@pytest.mark.parametrize("spec", BOOK, ids=lambda spec: spec.stem)
def test_code_is_the_same_and_lines_are_short(spec: Path) -> None:
    english = build(spec)
    with in_language("ja"):
        japanese = build(spec)
    lines = japanese.partition("# fmt: off")[2].splitlines()  # the head has names of files
    assert all(width(line) <= WIDTH for line in lines if not line.isascii())
    assert code(japanese) == code(english)


def code(script: str) -> str:
    """Return a script without comments, docstrings and texts."""
    return ast.dump(_WithoutTexts().visit(ast.parse(script)))


class _WithoutTexts(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        return ast.Constant("")
