"""Exercises: blanks in the right places, and checks that tell a student what is wrong."""

from __future__ import annotations

import ast
import io
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from exercises import (
    NORMALISED,
    PATH,
    SMALL,
    WEIGHTED,
    checked,
    exercise,
    line_of,
    reference,
    reference_of,
    solved,
)

from nndsl.analysis.compile import analyse
from nndsl.course.exercises.blanks import BlankError
from nndsl.course.exercises.exercise import Exercise, notebook_checks, write_exercise
from nndsl.course.exercises.notebook_code import cells_of, script_of
from nndsl.course.grading.autograders import otter
from nndsl.course.labs import page
from nndsl.diagnostics import Diagnostics
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.judging.checks import Checks, items
from nndsl.live.judging.observation import (
    Observed,
    observe,
    run_script,
)
from nndsl.live.judging.reference import Reference

GRADIENTS = [f"gradient of {name}" for name in ("W1", "b1", "W2", "b2")]
DIFFERENCES = """
def loss_and_gradients(X, t):
    loss, penalty, gradients = step(X, t)
    for name, p in params.items():
        g = np.zeros_like(p)
        for at in np.ndindex(p.shape):
            was = p[at]
            sides = []
            for h in (1e-5, -1e-5):
                p[at] = was + h
                sides.append(sum(step(X, t)[:2]))
            p[at] = was
            g[at] = (sides[0] - sides[1]) / 2e-5
        gradients[name] = g
    return loss, penalty, gradients
"""


def wrong(text: str, of: Reference, seed: int = 1) -> dict[str, str]:
    """Return what is wrong with a student's script, by result."""
    checks = checked(text, of, seed)
    return {item: said for item in items(checks.expected) if (said := checks.item(item))}


@pytest.fixture(scope="module")
def small() -> Reference:
    return reference()


@pytest.fixture(scope="module")
def backward(small: Reference) -> Exercise:
    return exercise(small, "backward")


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        ("backward", 2),
        ("update", 3),
        *(
            pytest.param(asked, level, marks=pytest.mark.slow)
            for asked in ("backward", "forward", "loss", "update", "init")
            for level in (1, 2, 3)
            if (asked, level) not in (("backward", 2), ("update", 3))
        ),
    ],
)
def test_the_key_solves_it(asked: str, level: int, small: Reference) -> None:
    made = exercise(small, asked, level=level)
    assert made.student["train.py"] != made.key["train.py"]
    ast.parse(str(made.student["train.py"]))
    assert len(made.blanks) >= 1
    assert not wrong(solved(made), small)
    for blank in made.blanks:
        assert blank.hints
        assert all(map(str.strip, blank.hints))


@pytest.mark.parametrize(
    "asked",
    [
        "backward",
        *(pytest.param(a, marks=pytest.mark.slow) for a in ("forward", "loss", "update", "init")),
    ],
)
def test_the_answer_stands_nowhere_else(asked: str, small: Reference) -> None:
    made = exercise(small, asked)
    code = "\n".join(line.split("  #")[0] for line in str(made.student["train.py"]).split("\n"))
    for blank in made.blanks:
        for line in blank.code.split("\n"):
            value = line.split("  #")[0].partition("= ")[2].strip()
            assert len(value) < 12 or value not in code


def test_a_penalty_leaves_the_prediction_as_it_is(small: Reference) -> None:
    assert [blank.name for blank in exercise(small, "penalty").blanks] == ["penalty"]


@pytest.mark.parametrize("file", ["test_train.py", "the checks of its notebook"])
def test_what_students_run_knows_every_name(file: str, small: Reference) -> None:
    """Its parts are cut out of modules, and what these import is listed by hand."""
    text = exercise(small, "backward").student.get(file) or notebook_checks()
    rule = ["--isolated", "--ignore-noqa", "--quiet", "--select", "F821"]
    command = [sys.executable, "-m", "ruff", "check", *rule, "-"]
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    defined = [node.name for node in ast.parse(text).body if hasattr(node, "name")]
    assert len(defined) == len({*defined}), "two modules define one name"


def test_a_level_asks_for_more(small: Reference) -> None:
    one, each, whole = (exercise(small, "backward", level=level) for level in (1, 2, 3))
    assert [blank.name for blank in one.blanks] == ["dW2"]
    assert [b.name for b in each.blanks] == ["dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"]
    assert [blank.name for blank in whole.blanks] == ["dW2, db2, dW1, db1"]
    assert 'raise NotImplementedError("dW2: shape (6, 3)")' in str(one.student["train.py"])


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (["dW1", "dZ2"], ["dZ2", "dW1"]),
        (
            ["batch_norm_backward"],
            ["dgamma", "dbeta", "dx_hat", "along_x_hat", "mean_dx_hat", "dx"],
        ),
        (["Z1"], ["Z1"]),
    ],
)
def test_blanks_by_name(asked: list[str], names: list[str]) -> None:
    made = exercise(reference(NORMALISED), *asked)
    step = [blank.name for blank in made.blanks if blank.function != "predict"]
    assert step == names


def test_blanks_by_line(backward: Exercise, small: Reference) -> None:
    blank = backward.blanks[1]
    assert exercise(small, str(blank.line)).blanks == (blank,)


def test_what_is_not_there_cannot_be_left_out(small: Reference) -> None:
    with pytest.raises(BlankError, match="nothing called `dW9`"):
        exercise(small, "dW9")


