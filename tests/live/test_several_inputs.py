"""Several inputs and outputs: from arrays of a file to a script, a live model and its gradients."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_script
from nndsl.live.arrays import listed
from nndsl.live.importance import permutation_importance
from nndsl.live.judgement import judge
from nndsl.report.judged import judged_parts
from nndsl.report.page import Picture, Table
from nndsl.source import source_of

DATA = 'data = npz("pairs.npz", x={x}, t={t}, validation=0.1, test=0.2)\n'
PAIRS = (
    DATA.format(x='["left", "right"]', t='"same"')
    + """
network {
  input left(8)
  input right(8)
  a = dense(left, 6)
  b = dense(right, 6)
  multiply(a, b)
  dense(1)
}

train {
  loss      = binary_cross_entropy
  optimizer = adam(lr=0.05)
  epochs    = 30
}
"""
)
TASKS = (
    DATA.format(x='["left", "words"]', t='["same", "size"]')
    + """
network {
  input left
  input words(5, tokens=12)
  e = embedding(words, 4)
  f = flatten(e)
  h = concat(left, f)
  dense(h, 16)
  trunk = relu
  output same = dense(trunk, 2)
  output size = dense(trunk, 1)
}

train {
  loss same    = softmax_cross_entropy
  loss size    = 0.3 * mean_squared_error
  metrics same = [accuracy]
  optimizer    = adam(lr=0.01)
  epochs       = 2
}
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((2, 300, 8)).astype(np.float32)
    np.savez(
        tmp_path / "pairs.npz",
        left=left,
        right=right,
        same=(np.sign(left[:, 0]) == np.sign(right[:, 0])).astype(np.int64),
        words=rng.integers(0, 12, (300, 5)),
        size=np.abs(left).sum(axis=1),
    )
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "page.nn"
    path.write_text(text)
    return path


def errors(folder: Path, text: str) -> list[str]:
    diagnostics = Diagnostics()
    analyse(source_of(written(folder, text)), diagnostics)
    return [f"{d.code} {d.message}" for d in diagnostics.diagnostics]


