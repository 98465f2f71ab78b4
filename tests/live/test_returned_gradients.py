"""Whoever writes a backward pass returns its gradients as they like, and the check reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest

import nndsl
from nndsl.live.gradients.report import Report
from nndsl.live.model import Model, ModelError

SPEC = """\
network { input(4); dense(5); tanh; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam; regularize = l2(1e-3) }
"""
RETURN = 'return loss, penalty, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}'


def check(new: str) -> tuple[Report, Model]:
    model = nndsl.load("net.nn", text=SPEC)
    assert RETURN in model.source
    text = model.source.replace(RETURN, new.replace("\n", "\n    "))
    changed = Model(model.checked, replace(model.script, text=text))
    return nndsl.check_gradients(changed), changed


GRADIENTS = '{"W1": dW1, "b1": db1, "W2": dW2, "b2": %s}'


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    [
        f"return loss, penalty, {GRADIENTS}",
        f"grads = {GRADIENTS}\nreturn loss, penalty, grads",
        f"result = loss, penalty, {GRADIENTS}\nreturn result",
        f"grads = {GRADIENTS}\nresult = (loss, penalty, grads)\nreturn result",
        "return loss, penalty, dict(W1=dW1, b1=db1, W2=dW2, b2=%s)",
        'grads = {}\ngrads["W1"] = dW1\ngrads["b1"] = db1\ngrads["W2"] = dW2\ngrads["b2"] = %s\n'
        "return loss, penalty, grads",
        f"grads = {GRADIENTS}\nreturn loss, penalty, {{k: 1.0 * g for k, g in grads.items()}}",
        'return loss, penalty, {"W1": dW1, "b1": db1} | {"W2": dW2, "b2": %s}',
        'return loss, penalty, dict(zip(("W1", "b1", "W2", "b2"), (dW1, db1, dW2, %s)))',
        f"return loss + 0.0, 1.0 * penalty, {GRADIENTS}",
        'return loss, penalty, {"W1": dW1,\n    "b1": db1, "W2": dW2,\n    "b2": %s}',
    ],
)
def test_a_return_is_read(form: str) -> None:
    right, _ = check(form % "db2")
    assert right.passed, str(right)
    wrong, model = check(form % "2 * db2")
    assert [row.name for row in wrong.failures] == ["b2"]
    culprit = wrong.culprit
    assert culprit is not None, str(wrong)
    assert culprit.variable == "db2"
    assert "2 times" in culprit.mistake
    line = model.source.split("\n")[culprit.line - 1]
    assert "db2" in line or "grads" in line


def test_what_is_returned_is_judged_and_not_what_has_its_name() -> None:
    report, _ = check(
        'return loss, penalty, {"W1": dW1, "b1": db1, "W2": 2 * dW2, "b2": 1.0 * db2}'
    )
    assert [row.name for row in report.failures] == ["W2"]
    assert report.culprit is not None
    assert report.culprit.code == '"W2": 2 * dW2'


def test_an_exchange() -> None:
    model = nndsl.load("net.nn", text=SPEC.replace("dense(3)", "dense(5)"))
    text = model.source.replace('"b1": db1', '"b1": 2 * db2').replace('"b2": db2', '"b2": db1')
    report = nndsl.check_gradients(Model(model.checked, replace(model.script, text=text)))
    assert {row.name for row in report.failures} == {"b1", "b2"}


def test_a_gradient_that_is_not_returned() -> None:
    report, _ = check('return loss, penalty, {"W1": dW1, "b1": db1, "W2": dW2}')
    assert not report.passed
    assert "it returns no gradient of b2" in str(report)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("return loss", "has to return (loss, gradients)"),
        ("pass", "has to end in its one `return`"),
        ("if N > 3:\n    return loss, penalty, {}\n" + RETURN, "has to end in its one `return`"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(form: str, said: str) -> None:
    with pytest.raises(ModelError, match=said.replace("(", r"\(").replace(")", r"\)")):
        check(form)
