"""Loops, whose lines follow from each other: which one is wrong, and what it was made of."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from exercises import NORMALISED, PATH, checked, exercise, line_of, reference, reference_of, solved

from nndsl.analysis.compile import analyse
from nndsl.course.exercises.exercise import Exercise, write_exercise
from nndsl.course.grading.grader import Grader
from nndsl.course.labs import page
from nndsl.diagnostics import Diagnostics
from nndsl.live.execute import execute
from nndsl.live.judging.assignments import assigned
from nndsl.live.judging.checks import Checks
from nndsl.live.judging.keys import FIRST, LAST, SECOND, START
from nndsl.live.judging.reference import Reference
from nndsl.live.judging.tracing import trace_step

OF = "rnn_backward"
FIRST_PASS, SECOND_PASS = (f", in the {state} of its loop" for state in (FIRST, SECOND))
POOLED = """\
network {
  input(16)
  reshape(1, 4, 4)
  conv2d(2, 3)
  max_pool(2)
  flatten
  dense(3)
}

train {
  loss      = softmax_cross_entropy
  optimizer = sgd
}
"""
MISTAKES = [  # what was right, what stands there, the variable, and the pass that is wrong
    ("h[t] = np.tanh(a[:, t - 1] + h[t - 1] @ W_h)", "h[t] = np.tanh(a[:, t - 1])", "h", "second"),
    ("dh = dys[:, t - 1] + dh_next", "dh = dys[:, t - 1] - dh_next", "dh", "second"),
    ("da[:, t - 1] = dh * (1 - h[t]**2)", "da[:, t - 1] = dh * (1 - h[t])", "da", "first"),
    ("dh_next = da[:, t - 1] @ W_h.T", "dh_next = dh @ W_h.T", "dh_next", "first"),
    ("dh_next = da[:, t - 1] @ W_h.T", "dh_next = da[:, 0] @ W_h.T", "dh_next", "first"),
    ("dys = dy.reshape(N, T, STATE)", "dys = x.reshape(N, T, STATE)", "dys", ""),
    ("a = (x @ W_x + b)", "a = (x @ W_x - b)", "a", ""),
]


@pytest.fixture(scope="module")
def sequences() -> Reference:
    return Reference(analyse(page("sequences.nn"), Diagnostics()))


@pytest.fixture(scope="module")
def made(sequences: Reference) -> Exercise:
    return exercise(sequences, "rnn", OF)


@pytest.mark.parametrize(("was", "now", "variable", "number"), MISTAKES)
def test_the_line_that_is_wrong_is_told(
    was: str, now: str, variable: str, number: str, made: Exercise, sequences: Reference
) -> None:
    right = str(made.key["train.py"])
    line = line_of(right, was)
    checks = checked(right.replace(was, now), sequences)
    first = checks.first_wrong()
    place = f", in the {number} pass of its loop" if number else ""
    assert first.startswith(f"{variable}: ")
    assert first.endswith(f"\nline {line} gives it{place}")
    said = {
        (blank.function, name): checks.blank(blank.function, [name], blank.part)
        for blank in made.blanks
        for name in blank.variables
    }
    wrong = {at: text for at, text in said.items() if text}
    (origin,) = (at for at, text in wrong.items() if "follows from" not in text)
    assert wrong.pop(origin) == first
    assert len(wrong) > 3
    for (function, _), text in wrong.items():
        there = variable if function == origin[0] else f"{variable} in {origin[0]}"
        assert f" follows from {there} (line {line}), which is wrong" in text


@pytest.mark.parametrize(
    ("was", "now", "variable"),
    [
        ("dh_next = 0 ", "dh_next = 1 ", "dh_next"),
        ("dh_next = 0 ", "dh_next = dys[:, -1] ", "dh_next"),
        ("h = np.zeros((T + 1", "h = np.ones((T + 1", "h"),
    ],
)
def test_a_wrong_value_before_a_loop_is_told(
    was: str, now: str, variable: str, made: Exercise, sequences: Reference
) -> None:
    right = str(made.key["train.py"])
    text, line = right.replace(was, now), line_of(right, was)
    said = checked(text, sequences).first_wrong()
    assert said.startswith(f"{variable}: it should be zero (")
    assert said.endswith(f"\nline {line} gives it, before its loop")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("dh_next = 0 ", "dh_next = np.zeros((N, STATE)) "),
        ("da = np.zeros_like(a)", "da = np.full_like(a, 7)"),  # all of it is filled
        ("h = np.zeros((T + 1, N, STATE))", "h = np.full((T + 1, N, STATE), 7.0); h[0] = 0"),
        ("dh_next = 0 ", "dh_next = 0; dh = 1 "),  # which the loop does not read
    ],
)
def test_another_value_before_a_loop_is_not_blamed(
    was: str, now: str, made: Exercise, sequences: Reference
) -> None:
    right = str(made.key["train.py"]).replace("np.float32)   #", ")   #").replace(", )", ")")
    assert was in right
    text = right.replace(was, now)
    assert checked(text, sequences).is_right
    text = text.replace("da[:, t - 1] = dh * (1 - h[t]**2)", "da[:, t - 1] = dh")
    line = line_of(text, "da[:, t - 1] = dh ")
    assert checked(text, sequences).first_wrong().endswith(f"line {line} gives it{FIRST_PASS}")


def test_what_a_loop_had_before_is_told(made: Exercise, sequences: Reference) -> None:
    """In the second pass `dh_next` is what the first one gave it."""
    right = str(made.key["train.py"])
    text = right.replace("dys[:, t - 1] + dh_next", "dys[:, t - 1] - dh_next")
    said = checked(text, sequences).first_wrong()
    assert said.startswith("dh: dh_next is to be added, and is subtracted (it is ")


@pytest.mark.parametrize(
    ("was", "now", "variable"),
    [
        ("i[t] = sigmoid(a_i)", "i[t] = sigmoid(-a_i)", "i"),  # sigmoid is called here first
        ("h, c, i, f, o, g = cache", "h, c, f, i, o, g = cache", "f"),
    ],
)
def test_what_a_function_is_given_is_blamed_where_that_is_written(
    was: str, now: str, variable: str
) -> None:
    of = reference_of("char_lstm.nn")
    text = of.script.text.replace(was, now)
    said = checked(text, of).first_wrong()
    assert said.startswith(f"{variable}: ")
    assert f"\nline {line_of(text, now)} gives it" in said


@pytest.mark.parametrize("shape", ["(T + 2, N, STATE)", "(T + 1, N, T)"])  # the second one fails
def test_a_shape_is_blamed_where_it_is_given(
    shape: str, made: Exercise, sequences: Reference
) -> None:
    right = str(made.key["train.py"])
    line = line_of(right, "h = np.zeros((T + 1, N")
    checks = checked(right.replace("np.zeros((T + 1, N, STATE)", f"np.zeros({shape}"), sequences)
    assert checks.first_wrong().startswith("h: its shape is ")
    assert checks.first_wrong().endswith(f"\nline {line} gives it")


def test_lines_of_a_loop_with_names_of_ones_own_are_told(
    made: Exercise, sequences: Reference
) -> None:
    """What is given further below is that of the pass before; what is changed is read no more."""
    text = solved(made, **{"da[:, t - 1]": "part = dh\npart *= 1 - h[t]\nda[:, t - 1] = part"})
    begin = line_of(text, "part = dh")
    said = checked(text, sequences).first_wrong()
    assert said.startswith("da: ")
    assert said.endswith(f"one of the lines {begin + 1} to {begin + 2} gives it{FIRST_PASS}")
    text = text.replace("dh_next", "carry").replace("carry = da[:, t - 1] @ W_h.T", "carry = dh")
    text = text.replace("part *= 1 - h[t]\n", "part = part * (1 - h[t]**2)\n")
    lines = f"lines {line_of(text, '] + carry')} to {line_of(text, 'carry = dh')}"
    assert checked(text, sequences).first_wrong().endswith(f"{lines} gives it{SECOND_PASS}")


@pytest.mark.parametrize(
    ("left", "right_names"),
    [
        ("da[:, t - 1] = dh", ["dys", "dh"]),
        ("dh_next = da[:", ["dys", "dh", "da"]),
    ],
)
def test_what_is_right_until_a_loop_fails_is_not_blamed(
    left: str, right_names: list[str], made: Exercise, sequences: Reference
) -> None:
    """In its first pass: at the end of all of them each of these would be another one."""
    right = str(made.key["train.py"])
    line = line_of(right, left)
    lines = right.split("\n")
    lines[line - 1] = re.sub(r"\S.*", 'raise NotImplementedError("it")', lines[line - 1])
    checks = checked("\n".join(lines), sequences)
    assert not checks.first_wrong()
    for name in ("dys", "dh", "da", "dh_next", "da_rows"):
        said = checks.value(OF, name)
        stops = f"line {line} in {OF} is not written yet: it"
        assert said == ("" if name in right_names else stops)


def test_a_call_that_failed_later_leaves_the_first_as_it_is(
    made: Exercise, sequences: Reference
) -> None:
    """Of two layers the wider one fails: what is kept is of the other, and came to its end."""
    right = str(made.key["train.py"])
    text = right.replace("dys = dy.reshape(N, T, STATE)", "dys = x.reshape(N, T, STATE)")
    checks = checked(text, sequences)
    assert checks.observed.failures
    assert "follows from dys" in checks.value(OF, "dx")


def test_what_has_no_end_is_not_run_again(made: Exercise, sequences: Reference) -> None:
    right = str(made.key["train.py"])
    checks = checked(right.replace("dh = dys[:, t - 1] + dh_next", "dh = dys[:, 0]"), sequences)
    assert checks.is_told_by_a_trace
    checks.observed.failures["point0/loss_and_gradients"] = {
        "kind": "Endless",
        "says": "",
        "line": 1,
    }
    assert not checks.is_told_by_a_trace
    assert not checked(right, sequences).is_told_by_a_trace


@pytest.mark.parametrize(
    ("loop", "count"),
    [
        ("for step in reversed(range(1, T + 1)):", "step"),  # a name of one's own
        ("for t in range(T, 0, -1):", "t"),
        ("for before in range(T - 1, -1, -1):\n        t = before + 1", "t"),
    ],
)
def test_another_way_to_go_back_is_compared_as_well(
    loop: str, count: str, made: Exercise, sequences: Reference
) -> None:
    right = str(made.key["train.py"])
    head, tail = right.split(f"def {OF}(")
    tail, rest = tail.split("# a row for each step")
    tail = re.sub(r"\bt\b", count, tail).replace(f"for {count} in reversed(range(1, T + 1)):", loop)
    text = f"{head}def {OF}({tail}# a row for each step{rest}"
    assert loop in text
    assert checked(text, sequences).is_right
    text = text.replace(f"dh_next = da[:, {count} - 1] @ W_h.T", "dh_next = dh @ W_h.T")
    line = line_of(text, "dh_next = dh @ W_h.T")
    assert checked(text, sequences).first_wrong().endswith(f"line {line} gives it{FIRST_PASS}")


def test_passes_of_a_loop_that_goes_the_other_way_are_not_compared(
    made: Exercise, sequences: Reference
) -> None:
    """Its first pass is the last of the page's: nothing in it is the first that is wrong."""
    right = str(made.key["train.py"])
    checks = checked(right.replace("reversed(range(1, T + 1))", "range(1, T + 1)"), sequences)
    assert not checks.is_right
    for name in ("dh", "da", "dh_next"):
        said = checks.value(OF, name)
        assert said
        assert "pass of its loop" not in said
        assert "follows from" not in said