def test_what_is_done_is_right_before_the_rest_is(backward: Exercise, small: Reference) -> None:
    text = solved(backward, dA1="")
    said = wrong(text, small)
    assert set(said) == {"gradient of W1", "gradient of b1"}
    assert "is not written yet: dA1: shape (N, 6)" in said["gradient of W1"]
    checks = checked(text, small)
    assert not checks.value("loss_and_gradients", "dW2")
    assert checks.value("loss_and_gradients", "dA1")


@pytest.mark.parametrize(
    ("blank", "code", "says"),
    [
        ("dW2", "dW2 = -(A1.T @ dZ2 + L2 * W2)", "its sign is wrong"),
        ("dW2", "dW2 = A1.T @ dZ2", "the penalty's term is missing"),
        ("dW2", "dW2 = (A1.T @ dZ2 + L2 * W2).T", "it is the transpose of what it should be"),
        ("dA1", "dA1 = dZ2 @ W2", "do not fit: a transpose of W2 is missing, or one too many"),
        ("db2", "db2 = dZ2.sum(axis=1)", "a sum over the wrong axis"),
        ("db2", "db2 = dZ2", "a sum over the wrong axis, or none"),
        ("dZ1", "dZ1 = dA1", "a mask is missing"),
        ("dZ2", "dZ2 = np.exp(log_P) / N", "line "),
        ("dZ2", "dZ2 = np.exp(log_P)\ndZ2[np.arange(N), t] -= 1", ", and N is 7 here (it is "),
        ("dW1", "dW1 = X.T @ dA1 + L2 * W1", "dW1: dA1 stands where dZ1 should (it is "),
        ("dW2", "dW2 = W2", "it is the same as W2"),
        ("dW2", "dW2 = dZ2 @ A1 + L2 * W2", "dZ2 and A1 are in the wrong order"),
        ("dW2", "dW2 = dZ2.T @ A1 + L2 * W2", "dZ2 and A1 are in the wrong order"),
        ("dW2", "dW2 = A1 @ dZ2 + L2 * W2", "a transpose of A1 is missing, or one too many"),
        ("dW2", "dW2 = X @ W2", "do not fit: the first has 2 columns, and the second 6 rows"),
        ("dZ1", "dZ1 = dA1 @ (Z1 > 0)", "do not fit: `*` is meant, number by number, and not `@`"),
        ("dZ1", "dZ1 = dA1 * A1", "dZ1: A1 stands where `A1 > 0` should"),
        ("dZ1", "dZ1 = dA1 * (dA1 > 0)", "dZ1: dA1 stands where Z1 should"),
        ("dZ1", "is_on = dA1 > 0\ndZ1 = is_on * dA1", "dZ1: dA1 stands where Z1 should"),
        ("dZ1", "dZ1 = 2.0 @ dA1", "a factor of this matrix product is a number"),
        ("db2", "db2 = dZ2 + W2", "do not fit. Likely: a sum over the wrong axis"),
        ("db2", "db2 = dz2.sum(axis=0)", ": there is no variable dz2; did you mean dZ2?"),
        ("dW2", "dW2 = dW2 + 1", ": dW2 is used before it is given a value"),
        ("dZ1", "dZ1 = dA1 * (Z1 < 0)", "dZ1: `Z1 < 0` stands where `Z1 > 0` should"),
        (
            "dZ2",
            "dZ2 = np.exp(log_P)\ndZ2[np.arange(N), t] += 1\ndZ2 /= N",
            "it is wrong in the column of each example's target, and right in all others",
        ),
        ("dW1", "dW1 = X.T @ dZ9", ": there is no variable dZ9"),
        (
            "dZ2",
            "dZ2 = (np.exp(log_P) - t[:, None]) / N",
            "dZ2: t[:, None] is the number of a class, and not its one-hot row (it is ",
        ),
    ],
)
def test_a_mistake_is_told_in_words(
    blank: str, code: str, says: str, backward: Exercise, small: Reference
) -> None:
    checks = checked(solved(backward, **{blank: code}), small)
    assert says in checks.value("loss_and_gradients", blank)
    assert not checks.is_right


def test_a_row_is_no_number_of_a_class() -> None:
    of = reference(page("one_layer.nn").text)
    text = of.script.text.replace("error = Z1 - t", "error = Z1 - t.argmax(axis=1)[:, None]", 1)
    said = checked(text, of).first_wrong()
    assert said.startswith("error: t.argmax(axis=1)[:, None] stands where t should")


def test_an_array_with_two_names_is_told(backward: Exercise, small: Reference) -> None:
    """Where it is read after it was changed: else the change leaves nothing wrong."""
    changed = "also = dZ2\nalso *= 2\ndW2 = A1.T @ dZ2 / 2 + L2 * W2"
    text = solved(backward, dW2=changed)
    line = text.split("\n").index("    also *= 2") + 1
    says = f"\nit was right before line {line}, which changes it"
    assert checked(text, small).value("loss_and_gradients", "dZ2").endswith(says)
    checks = checked(solved(backward, dZ1="dZ1 = dA1\ndZ1[Z1 > 0] = 0"), small)
    assert not checks.value("loss_and_gradients", "dA1")
    said = checks.value("loss_and_gradients", "dZ1")
    assert said.startswith("dZ1: a mask lets through what it should not, and nothing else")


