"""nndsl handout: the script as literature, for a screen, a phone, paper and Jupyter."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nndsl.analysis.compile import analyse
from nndsl.cli import main
from nndsl.course.exercises.exercise import write_exercise
from nndsl.course.handouts.handout import Derivation, Group, Handout
from nndsl.course.handouts.script import write_handout
from nndsl.course.handouts.text import write_handout_notebook, write_markdown
from nndsl.diagnostics import Diagnostics
from nndsl.emit.layout import TITLE
from nndsl.languages import in_language
from nndsl.live.judging.reference import Reference
from nndsl.source import Source, read_source

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "specs" / "two_layer_net.nn"
DATA = ROOT / "nndsl" / "datasets" / "digits.npz"
SPECS = [ROOT / "specs" / f"{n}.nn" for n in ("tiny_gpt", "optimizers")]


def _handout(path: Path) -> Handout:
    return write_handout(analyse(read_source(path), Diagnostics(), {}))


def _groups(handout: Handout) -> list[Group]:
    return [p for chapter in handout.chapters for p in chapter.parts if isinstance(p, Group)]


def _rows(handout: Handout) -> dict[str, str]:
    """Return the equations by the first line of their code."""
    rows = [row for group in _groups(handout) for row in group.rows]
    return {row.code[0][1].strip(): row.equation for row in rows}


@pytest.fixture(scope="module")
def handout() -> Handout:
    return _handout(SPEC)


def _holds_all_lines(handout: Handout) -> None:
    lines = handout.script.lines
    shown = [number for g in _groups(handout) for row in g.rows for number, _ in row.code]
    assert shown == sorted({*shown})
    first = next(n for n, line in enumerate(lines, 1) if line.startswith(TITLE))
    left = {n for n, line in enumerate(lines, 1) if n >= first and line} - {*shown}
    assert all(lines[n - 1].lstrip().startswith("#") for n in left)


def test_every_line_of_the_script_stands_there_once(handout: Handout) -> None:
    _holds_all_lines(handout)


def test_statements_have_their_equations_shapes_and_reasons(handout: Handout) -> None:
    equations = _rows(handout)
    assert equations["Z1 = X @ W1 + b1"] == r"Z_{1} = X\, W_{1} + b_{1}"
    assert equations["dZ2 = np.exp(log_P)"].endswith(r"\frac{P - \text{one hot}(t)}{N}")
    assert equations["return 1 / (1 + np.exp(-z))"].startswith(r"\operatorname{sigmoid}(z) =")
    assert equations["def loss_and_gradients(X, t):"] == ""
    rows = [row for group in _groups(handout) for row in group.rows]
    (weights,) = [row for row in rows if row.code[0][1].strip().startswith("dW2 =")]
    assert (weights.shape, weights.reason) == (
        "(50, N) (N, 10) = (50, 10)",
        "summed over the examples",
    )


@pytest.mark.parametrize(
    ("level", "keeps_equation", "keeps_derivation"),
    [(1, True, True), (2, False, True), (3, False, False)],
)
def test_a_level_says_less_of_what_is_left_out(
    level: int, keeps_equation: bool, keeps_derivation: bool
) -> None:
    page = analyse(read_source(SPEC), Diagnostics(), {})
    asked = write_handout(page, asked=["backward"], level=level)
    gradient = (
        r"\frac{\partial L}{\partial W_{2}} = A_{1}^{\top}\, \frac{\partial L}{\partial Z_{2}}"
    )
    text = write_markdown(asked)
    assert (gradient in text) is keeps_equation
    assert ("P - T" in text) is keeps_derivation
    assert "@ dZ2" not in text
    assert r"Z_{1} = X\, W_{1} + b_{1}" in text
    _holds_all_lines(asked)


def test_a_handout_with_blanks_is_of_the_script_of_the_exercise() -> None:
    page = analyse(read_source(SPEC), Diagnostics(), {})
    for level in (1, 2, 3):
        asked = write_handout(page, asked=["backward"], level=level)
        made = write_exercise(Reference(page), ["backward"], level)
        assert asked.script.text == made.student["train.py"]


def test_what_cannot_be_left_out_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["handout", str(SPEC), "--to", "md", "-o", "-", "--blank", "nothing"]
    assert main(arguments) == 1
    assert "nothing called `nothing`" in capsys.readouterr().err


def test_layers_have_their_equations_lines_and_reasons() -> None:
    page = analyse(read_source(SPEC), Diagnostics(), {})
    layers = write_handout(page, style="layers", asked=["Dense.backward"], level=1)
    _holds_all_lines(layers)
    rows = {row.equation: (g.line, row) for g in _groups(layers) for row in g.rows}
    line, row = rows[r"\frac{\partial L}{\partial W} = x^{\top}\, \frac{\partial L}{\partial y}"]
    assert (line, row.reason) == (7, "summed over the examples")
    assert row.code[0][1].lstrip().startswith('raise NotImplementedError("dW:')
    line, row = rows[r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\, W^{\top}"]
    assert row.code[0][1].lstrip().startswith('raise NotImplementedError("dx:')
    line, row = rows[r"y = \operatorname{sigmoid}(x)"]
    assert (line, row.code[0][1]) == (8, "        self.y = sigmoid(x)")
    assert not [equation for equation in rows if "layer" in equation]
    parts = [part for chapter in layers.chapters for part in chapter.parts]
    found = [part.title for part in parts if isinstance(part, Derivation)]
    assert found == ["dense", "sigmoid", "softmax_cross_entropy"]


def test_an_equation_stays_where_its_reason_stands_above() -> None:
    """There is no room for it beside what is to be written: the statement has two lines."""
    page = analyse(read_source(ROOT / "specs" / "spiral.nn"), Diagnostics(), {})
    made = write_handout(page, style="layers", asked=["Relu.backward"], level=1)
    rows = [row for group in _groups(made) for row in group.rows]
    (row,) = (row for row in rows if any("NotImplementedError" in line for _, line in row.code))
    assert r"\frac{\partial L}{\partial y}" in row.equation


def test_groups_know_their_line_of_the_page(handout: Handout) -> None:
    lines = {row.code[0][1].strip(): g.line for g in _groups(handout) for row in g.rows}
    assert lines["dW1 = X.T @ dZ1"] == lines["Z1 = X @ W1 + b1"] == 7
    assert lines["def sigmoid(z):"] == 8
    assert lines["EPOCHS = 30            # passes over the training part"] == 16
    assert lines["def load_data():"] == 4


@pytest.mark.parametrize("style", ["flat", "layers"])
@pytest.mark.parametrize("naming", ["blackboard", "book", "cs231n"])
def test_a_lab_shows_its_subject_and_derives_it_by_the_names_of_the_script(
    style: str, naming: str
) -> None:
    page = ROOT / "nndsl" / "course" / "labs" / "batch_normalisation.nn"
    checked = analyse(read_source(page), Diagnostics(), {})
    lab = write_handout(checked, style=style, naming=naming)
    assert [node.title for node in lab.diagram.nodes].count("batch_norm") == 2
    parts = [part for chapter in lab.chapters for part in chapter.parts]
    (why,) = (p.text for p in parts if isinstance(p, Derivation) and p.title == "batch_norm")
    named = re.findall(r"`(\w+)`", why)
    assert named == ["mean_dx_hat", "along_x_hat"]
    assert all(f"{name} = " in lab.script.text for name in named)


def test_questions_name_nothing_that_another_style_has_not(handout: Handout) -> None:
    """`dW1` and `dZ` are variables of one style; the exercise may be in another."""
    asked = [*handout.predictions, *(q for c in handout.chapters for q in c.questions)]
    assert not [q.text for q in asked if re.search(r"`d[A-Z]|`[AXZ]", q.text + q.answer)]


def test_a_function_of_several_layers_belongs_to_the_first() -> None:
    lenet = _handout(ROOT / "specs" / "lenet.nn")
    lines = {row.code[0][1].strip(): g.line for g in _groups(lenet) for row in g.rows}
    assert lines["def conv2d(x, W, b):"] == lines["def conv2d_backward(dy, cache):"] == 13
    assert lines["def col2im(cols, shape, size, stride):"] == 13


def test_derivations_stand_once_behind_the_backward_pass(handout: Handout) -> None:
    parts = [part for chapter in handout.chapters for part in chapter.parts]
    found = [part.title for part in parts if isinstance(part, Derivation)]
    assert found == ["softmax_cross_entropy", "dense", "sigmoid"]


def test_predictions_have_answers_for_the_teacher(handout: Handout) -> None:
    answers = [question.answer for question in handout.predictions]
    assert answers[0].startswith("`(64, 50)`")
    assert answers[1:] == [
        "3,200 + 50 + 500 + 10 = 3,760.",
        "1,258 examples in batches of 20: 63 times.",
    ]


def test_a_handout_leaves_out_which_warnings_its_page_allows() -> None:
    page = ROOT / "nndsl" / "course" / "labs" / "chain_rule.nn"
    assert "# nndsl: allow" in page.read_text()
    for write in (write_markdown, write_handout_notebook):
        text = write(_handout(page))
        assert "mean_squared_error" in text
        assert "nndsl: allow" not in text


def test_a_script_without_a_backward_pass_is_asked_nothing_about_one() -> None:
    handout = _handout(ROOT / "nndsl" / "course" / "labs" / "by_differences.nn")
    questions = [
        *handout.predictions,
        *(q for chapter in handout.chapters for q in chapter.questions),
    ]
    asked = [question.text for question in questions]
    assert "How many numbers does the network learn?" in asked
    assert [text for text in asked if re.search("backward|`d[A-Z]|gradient of `", text)] == []


def test_a_page_needs_nothing_and_leads_from_each_line(tmp_path: Path) -> None:
    assert main(["handout", str(SPEC), "-o", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<math" in page
    assert "://" not in page.replace('"http://www.w3.org/', "")
    assert "3,760" not in page  # an answer
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert {*re.findall(r'href="#([^"]+)"', page)} <= ids
    for line in (4, 7, 8, 9, 13, 14, 15, 16):
        assert f"body:has(.l{line}:hover) .l{line}" in page
    ElementTree.fromstring(re.sub(r"<!DOCTYPE html>|<meta[^>]*>|<wbr>", "", page))


def test_another_language_has_the_same_mathematics(handout: Handout) -> None:
    with in_language("ja"):
        japanese = _handout(SPEC)
    assert [*_rows(japanese).values()] == [*_rows(handout).values()]
    kinds = [[type(part) for part in c.parts] for c in japanese.chapters]
    assert kinds == [[type(part) for part in c.parts] for c in handout.chapters]


def test_the_handout_of_a_run_shows_what_it_learnt(tmp_path: Path) -> None:
    run, page = tmp_path / "run", tmp_path / "page.html"
    assert main(["run", str(SPEC), "--set", "train.epochs=1", "-o", str(run)]) == 0
    assert main(["handout", str(run), "-o", str(page)]) == 0
    shown = page.read_text(encoding="utf-8")
    for title in ("What it learnt", "Confusion matrix", "Weights of the first layer"):
        assert title in shown
    assert shown.count("<image") > 50


def test_answers_stand_in_the_teachers_copy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["handout", str(SPEC), "--to", "md", "-o", "-", "--answers"]) == 0
    text = capsys.readouterr().out
    assert "3,760" in text
    assert r"$$Z_{1} = X\, W_{1} + b_{1}$$" in text
    assert "> **Why?** `softmax_cross_entropy`\n>\n> Take one example" in text


def test_a_notebook_runs(tmp_path: Path) -> None:
    shutil.copy(DATA, tmp_path)
    command = ["handout", str(SPEC), "--set", "train.epochs=2", "-o", str(tmp_path / "a.ipynb")]
    assert main(command) == 0
    notebook = json.loads((tmp_path / "a.ipynb").read_text(encoding="utf-8"))
    cells = [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"]
    (tmp_path / "cells.py").write_text("\n\n".join(cells), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "cells.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "test accuracy" in ran.stdout
    assert any("$$" in c["source"] for c in notebook["cells"] if c["cell_type"] == "markdown")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "page.txt"], "`page.txt` does not say what to write"),
        (["--to", "pdf", "-o", "-"], "a PDF is no text for stdout"),
        (["-o", str(SPEC.with_suffix(".html")), "--set", "width=3"], "has no `let width`"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["handout", str(SPEC), *arguments]) in (1, 2)
    assert said in capsys.readouterr().err


def test_the_package_of_equations_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "latex2mathml.converter", None)
    from nndsl.course.handouts.page import mathml

    mathml.cache_clear()
    assert main(["handout", str(SPEC), "-o", str(tmp_path / "page.html")]) == 2
    assert 'pip install "nndsl[handout]"' in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_page_has_a_handout(spec: Path, tmp_path: Path) -> None:
    if "minimize" in spec.read_text(encoding="utf-8"):
        assert main(["handout", str(spec), "-o", str(tmp_path / "page.html")]) == 1
        return
    _holds_all_lines(_handout(spec))
    assert main(["handout", str(spec), "-o", str(tmp_path / "page.html"), "--answers"]) == 0
    assert "\\" not in "".join(
        re.findall(r"<m[io][^>]*>([^<]*)", (tmp_path / "page.html").read_text(encoding="utf-8"))
    )


SUMS = """\
data = addition(2, samples=60)
network {
  embedding(4)
  rnn(6)
  repeat_vector(5)
  rnn(6, output=all)
  dense(12)
}
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); batch = 10; epochs = 1 }
"""


def test_outputs_at_each_position_are_counted_and_their_gradients_derived() -> None:
    sums = write_handout(analyse(Source("sums.nn", SUMS), Diagnostics()))
    text = write_markdown(sums)
    assert r"L = -\frac{1}{\text{rows}} \sum_{n}" in text
    parts = [part for chapter in sums.chapters for part in chapter.parts]
    derived = [part for part in parts if isinstance(part, Derivation) and part.title == "rnn"]
    assert [(r"\partial y_{t-1}" in part.text) for part in derived] == [False, True]
    assert [sums.source.line(part.line).strip() for part in derived] == [
        "rnn(6)",
        "rnn(6, output=all)",
    ]


def test_what_reads_a_table_is_folded_and_nothing_else(tmp_path: Path) -> None:
    of_table, of_digits = tmp_path / "table.html", tmp_path / "digits.html"
    assert main(["handout", str(ROOT / "specs/pendulum.nn"), "-o", str(of_table)]) == 0
    assert main(["handout", str(ROOT / "specs/digits.nn"), "-o", str(of_digits)]) == 0
    folded = re.findall(r"<details>\n(.*?)</details>", of_table.read_text("utf-8"), re.DOTALL)
    assert len(folded) == 1
    lines = folded[0].count('<span class="row">')
    assert f"<code>def load_data():</code> {lines} lines that read the data" in folded[0]
    assert "<details>" not in of_digits.read_text("utf-8")