def test_what_is_given_leads_back_to_what_was_written(made: Exercise, sequences: Reference) -> None:
    """`dx` is made of `da_rows`, which is given and right in itself, and that of `da`."""
    few = write_exercise(sequences, [f"{OF}.da", "dx", "dW1"], 2)
    text = solved(few, **{"da[:, t - 1]": "da[:, t - 1] = dh * (1 - h[t])"})
    checks = checked(text, sequences)
    line = line_of(text, "(1 - h[t])")
    expected = few.student["expected.npz"]
    assert isinstance(expected, bytes)
    with np.load(io.BytesIO(expected)) as file:
        known = {name: array for name, array in checks.expected.items() if name in file}
    checks = Checks(checks.observed, known, checks.functions)
    for function, name in ((OF, "dx"), ("loss_and_gradients", "dW1")):
        there = f"da in {OF}" if function != OF else "da"
        assert f"{name} follows from {there} (line {line})" in checks.value(function, name)


def test_the_grader_tells_the_line(made: Exercise, sequences: Reference) -> None:
    grader = Grader(sequences, points={"gradient of W_h2": 1}, seed=1)
    right = str(made.key["train.py"])
    text = right.replace("dh_next = da[:, t - 1] @ W_h.T", "dh_next = dh @ W_h.T")
    got = grader.grade("ben", text)
    line = line_of(text, "dh_next = dh @ W_h.T")
    assert got.first_wrong.startswith("dh_next: ")
    assert got.first_wrong.endswith(f"line {line} gives it{FIRST_PASS}")