@pytest.mark.parametrize("style", ["flat", "layers"])
@pytest.mark.parametrize("text", [PAIRS, TASKS], ids=["inputs", "outputs"])
def test_the_script_and_the_model_compute_the_same(folder: Path, text: str, style: str) -> None:
    page = written(folder, text)
    plain, model = nndsl.load(page), nndsl.load(page, style=style)
    X, t = model.data()["training"]
    (folder / "train.py").write_text(model.source)
    script = runpy.run_path(str(folder / "train.py"))
    loss, gradients = model.loss_and_gradients(X[:9], t[:9])
    *losses, found = script["loss_and_gradients"](*listed(X[:9], t[:9]))
    assert sum(losses) == pytest.approx(loss)
    wanted, expected = plain.loss_and_gradients(X[:9], t[:9])
    assert loss == pytest.approx(wanted)
    for name, gradient in expected.items():
        np.testing.assert_allclose(gradients[name], gradient, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(found[name], gradient, rtol=1e-5, atol=1e-7)


def test_two_inputs_learn_together(folder: Path) -> None:
    model = nndsl.load(written(folder, PAIRS))
    history = model.fit()
    assert history.results["training_accuracy"] > 0.9
    X, t = model.data()["training"]
    assert model.predict({"left": X["left"], "right": X["right"]}).shape == (len(t), 1)


def test_outputs_are_measured_by_name(folder: Path) -> None:
    model = nndsl.load(written(folder, TASKS))
    results = model.fit().results
    assert {"validation_same_accuracy", "validation_size_loss", "test_loss"} <= results.keys()
    X, t = model.data()["test"]
    loss = model.evaluate(X, t)["loss"]
    output = model.predict(X)
    assert list(output) == ["same", "size"]
    size_loss = np.square(output["size"] - t["size"]).mean()
    scores = output["same"] - output["same"].max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    same_loss = -log_p[np.arange(len(t)), t["same"]].mean()
    assert loss == pytest.approx(same_loss + 0.3 * size_loss, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("text", [PAIRS, TASKS], ids=["inputs", "outputs"])
def test_every_gradient_is_right(folder: Path, text: str) -> None:
    from nndsl.live.gradients.check import check_gradients

    report = check_gradients(nndsl.load(written(folder, text)))
    assert report.passed, report


@pytest.mark.slow
def test_optimized_it_computes_the_same(folder: Path) -> None:
    from nndsl.live.gradients.check import check_gradients

    report = check_gradients(nndsl.load(written(folder, TASKS), optimize=True))
    assert report.passed, report


def test_what_is_given_by_other_names_is_refused(folder: Path) -> None:
    model = nndsl.load(written(folder, PAIRS))
    X, _ = model.data()["test"]
    with pytest.raises(nndsl.ModelError, match="X has no `right`"):
        model.predict({"left": X["left"], "write": X["right"]})
    with pytest.raises(nndsl.ModelError, match="2 inputs, and X is not by name"):
        model.predict(X["left"])
    with pytest.raises(nndsl.ModelError, match="differs in its examples"):
        model.predict({"left": X["left"], "right": X["right"][:3]})


def test_an_output_learns_no_input_of_data_without_names() -> None:
    """It learnt the classes of the digits, silently, where they were as many as its numbers."""
    text = """data = digits()
    network { input pixels; output image = dense(pixels, 10) }
    train { loss image = mean_squared_error; target image = pixels; optimizer = adam }"""
    error = nndsl.check("net.nn", text=text)[0]
    assert error.code == "NN320"
    assert "npz(FILE, x=" in str(error.help)


def test_arrays_that_nothing_takes_and_names_that_nothing_has(folder: Path) -> None:
    text = PAIRS.replace("input right(8)", "input write(8)").replace("dense(right", "dense(write")
    assert errors(folder, text) == ["NN320 the data has no input `write`"]
    text = PAIRS.replace("input right(8)\n", "").replace("dense(right", "dense(left")
    assert errors(folder, text) == ["NN320 no input of the network takes `right`"]
    text = PAIRS.replace("input right(8)", "input right(9)")
    assert "NN303" in errors(folder, text)[0]
    text = TASKS.replace("tokens=12", "tokens=11")
    assert "of 12 kinds" in errors(folder, text)[0]
    text = TASKS.replace("loss size ", "loss sizes ")
    assert errors(folder, text) == ["NN321 the network has no output `sizes`"]
    text = TASKS.replace("metrics same = [accuracy]", "target same = sames")
    assert errors(folder, text) == ["NN320 the data has no targets `sames`"]
    text = TASKS.replace("  loss size    = 0.3 * mean_squared_error\n", "")
    assert errors(folder, text) == ["NN321 nothing is learnt of the output `size`: it has no loss"]
    text = TASKS.replace("metrics same = [accuracy]", "metrics = [accuracy]")
    assert errors(folder, text) == ["NN321 `metrics` does not say of which output it is"]
    text = TASKS.replace("softmax_cross_entropy", "mean_squared_error")
    assert errors(folder, text) == []  # classes become one-hot
    text = TASKS.replace("0.3 * mean_squared_error", "softmax_cross_entropy")
    assert "NN306" in errors(folder, text)[0]


def test_one_array_is_written_as_ever(folder: Path) -> None:
    text = DATA.format(x='"left"', t='"same"') + "network { dense(2) }\n"
    checked = analyse(source_of(written(folder, text)), Diagnostics())
    assert 'X = arrays["left"]' in build_script(checked).text


def test_new_examples_are_answered_by_name(folder: Path) -> None:
    model = nndsl.load(written(folder, TASKS))
    held = np.load(folder / "pairs.npz")
    new = {"left": held["left"][:4], "words": held["words"][:4]}
    answers = model.answers(new)
    assert list(answers) == ["same", "size"]
    assert set(answers["same"].labels or ()) <= {"0", "1"}
    np.testing.assert_allclose(answers["size"].scores, model.predict(new)["size"])
    np.savez(folder / "new.npz", **new)
    from_file = model.answers(folder / "new.npz")["size"].scores
    np.testing.assert_array_equal(from_file, answers["size"].scores)
    with pytest.raises(nndsl.ModelError, match="several outputs"):
        model.answer(new)
    pairs = nndsl.load(written(folder, PAIRS))
    found = pairs.answer({"left": held["left"][:4], "right": held["right"][:4]})
    assert found.probabilities is not None
    assert found.probabilities.shape == (4, 2)


def test_each_output_is_judged(folder: Path) -> None:
    model = nndsl.load(written(folder, TASKS))
    same, size = judge(model)
    assert (same.output, size.output) == ("same", "size")
    X, t = model.data()["test"]
    results = model.evaluate(X, t)
    assert same.confusion.trace() == round(results["same_accuracy"] * len(X))
    np.testing.assert_allclose(size.predicted, model.predict(X)["size"])
    titles = [part.title for part in judged_parts(model) if isinstance(part, Picture | Table)]
    assert titles[:2] == ["Confusion matrix: same", "Calibration: same"]
    assert titles[-2:] == ["Largest errors: size", "What the network goes by"]
    known = permutation_importance(model, X, t)
    assert {one.column for one in known} == {"left", "words"}


BY_COLUMN = """
network { h = dense(6); output price = dense(h, 1); output sold = dense(h, 1) }
train {
  loss price = mean_squared_error
  loss sold  = binary_cross_entropy
  optimizer  = adam
  epochs     = 1
}
"""


@pytest.mark.parametrize("test", ["0.2", pytest.param('"more.csv"', marks=pytest.mark.slow)])
def test_columns_of_a_table_are_targets_by_name(folder: Path, test: str) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{int(b > 0)},{b:.3f}" for a, b in rng.standard_normal((40, 2))]
    for name in ("houses.csv", "more.csv"):
        (folder / name).write_text("\n".join(["area,sold,price", *rows]))
    data = f'data = csv("houses.csv", target=["sold", "price"], test={test})\n'
    model = nndsl.load(written(folder, data + BY_COLUMN))
    history = model.fit()
    X, t = model.data()["test"]
    assert ((t["sold"] == 1) == (t["price"] > 0)).all()
    (sold_loss,) = [v for k, v in history.results.items() if k == "test_sold_loss"]
    scores = model.predict(X)["sold"]
    assert np.isclose(sold_loss, np.logaddexp(0, -scores * (2 * t["sold"] - 1)).mean(), atol=1e-5)
    report = nndsl.check_gradients(model)
    assert report.passed, str(report)
    wrong = data + BY_COLUMN.replace("price", "cost")
    assert "the data has no targets `cost`" in str(errors(folder, wrong))


def test_two_outputs_learn_the_only_targets(folder: Path) -> None:
    """One as classes, the other as rows of 0 and 1."""
    page = """
    data = digits(training=50, test=20)
    network { h = dense(6); output kind = dense(h, 10); output same = dense(h, 10) }
    train {
      loss kind = softmax_cross_entropy
      loss same = mean_squared_error
      optimizer = adam
      epochs    = 1
    }
    """
    model = nndsl.load(written(folder, page))
    _, t = model.data()["training"]
    assert (t["same"].argmax(axis=1) == t["kind"]).all()
    model.fit()


def test_weights_are_kept_with_all_parts(folder: Path) -> None:
    model = nndsl.load(written(folder, TASKS))
    model.save(folder / "weights.npz")
    other = nndsl.load(written(folder, TASKS), set={"train.loss.size": "0.1 * huber"})
    other.restore(folder / "weights.npz")
    X, _ = model.data()["test"]
    np.testing.assert_array_equal(other.predict(X)["size"], model.predict(X)["size"])


def test_results_of_outputs_are_expected_by_name(folder: Path) -> None:
    text = TASKS + "expect { test_same_accuracy >= 0.2; validation_size_loss < 100 }\n"
    assert errors(folder, text) == []
    assert "NN308" in errors(folder, text.replace("same_accuracy >", "sames_accuracy >"))[0]
    assert "NN308" in errors(folder, text.replace("size_loss < 100", "size_accuracy > 0"))[0]


TABLE = """
data = csv("jobs.csv", target="rich", standardize=true, test=0.2)

network {
  input wide(columns=["job", "state"])
  input deep(columns=["age", "hours"])
  linear = dense(wide, 2)
  dense(deep, 16)
  relu
  scores = dense(2)
  add(linear, scores)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.01)
  epochs    = 3
}
"""


def test_columns_of_a_table_go_to_inputs(folder: Path) -> None:
    rng = np.random.default_rng(0)
    lines = ["age,job,hours,state,rich"]
    for age, hours in rng.integers(20, 60, (120, 2)):
        job, state = rng.choice(["cook", "nurse", "smith"]), rng.choice(["north", "south"])
        lines.append(f"{age},{job},{hours},{state},{'yes' if age + hours > 80 else 'no'}")
    (folder / "jobs.csv").write_text("\n".join(lines))
    model = nndsl.load(written(folder, TABLE))
    X, _ = model.data()["training"]
    assert (X["wide"].shape, X["deep"].shape) == ((96, 5), (96, 2))
    np.testing.assert_allclose(X["deep"].mean(axis=0), 0, atol=1e-5)
    model.fit()
    (folder / "new.csv").write_text("\n".join(lines[:4]))
    answers = model.answer(folder / "new.csv")
    rows = [line.split(",") for line in lines[1:4]]
    again = model.answer([[age, job, hours, state] for age, job, hours, state, _ in rows])
    np.testing.assert_allclose(again.scores, answers.scores)
    model.save(folder / "weights.npz")
    model.restore(folder / "weights.npz")
    text = TABLE.replace('"age", "hours"', '"hours", "age"')
    assert nndsl.load(written(folder, text)).script.identity != model.script.identity
    text = TABLE.replace('"hours"', '"hour"')
    assert errors(folder, text) == ["NN320 the data has no column `hour` among its inputs"]
    text = TABLE.replace('deep(columns=["age", "hours"])', "deep(2)")
    assert "NN320" in errors(folder, text)[0] or "NN303" in errors(folder, text)[0]


def test_an_output_that_others_read_needs_no_loss(folder: Path) -> None:
    """The code of an autoencoder is predicted, too, and learns by what is made of it."""
    text = (
        DATA.format(x='["left", "right"]', t='"same"')
        + """
network {
  input left
  input right
  both = concat(left, right)
  output code = dense(both, 3)
  output left_again = dense(code, 8)
  output same = dense(code, 2)
}

train {
  loss left_again   = mean_squared_error
  loss same         = softmax_cross_entropy
  target left_again = left
  optimizer         = sgd(lr=0.1)
  epochs            = 1
}
"""
    )
    from nndsl.live.gradients.check import check_gradients

    model = nndsl.load(written(folder, text))
    X, t = model.data()["test"]
    np.testing.assert_array_equal(t["left_again"], X["left"])
    assert list(model.predict(X)) == ["code", "left_again", "same"]
    assert "test_left_again_loss" in model.fit().results
    assert check_gradients(model).passed


UNCOMPARED = """
loss size {
  loss = x
}

network {
  input picture(6)
  code = dense(picture, 3)
  output again = dense(code, 6)
  output cost  = mean(code**2)
}

train {
  loss again   = mean_squared_error
  loss cost    = 0.1 * size
  target again = picture
  optimizer    = adam(lr=0.01)
  epochs       = 2
}
"""


@pytest.mark.parametrize("style", ["flat", "layers"])
def test_a_loss_may_be_of_the_output_alone(style: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", picture=np.random.default_rng(0).normal(size=(50, 6)))
    page = tmp_path / "net.nn"
    page.write_text(f'data = npz("a.npz", x=["picture"], t=[], test=0.2)\n{UNCOMPARED}')
    model = nndsl.load(page, style=style)
    assert "def loss_and_gradients(picture, t_again):" in model.source
    assert nndsl.check_gradients(model).passed
    assert [*model.fit().test] == ["test_loss", "test_again_loss", "test_cost_loss"]
    X, t = model.data()["test"]
    code = X @ model.parameters["W1"] + model.parameters["b1"]
    assert model.evaluate(X, t)["cost_loss"] == pytest.approx((code**2).mean(), rel=1e-4)
    assert [one.output for one in judge(model)] == ["again"]


@pytest.mark.parametrize("line", ["metrics cost = [mean_absolute_error]", "target cost = picture"])
def test_what_is_compared_with_nothing_is_not_measured(line: str) -> None:
    text = UNCOMPARED.replace("  optimizer", f"  {line}\n  optimizer")
    (found,) = nndsl.check("net.nn", text=text)
    assert (found.code, found.help) == ("NN321", "leave this line out")
