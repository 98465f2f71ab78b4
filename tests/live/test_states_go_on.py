"""A recurrent layer that goes on where the batch before ended."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import nndsl

PAGE = """
data = text("words.txt", window={window}, split=in_order, validation={held_back})
network {{ embedding(3); {layers}; dense(classes) }}
train {{ loss = softmax_cross_entropy; optimizer = sgd(lr={rate}); batch = {batch}; epochs = 2 }}
"""
TEXT = " ".join(str(number * number) for number in range(30, 62))


def page(
    folder: Path,
    layers: str = "lstm(4, output=all, stateful=true)",
    *,
    window: int = 6,
    batch: int = 4,
    rate: float = 1e-9,
    held_back: float = 0.2,
) -> nndsl.Model:
    (folder / "words.txt").write_text(TEXT, "utf-8")
    values = {"window": window, "batch": batch, "rate": rate, "held_back": held_back}
    (folder / "page.nn").write_text(PAGE.format(layers=layers, **values), "utf-8")
    return nndsl.load(folder / "page.nn")


@pytest.mark.parametrize("word", ["rnn", "lstm", "gru"])
def test_windows_of_a_text_are_read_as_one(tmp_path: Path, word: str) -> None:
    layer = f"{word}(4, output=all, stateful=true)"
    short = page(tmp_path, layer, window=6, batch=1, held_back=0)
    (losses, _) = (row["loss"] for row in short.fit().rows)
    windows = (len(TEXT) - 1) // 6
    whole = page(tmp_path, layer, window=6 * windows, batch=1, held_back=0)
    (at_once, _) = (row["loss"] for row in whole.fit().rows)
    assert losses == pytest.approx(at_once, rel=1e-5)


def test_every_window_comes_once_behind_the_one_before(tmp_path: Path) -> None:
    model = page(tmp_path)
    seen: list[np.ndarray] = []
    learn = model.namespace["loss_and_gradients"]

    def recorded(X: np.ndarray, t: np.ndarray) -> object:
        seen.append(X)
        return learn(X, t)

    model.namespace["loss_and_gradients"] = recorded
    X = model.data()["training"][0]
    next(model.namespace["train"](X, *model.data()["training"][1:], model.data()["validation"]))
    assert sorted(map(tuple, np.concatenate(seen))) == sorted(map(tuple, X))
    place = {row.tobytes(): at for at, row in enumerate(X)}
    for before, behind in pairwise(seen):
        for one, other in zip(before, behind, strict=False):
            assert place[other.tobytes()] == place[one.tobytes()] + 1


def test_states_are_not_saved(tmp_path: Path) -> None:
    model = page(tmp_path, rate=0.1)
    model.fit()
    model.save(tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz") as saved:
        assert not [name for name in saved if "last" in name]
    without = page(tmp_path, "lstm(4, output=all)", batch=7)
    without.restore(tmp_path / "w.npz")
    X = model.data()["validation"][0]
    assert np.array_equal(model.predict(X), without.predict(X))


@pytest.mark.slow
@pytest.mark.parametrize(
    "layers",
    [
        "rnn(4, stateful=true, output=all); batch_norm",
        "repeat(3) { gru(3, stateful=true, output=all) }",
        "lstm(4, output=all, stateful=true)",
    ],
)
def test_gradients_are_right_and_states_held(tmp_path: Path, layers: str) -> None:
    assert nndsl.check_gradients(page(tmp_path, layers, rate=0.1)).passed


def test_training_in_pieces_is_refused(tmp_path: Path) -> None:
    page(tmp_path, rate=0.1)
    text = (tmp_path / "page.nn").read_text("utf-8").replace("epochs", "accumulate = 2; epochs")
    (tmp_path / "page.nn").write_text(text, "utf-8")
    (found,) = nndsl.check(tmp_path / "page.nn")
    assert (found.code, found.help) == ("NN305", "leave out `accumulate`")


def test_a_batch_has_no_more_rows_than_there_are_states(tmp_path: Path) -> None:
    model = page(tmp_path, batch=4)
    X, t = (part[:5] for part in model.data()["training"][:2])
    assert isinstance(X, np.ndarray)
    assert isinstance(t, np.ndarray)
    with pytest.raises(nndsl.ModelError, match="X has 5 examples, and states go on for the 4"):
        model.loss_and_gradients(X, t)
    assert model.loss_and_gradients(X[:3], t[:3])[1]