@pytest.mark.parametrize(
    ("blank", "code", "name", "changes"),
    [
        ("dW2", "dW2 = A1.T @ dZ2 + L2 * W2\nW2 -= dW2", "W2", "W2 -= dW2"),
        ("dZ1", "dZ1 = dA1 * (Z1 > 0)\nnp.negative(X, out=X)", "X", "np.negative"),
        ("dZ1", "dZ1 = dA1 * (Z1 > 0)\nfor row in X:\n    row *= 2", "X", "row *= 2"),
        ("dW2", "dW2 = A1.T @ dZ2 + L2 * W2\nhalf = Z1[:4]\nhalf[:] = -1", "Z1", "half[:] = -1"),
    ],
)
def test_the_line_that_changes_what_was_right_is_told(
    blank: str, code: str, name: str, changes: str, backward: Exercise, small: Reference
) -> None:
    text = solved(backward, **{blank: code})
    said = checked(text, small).first_wrong()
    assert said.startswith(f"{name}: ")
    assert said.endswith(f"\nit was right before line {line_of(text, changes)}, which changes it")


@pytest.mark.parametrize("more", ["", "\ndW1 += X.T @ dZ1", "\nfor n in range(2):\n    dW1[n] = n"])
def test_a_gradient_that_has_but_begun_when_the_script_stops_is_not_told_of(
    more: str, backward: Exercise, small: Reference
) -> None:
    begun = "dW1, db1 = np.zeros_like(W1), np.zeros_like(b1)\ndA1 = dZ2 @ W2.T\ndZ1 = dA1[99]"
    text = solved(backward, dA1=begun, dW1="dW1 = X.T @ dZ1" + more)
    checks = checked(text, small)
    for item in ("gradient of W1", "gradient of b1"):
        said = checks.item(item)
        assert said.startswith("IndexError: index 99 is out of bounds")
        assert said.endswith(f"(line {line_of(text, 'dA1[99]')})")
    assert not checks.item("gradient of W2")


@pytest.mark.parametrize(
    ("code", "first", "last"),  # the lines of the blank that may be wrong
    [
        ("dZ2 = log_P.copy()\ndZ2[np.arange(N), t] -= 1\ndZ2 /= N", 1, 3),
        ("dZ2 = np.exp(log_P)\ndZ2[np.arange(N), t] = 1\ndZ2 /= N", 2, 3),
        ("dZ2 = np.exp(log_P)\ndZ2[np.arange(N), t] -= 1\ndZ2 = dZ2 / N / 2", 3, 3),
        (
            "P = np.exp(log_P)\nT = np.zeros_like(P)\nT[np.arange(N), t] = 2\ndZ2 = (P - T) / N",
            2,
            4,
        ),
        ("e = np.exp(log_P)\nP = e / e.sum(axis=0)\nP[np.arange(N), t] -= 1\ndZ2 = P / N", 2, 4),
        ("number = 1 / N\ndZ2 = np.exp(log_P)\ndZ2 *= number", 1, 3),
    ],
)
def test_of_several_lines_those_that_may_be_wrong_are_told(
    code: str, first: int, last: int, backward: Exercise, small: Reference
) -> None:
    text = solved(backward, dZ2=code)
    begin = text.split("\n").index(f"    {code.split(chr(10))[0]}")
    lines = f"line {begin + first}"
    if first < last:
        lines = f"one of the lines {begin + first} to {begin + last}"
    said = checked(text, small).value("loss_and_gradients", "dZ2")
    assert said.endswith(f"\n{lines} gives it")


def test_an_array_with_two_names_that_was_wrong_before_is_told(
    backward: Exercise, small: Reference
) -> None:
    checks = checked(solved(backward, dA1="dA1 = 2 * dZ2 @ W2.T", dZ1="dZ1 = dA1"), small)
    says = "dA1: `2` is a factor too many"
    assert checks.value("loss_and_gradients", "dA1").startswith(says)


@pytest.mark.parametrize(
    ("name", "code", "factor"),
    [
        ("D1", "D1 = A1", "mask1"),
        ("D2", "D2 = A2", "mask2"),
        ("dA2", "dA2 = dD2", "mask2"),
        ("dA1", "dA1 = dD1", "mask1"),
    ],
)
def test_only_what_a_line_reads_stands_in_the_wrong_place(
    name: str, code: str, factor: str
) -> None:
    """By the numbers alone dD1 stands where dA1 should, in the forward pass."""
    of = reference(page("dropout.nn").text.replace(", scaling=test", ""))
    made = exercise(of, "D1", "D2", "dA2", "dA1")
    said = checked(solved(made, **{name: code}), of).value("loss_and_gradients", name)
    assert said.startswith(f"{name}: the factors {factor} and 1.25 are missing (it is ")


def test_no_bias_is_added_to_its_gradient(backward: Exercise, small: Reference) -> None:
    """The rows of dZ2 add up to zero, and so do its last row and their sum."""
    text = solved(backward, db2="db2 = np.zeros(3)\nfor n in range(N): db2 = dZ2[n]")
    said = checked(text, small).value("loss_and_gradients", "db2")
    assert said.startswith("db2: it is ")
    assert "is added" not in said
    assert "its sum" not in said


def test_what_a_function_returns_is_told_apart_from_its_variables(small: Reference) -> None:
    text = small.script.text.replace("return A1 @ W2 + b2", "return A1 @ W2 - b2")
    checks = checked(text, small)
    assert not checks.value("predict", "A1")
    says = "predict(): b2 is to be added, and is subtracted"
    assert checks.blank("predict", ["return"], "forward").startswith(says)
    assert checks.first_wrong().startswith(says)


def test_what_a_helper_does_wrong_is_said_of_the_helper() -> None:
    of = reference(NORMALISED)
    text = of.script.text.replace(
        "dx_hat - x_hat * along_x_hat - ", "dx_hat - x_hat * along_x_hat + "
    )
    assert text != of.script.text
    line = next(n for n, code in enumerate(text.split("\n"), 1) if "dx = " in code)
    assert checked(text, of).first_wrong().startswith("dx: mean_dx_hat is to be")
    assert "return" not in checked(text, of).first_wrong()
    assert checked(text, of).first_wrong().endswith(f"line {line} gives it")


