"""Published losses as words of a page: PyTorch's numbers, and the complex step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from execution import run

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.ir import parse_text
from nndsl.live.gradients.complex_forms import complex_form
from nndsl.source import Source
from nndsl.vocabulary.loss import Loss

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
F = torch.nn.functional
H = 1e-30
N, OUTPUTS = 7, 5

Reference = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
# What a page says of classes, and what PyTorch or the paper says.
OF_CLASSES: dict[str, tuple[str, Reference]] = {
    "cross_entropy": ("loss = -pick(log_softmax(x), t)", F.cross_entropy),
    "negative_log_likelihood": ("P = softmax(x); loss = -log(pick(P, t))", F.cross_entropy),
    "label_smoothing": (
        "log_P = log_softmax(x); loss = -0.9 * pick(log_P, t) - 0.1 * mean(log_P)",
        lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1),
    ),
    "crammer_singer_hinge": (  # Weston and Watkins 1999
        "right = pick(x, t); excess = maximum(0, x - right + margin); loss = sum(excess) - margin",
        lambda x, t: F.multi_margin_loss(x, t) * OUTPUTS,
    ),
    "hinge_as_of_pytorch": (
        "excess = maximum(0, margin - pick(x, t) + x); loss = (sum(excess) - margin) / outputs",
        F.multi_margin_loss,
    ),
    "squared_hinge_of_classes": (
        "loss = (sum(maximum(0, 1 - pick(x, t) + x)**2) - 1) / outputs",
        lambda x, t: F.multi_margin_loss(x, t, p=2),
    ),
    "focal": (  # Lin et al. 2017
        "P = pick(softmax(x), t); loss = -(1 - P)**2 * log(P)",
        lambda x, t: (
            (1 - F.softmax(x, 1)) ** 2
            * F.nll_loss(F.log_softmax(x, 1), t, reduction="none")[:, None]
        )[torch.arange(N), t].mean(),
    ),
}
# And of values.
OF_VALUES: dict[str, tuple[str, Reference]] = {
    "squared_error": ("loss = (x - t)**2", F.mse_loss),
    "absolute_error": ("loss = abs(x - t)", F.l1_loss),
    "own_huber": (
        "e = x - t; d = abs(e); loss = where(d <= margin, e**2 / 2, margin * (d - margin / 2))",
        F.huber_loss,
    ),
    "smooth_l1": (
        "d = abs(x - t); loss = where(d < 0.3, d * d / 0.6, d - 0.15)",
        lambda x, t: F.smooth_l1_loss(x, t, beta=0.3),
    ),
    "log_cosh": ("loss = log(cosh(x - t))", lambda x, t: torch.log(torch.cosh(x - t)).mean()),
    "poisson_nll": ("loss = exp(x) - t * x", lambda x, t: F.poisson_nll_loss(x, t)),
    "quantile_loss": (  # Koenker and Bassett 1978
        "e = t - x; loss = maximum(0.3 * e, -0.7 * e)",
        lambda x, t: torch.maximum(0.3 * (t - x), -0.7 * (t - x)).mean(),
    ),
    "logistic": (
        "loss = softplus(x) - t * x",
        lambda x, t: F.binary_cross_entropy_with_logits(x, t),
    ),
    "kullback_leibler": (
        "log_P = log_softmax(x); Q = softmax(t); loss = sum(Q * (log(Q) - log_P))",
        lambda x, t: F.kl_div(F.log_softmax(x, 1), F.softmax(t, 1), reduction="batchmean"),
    ),
    "squared_hinge": (
        "m = maximum(0, 1 - (2 * t - 1) * x); loss = m * m",
        lambda x, t: (F.relu(1 - (2 * t - 1) * x) ** 2).mean(),
    ),
    "cosine": (
        "loss = 1 - sum(x * t) / sqrt(sum(x * x) * sum(t * t))",
        lambda x, t: F.cosine_embedding_loss(x, t, torch.ones(N)),
    ),
}
LOSSES = {**OF_CLASSES, **OF_VALUES}
EACH = pytest.mark.parametrize("name", LOSSES)


def page(name: str) -> str:
    return f"loss {name}(margin=1) {{ {LOSSES[name][0]} }}\n"


def own_loss(text: str, name: str, outputs: int = OUTPUTS) -> Loss:
    diagnostics = Diagnostics()
    network = f"network {{ input(3); dense({outputs}) }}\n"
    train = f"train {{ loss = {name}; optimizer = sgd(lr=0.1); steps = 1 }}\n"
    found = analyse(Source("page.nn", text + network + train), diagnostics)
    said = [one.message for one in diagnostics.diagnostics if one.code < "NN4"]
    assert not said
    assert found.spec is not None
    assert found.spec.train is not None
    return found.spec.train.loss


def example(name: str, outputs: int = OUTPUTS) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(N, outputs))
    of_classes = name in OF_CLASSES
    return x, rng.integers(outputs, size=N) if of_classes else rng.random((N, outputs))


def passes(loss: Loss, x: np.ndarray, t: np.ndarray, dtype: Any = np.float64) -> dict[str, Any]:
    fields = {name: getattr(loss, name) for name in type(loss).model_fields}
    given = dict(fields, x=x, t=t, N=len(x), dtype=dtype)
    return run(f"{loss.definitions}\n{loss.forward}\n{loss.backward}", **given)


def complex_step(loss: Loss, x: np.ndarray, t: np.ndarray) -> np.ndarray:
    steps = [step.rewrite(complex_form) for step in parse_text(loss.forward)]
    forward = "\n".join([loss.definitions, *(step.text for step in steps)])
    fields = {name: getattr(loss, name) for name in type(loss).model_fields}
    slope = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * H
        given = dict(fields, x=moved, t=t, N=len(x), dtype=np.complex128)
        slope[index] = run(forward, **given)["loss"].imag / H
    return slope


@EACH
def test_values_and_slopes_are_those_of_pytorch(name: str) -> None:
    loss = own_loss(page(name), name)
    x, t = example(name)
    assert loss.targets == ("classes" if name in OF_CLASSES else "values")
    found = passes(loss, x, t)
    score = torch.tensor(x, requires_grad=True)
    wanted = LOSSES[name][1](score, torch.tensor(t))
    wanted.backward()
    np.testing.assert_allclose(found["loss"], wanted.item(), rtol=1e-6)
    np.testing.assert_allclose(found["dx"], score.grad.numpy(), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found["dx"], complex_step(loss, x, t), rtol=1e-9, atol=1e-12)


@EACH
def test_float32_stays_float32(name: str) -> None:
    x, t = example(name)
    t = t if name in OF_CLASSES else t.astype(np.float32)
    found = passes(own_loss(page(name), name), x.astype(np.float32), t, np.float32)
    assert found["dx"].dtype == np.float32


@pytest.mark.parametrize("name", OF_VALUES)
def test_one_output_is_as_good_as_several(name: str) -> None:
    loss = own_loss(page(name), name, outputs=1)
    x, t = example(name, outputs=1)
    dx = passes(loss, x, t)["dx"]
    np.testing.assert_allclose(dx, complex_step(loss, x, t), rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_no_array_of_zeros_is_made() -> None:
    """What `pick` took goes back to where it was taken from."""
    assert not [name for name in LOSSES if "zeros" in own_loss(page(name), name).backward]


HINGE = "right = pick(x, t); excess = maximum(0, x - right + margin); loss = sum(excess) - margin"


def test_a_hinge_loss_reads_as_a_person_would_write_it() -> None:
    loss = own_loss(f"loss svm(margin=1) {{ {HINGE} }}\n", "svm")
    assert loss.forward.splitlines() == [
        "right = x[np.arange(N), t][:, None]",
        "excess = np.maximum(0, x - right + margin)",
        "loss = excess.sum(axis=1).mean() - margin",
    ]
    assert loss.backward.splitlines() == [
        "dx = ((excess > 0) / N).astype(dtype)",
        "dx[np.arange(N), t] -= dx.sum(axis=1)   # back to where it was taken from",
    ]


OPTIONS = pytest.mark.parametrize(
    "options", [{}, {"optimize": True}, {"style": "layers"}], ids=["plain", "optimized", "layers"]
)


def check_network(name: str, folder: Path, options: dict[str, Any]) -> None:
    (folder / "net.nn").write_text(
        f"{page(name)}data = digits(test=0.2)\nnetwork {{ dense(10) }}\n"
        f"train {{ loss = {name}; optimizer = sgd(lr=0.01); epochs = 1 }}\n",
        "utf-8",
    )
    report = nndsl.check_gradients(nndsl.load(folder / "net.nn", **options))
    assert report.passed, str(report)


@pytest.mark.slow
@OPTIONS
@pytest.mark.parametrize("name", LOSSES)
def test_a_script_is_proved(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    check_network(name, tmp_path, options)


@pytest.mark.parametrize(
    ("formula", "limit"),
    [
        ("(x - t)**2", 0.5),
        ("maximum(0, 1 - (2 * t - 1) * x)", 0),
        ("softplus(x) - t * x", 0),
        ("-(t * log(sigmoid(x)) + (1 - t) * log(1 - sigmoid(x)))", 0),
        ("-(t * log(sigmoid(x - 2)) + (1 - t) * log(1 - sigmoid(x - 2)))", 2),
    ],
)
def test_one_output_says_the_class_that_costs_less(formula: str, limit: float) -> None:
    loss = own_loss(f"loss mine {{ loss = {formula} }}\n", "mine", outputs=1)
    assert loss.binary_decision == f"x[:, 0] > {limit:g}"


@pytest.mark.slow
def test_the_lines_of_a_loss_that_double_are_said_as_they_are() -> None:
    """Written as one formula, these would be two to the power of 60 operations."""
    lines = "; ".join(f"a{n} = a{n - 1} + a{n - 1} * x" for n in range(1, 61))
    loss = own_loss(f"loss mine {{ a0 = x - t; {lines}; loss = a60**2 }}\n", "mine")
    assert loss.equation == "mean(a60**2)"


def test_there_are_names_for_any_number_of_parts() -> None:
    picked = ", ".join(f"pick(x * {n}, {n % OUTPUTS})" for n in range(1, 10))
    text = f"loss mine {{ loss = sum(concat({picked})) - pick(x, t) }}\n"
    loss = own_loss(text, "mine")
    x, t = example("cross_entropy")
    wanted = sum(n * x[:, n % OUTPUTS] for n in range(1, 10)) - x[np.arange(N), t]
    assert passes(loss, x, t)["loss"] == pytest.approx(wanted.mean())


def test_the_best_constant_is_looked_for() -> None:
    """No formula says it: of a hinge loss it is not the logarithm of how often a class occurs."""
    text = (
        f"loss svm(margin=1) {{ {HINGE} }}\ndata = blobs(classes=3, samples=30, test=0.2)\n"
        "network { dense(3) }\ntrain { loss = svm; optimizer = sgd(lr=0.1); epochs = 1 }\n"
    )
    best, *_ = nndsl.load("page", text=text).fit().baselines
    assert best.answer == "the best constant output"
    assert best.results["training_loss"] <= 2.0 + 1e-6  # what equal scores cost


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"style": "layers"}])
def test_own_words_learn_what_those_of_the_vocabulary_do(options: dict[str, Any]) -> None:
    """The network of specs/own_words.nn, with the words of its page and with built-in ones."""
    path = Path(__file__).parents[2] / "specs" / "own_words.nn"
    own = path.read_text("utf-8")
    text = own.replace("  swish\n", "  silu\n").replace(
        "= smoothed\n", "= softmax_cross_entropy(label_smoothing=0.1)\n"
    )
    assert text.count("silu") == 1
    found = []
    for page_text in (own, text):
        set_ = {"train.steps": 5, "train.dtype": "float64"}
        page_text = page_text.replace("  epochs    = 15\n", "")
        model = nndsl.load(path, text=page_text, set=set_, **options)
        model.fit()
        found.append(model.parameters)
    for name, value in found[0].items():
        np.testing.assert_allclose(value, found[1][name], rtol=1e-9, atol=1e-12)