@pytest.mark.slow
def test_the_tests_of_a_student_tell_the_line(made: Exercise, tmp_path: Path) -> None:
    for name, text in made.student.items():
        content = text.encode() if isinstance(text, str) else text
        (tmp_path / name).write_bytes(content)
    text = solved(made, **{"da[:, t - 1]": "da[:, t - 1] = dh * (1 - h[t])"})
    (tmp_path / "train.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "test_train.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    line = line_of(text, "(1 - h[t])")
    assert f"line {line} gives it{FIRST_PASS}" in done.stdout
    assert f"dW_h follows from da (line {line}), which is wrong: mend that first" in done.stdout
    assert "test_blank[dys]" not in done.stdout


# --- How passes are kept -------------------------------------------------------------

LOOPS = """
def loss_and_gradients(X):
    total = 0.0
    for row in X:
        total = total + row.sum()
        for n in range(
            4
        ):
            part = total * n
            if n > 2:
                break
    while total > 0:
        total = total - 10
    return total, {}
"""


def test_the_passes_of_loops_in_loops() -> None:
    functions = assigned(LOOPS)
    names = execute(LOOPS, PATH)
    kept = trace_step(names, {"point0/input/X": np.arange(8.0).reshape(4, 2)}, PATH, functions)
    of = "loss_and_gradients"
    found = {tuple(key.split("/")[1::2]): array.tolist() for key, array in kept.items()}
    assert {key: value for key, value in found.items() if key[1] == "part"} == {
        (FIRST, "part"): 0.0,
        (SECOND, "part"): 1.0,
        (LAST, "part"): 28.0 * 3,
    }
    assert {state: found[state, "n"] for state in (FIRST, SECOND, LAST)} == dict(
        zip((FIRST, SECOND, LAST), (0, 1, 3), strict=True)
    )
    assert functions[of].lines["total"] == 13
    assert (found[START, "total"], (START, "n") in found) == (28, False)
    assert (found[FIRST, "total"], found[SECOND, "total"], found[LAST, "total"]) == (18, 8, -2)


def test_a_script_keeps_its_own_trace(made: Exercise) -> None:
    """A debugger goes on, and a loop without end costs as much as elsewhere."""
    text = LOOPS.replace("total - 10", "total + 10")
    names, before = execute(text, PATH), sys.gettrace()
    import nndsl.live.judging.tracing as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SECONDS", 0.1)
        assert trace_step(names, {"point0/input/X": np.ones((4, 2))}, PATH, assigned(text))
    assert sys.gettrace() is before


# --- What a variable is made of ------------------------------------------------------

CODE = """
class Layer:
    def forward(self, x):
        self.x, y = x, x * 2
        return y

    def backward(self, dy):
        W, N = self.W, 3
        dW = self.x.T @ dy
        dW /= N
        rows, columns = self.cache
        np.add.at(dW, rows, dy)
        return dW, rows


def loss_and_gradients(X):
    layer = Layer()
    dW, rest = layer.backward(dy=X)
    m = {}
    for name in ("a", "b"):
        m[name] = dW + rest
    return m
"""


def test_what_is_assigned() -> None:
    functions = assigned(CODE)
    backward, step = functions["Layer.backward"], functions["loss_and_gradients"]
    assert backward.lines == {
        **{"W": 8, "N": 8, "dW": 12, "rows": 11, "columns": 11},
        "return": 13,
    }
    assert backward.begins["dW"] == 9
    assert backward.handed == {"rows", "columns"}
    of = "Layer.backward"
    made_of = {(of, name) for name in ("self.x", "dy", "N", "rows")}
    assert backward.uses["dW"] - {(of, "np"), (of, "dW")} == made_of
    assert backward.uses["return[1]"] == {(of, "rows")}
    assert functions["Layer.forward"].uses["self.x"] == {("Layer.forward", "x")}
    assert step.uses["rest"] == {(of, "return[1]")}
    assert {("loss_and_gradients", name) for name in ("dW", "rest", "name")} == step.uses["m"]
    assert [(call.function, call.line) for call in step.calls] == [(of, 18)]
    assert step.calls[0].given == {"dy": {("loss_and_gradients", "X")}}
    assert [(loop.first, loop.body, loop.last, loop.counts) for loop in step.loops] == [
        (20, 21, 21, "name")
    ]
    assert assigned("def f(:") == {}


TARGETS = """
def f(pairs, path, kind):
    for k, (spot, [part, rest]) in enumerate(pairs):
        x = spot + part
    with open(path) as file:
        text = file
    match kind:
        case 1:
            y = rest
"""


def test_each_form_of_target_is_read() -> None:
    found = assigned(TARGETS)["f"]
    assert found.lines == {
        **{"k": 3, "spot": 3, "part": 3, "rest": 3, "x": 4},
        **{"file": 5, "text": 6, "y": 9},
    }
    assert ("f", "pairs") in found.uses["part"]
    assert ("f", "path") in found.uses["file"]
    assert ("f", "rest") in found.uses["y"]


CONVOLUTIONS = """
model seen
data = digits(images=true, test=0.2)
network { conv2d(2, kernel=3); relu; conv2d(2, kernel=3); flatten; dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); batch = 4; epochs = 1 }
"""
INTO = (
    "    for k, spot in enumerate(slices(shape, size, stride)):\n        x[spot] += seen[:, :, k]"
)
PAIRS = "enumerate(slices(shape, size, stride))"
BACKWARDS = INTO.replace(PAIRS, f"reversed([*{PAIRS}])").replace("k, spot", "n, spot")
BACKWARDS = BACKWARDS.replace(":, k]", ":, n]")


@pytest.mark.parametrize("into", [INTO, BACKWARDS], ids=["as the page", "backwards"])
def test_a_loop_that_goes_another_way_to_the_same_end_is_right(into: str) -> None:
    of = reference(CONVOLUTIONS)
    wrong = of.script.text.replace("dZ1 = dA1 * (Z1 > 0)", "dZ1 = dA1")
    assert wrong != of.script.text
    assert INTO in wrong
    assert checked(of.script.text.replace(INTO, into), of).is_right
    said = checked(wrong.replace(INTO, into), of).first_wrong()
    assert said.startswith("dZ1: a mask is missing")


# --- Terms that are missing ----------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        (" - mean_dx_hat)", ")", "mean_dx_hat is not subtracted"),
        (" - mean_dx_hat)", " + mean_dx_hat)", "mean_dx_hat is to be subtracted, and is"),
        ("(dx_hat - x_hat * along_x_hat", "(dx_hat", "along_x_hat is not subtracted"),
        ("(dx_hat - x_hat", "(-x_hat", "dx_hat is not added"),
    ],
)
def test_a_term_within_a_product_is_named(was: str, now: str, says: str) -> None:
    of = reference(NORMALISED)
    text = of.script.text
    assert text.count(was) == 1
    said = checked(text.replace(was, now), of).first_wrong()
    told = re.sub(r" \* x_hat|x_hat \* ", "", said)  # factors stand in any order
    assert f"dx: {says}" in told
    assert "(it is " in told


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("+ h[t - 1] @ W_h)", "+ h[t] @ W_h)", "h[t] stands where h[t - 1] should"),
        ("h[t - 1] @ W_h)", "h[t - 1] @ W_h.T)", "a transpose of W_h is missing"),
        ("(1 - h[t]**2)", "(1 - h[t])", "h[t] stands where `h[t] ** 2` should"),
        (" * (1 - h[t]**2)", "", "the factor `1 - h[t] ** 2` is missing"),
        ("(1 - h[t]**2)", "(h[t]**2 - 1)", "its sign is wrong"),
        ("(1 - h[t]**2)", "(1 - a[:, t - 1]**2)", "a[:, t - 1] stands where h[t] should"),
        (
            "np.tanh(a[:, t - 1] + h[t - 1] @ W_h)",
            "a[:, t - 1] + h[t - 1] @ W_h",
            "np.tanh is missing",
        ),
        ("da[:, t - 1] @ W_h.T", "da[:, t - 1] @ W_h", "a transpose of W_h is missing"),
        ("da[:, t - 1] @ W_h.T", "dh @ W_h.T", "dh stands where da[:, t - 1] should"),
        ("(x @ W_x + b)", "(x @ W_x)", "b is not added"),
        ("h[1:].transpose(1, 0, 2)", "h[1:]", "its numbers are right, and stand in another order"),
        (
            "dy.reshape(N, T, STATE)",
            "dy.reshape(T, N, STATE).swapaxes(0, 1)",
            "its numbers are right",
        ),
    ],
)
def test_what_was_written_instead_is_told_of_parts_of_arrays(
    was: str, now: str, says: str, made: Exercise, sequences: Reference
) -> None:
    right = str(made.key["train.py"])
    line = line_of(right, was)
    name, _, said = checked(right.replace(was, now), sequences).first_wrong().partition(": ")
    assert name == right.split("\n")[line - 1].split("=")[0].strip().partition("[")[0]
    assert said.startswith(says)
    assert f"\nline {line} gives it" in said


