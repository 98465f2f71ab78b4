"""`Model.backward`: gradients where the loss is that of a loop in Python."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import nndsl
from nndsl.live.errors import ModelError

NETWORKS = {
    "rows": "input(5); dense(6); tanh; dense(3)",
    "images": "input(2, 4, 4); conv2d(3, kernel=3); relu; flatten; dense(3)",
    "positions": "input(4, tokens=5); embedding(3); rnn(4, output=all); dense(3)",
    "frozen": "input(5); frozen { dense(6); tanh }; dense(3)",
}
TRAIN = "train { loss = mean_squared_error; optimizer = adam(lr=0.01); dtype = float64 }"


def model_of(network: str, **options: object) -> nndsl.Model:
    text = f"network {{ {network} }}\n{TRAIN}"
    return nndsl.load("net.nn", text=text, **options)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"style": "layers"}, {"optimize": True}])
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_it_is_the_backward_pass_of_the_script(network: str, options: dict[str, object]) -> None:
    model = model_of(network, **options)
    X, t = model.first_batch()
    for _ in range(2):  # the parameters are those of the model, also once they have moved
        _, expected = model.loss_and_gradients(X, t)
        gradients, dX = model.backward(X, 2 * (model.predict(X) - t) / t.size)
        assert gradients.keys() == expected.keys()
        for name, gradient in gradients.items():
            np.testing.assert_allclose(gradient, expected[name], rtol=1e-10, atol=1e-12)
        assert dX.shape == (X.shape if "tokens" not in network else (0,))
        model.update(gradients)


def test_the_gradient_of_the_input() -> None:
    model = model_of(NETWORKS["rows"])
    rng = np.random.default_rng(0)
    X, dy, step = rng.standard_normal((3, 5)), rng.standard_normal((3, 3)), 1e-6
    _, dX = model.backward(X, dy)
    for index in np.ndindex(X.shape):
        moved = X.copy()
        moved[index] += step
        slope = ((model.predict(moved) - model.predict(X)) * dy).sum() / step
        assert slope == pytest.approx(dX[index], abs=1e-5)


def test_noise_and_running_statistics_are_those_of_the_model() -> None:
    model = model_of("input(5); dense(6); batch_norm; dropout(0.5); dense(3)")
    other = copy.deepcopy(model)
    X, t = model.first_batch()
    model.backward(X, np.zeros_like(t))
    other.loss_and_gradients(X, t)
    for name, array in model.state.items():
        assert np.array_equal(array, other.state[name])
    one, two = (m.loss_and_gradients(X, t)[0] for m in (model, other))
    assert one == two  # the stream of noise has come as far


def test_what_does_not_fit_is_said() -> None:
    model = model_of(NETWORKS["rows"])
    with pytest.raises(ModelError, match=r"dy must have the shape \(2, 3\), and has \(3,\)"):
        model.backward(np.zeros((2, 5)), np.zeros(3))
    with pytest.raises(ModelError, match="no train section"):
        nndsl.load("net.nn", text="network { input(5); dense(3) }").backward(
            np.zeros((2, 5)), np.zeros((2, 3))
        )
