"""Training by numerical differentiation: no backward pass, and the same gradients."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.cli import main
from nndsl.live.model import Model, ModelError
from nndsl.live.random_examples import draw_examples, draw_targets

NUMERICAL = "gradient = numerical(h=1e-4)"
PLAIN = "network { input(4); dense(5); tanh; dense(3) }\n"
NOISY = "network { input(4); dense(5); batch_norm; tanh; dropout(0.3); dense(3) }\n"
SPIRAL = """\
data = spiral(classes=3, samples=30)
network { dense(6); tanh; dense(3) }
train {
  loss = softmax_cross_entropy; optimizer = sgd(lr=0.5); gradient = numerical
  dtype = float64; epochs = 10
}
"""


def load(network: str, *more: str) -> Model:
    settings = "; ".join(["loss = softmax_cross_entropy; optimizer = sgd", *more])
    return nndsl.load("net.nn", text=f"{network}train {{ {settings}; dtype = float64 }}\n")


@pytest.mark.parametrize("network", [PLAIN, NOISY], ids=["plain", "noisy"])
@pytest.mark.parametrize("penalty", [[], ["regularize = l2(0.1)"]], ids=["", "penalty"])
def test_it_agrees_with_backpropagation(network: str, penalty: list[str]) -> None:
    exact, numerical = load(network, *penalty), load(network, *penalty, NUMERICAL)
    rng = np.random.default_rng(0)
    X, t = draw_examples(exact, 8, rng), draw_targets(exact, 8, rng)
    for _ in range(2):  # the second batch begins with the noise that the first has left
        before = {name: p.copy() for name, p in numerical.parameters.items()}
        loss, gradients = exact.loss_and_gradients(X, t)
        other, found = numerical.loss_and_gradients(X, t)
        assert other == loss
        assert list(found) == list(gradients)
        for name, g in gradients.items():
            np.testing.assert_allclose(found[name], g, rtol=0, atol=1e-7)
            np.testing.assert_array_equal(numerical.parameters[name], before[name])
        for name, value in exact.state.items():
            np.testing.assert_array_equal(numerical.state[name], value)


@pytest.mark.slow
def test_training_lowers_the_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = nndsl.load("net.nn", text=SPIRAL).fit()
    losses = [row["loss"] for row in history.rows]
    assert losses[-1] < 0.9 * losses[0]
    exact = nndsl.load("net.nn", text=SPIRAL.replace("; gradient = numerical", "")).fit()
    np.testing.assert_allclose(losses, [row["loss"] for row in exact.rows], rtol=1e-6)
    script = tmp_path / "train.py"
    script.write_text(nndsl.build("net.nn", text=SPIRAL), "utf-8")
    monkeypatch.setattr("sys.argv", [str(script)])
    runpy.run_path(str(script), run_name="__main__")
    assert (tmp_path / "train.weights.npz").exists()


def test_optimize_leaves_it_as_it_is() -> None:
    plain, fast = (nndsl.load("net.nn", text=SPIRAL, optimize=o) for o in (False, True))
    assert fast.source == plain.source


def test_there_is_no_backward_pass_to_check() -> None:
    with pytest.raises(ModelError, match="trains by `numerical`"):
        nndsl.check_gradients(load(PLAIN, NUMERICAL))


@pytest.mark.parametrize(
    "command", ["gradcheck", "trace", "mutate -o x.py", "build --with gradcheck -o x.py"]
)
def test_commands_on_a_backward_pass_say_so(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.nn").write_text(SPIRAL, "utf-8")
    name, *options = command.split()
    assert main([name, "net.nn", *options]) == 1
    said = capsys.readouterr().err
    assert "backward pass" in said
    assert "leave out `gradient`" in said
    assert not Path("x.py").exists()
