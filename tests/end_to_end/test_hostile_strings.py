"""No text of a spec, of its data or of a file's name becomes code of the script."""

from __future__ import annotations

import ast
import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data_files import install
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from thoroughness import examples

import nndsl
from nndsl.diagnostics import SpecError
from nndsl.emit.build import build
from nndsl.emit.script import Script
from nndsl.source import Source, read_source

# Pieces that end, bend or open something in Python, in a template, in a terminal or in a table.
NASTY = [
    *(
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\\\\",
        "{",
        "}",
        "{{",
        "}}",
        "{%",
        "#",
        ";",
        ":",
        ",",
        "\t",
        " ",
    ),
    *("\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\u202e"),
    *(
        "\\N{DIGIT ONE}",
        "\\u12",
        "\\x",
        "\\\n",
        "%s",
        "$(id)",
        "`id`",
        "é",
        "𝐱",
        "ﬁ",
        "日本",
        "\ufeff",
    ),
    *(
        '"); import os; (',
        "\nimport os\n",
        '"""\nraise SystemExit\n"""',
        "__import__('os')",
        "N",
        "np",
    ),
]
characters = st.characters(exclude_categories=["Cs"])
texts = st.lists(st.sampled_from(NASTY) | characters, min_size=1, max_size=6).map("".join)
file_names = (
    st.lists(st.sampled_from([*NASTY, "\udc80", "\udcff"]) | characters, min_size=1, max_size=6)
    .map("".join)
    .filter(lambda name: not {"/", "\0"} & set(name) and name not in (".", ".."))
    .filter(lambda name: len(name.encode("utf-8", "surrogateescape")) < 200)
)
some = settings(max_examples=examples(25))

NETWORK = "network { dense(2) }"
TRAIN = "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); batch = 4; epochs = 1 }"


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> pytest.TempPathFactory:
    return tmp_path_factory


class _Blank(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


def code(script: Script) -> str:
    """Return the tree of a script without the words of its strings."""
    script.text.encode("utf-8")
    return ast.dump(_Blank().visit(ast.parse(script.text)))


def trains(path: Path) -> None:
    """Train in process, to the end."""
    assert len(nndsl.load(path).fit().rows) == 1


def table(folder: Path, name: str, header: list[str], kinds: list[str], classes: list[str]) -> None:
    """Write a table of 12 rows: a number, a text of two kinds, and a class of two."""
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        writer.writerows([i / 12, kinds[i % 2], classes[i // 2 % 2]] for i in range(12))


def table_spec(name: str, target: str) -> str:
    data = f"csv({json.dumps(name)}, target={json.dumps(target)}, test=3)"
    return f"data = {data}\n{NETWORK}\n{TRAIN}\n"


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def table_script(folder: Path, texts: list[str], name: str = "data.csv") -> Script:
    a, b, c, d, e, f, g = texts
    table(folder, name, [a, b, c], [d, e], [f, g])
    (folder / "spec.nn").write_text(table_spec(name, c), "utf-8")
    return build(read_source(folder / "spec.nn"), {})


HARMLESS = ["a", "b", "c", "d", "e", "f", "g"]
WORST = ['"""', "'\n", "\\", "{{x}}", "a\u2028b", '"); import os; ("', "#\x1b"]


@pytest.mark.slow
@some
@given(names=st.lists(texts, min_size=7, max_size=7, unique_by=str.strip))
@example(names=WORST)
@example(names=["\\N{DIGIT ONE}", "{0}", '"""\nraise SystemExit\n"""', "'" * 3, "%", "\u202e", "ﬁ"])
def test_headers_kinds_and_classes_of_a_table(
    names: list[str], folders: pytest.TempPathFactory
) -> None:
    assume(not any(map(is_number, names)))  # a column of numbers is read by other statements
    folder = folders.mktemp("tables")
    expected = code(table_script(folder, HARMLESS))
    try:
        script = table_script(folder, names)
    except SpecError:
        assume(False)  # two columns of one name, a missing value …
    assert code(script) == expected
    trains(folder / "spec.nn")


@pytest.mark.slow
@some
@given(name=file_names)
@example(name='"""')
@example(name="\\u12")
@example(name="\udc80\n")
def test_names_of_data_files(name: str, folders: pytest.TempPathFactory) -> None:
    folder = folders.mktemp("files")
    expected = code(table_script(folder, HARMLESS))
    if "\udc80" <= max(name) <= "\udcff":
        name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    assume(name.isprintable() or name.strip())
    try:
        script = table_script(folder, HARMLESS, f"{name}.csv")
    except SpecError:
        assume(False)
    assert code(script) == expected
    trains(folder / "spec.nn")
    installed = install(script, folder / "alone")
    assert (installed.parent / f"{name}.csv").exists()


@pytest.mark.slow
@some
@given(name=file_names)
@example(name='a"""b')
@example(name='"""\nimport os\n"""')
@example(name="\\u12")
@example(name="\\")
@example(name='"')
@example(name="\udc80")
@example(name="{{ x }}")
def test_names_of_spec_files(name: str, folders: pytest.TempPathFactory) -> None:
    folder = folders.mktemp("specs")
    text = f"data = xor(samples=12)\n{NETWORK}\n{TRAIN}\n"
    expected = code(build(Source("spec.nn", text), {}))
    path = folder / f"{name}.nn"
    path.write_text(text, "utf-8")
    assert code(build(read_source(path), {})) == expected
    assert code(build(Source(f"{name}.nn", text), {})) == expected
    assert code(build(Source("spec.nn", text), {}, name=f"{name}.py")) == expected
    trains(path)


@pytest.mark.slow
@some
@given(x=texts, t=texts)
@example(x='"""', t="\\")
@example(x='"]; import os; ["', t="\u2028\n'")
def test_names_of_arrays(x: str, t: str, folders: pytest.TempPathFactory) -> None:
    assume(x != t and not {"/", "\0"} & {*x, *t})
    folder = folders.mktemp("arrays")

    def script(x: str, t: str) -> Script:
        arrays = {x: np.eye(12, 3), t: np.arange(12) % 2}
        np.savez(folder / "data.npz", allow_pickle=False, **arrays)
        names = f"x={json.dumps(x)}, t={json.dumps(t)}"
        path = folder / "spec.nn"
        path.write_text(f'data = npz("data.npz", {names})\n{NETWORK}\n{TRAIN}\n', "utf-8")
        return build(read_source(path), {})

    expected = code(script("a", "b"))
    try:
        hostile = script(x, t)
    except SpecError:
        assume(False)
    assert code(hostile) == expected
    trains(folder / "spec.nn")


@pytest.mark.slow
@some
@given(name=texts)
@example(name='"""')
@example(name="a\nimport os")
def test_names_of_models(name: str) -> None:
    """The language takes plain names alone; so must the JSON form, whose texts hold anything."""

    def script(name: str) -> Script:
        spec = {
            "model": name,
            "data": {"kind": "xor", "samples": 12},
            "network": [{"kind": "dense", "units": 2}],
            "train": {"loss": "softmax_cross_entropy", "optimizer": {"kind": "sgd", "lr": 0.1}},
        }
        return build(Source("spec.json", json.dumps(spec)), {})

    expected = code(script("harmless"))
    if name.isascii() and name.isidentifier():
        assert code(script(name)) == expected
    else:
        with pytest.raises(SpecError):
            script(name)


def test_the_worst_script_runs_alone(tmp_path: Path) -> None:
    script = table_script(tmp_path, WORST, '"""{{\\u12}}\n#.csv')
    path = install(script, tmp_path / "alone")
    done = subprocess.run([sys.executable, "-W", "error", path], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