def test_what_an_optimizer_remembers_is_told(small: Reference) -> None:
    text = small.script.text.replace("v[name] *= MOMENTUM", "v[name] *= -MOMENTUM")
    assert text != small.script.text
    line = next(n for n, code in enumerate(text.split("\n"), 1) if "v[name] += " in code)
    checks = checked(text, small)
    assert not checks.value("update", "return")  # it returns nothing, as it should
    said = checks.first_wrong()
    assert said.startswith("v: it is ")
    assert said.endswith(f"one of the lines {line - 1} to {line} gives it")


def test_what_a_loop_has_yet_to_fill_is_not_blamed(small: Reference) -> None:
    """It fails in its first round, and what it fills is zero."""
    line = "        v[name] *= MOMENTUM"
    text = small.script.text.replace(line, f"{line}\n        print(1 / 0)")
    assert text != small.script.text
    checks = checked(text, small)
    assert "ZeroDivisionError" in checks.item("update")
    assert not checks.first_wrong()


@pytest.mark.parametrize(
    "answers",
    [
        {"dW2": 'dW2 = np.einsum("ni,nj->ij", A1, dZ2) + L2 * W2'},
        {"db2": "db2 = np.zeros(3)\nfor row in dZ2:\n    db2 = db2 + row"},
        {"dZ2": "dZ2 = (np.exp(log_P) - np.eye(3)[t]) / N"},
        {"dA1": "other = dZ2 @ W2.T", "dZ1": "dZ1 = np.where(Z1 > 0, other, 0)"},
    ],
)
def test_another_way_to_write_it_is_right(
    answers: dict[str, str], backward: Exercise, small: Reference
) -> None:
    checks = checked(solved(backward, **answers), small)
    assert checks.is_right
    for blank in backward.blanks:
        for variable in blank.variables:
            assert not checks.value(blank.function, variable)


def test_examples_that_count_more_than_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{i % 7},{i % 5},{i % 3 + 1}" for i in range(40)]
    Path("people.csv").write_text("\n".join(["x,y,w", *rows]) + "\n")
    of = reference(WEIGHTED)
    text = of.script.text
    assert not wrong(text, of)
    step, evaluate = text.split("def evaluate")
    plain = f"{step}def evaluate" + evaluate.replace("    w = w /", "    w = np.ones(len(w)) /", 1)
    assert plain != text
    assert list(wrong(plain, of)) == ["evaluation"]


def test_an_array_of_objects_is_nobodys_business(backward: Exercise, small: Reference) -> None:
    answer = "extra = np.array([[1], [2, 3]], dtype=object)\n" + backward.blanks[1].code
    text = solved(backward, dW2=answer)
    checks = checked(text, small)
    assert checks.is_right
    assert {array.dtype.kind for array in checks.observed.arrays.values()} <= set("biuf")
    said = wrong(f'{text}\nparams["b1"] = "mine"\n', small)
    assert said == {
        "first weights": "TypeError: first weights/b1 is a str, and no array of numbers"
    }


def test_a_gradient_of_zero_is_right_in_any_order_of_its_sum() -> None:
    of = reference(SMALL.replace("  relu\n", "  batch_norm\n  relu\n", 1))
    right = of.script.text
    other = right.replace("db1 = dZ1.sum(axis=0)", "db1 = np.ones(len(dZ1)) @ dZ1")
    assert other != right
    assert not wrong(other, of)
    assert "gradient of b1" in wrong(right.replace("db1 = dZ1.sum", "db1 = 1e-9 + dZ1.sum"), of)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("p * np.nan", "W1: it is not finite"),
        ("np.sign(p) * p.std()", "W1: it has equal numbers"),
        ("p[:, :1] + 0 * p", "W1: it has equal numbers"),
        ("p * 0.94", "W1: it is 0.94 times what it should be"),  # sqrt(1 / fan_in) for Xavier's
        ("p * 8 * np.random.default_rng(1).choice([-1, 1], p.shape)", "W1: "),
        ("p[::-1]", ""),
    ],
)
def test_initial_weights_that_are_not_drawn(change: str, says: str, small: Reference) -> None:
    text = f'{small.script.text}\np = params["W1"]\nparams["W1"] = {change}\n'
    assert says in wrong(text, small).get("first weights", "")
    assert bool(says) == bool(wrong(text, small))


def test_nothing_is_held_to_what_is_infinite() -> None:
    of = Reference(reference().checked, with_large=True)
    expected = of.expected(0)
    large = {name: array for name, array in expected.items() if name.startswith("point2/")}
    assert "point2/loss" in large
    assert float(large["point2/loss"]) > 100
    assert all(np.isfinite(array).all() for array in expected.values())
    assert not wrong(of.script.text, of)
    unstable = of.script.text.replace("shifted = x - x.max(axis=-1, keepdims=True)", "shifted = x")
    with np.errstate(over="ignore"):
        assert "loss" in wrong(unstable, of)
    assert not wrong(unstable, reference())


@pytest.mark.slow
def test_a_blank_of_a_pass_that_returns_much() -> None:
    made = exercise(reference_of("tiny_gpt.nn"), "backward", level=3)
    text = str(made.student["train.py"])
    ast.parse(text)
    assert '"transformer_backward: return (dx, dgamma1, dbeta1, ' in text


