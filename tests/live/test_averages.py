"""Weights that are averaged along a training: what they are, and what is judged and kept."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.arrays import Array
from nndsl.live.model import Model, Watcher

PAGE = """\
data = digits(training=100, validation=50)
network {{ dense(6); relu; dense(10) }}
train {{
  loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 5; dtype = float64
  average = {}
}}
"""


class Weights(Watcher):
    """Keeps the weights behind each step, and at the end of each epoch."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.steps: list[dict[str, Array]] = []
        self.epochs: list[int] = []  # how many steps were taken by then

    def after_step(self, step: int) -> None:
        self.steps.append(copy.deepcopy(self.model.parameters))

    def after_epoch(self, epoch: int) -> None:
        self.epochs.append(len(self.steps))


def trained(average: str, **options: object) -> tuple[Model, Weights, nndsl.History]:
    page = PAGE.format(average) if average else PAGE.format("none").replace("average = none", "")
    model = nndsl.load("net.nn", text=page, **options)  # type: ignore[arg-type]
    weights = Weights(model)
    model.watch(weights)
    return model, weights, model.fit()


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"style": "layers"}, {"optimize": True}])
def test_training_goes_on_from_the_weights_themselves(options: dict[str, object]) -> None:
    _, plain, _ = trained("", **options)
    for average in ("ema(decay=0.9)", "swa(first=2)"):
        _, averaged, _ = trained(average, **options)
        for one, other in zip(plain.steps, averaged.steps, strict=True):
            assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.slow
def test_the_mean_of_epochs_is_pytorchs() -> None:
    torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
    model, weights, history = trained("swa(first=3)")
    ends = [weights.steps[count - 1] for count in weights.epochs]
    for name, p in model.parameters.items():
        theirs = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)
        theirs.weight = torch.nn.Parameter(torch.tensor(ends[0][name]))
        averaged = torch.optim.swa_utils.AveragedModel(theirs)
        for end in ends[2:]:
            theirs.weight.data = torch.tensor(end[name])
            averaged.update_parameters(theirs)
        found = averaged.module.weight.detach().numpy()
        np.testing.assert_allclose(p, found, rtol=1e-12, atol=1e-14)
    assert (
        history.rows[-1]["validation_loss"] == model.evaluate(*model.data()["validation"])["loss"]
    )


def test_a_running_mean_of_steps() -> None:
    page = nndsl.load("net.nn", text=PAGE.format("ema(decay=0.7)"))
    mean = copy.deepcopy(page.parameters)
    model, weights, history = trained("ema(decay=0.7)")
    for step, moved in enumerate(weights.steps, 1):
        share = max(0.3, 9 / (10 + step))
        for name in mean:
            mean[name] = (1 - share) * mean[name] + share * moved[name]
    for name, p in model.parameters.items():
        np.testing.assert_allclose(p, mean[name], rtol=1e-12, atol=1e-14)
    assert (
        history.rows[-1]["validation_loss"] == model.evaluate(*model.data()["validation"])["loss"]
    )


def test_until_the_first_epoch_of_a_mean_the_weights_are_judged() -> None:
    _, _, plain = trained("")
    _, _, averaged = trained("swa(first=4)")
    assert [row == other for row, other in zip(plain.rows, averaged.rows, strict=True)] == [
        *[True] * 4,
        False,
    ]


def test_early_stopping_keeps_the_averages(tmp_path: Path) -> None:
    page = PAGE.format("ema(decay=0.9); stop = early(patience=1)").replace("lr=0.1", "lr=3")
    model = nndsl.load("net.nn", text=page.replace("epochs = 5", "epochs = 30"))
    history = model.fit()
    assert history.kept is not None
    found = model.evaluate(*model.data()["validation"])["loss"]
    assert history.results["validation_loss"] == pytest.approx(found)
