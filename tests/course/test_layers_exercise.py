"""Exercises of scripts whose layers are classes: blanks in methods, and what is said of them."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from exercises import IMAGES, NORMALISED, SMALL, checked, exercise, reference, solved

from nndsl.analysis.compile import analyse
from nndsl.course.exercises.blanks import BlankError
from nndsl.course.exercises.exercise import Exercise, write_exercise
from nndsl.course.exercises.notebook_code import cells_of
from nndsl.course.grading.grader import Grader
from nndsl.course.labs import page
from nndsl.diagnostics import Diagnostics
from nndsl.live.judging.checks import Checks, items
from nndsl.live.judging.observation import within
from nndsl.live.judging.reference import Reference
from nndsl.program.style import BLACKBOARD
from nndsl.source import Source

RESHAPED = SMALL.replace("  dense(6)\n", "  reshape(1, 2)\n  flatten\n  dense(6)\n")
POOLED = """\
data = digits(test=0.2)
network {
  reshape(1, 8, 8)
  conv2d(2, kernel=3)
  relu
  max_pool(2)
  flatten
  dense(classes)
}
train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=0.1)
  batch     = 20
  epochs    = 1
}
"""
ONE_LAYER = SMALL.replace("  dense(6)\n  relu\n", "")


def layers(text: str = SMALL, naming: str = "book") -> Reference:
    checked = analyse(Source("small.nn", text), Diagnostics())
    return Reference(checked, style="layers", naming=naming)


@pytest.fixture(scope="module")
def small() -> Reference:
    return layers()


@pytest.fixture(scope="module")
def backward(small: Reference) -> Exercise:
    return exercise(small, "backward")


def said_of(checks: Checks, made: Exercise) -> dict[str, str]:
    """Return what is wrong with each blank, by its method and its name."""
    found = {
        f"{blank.function} {blank.name}": checks.blank(
            blank.function, [*blank.variables], blank.part
        )
        for blank in made.blanks
    }
    return {name: said for name, said in found.items() if said}


@pytest.mark.parametrize(
    ("asked", "level", "names"),
    [
        ("backward", 1, ["Affine.backward dW"]),
        (
            "backward",
            2,
            [
                *("Affine.backward dW", "Affine.backward db", "Affine.backward dx"),
                *("Relu.backward dx", "SoftmaxWithLoss.backward dx"),
            ],
        ),
        (
            "backward",
            3,
            [f"{of}.backward {of}.backward" for of in ("Affine", "Relu", "SoftmaxWithLoss")],
        ),
        ("forward", 2, ["Affine.forward y", "Relu.forward y", "predict predict"]),
        ("loss", 2, ["SoftmaxWithLoss.forward log_P", "SoftmaxWithLoss.forward loss"]),
        ("Relu", 2, ["Relu.forward y", "Relu.backward dx"]),
        ("Affine.backward", 3, ["Affine.backward Affine.backward"]),
        ("Affine.backward.db", 2, ["Affine.backward db"]),
        ("dW", 2, ["Affine.backward dW"]),
        ("Sequential.forward", 2, ["Sequential.forward x"]),
    ],
)
def test_blanks_in_methods(asked: str, level: int, names: list[str], small: Reference) -> None:
    made = exercise(small, asked, level=level)
    assert [f"{blank.function} {blank.name}" for blank in made.blanks] == names
    checks = checked(solved(made), small)
    assert checks.is_right
    assert not said_of(checks, made)
    assert said_of(checked(str(made.student["train.py"]), small), made).keys() == {*names}


def test_batch_norm_has_blanks_for_what_it_keeps() -> None:
    made = exercise(layers(NORMALISED), "BatchNormalization.forward")
    names = [blank.name for blank in made.blanks]
    assert {"mean", "self.inv_std", "self.x_hat", "self.running_mean"} <= {*names}
    text = solved(made, **{"self.x_hat": "self.x_hat = centred"})
    wrong = said_of(checked(text, layers(NORMALISED)), made)
    assert wrong["BatchNormalization.forward self.x_hat"].startswith(
        "self.x_hat: the factor self.inv_std is missing"
    )


def test_what_a_blank_says(backward: Exercise) -> None:
    text = str(backward.student["train.py"])
    assert 'NotImplementedError("dW: the shape of self.W")' in text
    assert 'NotImplementedError("dx: what is returned, in the shape of x")' in text
    assert "        self.gradients = [dW, db]\n" in text
    assert "        self.x = x\n" in text
    whole = str(exercise(layers(), "Affine.backward", level=3).student["train.py"])
    says = "Affine.backward: self.gradients = [dW, db], and what it returns"
    assert f'NotImplementedError("{says}")' in whole


@pytest.mark.parametrize(
    ("text", "asked", "known"),
    [
        (
            IMAGES,
            "backward",
            {
                *("dx: what is returned, in the shape of x", "dsums: the shape of sums"),
                *("dcols: the shape of cols", "dx_hat: the shape of self.x_hat"),
                *("found: the shape of y", "dx[spot]", "first"),
            },
        ),
        (page("sequences.nn").text, "Rnn.backward", {"da: the shape of a", "dh", "dh_next"}),
    ],
)
def test_a_shape_that_a_blank_says_is_so(text: str, asked: str, known: set[str]) -> None:
    of = layers(text, BLACKBOARD)
    made = exercise(of, asked)
    says = re.findall(r'NotImplementedError\("(.*?)"\)', str(made.student["train.py"]))
    assert known <= {*says}
    expected = of.expected(1)
    for blank, said in zip(made.blanks, says, strict=True):
        if array := re.search(r"(?<=shape of )\S+$", said):
            here = within(expected, "point0", "value", blank.function)
            before = within(expected, "point0", "value", f"{blank.function.split('.')[0]}.forward")
            right = here[array[0]] if array[0] in here else before[array[0]]
            assert here[blank.variables[0]].shape == right.shape, said


def test_hints_of_a_method(backward: Exercise) -> None:
    weight, _, x, *_ = backward.blanks
    for blank, hints in (
        (
            weight,
            (
                "dW says how the loss changes with W, and has its shape. The forward pass uses W "
                "in `return x @ self.W + self.b`: a product of matrices gives the gradient back "
                "as a product, too, with the transpose of its other factor.",
                "It is made of dout, self.x, with a product of matrices, a transpose.",
                "dW = self.x.T @ ___",
            ),
        ),
        (
            x,
            (
                "dx says how the loss changes with x, and has its shape. The forward pass uses x "
                "in `return x @ self.W + self.b`: a product of matrices gives the gradient back "
                "as a product, too, with the transpose of its other factor.",
                "It is made of dout, self.W, with a product of matrices, a transpose.",
                "return dout @ ___",
            ),
        ),
    ):
        assert blank.hints == hints


@pytest.mark.parametrize(
    ("was", "now", "blank", "says"),
    [
        ("self.x.T @ dout", "-self.x.T @ dout", "Affine.backward dW", "dW: its sign is wrong"),
        ("(self.x > 0)", "1", "Relu.backward dx", "Relu.backward(): a mask is missing"),
        ("dx /= N", "pass", "SoftmaxWithLoss.backward dx", "dx: 1/N is missing"),
        ("dout.sum(axis=0)", "dout.sum(axis=1)", "Affine.backward db", "a sum over the wrong axis"),
        ("return dout @ self.W.T", "return dout @ self.W", "Affine.backward dx", "a transpose"),
    ],
)
def test_a_mistake_in_a_method_is_named(
    was: str, now: str, blank: str, says: str, backward: Exercise, small: Reference
) -> None:
    text = solved(backward)
    assert text.count(was) == 1
    wrong = said_of(checked(text.replace(was, now), small), backward)
    assert says in wrong[blank]
    method, variable = blank.split()
    for other in wrong.keys() - {blank}:
        assert f" follows from {variable} in {method} (line" in wrong[other] or "transpose" in says


def test_a_method_that_returns_nothing(backward: Exercise, small: Reference) -> None:
    text = solved(backward).replace("return dout * (self.x", "dout * (self.x")
    wrong = said_of(checked(text, small), backward)
    assert wrong == {"Relu.backward dx": "Relu.backward returns no array"}


def test_a_method_that_is_written_in_another_way_is_right(
    backward: Exercise, small: Reference
) -> None:
    weight, *_ = backward.blanks
    text = solved(backward).replace(weight.code.split("  #")[0], "dW = (dout.T @ self.x).T")
    text = text.replace("self.x", "self.input")
    checks = checked(text, small)
    assert "self.input.T" not in text.replace("(dout.T @ self.input).T", "")
    assert checks.is_right
    assert not said_of(checks, backward)


def test_no_such_method(small: Reference) -> None:
    with pytest.raises(BlankError, match=r"nothing called `Affine\.sideways`"):
        exercise(small, "Affine.sideways")


def test_the_grader_knows_a_script_of_layers(backward: Exercise) -> None:
    """Told nothing, from the page alone: whose letters, and that methods are what goes wrong."""
    page = analyse(Source("small.nn", SMALL), Diagnostics())
    grader = Grader(Reference(page), points=dict.fromkeys(backward.asked, 1.0), seed=3)
    assert grader.grade("right", solved(backward)).points == len(backward.asked)
    wrong = solved(backward).replace("self.x.T @ dout", "-self.x.T @ dout")
    assert grader.grade("wrong", wrong).first_wrong.startswith("dW: its sign is wrong")


def test_what_was_reached_has_its_points(small: Reference) -> None:
    """Of a network whose last layer alone is written, the gradients of that layer are right."""
    made = exercise(small, "Relu.backward")
    checks = checked(str(made.student["train.py"]), small)
    wrong = {item for item in items(checks.expected) if checks.item(item)}
    assert wrong == {"gradient of W1", "gradient of b1"}


@pytest.mark.parametrize(
    ("asked", "blank"), [("Reshape.backward", "dx"), ("Affine.backward", "dx")]
)
def test_a_crash_behind_the_last_gradient_costs_none(asked: str, blank: str) -> None:
    """Also of a layer that is one of several of its class, and calls of it that went well."""
    of = layers(RESHAPED if asked.startswith("Reshape") else ONE_LAYER)
    made = exercise(of, asked)
    text = solved(made, **{blank: ""})
    assert "NotImplementedError" in text
    graded = Grader(of, seed=3).grade("anna", text)
    lost = {item.name: item.says for item in graded.items if item.says}
    assert [*lost] == ["accuracy after training"]
    assert lost["accuracy after training"].endswith(
        "is not written yet: dx: what is returned, in the shape of x"
    )


@pytest.fixture(scope="module")
def pooled() -> Exercise:
    return exercise(layers(POOLED), "backward")


LOOP = "for seen, spot in zip(spots, slices(x.shape, 2, 2))"


@pytest.mark.parametrize(
    ("of", "was", "now", "wrong"),
    [
        ("Reshape", "return dout.reshape(self.x.shape)", "return 42", ["Reshape"]),
        ("Convolution", "return col2im(", "return -col2im(", ["Convolution", "Reshape"]),
        ("Pooling", "found |= first", "pass", ["W1", "b1", "Pooling", "Convolution", "Reshape"]),
        ("Pooling", LOOP, f"{LOOP[:17]} reversed([*{LOOP[18:]}])", []),  # of equal ones the last
        ("Pooling", "dout * first", "dout * (seen == out) / (spots == out).sum(axis=0)", []),
        ("SoftmaxWithLoss", "dx /= N", "dx /= 2 * N / 2", []),
    ],
)
def test_what_no_weight_shows_is_held_to_what_all_right_ways_share(
    of: str, was: str, now: str, wrong: list[str], pooled: Exercise
) -> None:
    before, start, behind = solved(pooled).partition(f"class {of}")
    assert was in behind
    text = before + start + behind.replace(was, now, 1)
    points = json.loads(str(pooled.key["points.json"]))
    grader = Grader(reference(POOLED), points=points, seed=3)
    assert not grader.unknown_points()
    grade = grader.grade("anna", text)
    lost = [item.name for item in grade.items if item.says and "training" not in item.name]
    assert [n.split(" of ")[1].removesuffix(".backward") for n in lost] == wrong, grade


def test_a_script_without_layers_has_the_points_of_layers_where_it_is_right(
    pooled: Exercise,
) -> None:
    """What it does not return is worth nothing where something else is wrong."""
    page = reference(POOLED)
    points = json.loads(str(pooled.key["points.json"]))
    del points["accuracy after training"]
    grader = Grader(page, points=points, seed=3)
    right = page.script.text
    assert grader.grade("anna", right).points == len(points)
    wrong = right.replace("db2 = dZ2.sum(axis=0)", "db2 = -dZ2.sum(axis=0)")
    assert wrong != right
    lost = [item.says for item in grader.grade("ben", wrong).items if "return" in item.name]
    names = ("Pooling", "Convolution", "Reshape")
    assert lost == [f"the script has no `{name}.backward`" for name in names]


@pytest.mark.slow
def test_a_student_solves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "small.nn"
    page.write_text(SMALL)
    command = [sys.executable, "-m", "nndsl", "exercise", page, "--style", "layers"]
    command += ["--names", "book", "--blank", "backward", "-o", tmp_path / "lab", "--notebook"]
    subprocess.run(command, check=True, capture_output=True)
    lab, key = tmp_path / "lab", (tmp_path / "lab-key/train.py").read_text()
    book = json.loads((lab / "train.ipynb").read_text())
    sources = "\n".join("".join(cell["source"]) for cell in book["cells"])
    assert 'raise NotImplementedError("dW: the shape of self.W")' in sources
    tests = [sys.executable, "-m", "pytest", "-q", "test_train.py"]
    monkeypatch.delenv("CI", raising=False)  # there, pytest repeats each message in its summary
    said = subprocess.run(tests, cwd=lab, capture_output=True, text=True).stdout
    hints = [line for line in said.split("\n") if line.startswith("a hint: ")]
    assert hints == ['a hint: python test_train.py --hint "dx in SoftmaxWithLoss.backward"']
    assert said.count("write that first") == 1  # and of the others, that it stops there
    for right, status in ((True, 0), (False, 1)):
        text = key if right else key.replace("self.x.T @ dout", "-self.x.T @ dout")
        for cell in book["cells"]:
            cell["source"] = ""
        book["cells"][-1] = {"cell_type": "code", "metadata": {}, "source": text}
        (lab / "train.ipynb").write_text(json.dumps(book))
        done = subprocess.run(tests, cwd=lab, capture_output=True, text=True)
        assert done.returncode == status, done.stdout
    assert "dW: its sign is wrong" in done.stdout


@pytest.mark.parametrize(
    ("was", "now", "lost"),
    [
        ("return np.maximum(0, x)", "return x", ["loss"]),
        ("return x @ self.W + self.b", "return x @ self.W - self.b", ["loss"]),
        ("return np.maximum(0, x)", "return 0 * x", ["loss", "gradient of W2"]),
        ("return dy * (self.x > 0)", "return dy", ["gradient of W1", "gradient of b1"]),
    ],
)
def test_gradients_of_layers_follow_from_a_wrong_forward_pass(
    was: str, now: str, lost: list[str]
) -> None:
    of = layers(SMALL.replace("  regularize = l2(0.01)\n", ""), "blackboard")
    asked = {name.split("/")[1] for name in of.expected(0)}
    points = {item: 1.0 for item in asked if item.startswith(("loss", "gradient"))}
    assert of.script.text.count(was) == 1
    grader = Grader(of, points=points, is_of_an_exercise=True)
    grade = grader.grade("anna", of.script.text.replace(was, now))
    assert sorted(item.name for item in grade.items if not item.points) == sorted(lost)


def test_each_blank_is_called_as_its_hints_and_the_key_call_it(
    tmp_path: Path, small: Reference
) -> None:
    made = write_exercise(small, ["backward"], 2, as_notebook=True)
    for name, content in made.student.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    tests = runpy.run_path(str(tmp_path / "test_train.py"))
    called = [blank["called"] for blank in tests["EXERCISE"]["blanks"]]
    dx = [f"dx in {of}.backward" for of in ("Affine", "Relu", "SoftmaxWithLoss")]
    assert called == ["dW", "db", *dx]
    assert tests["hint"](["dx"]).split("\n")[1:] == [
        f'python test_train.py --hint "{name}"' for name in dx
    ]
    assert [tests["hint"]([name, "1"]).partition(" says")[0] for name in called] == [
        blank.name for blank in made.blanks
    ]
    shown = re.findall(r'--hint "(.*?)"', str(made.student["README.md"]))
    assert shown == called[:1]
    key = str(made.key["key.md"])
    assert re.findall("^## (.*)", key, re.M) == called
    cells = cells_of(str(made.student["train.ipynb"]))
    for blank, (line, cell) in zip(
        made.blanks, re.findall(r"line (\d+) of cell (\d+):", key), strict=True
    ):
        there = cells[int(cell)].split("\n")[int(line) - 1]
        assert there.lstrip().startswith(f'raise NotImplementedError("{blank.name}: ')