def test_a_square_weight_is_transposed() -> None:
    of = reference(SMALL.replace("  relu\n", "  relu\n  dense(6)\n  relu\n", 1))
    made = exercise(of, "dA1")
    checks = checked(solved(made, dA1="dA1 = dZ2 @ W2"), of)
    said = checks.value("loss_and_gradients", "dA1")
    assert said.startswith("dA1: a transpose of W2 is missing, or one too many (it is ")
    assert " of W2" not in checked(solved(made, dA1="dA1 = dZ2 @ W1.T @ W1"), of).first_wrong()


def test_the_rest_is_judged_where_initial_weights_are_not_written(small: Reference) -> None:
    made = exercise(small, "init")
    text = str(made.student["train.py"])
    observed = Observed()
    names, observed = run_script(lambda text: execute(text, PATH), in_float64(text), PATH)
    checks = Checks(observe(names, small.expected(1), PATH, observed), small.expected(1), {})
    wrong = {item: said for item in items(checks.expected) if (said := checks.item(item))}
    line = text.split("\n").index('    raise NotImplementedError("he: what it returns")') + 1
    says = f"line {line} in he is not written yet: he: what it returns"
    assert wrong == {"first weights": says}
    for blank in made.blanks:
        assert checks.blank(blank.function, [*blank.variables], blank.part)
    update = exercise(small, "update")
    checks = checked(str(update.student["train.py"]), small)
    assert all(checks.blank(b.function, [*b.variables], b.part) for b in update.blanks)


def test_what_has_no_end_costs_one_result(
    small: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nndsl.live.judging.observation.SECONDS", 0.1)
    text = small.script.text
    at = text.index("    for name, g in gradients.items()")
    said = wrong(f"{text[:at]}    while True: pass\n{text[at:]}", small)
    line = text[:at].count("\n") + 1
    assert said == {"update": f"it takes more than 0.1 seconds, or has no end (line {line})"}


def test_differences_of_the_loss_are_no_gradients(small: Reference) -> None:
    """Those that the textbook takes, with the step that suits float64 best."""
    step = small.script.text.replace("def loss_and_gradients(", "def step(", 1)
    text = step.replace("\n\n# --- The optimizer", f"\n\n{DIFFERENCES}\n\n# --- The optimizer", 1)
    assert text != step
    said = wrong(text, small)
    assert {"gradient of W1", "gradient of b2"} <= said.keys() <= set(GRADIENTS)
    assert "as differences of the loss are: the chain rule" in said["gradient of W1"]
    rounded = small.script.text.replace(
        "    return loss, penalty", "    dW1 *= 1 + 1e-9\n    return loss, penalty"
    )
    assert [*wrong(rounded, small).values()] == [
        "gradient of W1: it is right to about nine digits, and should be to more"
    ]


def test_a_student_reads_what_to_do(backward: Exercise, small: Reference) -> None:
    text, script = (str(backward.student[name]) for name in ("README.md", "train.py"))
    assert "Hand in `train.py` alone." in text
    assert "python -m pytest test_train.py" in text
    assert "\nRun it once its blanks are filled in: python train.py\n" in script
    cells = write_exercise(small, ["backward"], 2, as_notebook=True).student
    assert "Hand in `train.ipynb` alone." in str(cells["README.md"])
    assert "Run its cells once" in str(cells["train.ipynb"])
    assert "python train.py" not in str(cells["train.ipynb"])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["dW1 = -X.T @ dZ1"], "line 1 of cell 1 gives it"),
        (["scaled = 2 * dZ1", "dW1 = X.T @ scaled"], "one of the lines 1 to 1 of cell 1 gives it"),
    ],
)
def test_what_is_said_of_a_notebook_quotes_its_lines(
    small: Reference, tmp_path: Path, written: list[str], said: str
) -> None:
    made = write_exercise(small, ["dW1"], 2, as_notebook=True)
    for name, content in made.student.items():
        text = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(text)
    cells = tmp_path / "train.ipynb"
    blank = 'raise NotImplementedError(\\"dW1: shape (2, 6)\\")'
    assert blank in cells.read_text()
    cells.write_text(cells.read_text().replace(blank, r"\n    ".join(written)))
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_train.py"]
    done = subprocess.run(tests, cwd=tmp_path, capture_output=True, text=True)
    lines = [re.sub(r"\d+", "1", line) for line in done.stdout.split("\n")]
    assert said in lines, done.stdout
    cell = int(re.findall(r"of cell (\d+) gives it", done.stdout)[0])
    sources = [
        c["source"] for c in json.loads(cells.read_text())["cells"] if c["cell_type"] == "code"
    ]
    for code in written:
        quoted = rf"^loss_and_gradients +(\d+)  {re.escape(code)}$"
        (number,) = {*re.findall(quoted, done.stdout, re.MULTILINE)}  # also behind all tests
        assert sources[cell - 1].split("\n")[int(number) - 1].strip() == code


