"""Published activations as layers of a page: PyTorch's numbers, and the complex step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from execution import LayerRun
from own_layer_pages import complex_step, own_layer

import nndsl

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
F = torch.nn.functional

# What a page says, and what PyTorch or the paper says.
ACTIVATIONS: dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = {
    "relu6": ("minimum(relu(x), 6)", F.relu6),
    "swish": ("x * sigmoid(x)", F.silu),
    "mish": ("x * tanh(softplus(x))", F.mish),
    "gelu_tanh": (
        "x / 2 * (1 + tanh(sqrt(2 / 3.141592653589793) * (x + 0.044715 * x**3)))",
        lambda x: F.gelu(x, approximate="tanh"),
    ),
    "quick_gelu": ("x * sigmoid(1.702 * x)", lambda x: x * torch.sigmoid(1.702 * x)),
    "leaky": ("where(x > 0, x, 0.01 * x)", F.leaky_relu),
    "elu_own": ("where(x > 0, x, exp(minimum(x, 0)) - 1)", F.elu),
    "celu": ("maximum(x, 0) + minimum(0, 2 * (exp(x / 2) - 1))", lambda x: F.celu(x, 2.0)),
    "selu": (
        "1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * (exp(minimum(x, 0)) - 1))",
        F.selu,
    ),
    "softsign": ("x / (1 + abs(x))", F.softsign),
    "tanhshrink": ("x - tanh(x)", F.tanhshrink),
    "softshrink": ("sign(x) * maximum(abs(x) - 0.5, 0)", F.softshrink),
    "hardshrink": ("where(abs(x) > 0.5, x, 0)", F.hardshrink),
    "hardtanh": ("clip(x, -1, 1)", F.hardtanh),
    "hardsigmoid": ("clip(x / 6 + 0.5, 0, 1)", F.hardsigmoid),
    "hardswish": ("x * clip(x + 3, 0, 6) / 6", F.hardswish),
    "log_sigmoid": ("-softplus(-x)", F.logsigmoid),
    "threshold": ("where(x > 0.1, x, 20)", lambda x: F.threshold(x, 0.1, 20)),
    "squared_relu": ("relu(x)**2", lambda x: F.relu(x) ** 2),
    "relu_own": ("x * (x > 0)", F.relu),
    "lisht": ("x * tanh(x)", lambda x: x * torch.tanh(x)),
    "bump": ("exp(-x * x)", lambda x: torch.exp(-x * x)),
    "snake": ("x + sin(x)**2", lambda x: x + torch.sin(x) ** 2),
    "bent_identity": (
        "(sqrt(x * x + 1) - 1) / 2 + x",
        lambda x: (torch.sqrt(x * x + 1) - 1) / 2 + x,
    ),
    "arctan_like": ("x / sqrt(1 + x * x)", lambda x: x / torch.sqrt(1 + x * x)),
    "tanhexp": ("x * tanh(exp(x))", lambda x: x * torch.tanh(torch.exp(x))),
    "serf_like": ("x * tanh(softplus(x) / 2)", lambda x: x * torch.tanh(F.softplus(x) / 2)),
    "own_softmax": ("softmax(x)", lambda x: F.softmax(x, dim=-1)),
    "own_log_softmax": ("log_softmax(x)", lambda x: F.log_softmax(x, dim=-1)),
    "softmin": ("softmax(-x)", lambda x: F.softmin(x, dim=-1)),
    "rms_norm": (
        "x / sqrt(mean(x * x) + 0.00001)",
        lambda x: F.rms_norm(x, x.shape[1:], eps=1e-5),
    ),
    "row_norm": (
        "(x - mean(x)) / sqrt(mean((x - mean(x))**2) + 0.00001)",
        lambda x: F.layer_norm(x, x.shape[1:]),
    ),
    "log_sum_exp": ("log(sum(exp(x)))", lambda x: torch.logsumexp(x, 1, keepdim=True)),
    "maxout": ("max(x)", lambda x: x.amax(1, keepdim=True)),
    "minimal": ("x - min(x)", lambda x: x - x.amin(1, keepdim=True)),
    "crelu": ("concat(relu(x), relu(-x))", lambda x: torch.cat([F.relu(x), F.relu(-x)], 1)),
}


FEW = ("relu6", "mish", "gelu_tanh", "softshrink", "row_norm", "maxout", "crelu")
EACH = pytest.mark.parametrize(
    "name",
    [name if name in FEW else pytest.param(name, marks=pytest.mark.slow) for name in ACTIVATIONS],
)


def page(name: str) -> str:
    return f"layer {name} {{\n  y = {ACTIVATIONS[name][0]}\n}}\n"


@EACH
def test_values_and_slopes_are_those_of_pytorch(name: str) -> None:
    made = LayerRun(own_layer(page(name), name, (6,)), ((6,),))
    x = torch.tensor(made.arrays["x"], requires_grad=True)
    y = ACTIVATIONS[name][1](x)
    y.backward(torch.tensor(made.dy))
    np.testing.assert_allclose(made.forward()["y"], y.detach().numpy(), rtol=1e-6, atol=1e-8)
    dx = made.backward()["dx"]
    np.testing.assert_allclose(dx, x.grad.numpy(), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(dx, complex_step(made, "x"), rtol=1e-9, atol=1e-12)


@EACH
def test_float32_stays_float32(name: str) -> None:
    made = LayerRun(own_layer(page(name), name, (6,)), ((6,),), dtype=np.float32)
    assert made.forward()["y"].dtype == made.backward()["dx"].dtype == np.float32


OPTIONS = pytest.mark.parametrize(
    "options",
    [{}, {"optimize": True}, {"style": "layers"}],
    ids=["plain", "optimized", "layers"],
)


def check_network(names: list[str], folder: Path, options: dict[str, Any]) -> None:
    """Hold to the complex step the script of a network with these activations side by side."""
    branches = "\n".join(f"    branch {{ dense(3); {name} }}" for name in names)
    text = "".join(map(page, names)) + (
        f"data = digits(test=0.2)\n\nnetwork {{\n  concat {{\n{branches}\n  }}\n  dense(10)\n}}\n\n"
        "train {\n  loss = softmax_cross_entropy\n  optimizer = sgd(lr=0.01)\n  epochs = 1\n}\n"
    )
    (folder / "all.nn").write_text(text, "utf-8")
    report = nndsl.check_gradients(nndsl.load(folder / "all.nn", **options))
    assert report.passed, str(report)


@pytest.mark.slow
@OPTIONS
def test_all_of_them_in_networks(options: dict[str, Any], tmp_path: Path) -> None:
    for first in range(0, len(ACTIVATIONS), 6):
        check_network(list(ACTIVATIONS)[first : first + 6], tmp_path, options)


# Infinite in the forward pass from x = 89 on, and nan in the backward pass, written like this.
OVERFLOW = {"celu", "tanhexp", "log_sum_exp"}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nothing_published_is_warned_of_but_overflow(name: str) -> None:
    text = f"{page(name)}\nnetwork {{\n  input(8)\n  dense(6)\n  {name}\n  dense(3)\n}}\n"
    codes = [finding.code for finding in nndsl.check("page.nn", text=text)]
    assert codes == ["NN471"] * (name in OVERFLOW)
