"""Trained networks in use: the same inputs as in training, the same numbers as in a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.data import Description
from nndsl.live.new_inputs import read_inputs
from nndsl.live.prediction import TrainedModel, load_trained, load_with_data
from nndsl.live.weights import open_weights
from nndsl.source import read_source

ROWS = "".join(
    f"{number / 7:.5f},{('earth', 'moon', 'mars')[number % 3]},{number % 4 - 1.5},"
    f"{'yes' if number % 3 else 'no'},{number}\n"
    for number in range(40)
)
TABLE = f"length,place,mass,answer,id\n{ROWS}"
TRAIN = "train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 2; batch = 8 }"
DATA = 'csv("t.csv", target="answer", ignore="id", standardize=true, test=0.2, validation=5)'


def write(
    folder: Path, data: str = DATA, layers: str = "dense(4); relu; dense(2)", **more: str
) -> Path:
    (folder / "t.csv").write_text(TABLE)
    path = folder / "net.nn"
    path.write_text(f"data = {data}\nnetwork {{ {layers} }}\n{more.get('train', TRAIN)}\n")
    return path


def trained(spec: Path, **settings: object) -> nndsl.Model:
    model = nndsl.load(spec, set=settings)
    model.fit()
    model.save(spec.with_name("w.npz"))
    return model


def in_use(spec: Path) -> TrainedModel:
    return load_trained(read_source(spec), {}, open_weights(spec.with_name("w.npz")))


def inputs_of(used: TrainedModel, path: Path, array: str | None = None) -> np.ndarray:
    shape = used.model.script.input_shape
    new = read_inputs(path, shape, used.data, used.known, array)
    return used.preprocess(new.X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_inputs_are_those_of_training_bit_for_bit(dtype: str, tmp_path: Path) -> None:
    train = TRAIN.replace("epochs", f"dtype = {dtype}; epochs")
    spec = write(tmp_path, train=train)
    model = trained(spec)
    seen = np.concatenate([pair[0] for pair in model.data().values()])
    (tmp_path / "t.csv").unlink()
    lines = [line.split(",") for line in TABLE.splitlines()]
    (tmp_path / "new.csv").write_text(
        "\n".join(",".join(line[i] for i in (2, 1, 0)) for line in lines)
    )
    X = inputs_of(in_use(spec), tmp_path / "new.csv")
    assert X.dtype == seen.dtype
    assert {row.tobytes() for row in X} == {row.tobytes() for row in seen}


def test_weights_of_a_script_take_the_statistics_from_the_data_or_the_file(tmp_path: Path) -> None:
    spec = write(tmp_path)
    model = trained(spec)
    expected = inputs_of(in_use(spec), tmp_path / "t.csv")
    arrays = {**model.parameters, "network": np.array(model.script.identity)}
    np.savez(tmp_path / "w.npz", **arrays)
    assert np.array_equal(inputs_of(in_use(spec), tmp_path / "t.csv"), expected)
    np.savez(tmp_path / "w.npz", **arrays, **model.statistics)
    assert np.array_equal(inputs_of(in_use(spec), tmp_path / "t.csv"), expected)


def test_classes_have_names_and_probabilities(tmp_path: Path) -> None:
    spec = write(tmp_path)
    model = trained(spec)
    used = in_use(spec)
    new = read_inputs(tmp_path / "t.csv", (5,), used.data, used.known)
    answers = used.answers(tmp_path / "t.csv")[""]
    assert answers.names == ("no", "yes")
    assert answers.are_probabilities
    assert answers.classes is not None
    scores = model.predict(used.preprocess(new.X))
    powers = np.exp(scores.astype(np.float64))
    assert np.allclose(answers.scores, powers / powers.sum(axis=1, keepdims=True), atol=1e-6)
    assert np.array_equal(answers.classes, scores.argmax(axis=1))


def test_one_output_for_two_classes(tmp_path: Path) -> None:
    train = TRAIN.replace("softmax_cross_entropy", "binary_cross_entropy")
    spec = write(tmp_path, layers="dense(1)", train=train)
    model = trained(spec)
    used = in_use(spec)
    new = read_inputs(tmp_path / "t.csv", (5,), used.data, used.known)
    answers = used.answers(tmp_path / "t.csv")[""]
    p = 1 / (1 + np.exp(-model.predict(used.preprocess(new.X)).astype(np.float64)))
    assert np.allclose(answers.scores, np.column_stack([1 - p, p]), atol=1e-6)
    assert np.array_equal(answers.classes, p[:, 0] > 0.5)


def test_scores_that_are_no_probabilities_are_not_called_so(tmp_path: Path) -> None:
    spec = write(tmp_path, train=TRAIN.replace("softmax_cross_entropy", "mean_squared_error"))
    trained(spec)
    used = in_use(spec)
    answers = used.answers(tmp_path / "t.csv")[""]
    assert answers.probabilities is None
    assert np.array_equal(answers.classes, answers.scores.argmax(axis=1))


def test_values_are_in_the_units_of_the_target(tmp_path: Path) -> None:
    data = 'csv("t.csv", target=["length", "id"], ignore="answer", standardize=true)'
    train = TRAIN.replace("softmax_cross_entropy", "mean_squared_error")
    spec = write(tmp_path, data=data, layers="dense(2)", train=train)
    model = trained(spec)
    used = in_use(spec)
    answers = used.answers(tmp_path / "t.csv")[""]
    assert (answers.names, answers.classes) == (("length", "id"), None)
    X, _ = model.data()["training"]
    assert np.array_equal(np.sort(answers.scores, axis=0), np.sort(model.predict(X), axis=0))


def test_arrays_are_scaled_as_in_training(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, t = rng.integers(0, 256, (30, 1, 4, 4)).astype(np.uint8), np.arange(30) % 3
    np.savez(tmp_path / "d.npz", pixels=x, t=t)
    spec = write(tmp_path, data='npz("d.npz", x="pixels", scale=1/255)', layers="flatten; dense(3)")
    X, _ = trained(spec).data()["training"]
    (tmp_path / "d.npz").unlink()
    np.savez(tmp_path / "new.npz", pixels=x, other=np.zeros(3))
    np.save(tmp_path / "new.npy", x)
    (tmp_path / "new.csv").write_text("\n".join(",".join(map(str, row.flat)) for row in x))
    for name in ("new.npz", "new.npy", "new.csv"):
        assert np.array_equal(inputs_of(in_use(spec), tmp_path / name), X)
    assert np.array_equal(inputs_of(in_use(spec), tmp_path / "new.npz", "pixels"), X)


def test_inputs_in_other_units_are_doubted(tmp_path: Path) -> None:
    spec = write(tmp_path, data="digits", layers="dense(10)")
    trained(spec)
    used = in_use(spec)
    used.preprocess(np.full((3, 64), 0.4))
    assert used.doubts == []
    used.preprocess(np.full((3, 64), 160))
    assert "times as large as those of training" in used.doubts[0]


def test_evaluation_gives_the_numbers_of_training(tmp_path: Path) -> None:
    spec = write(tmp_path)
    model = trained(spec)
    history = model.fit()
    model.save(tmp_path / "w.npz")
    used = load_with_data(read_source(spec), {}, open_weights(tmp_path / "w.npz"))
    X, t = used.part("test")
    found = used.model.evaluate(X, t)
    assert {f"test_{name}": value for name, value in found.items()} == history.test
    (counts,) = used.confusion(X, t).values()
    assert counts.sum() == len(X) == 8
    assert np.array_equal(counts.sum(axis=1), np.bincount(t, minlength=2))
    assert np.trace(counts) / counts.sum() == pytest.approx(found["accuracy"])
    assert used.doubts == []


def test_data_that_was_changed_is_doubted(tmp_path: Path) -> None:
    spec = write(tmp_path)
    trained(spec)
    (tmp_path / "t.csv").write_text(TABLE.replace("-1.5", "-2.5"))
    used = load_with_data(read_source(spec), {}, open_weights(tmp_path / "w.npz"))
    used.part("test")
    assert len(used.doubts) == 1
    assert "the mean of the training part is not what it was" in used.doubts[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", standardize=true", "", "`standardize` is false, and true in the weights' spec"),
        ('ignore="id"', 'ignore=["mass", "id"]', "`ignore` is"),
    ],
)
def test_inputs_that_are_prepared_otherwise(old: str, new: str, said: str, tmp_path: Path) -> None:
    spec = write(tmp_path)
    trained(spec)
    spec.write_text(spec.read_text().replace(old, new))
    with pytest.raises(nndsl.ModelError, match="prepared otherwise") as caught:
        in_use(spec)
    assert (caught.value.help or "").startswith(said)


def test_statistics_without_a_use_for_them(tmp_path: Path) -> None:
    spec = write(tmp_path)
    model = trained(spec)
    np.savez(tmp_path / "w.npz", **model.parameters, **model.statistics)
    spec.write_text(spec.read_text().replace(", standardize=true", ""))
    with pytest.raises(nndsl.ModelError, match="prepared otherwise") as caught:
        in_use(spec)
    assert "were standardised in training" in (caught.value.help or "")


BAD_ARRAYS = {
    "flat": (np.zeros((5, 16)), "save x.reshape(-1, 1, 4, 4)"),
    "single": (np.zeros((1, 4, 4)), "save x[np.newaxis]"),
    "other": (np.zeros((5, 3, 3)), "(N, 1, 4, 4)"),
    "number": (np.float64(3), "(N, 1, 4, 4)"),
    "empty": (np.zeros((0, 1, 4, 4)), " holds no examples"),
    "texts": (np.array([["a"]]), " holds no numbers"),
    "nan": (np.full((3, 1, 4, 4), np.nan), " holds nan at (0, 0, 0)"),
    "infinite": (np.full((3, 1, 4, 4), -np.inf), "row 1 of "),
    "large": (np.full((3, 1, 4, 4), 1e300), " holds 1e+300 at (0, 0, 0)"),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
@pytest.mark.parametrize("kind", [".npy", ".npz"])
def test_arrays_that_do_not_fit(name: str, kind: str, tmp_path: Path) -> None:
    array, said = BAD_ARRAYS[name]
    path = tmp_path / f"a{kind}"
    np.save(path, array) if kind == ".npy" else np.savez(path, x=array)
    with pytest.raises(nndsl.ModelError) as caught:
        read_inputs(path, (1, 4, 4), None, Description())
    assert said in f"{caught.value}\n{caught.value.help}"
    assert str(path) in str(caught.value)


def test_files_that_are_no_arrays(tmp_path: Path) -> None:
    known = Description()
    for name, content in (("a.npy", b"x"), ("b.npz", b"PK"), ("c.npz", b""), ("d.npy", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(nndsl.ModelError, match="or damaged"):
            read_inputs(tmp_path / name, (2,), None, known)
    np.savez(tmp_path / "e.npz", a=np.zeros((2, 2)), b=np.ones((2, 2)))
    for array, message in ((None, "which array of"), ("c", "has no array `c`")):
        with pytest.raises(nndsl.ModelError, match=message) as caught:
            read_inputs(tmp_path / "e.npz", (2,), None, known, array)
        assert caught.value.help == "it holds `a`, `b`: name one with --array"
    (tmp_path / "f.txt").write_text("1,2")
    for name, message in (("f.txt", "no file of examples"), ("g.csv", "does not exist")):
        with pytest.raises(nndsl.ModelError, match=message):
            read_inputs(tmp_path / name, (2,), None, known)
