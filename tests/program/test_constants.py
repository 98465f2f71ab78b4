"""The settings of a script: each is read, and has a comment that says more than its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from every_word import composite, spec_text, words_of
from test_pairs import FIRST

import nndsl

SPECS = Path(__file__).parents[2] / "specs"
KEPT = sorted([*SPECS.glob("*.nn"), *(SPECS / "book").glob("*.nn")])
SPEAK_FOR_THEMSELVES = {"SEED", "DATA_FILE", "DATA_FOLDER"}


def assert_settings(source: str) -> None:
    """Check the constants between the head of a script and its first function."""
    tree = ast.parse(source)
    made = [node for node in tree.body if isinstance(node, ast.Assign)]
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    lines = source.splitlines()
    for node in made:
        names = {
            n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)
        }
        names = {name for name in names if name.isupper()}
        assert names <= read, f"nothing reads {names - read}"
        written = lines[node.lineno - 1 : node.end_lineno]
        comments = [line.partition("  # ")[2] for line in written]
        comment = "".join(comments) or lines[node.lineno - 2].partition("# ")[2]
        for name in names - SPEAK_FOR_THEMSELVES:
            if name.endswith("_FILE") or name == "WEIGHTS":
                continue
            assert comment, f"{name} has no comment"
            said = re.findall(r"[a-z]+", comment.lower())
            assert said != name.lower().split("_"), f"{written[0]} repeats itself"


@pytest.mark.slow
@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_kept_specs(path: Path) -> None:
    assert_settings(nndsl.build(path))


@pytest.mark.slow
def test_all_layers(data_folder: Path) -> None:
    (data_folder / "all.nn").write_text(composite(), "utf-8")
    assert_settings(nndsl.build(data_folder / "all.nn"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["losses", "optimizers", "regularizers", "schedules", "initializers", "data"]
)
def test_all_words(kind: str, data_folder: Path) -> None:
    for word in words_of(kind):
        path = data_folder / f"{word}.nn"
        path.write_text(spec_text({**FIRST, kind: word}), "utf-8")
        assert_settings(nndsl.build(path))


LETS = """
let hidden = 40
let spare = 7
let batch = 32
let rate = 0.1
let epochs = 3
data = digits()
network { dense(hidden); relu; dense(hidden // 2); relu; dense(10) }
train {
  loss = softmax_cross_entropy; optimizer = sgd(lr=rate); batch = batch; epochs = epochs
  regularize = l2(rate / 100)
}
"""


def test_lets(tmp_path: Path) -> None:
    page = tmp_path / "lets.nn"
    page.write_text(LETS.replace("spare = 7\n", "spare = hidden\n"), "utf-8")
    source = nndsl.build(page)
    assert_settings(source)
    settings = source.partition("# --- Settings")[2].partition("# --- Data")[0]
    found = dict(re.findall(r"^(\w+) = (.*?)(?:  #.*)?$", settings, re.MULTILINE))
    assert found["HIDDEN"].strip() == "40"
    assert found["RATE"].strip() == "0.1"
    assert found["L2"].strip() == "RATE / 100"
    assert found["BATCH_SIZE"].strip() == "32"  # what a let names for it alone is that setting
    assert found["EPOCHS"].strip() == "3"
    assert not {"SPARE", "BATCH", "N_EPOCHS", "LEARNING_RATE"} & found.keys()
    assert "params[name] -= RATE * g" in source


def test_a_let_that_stands_in_several_places_is_written_once(tmp_path: Path) -> None:
    page = tmp_path / "lets.nn"
    page.write_text(LETS.replace("dense(10)", "dense(batch); relu; dense(10)"), "utf-8")
    settings = nndsl.build(page).partition("# --- Data")[0]
    assert re.search(r"^BATCH = 32 .*\n(.*\n)*BATCH_SIZE = BATCH ", settings, re.MULTILINE)


def test_positions_are_those_of_an_input_where_there_are_several() -> None:
    parts = "embedding({0}, 4); {0}_read = gru(6)"
    inputs = "input left(5, tokens=9); input right(5, tokens=9); input other(3, tokens=9)"
    read = "; ".join(parts.format(name) for name in ("left", "right", "other"))
    network = f"{inputs}; {read}; concat(left_read, right_read, other_read); dense(2)"
    train = "loss = softmax_cross_entropy; optimizer = sgd"
    script = nndsl.build("net.nn", text=f"network {{ {network} }}\ntrain {{ {train} }}")
    assert re.search(r"^T = 5 +# positions of left and right$", script, re.MULTILINE)
    assert re.search(r"^POSITIONS = 3 +# positions of other$", script, re.MULTILINE)


def test_what_stands_in_an_expression_decides_the_value() -> None:
    script = nndsl.build(SPECS / "book" / "ch06_batch_norm_test.nn")
    assert re.search("^K = 7 +# decides the standard deviation of normal$", script, re.MULTILINE)
