"""`bidirectional` is PyTorch's, as two branches of which one stands between `reverse` are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sequences import in_torch_order

import nndsl
from nndsl.live.model import Model

torch: Any = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
pytestmark = pytest.mark.slow

N, STEPS, FEATURES, UNITS = 7, 5, 3, 4
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def written_out(layer: str, output: str) -> str:
    back = "; reverse" if output == "all" else ""
    return f"concat {{ branch {{ {layer} }}; branch {{ reverse; {layer}{back} }} }}"


def bidirectional(word: str, output: str, *, is_short: bool) -> Model:
    layer = f"{word}({UNITS}, output={output})"
    both = f"bidirectional {{ {layer} }}" if is_short else written_out(layer, output)
    text = f"""
        network {{
          input({STEPS}, {FEATURES})
          {both}
          dense(2)
        }}
        train {{ loss = mean_squared_error; optimizer = sgd(lr=0.1) }}
    """
    return nndsl.load("net.nn", text=text, dtype="float64")


def theirs_of(word: str, tensors: list[Any]) -> tuple[Any, dict[str, Any]]:
    """Return PyTorch's module, and our parameters (forwards, then backwards) as it names them."""
    made = MODULES[word](FEATURES, UNITS, batch_first=True, bidirectional=True, dtype=torch.float64)
    each = len(tensors) // 2
    named = {}
    for end, own in (("", tensors[:each]), ("_reverse", tensors[each:])):
        if word == "lstm":
            own = [in_torch_order(tensor) for tensor in own]
        W_x, W_h, b_x, *rest = own
        b_h = rest[0] if rest else torch.zeros_like(b_x)
        if word == "lstm":
            b_h[UNITS : 2 * UNITS] = 1.0  # the forget bias, which is no parameter
        for name, tensor in (("weight_ih", W_x.T), ("weight_hh", W_h.T), ("bias_ih", b_x)):
            named[f"{name}_l0{end}"] = tensor
        named[f"bias_hh_l0{end}"] = b_h
    return made, named


@pytest.mark.parametrize("is_short", [True, False])
@pytest.mark.parametrize("output", ["all", "last"])
@pytest.mark.parametrize("word", sorted(MODULES))
def test_bidirectional(word: str, output: str, is_short: bool) -> None:
    model = bidirectional(word, output, is_short=is_short)
    rng = np.random.default_rng(0)
    for array in model.parameters.values():
        array += 0.2 * rng.standard_normal(array.shape)
    X = rng.standard_normal((N, STEPS, FEATURES))
    t = rng.standard_normal((N, STEPS, 2) if output == "all" else (N, 2))
    tensors = {n: torch.tensor(a, requires_grad=True) for n, a in model.parameters.items()}
    *recurrent, W, b = tensors.values()
    made, named = theirs_of(word, recurrent)
    y, last = torch.func.functional_call(made, named, (torch.tensor(X),))
    if output == "last":
        states = last[0] if word == "lstm" else last
        y = torch.cat([states[0], states[1]], dim=1)
    loss = torch.nn.functional.mse_loss(y @ W + b, torch.tensor(t))
    loss.backward()
    ours, gradients = model.loss_and_gradients(X, t)
    np.testing.assert_allclose(ours, loss.item(), rtol=1e-12)
    np.testing.assert_allclose(model.predict(X), (y @ W + b).detach().numpy(), rtol=0, atol=1e-12)
    for name, tensor in tensors.items():
        np.testing.assert_allclose(gradients[name], tensor.grad.numpy(), rtol=0, atol=1e-12)
