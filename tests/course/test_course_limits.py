"""What a student wrote may be of any size: to read it takes bounded time, in the grader too."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np
import pytest
from exercises import NORMALISED, checked, reference

from nndsl.analysis.compile import analyse
from nndsl.course.grading.grader import Grader
from nndsl.course.grading.runner import Answer, Runner
from nndsl.course.labs import page
from nndsl.diagnostics import Diagnostics
from nndsl.live.judging.assignments import assigned
from nndsl.live.judging.causes import likely_cause
from nndsl.live.judging.data_flow import DataFlow
from nndsl.live.judging.observation import limited
from nndsl.live.judging.reference import Reference
from nndsl.live.judging.repairs import repair

CLASSES = "".join(f"class A{i}:\n def f(self): pass\n" for i in range(1200))
CALLS = CLASSES + "def g(x):\n" + " x.f()\n" * 4000
NESTED = "def g(x):\n f(" + ("x," * 300 + "f(") * 90 + ")" * 91 + "\n"


@pytest.mark.parametrize("text", [CALLS, NESTED])
def test_what_takes_long_to_read_is_not_read(text: str) -> None:
    assert compile(text, "", "exec")
    assert assigned("def g(x):\n y = x\n")
    with limited(30):
        assert assigned(text) == {}


def test_a_long_chain_of_calls_is_no_error() -> None:
    text = "def loss_and_gradients(X, t):\n    f0()\n"
    text += "".join(f"def f{i}(x):\n    y = x\n    f{i + 1}(y)\n" for i in range(3000))
    functions = assigned(text)
    assert len(functions) == 3001
    with limited(30):
        flow = DataFlow(functions, [])
        reached = flow.reached(("f2999", "y"))
    assert reached[:3] == [("f2999", "x"), ("f2998", "y"), ("f2998", "x")]
    assert flow.moment(("f0", "y"), "value") < flow.moment(("f1", "y"), "value")


def test_however_many_variables_there_are_the_search_for_a_cause_ends() -> None:
    rng = np.random.default_rng(0)
    others = {f"v{i}": rng.standard_normal((7, 50)) for i in range(300)}
    actual, right = rng.standard_normal((2, 7, 50))
    with limited(30):
        assert not likely_cause(actual, right, others)


@pytest.mark.parametrize(
    "code",
    [
        "2 ** 99 ** 999 ** 9999 * X",
        "X * f(f(f(f(X))))",
        "X[:, None, None, None] + X[None, :, :, None, None]",
        "X[np.arange(99999) - np.arange(99999)]",
        "np.arange(10 ** 18)",
        "X" + " + X" * 2000,
        "__import__('os').getpid() * X",
        "np.ctypeslib.ctypes * X",
        "X.dump('here') * X",
    ],
)
def test_an_expression_is_computed_and_never_run(code: str) -> None:
    """What a student writes is tried where what is right is known, and in little time."""
    function = f"def f(X):\n    Y = {code}\n    return f(Y) + f(f(Y))\n"
    known = assigned(function)["f"]
    X = np.random.default_rng(0).standard_normal((300, 300))
    with limited(30):
        assert not repair(known, "Y", {"X": X}, ["X"], lambda _: False, None, X[:7, :7])


def test_variables_of_a_students_own_hide_no_cause() -> None:
    of = reference(NORMALISED)
    was, now = "dx_hat - x_hat * along_x_hat - ", "dx_hat - x_hat * along_x_hat + "
    lines = of.script.text.replace(was, now).split("\n")
    wrong = next(at for at, line in enumerate(lines) if now in line)
    begins = max(at for at, line in enumerate(lines[:wrong]) if line.startswith("def ")) + 1
    lines[begins:begins] = [f"    A{i} = np.sin({i} + dy)" for i in range(200)]
    with limited(60):
        said = checked("\n".join(lines), of).first_wrong()
    assert said.startswith("dx: mean_dx_hat is to be subtracted, and is added")


RESULT = "point0/value/rnn_backward/dh"  # of the first run, which is right there


@pytest.mark.parametrize("ended", ["", "it was stopped"])
def test_of_the_second_run_passes_alone_are_taken_and_if_it_ends_well(
    ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    took, seen, traced = [], [], Runner.trace

    def recorded(real: Callable[[Runner, str], Answer]) -> Callable[[Runner, str], Answer]:
        def run(self: Runner, text: str) -> Answer:
            began = time.monotonic()
            answer = real(self, text)
            if real is traced:
                answer.observed.arrays[RESULT] = np.full((2, 2), np.nan)
                answer = dataclasses.replace(answer, ended=ended)
            seen.append(answer.observed)
            took.append(time.monotonic() - began)
            return answer

        return run

    for name in ("call", "trace"):
        monkeypatch.setattr(Runner, name, recorded(getattr(Runner, name)))
    of = Reference(analyse(page("sequences.nn"), Diagnostics()))
    grader = Grader(of, points={"gradient of W_h2": 1}, seed=1)
    text = of.script.text.replace("dh_next = da[:, t - 1] @ W_h.T", "dh_next = dh @ W_h.T")
    got = grader.grade("ben", text)
    first, again = seen
    assert not np.isnan(first.arrays[RESULT]).any()
    assert np.isnan(again.arrays[RESULT]).all()
    assert got.first_wrong.endswith(", in the first pass of its loop") != bool(ended)
    assert got.seconds >= sum(took)
