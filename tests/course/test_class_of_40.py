"""A few answers of those that `bench` writes for a class: what each gets, and what is said."""

from __future__ import annotations

import pytest
from benches import bench
from exercises import exercise

from nndsl.analysis.compile import analyse
from nndsl.course.grading.grader import Grade, Grader
from nndsl.course.labs import labs, page
from nndsl.diagnostics import Diagnostics
from nndsl.live.judging.reference import Reference

RIGHT = (
    "as it is",
    "other names",
    "in steps",
    "a function for each",
    "prints an array at each step",
)
GRADIENTS = ["gradient of W1", "gradient of b1", "gradient of W2", "gradient of b2"]
SAID = {  # by lab, of answers with one mistake: the results that are lost, and what is said first
    "two_layers": {
        "dropped term: return A1 @ W2": (
            ["prediction", "evaluation"],
            "predict(): b2 is not added",
        ),
        "dropped term: A1 = sigmoid(X @ W1)": (["prediction", "evaluation"], "A1: b1 is not added"),
    },
    "batch_normalisation": {
        "dropped factor: dx_hat = dy": (
            ["gradient of W1", "gradient of gamma1", "gradient of beta1", "gradient of W2"],
            "dx_hat: the factor gamma is missing",
        ),
        "wrong axis: dbeta = dy.sum(axis=1)": (
            ["gradient of beta1", "gradient of beta2"],
            "dbeta: its shape is ",
        ),
    },
    "optimizers": {
        "dropped factor: m_hat = m[name]": (
            ["update"],
            "m_hat: it is 0.19 times what it should be",
        ),
        "missing function: params[name] -= LEARNING_RATE * m_hat / (v_hat + EPSILON)": (
            ["update"],
            "update: it is ",
        ),
    },
    "gradient_check": {
        "swapped: dW2 = dZ2 @ A1": (
            GRADIENTS,
            "dZ2 and A1 are in the wrong order",
        ),
        "missing function: dZ2 = log_P": (GRADIENTS, "it is the same as log_P"),
        "wrong axis: db2 = dZ2.sum(axis=1)": (["gradient of b2"], "db2: its shape is "),
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SAID)
def test_answers_to_a_lab(name: str) -> None:
    answers = bench("answers")
    lab = next(lab for lab in labs() if lab.page == name)
    reference = Reference(analyse(page(lab.pages[0]), Diagnostics()))
    made = exercise(reference, *lab.blank.split(","), level=lab.level)
    grader = Grader(reference, points={**made.asked, reference.training: 1}, seed=1)
    handed_in = {one.meant: one for one in answers.answers(reference, made, labs().index(lab))}
    assert len(handed_in) >= answers.CLASS - 2  # a name may be that of two

    def grade(meant: str) -> Grade:
        return grader.grade(meant, handed_in[meant].text)

    for meant in RIGHT:
        if meant in handed_in:
            got = grade(meant)
            assert got.points == got.of, meant
    for meant, (lost, says) in SAID[name].items():
        got = grade(meant)
        wrong = [item.name for item in got.items if item.says and item.name in made.asked]
        assert wrong == lost, meant
        assert says in (got.first_wrong or got.items[0].says), meant
    for meant, one in handed_in.items():
        if one.is_ == answers.REFUSED:
            got = grade(meant)
            assert got.points == 0, meant
            assert got.refused, meant