def test_nobody_is_held_to_what_rounding_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows normalised over themselves are one and minus one: the rest is rounding."""
    monkeypatch.setattr("nndsl.live.judging.reference.example_count", lambda model: 2)
    deep = NORMALISED.replace("  dense(3)\n", "  dense(6)\n  batch_norm\n  relu\n  dense(3)\n", 1)
    of = Reference(reference(deep).checked, with_large=True)
    equal = of.script.text.replace("(centred * centred).mean(", "(x * centred).mean(")
    assert equal != of.script.text
    for seed in range(3):
        assert {"point2/loss", "point0/gradient of W1"} <= of.expected(seed).keys()
        assert not wrong(equal, of, seed)


@pytest.mark.parametrize(
    ("asked", "level", "hints"),
    [
        (
            "init",
            2,
            (
                "He initialisation: keeps the variance of relu activations equal from layer to "
                "layer.",
                "It is made of fan_in, shape, with `math.sqrt`, a division.",
                "return rng.normal(0, ___, shape).astype(np.float32)",
            ),
        ),
        (
            "update",
            3,
            (
                "Move every parameter one step downhill (Polyak 1964).",
                "It is made of LEARNING_RATE, MOMENTUM, gradients, with an element-wise product, "
                "an index, a difference.",
                "for name, g in gradients.items():\n    v[name] *= ___\n    v[name] += ___\n"
                "    params[name] -= LEARNING_RATE * ___",
            ),
        ),
    ],
)
def test_hints_of_what_is_no_gradient(
    asked: str, level: int, hints: tuple[str, ...], small: Reference
) -> None:
    assert exercise(small, asked, level=level).blanks[0].hints == hints


def test_hints_of_a_value_say_where_it_belongs(small: Reference) -> None:
    said = {
        f"{blank.name} in {blank.function}": blank.hints[0]
        for blank in exercise(small, "forward").blanks
    }
    first = "Z1 belongs to `dense(6)`, line 4 of the page. It goes into A1."
    assert said["Z1 in loss_and_gradients"] == first
    assert said["predict in predict"].startswith("It goes forward as `loss_and_gradients` does")
    of = reference(NORMALISED)
    backward = exercise(of, "batch_norm_backward", level=3).blanks[0].hints[0]
    assert backward.startswith("It goes backward through `batch_norm`: ")


def test_what_follows_from_a_mistake_is_not_blamed(backward: Exercise, small: Reference) -> None:
    text = solved(backward, dZ2="dZ2 = np.exp(log_P)\ndZ2[np.arange(N), t] -= 1")
    checks = checked(text, small)
    line = text.split("\n").index("    dZ2[np.arange(N), t] -= 1") + 1
    of = "loss_and_gradients"
    assert "1/N is missing" in checks.value(of, "dZ2")
    for name in ("dW2", "dW1"):
        follows = f"{name} follows from dZ2 (line {line}), which is wrong: mend that first"
        assert checks.value(of, name) == follows
    checks = checked(solved(backward, db2="db2 = dZ2[0]", dZ1="dZ1 = dA1"), small)
    assert "a mask is missing" in checks.value(of, "dZ1")
    assert "follows from dZ1" in checks.value(of, "db1")


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("running_var += BATCH_NORM_MOMENTUM * (var - running_var)", False),
        ("running_var += BATCH_NORM_MOMENTUM * (unbiased + running_var)", False),
        (
            "running_var *= 1 - BATCH_NORM_MOMENTUM\nrunning_var += BATCH_NORM_MOMENTUM * unbiased",
            True,
        ),
    ],
)
def test_a_wrong_running_average_is_told_though_no_result_shows_it(
    answer: str, is_right: bool
) -> None:
    of = reference(NORMALISED)
    text = solved(exercise(of, "batch_norm"), running_var=answer)
    checks = checked(text, of)
    assert checks.is_right
    said = checks.value("batch_norm", "running_var")
    assert not said if is_right else said.startswith("running_var: ")
    assert not any(checks.value("batch_norm", name) for name in ("mean", "y", "running_mean"))
    assert not checks.value("loss_and_gradients", "running_var1")  # which gives it to the function


def test_zeros_for_everything_are_wrong(backward: Exercise, small: Reference) -> None:
    key = str(backward.key["train.py"])
    step = key.split("    # Forward")[0]
    zeros = "    return 0.0, 0.0, {name: 0 * p for name, p in params.items()}\n"
    rest = (
        "\n\n\n# --- The optimizer" + str(backward.key["train.py"]).split("# --- The optimizer")[1]
    )
    said = wrong(step + zeros + rest, small)
    assert {"loss", "penalty", *(f"gradient of {name}" for name in ("W1", "b1", "W2", "b2"))} == {
        *said
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "asked"),
    [
        ("lenet.nn", "backward"),
        ("char_lstm.nn", "lstm_backward"),
        ("tiny_gpt.nn", "self_attention_backward"),
        ("small_resnet.nn", "batch_norm_backward"),
        ("sine.nn", "forward,loss"),
    ],
)
def test_every_network_makes_an_exercise(spec: str, asked: str) -> None:
    of = reference_of(spec)
    made = exercise(of, *asked.split(","))
    assert not wrong(solved(made), of)
    assert wrong(str(made.student["train.py"]), of)


@pytest.mark.slow
def test_the_folder_of_a_student(backward: Exercise, tmp_path: Path) -> None:
    for name, content in backward.student.items():
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
    text = solved(backward, dZ1="dZ1 = dA1")
    (tmp_path / "train.py").write_text(text, encoding="utf-8")
    line = text.split("\n").index("    dZ1 = dA1") + 1
    isolated = (sys.executable, "-c", "import sys; sys.modules['nndsl'] = None; import pytest; ")
    run = "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_train.py']))"
    code = [*isolated[:-1], isolated[-1] + run]
    result = subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert "a mask is missing: it should be zero" in result.stdout
    assert f"line {line} gives it" in result.stdout
    assert "FAILED test_train.py::test_blank[dZ1]" in result.stdout
    assert "test_blank[dA1]" not in result.stdout
    told = [sys.executable, "test_train.py", "--hint", "dZ1", "3"]
    hint = subprocess.run(told, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "dZ1 = dA1 * ___" in hint.stdout
    asked = [sys.executable, "test_train.py", "--help"]
    shown = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("Tests of the exercise train.py.")
    assert 'python test_train.py --hint "' in shown.stdout


def test_one_mistake_is_said_last_of_many_tests_that_fail(
    backward: Exercise, tmp_path: Path
) -> None:
    for name, content in backward.student.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (tmp_path / "train.py").write_text(solved(backward, dA1="dA1 = -dZ2 @ W2.T"), "utf-8")
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_train.py"]
    done = subprocess.run(tests, cwd=tmp_path, capture_output=True, text=True)
    *_, title, first, line, count, _ = done.stdout.split("\n")
    assert title.strip("=") == " mend this first "
    assert first.startswith("dA1: its sign is wrong (it is ")
    assert line.endswith(" gives it")
    assert count.startswith("6 failed, ")
    told, _, _ = done.stdout.partition("short test summary info")  # which repeats it in CI
    assert told.count("a hint: ") == 1


def test_why_a_script_stops_is_said_once(backward: Exercise, tmp_path: Path) -> None:
    for name, content in backward.student.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    tests = runpy.run_path(str(tmp_path / "test_train.py"))
    checks, told, said = tests["seen_of_file"](), set[str](), []
    for blank in tests["EXERCISE"]["blanks"]:
        with pytest.raises(pytest.fail.Exception) as failed:
            tests["test_blank"](blank, checks, told)
        said.append(str(failed.value))
    line = next(iter(checks.stops.values()))
    assert said[0].startswith(
        f"line {line} in loss_and_gradients is not written yet: dZ2: shape (N, 3)\na hint: "
    )
    assert {*said[1:]} == {f"the script stops at line {line} before it comes to this"}


def test_where_a_script_stops_is_said_at_the_blank_that_it_stops_in(
    tmp_path: Path,
) -> None:
    made = exercise(reference(NORMALISED), "backward")
    for name, content in made.student.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (tmp_path / "train.py").write_text(solved(made, dD1="dD1 = dZ2 @ W2"), "utf-8")
    tests = runpy.run_path(str(tmp_path / "test_train.py"))
    checks, told, said = tests["seen_of_file"](), set[str](), {}
    for blank in tests["EXERCISE"]["blanks"]:
        try:
            tests["test_blank"](blank, checks, told)
        except pytest.fail.Exception as failed:
            said[blank["name"]] = str(failed)
    (line,) = set(checks.stops.values())
    assert said.pop("dD1").startswith(f"line {line}: the shapes of this matrix product do not fit")
    assert {*said.values()} == {f"the script stops at line {line} before it comes to this"}


@pytest.mark.parametrize("other", [".sum(axis=0)", ".mean(axis=1)[0]"])
def test_what_is_made_of_nothing_wrong_is_wrong_by_itself(other: str) -> None:
    """The function is called once more, with what follows from its first call."""
    twice = SMALL.replace("  relu\n", "  batch_norm\n  relu\n  dense(5)\n  batch_norm\n  tanh\n")
    of = reference(twice)
    text = of.script.text.replace("(dx_hat * x_hat).mean(axis=0)", "(dx_hat * x_hat).sum(axis=0)")
    both = text.replace("dx_hat.mean(axis=0)", f"dx_hat{other}")
    assert of.script.text != text != both
    function = "batch_norm_backward"
    said = checked(both, of).value(function, "mean_dx_hat")
    assert said
    assert "follows from" not in said
    assert not checked(text, of).value(function, "mean_dx_hat")
    assert "follows from along_x_hat" in checked(text, of).value(function, "dx")
    assert "follows from along_x_hat" in checked(text, of).value("loss_and_gradients", "dW1")


def test_what_a_function_returns_is_counted_in_words() -> None:
    of = reference(NORMALISED)
    text = of.script.text.replace("return dx, dgamma, dbeta", "return dx, dbeta, dgamma")
    assert text != of.script.text
    says = "the second value that batch_norm_backward() returns: dbeta stands where dgamma should"
    assert checked(text, of).first_wrong().startswith(says)


def test_a_gradient_is_not_compared_with_what_is_returned() -> None:
    of = reference(NORMALISED)
    text = of.script.text.replace(" - mean_dx_hat)", ")")
    assert text != of.script.text
    assert "the same as" not in checked(text, of).first_wrong()


def test_two_blanks_of_one_name_have_hints_of_their_own(small: Reference, tmp_path: Path) -> None:
    made = exercise(small, "A1")
    assert [blank.function for blank in made.blanks] == ["predict", "loss_and_gradients"]
    for name, content in made.student.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    for asked, says in (
        (("A1 in predict", "3"), "A1 = np.maximum(0, ___)"),
        (("A1 in predict", "4"), "A1 in predict has the hints 1 to 3"),
        (
            ("A1",),
            "type one of these:\n"
            'python test_train.py --hint "A1 in predict"\n'
            'python test_train.py --hint "A1 in loss_and_gradients"',
        ),
    ):
        command = [sys.executable, "test_train.py", "--hint", *asked]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert says in told.stdout


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("dgamma1", "dZ1, dgamma1, dbeta1 = "),
        ("batch_norm_backward.dx_hat", "dx_hat = "),
        ("batch_norm_backward", 'type one of these:\npython test_train.py --hint "dgamma"\n'),
        ("dgamma9", 'type one of these:\npython test_train.py --hint "dgamma"\n'),
    ],
)
def test_a_hint_is_found_by_one_of_the_names_of_its_blank(
    tmp_path: Path, asked: str, says: str
) -> None:
    made = exercise(reference(NORMALISED), "backward")
    for name, content in made.student.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    tests = runpy.run_path(str(tmp_path / "test_train.py"))
    assert tests["hint"]([asked, "3"]).startswith(says)


def test_two_blanks_of_one_name_in_one_function_have_numbers(tmp_path: Path) -> None:
    of = Reference(analyse(page("sequences.nn"), Diagnostics()))
    made = exercise(of, "rnn_backward")
    for name, content in made.student.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    found = []
    for number in (1, 2):
        command = [sys.executable, "test_train.py", "--hint", f"dh_next {number}", "3"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        found.append(done.stdout)
    assert found[0] != found[1]
    assert not any("type one of these" in said for said in found)


def test_a_bias_that_is_not_added_is_named(small: Reference) -> None:
    made = exercise(small, "Z1")
    says = checked(solved(made, Z1="Z1 = X @ W1"), small).value("loss_and_gradients", "Z1")
    assert says.startswith("Z1: b1 is not added (it is "), says


def test_what_is_given_is_worth_nothing(backward: Exercise, small: Reference) -> None:
    gradients = {f"gradient of {name}": 1 for name in ("W1", "b1", "W2", "b2")}
    points = json.loads(str(backward.key["points.json"]))
    assert points == {**gradients, "accuracy after training": 1}
    assert [*exercise(small, "init").asked] == ["first weights"]  # others are right with zeros
    assert [*exercise(small, "update").asked] == ["update"]


def test_what_a_student_gets_holds_no_answer(backward: Exercise) -> None:
    about = json.loads(str(backward.student["exercise.json"]))
    assert all("code" not in blank for blank in about["blanks"])
    with np.load(io.BytesIO(bytes(backward.student["expected.npz"]))) as file:  # type: ignore[arg-type]
        assert file.files


def test_a_notebook_is_the_script_in_cells(small: Reference) -> None:
    made = write_exercise(small, ["backward"], 2, as_notebook=True)
    assert "train.py" not in made.student
    code = script_of(cells_of(str(made.student["train.ipynb"])))
    assert (
        wrong(code, small).keys()
        == wrong(str(exercise(small, "backward").student["train.py"]), small).keys()
    )
    cells = json.loads(str(made.student["train.ipynb"]))["cells"]
    assert "## The network" in [cell["source"] for cell in cells]
    assert cells[-1]["source"] == 'if __name__ == "__main__":\n    main()'
    for cell in cells:
        if cell["cell_type"] == "code":
            ast.parse(cell["source"])


def test_the_notebook_for_nbgrader(backward: Exercise, small: Reference) -> None:
    assert not wrong(script_of(cells_of(backward.nbgrader)), small)
    cells = json.loads(backward.nbgrader)["cells"]
    about = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    (solved_cell,) = [c for c, told in zip(cells, about, strict=True) if told.get("solution")]
    before, *regions = solved_cell["source"].split("### BEGIN SOLUTION")
    assert len(regions) == len(backward.blanks)
    left = before + "".join(region.split("### END SOLUTION")[1] for region in regions)
    assert "dW2 = " not in left
    assert "# dW2: shape (6, 3)" in left
    graded = [told for told in about if told.get("grade")]
    assert {"schema_version", "grade_id", "solution", "locked", "points"} <= set(graded[0])
    assert "gradient-of-W1" in [told["grade_id"] for told in graded]
    module = _module(notebook_checks())
    assert callable(module["check"])


def _module(text: str) -> dict[str, object]:
    """Return what a text defines, without its files."""
    head, _, rest = text.partition("FOLDER = Path(__file__).parent")
    _, _, functions = rest.partition('SCRIPT = str(FOLDER / EXERCISE["script"])')
    return execute(head + functions, "exercise_checks.py")


def test_the_notebook_and_the_tests_for_otter(backward: Exercise) -> None:
    points = backward.asked
    tree = ast.parse(otter(points, "train"))
    assert ast.unparse(tree.body[0]) == "OK_FORMAT = False"
    assert [
        ast.unparse(node.decorator_list[0])
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.args.args[0].arg == "env"
    ] == [f"test_case(name={item!r}, points=1, hidden=False)" for item in points]
    cells = json.loads(backward.otter)["cells"]
    assert cells[-1]["source"] == 'grader.check("train")'
    code = script_of(cells_of(backward.otter))  # what it asks Otter for is no part of the script
    assert "grader" not in code
    assert 'raise NotImplementedError("dW2: shape (6, 3)")' in code


TWICE = """\
data = addition(2, samples=60)
network {
  embedding(4)
  rnn(6)
  repeat_vector(5)
  rnn(8, output=all)
  dense(12)
}
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); batch = 10; epochs = 1 }
"""


@pytest.mark.parametrize("level", [2, 3])
def test_functions_of_one_word_are_left_out_together(level: int) -> None:
    of = reference(TWICE, "twice.nn")
    made = exercise(of, "rnn_backward", level=level)
    assert {blank.function for blank in made.blanks} == {"rnn_backward", "rnn_all_backward"}
    text = made.student["train.py"]
    assert isinstance(text, str)
    assert "h[t] = np.tanh" in text
    assert "W_h.T" not in text
    assert checked(solved(made), of).is_right


@pytest.mark.parametrize(("level", "is_said"), [(1, True), (2, False), (3, False)])
def test_the_head_says_nothing_of_what_is_left_out(level: int, is_said: bool) -> None:
    head, _, _ = str(exercise(reference(SMALL), "A1", level=level).student["train.py"]).partition(
        "import"
    )
    assert ("A1 = max(0, Z1)" in head) == is_said
    assert "Z1 = X W1 + b1" in head