def test_parts_that_change_behind_a_line_are_not_compared() -> None:
    """Or they would be those of another pass: of what counts, and of what is given anew."""
    code = """
def loss_and_gradients(h):
    t, total = 0, 0.0
    while t < 3:
        old = h[t - 1]
        t += 1
        h[t] = old + h[t, 1:]
        total += h[t:][0]
        h = h * 2
        print(h[len(h)], h[:: -1])
"""
    function = assigned(code)["loss_and_gradients"]
    assert {*function.parts} == {"h[t - 1]", "h[t]", "h[t, 1:]", "h[t:]", "h[::-1]"}
    assert [*function.parts_of(function.loops[0])] == ["h[::-1]"]
    assert function.filled["h"] == ""


def test_a_mask_that_a_loop_begins_with_is_compared() -> None:
    """Of two masks one cannot be subtracted from the other: they are zeros and ones."""
    of = reference(POOLED, "pooled.nn")
    text = of.script.text.replace("/= N", "/= 1")
    said = checked(text, of).first_wrong()
    assert "found = np.zeros_like(y, bool)" in text
    assert said.startswith("dZ2: 1/N is missing")
    ones = of.script.text.replace("found = np.zeros_like", "found = np.ones_like")
    said = checked(ones, of).first_wrong()
    assert said.endswith(f"\nline {line_of(ones, 'found = ')} gives it, before its loop")


def test_what_a_function_returned_before_it_fails_is_no_variable(sequences: Reference) -> None:
    right = "db = da_rows.sum(axis=0)"
    wrong = "db = 2 * da_rows.sum(axis=0) + np.zeros(63 + len(CALLS) % 2)"  # in the second call
    text = sequences.script.text.replace(right, f"CALLS.append(0)\n    {wrong}")
    text = text.replace("\n\n\n", "\n\n\nCALLS = []\n\n\n", 1)
    said = checked(text, sequences).item("gradient of W1")
    assert said.startswith(f"line {line_of(text, wrong)}: the shapes 64 and 63 do not fit")
