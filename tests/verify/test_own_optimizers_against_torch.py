"""Optimizers, schedules and initializers of a page against PyTorch's, or against their papers.

Each stands on a page, whose script takes the steps, plain and with `--optimize`, in float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.live.model import Model

torch = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")
optim, rates = torch.optim, torch.optim.lr_scheduler
pytestmark = pytest.mark.slow

STEPS = 40
PAGE = """\
{words}

network {{
  input(3)
  dense(4)
  tanh
  dense(2)
}}

train {{
  loss      = mean_squared_error
  optimizer = {optimizer}
  steps     = {steps}
  dtype     = float64
}}
"""

OPTIMIZERS: dict[str, tuple[str, str, Callable[..., Any], dict[str, Any]]] = {
    "momentum": (
        """optimizer heavy_ball(lr=0.01, mu=0.9) {
  v = mu * v + g
  p = p - lr * v
}""",
        "heavy_ball",
        optim.SGD,
        {"lr": 0.01, "momentum": 0.9},
    ),
    "nesterov": (
        """optimizer look_ahead(lr=0.01, mu=0.9) {
  v = mu * v + g
  p = p - lr * (g + mu * v)
}""",
        "look_ahead",
        optim.SGD,
        {"lr": 0.01, "momentum": 0.9, "nesterov": True},
    ),
    "adagrad": (
        """optimizer sums(lr=0.01, epsilon=0.0000000001) {
  v = v + g**2
  p = p - lr * g / (sqrt(v) + epsilon)
}""",
        "sums",
        optim.Adagrad,
        {"lr": 0.01},
    ),
    "rmsprop": (
        """optimizer means(lr=0.01, rho=0.99, epsilon=0.00000001) {
  v = rho * v + (1 - rho) * g * g
  p = p - lr * g / (sqrt(v) + epsilon)
}""",
        "means",
        optim.RMSprop,
        {"lr": 0.01, "alpha": 0.99},
    ),
    "adadelta": (
        """optimizer unit(lr=1, rho=0.9, epsilon=0.000001) {
  v    = rho * v + (1 - rho) * g * g
  move = sqrt(s + epsilon) / sqrt(v + epsilon) * g
  s    = rho * s + (1 - rho) * move * move
  p    = p - lr * move
}""",
        "unit",
        optim.Adadelta,
        {"lr": 1.0},
    ),
    "adam": (
        """optimizer moments(lr=0.001, beta1=0.9, beta2=0.999, epsilon=0.00000001) {
  m        = beta1 * m + (1 - beta1) * g
  v        = beta2 * v + (1 - beta2) * g * g
  unbiased = sqrt(1 - beta2**step)
  p        = p - lr / (1 - beta1**step) * m / (sqrt(v) / unbiased + epsilon)
}""",
        "moments",
        optim.Adam,
        {"lr": 0.001},
    ),
    "adamw": (
        """optimizer shrinking(lr=0.001, strength=0.1, beta1=0.9, beta2=0.999) {
  decay { p = p * (1 - lr * strength) }
  m = beta1 * m + (1 - beta1) * g
  v = beta2 * v + (1 - beta2) * g * g
  p = p - lr * (m / (1 - beta1**step)) / (sqrt(v / (1 - beta2**step)) + 0.00000001)
}""",
        "shrinking",
        optim.AdamW,
        {"lr": 0.001, "weight_decay": 0.1},
    ),
    "adamax": (
        """optimizer greatest(lr=0.002, beta1=0.9, beta2=0.999, epsilon=0.00000001) {
  m = beta1 * m + (1 - beta1) * g
  u = maximum(beta2 * u, abs(g) + epsilon)
  p = p - lr / (1 - beta1**step) * m / u
}""",
        "greatest",
        optim.Adamax,
        {"lr": 0.002},
    ),
    "nadam": (
        """optimizer both(lr=0.002, beta1=0.9, beta2=0.999, epsilon=0.00000001, fading=0.004) {
  now   = beta1 * (1 - 0.5 * 0.96**(step * fading))
  later = beta1 * (1 - 0.5 * 0.96**((step + 1) * fading))
  left  = left + log(now) + 0 * g  # the logarithm of the product of all so far
  m     = beta1 * m + (1 - beta1) * g
  v     = beta2 * v + (1 - beta2) * g * g
  ahead = g * (1 - now) / (1 - exp(left)) + m * later / (1 - exp(left) * later)
  p     = p - lr * ahead / (sqrt(v / (1 - beta2**step)) + epsilon)
}""",
        "both",
        optim.NAdam,
        {"lr": 0.002},
    ),
    "rprop": (
        """optimizer signs(lr=0.01, grow=1.2, shrink=0.5) {
  agree = sign(g * last)
  begun = where(step == 1, lr, 0)
  size  = clip((size + begun) * where(agree > 0, grow, where(agree < 0, shrink, 1)), 0.000001, 50)
  used  = where(agree < 0, 0 * g, g)
  p     = p - sign(used) * size
  last  = used
}""",
        "signs",
        optim.Rprop,
        {"lr": 0.01},
    ),
}


@pytest.fixture(autouse=True)
def _in_float64() -> Iterator[None]:
    """NAdam keeps its product of momenta in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def loaded(words: str, optimizer: str, *, optimize: bool, steps: int = STEPS) -> Model:
    text = PAGE.format(words=words, optimizer=optimizer, steps=steps)
    return nndsl.load("page", text=text, optimize=optimize)


def batches() -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(3)
    return [(rng.standard_normal((8, 3)), rng.standard_normal((8, 2))) for _ in range(STEPS)]


def theirs_of(
    model: Model, make: Callable[..., Any], arguments: dict[str, Any]
) -> tuple[dict[str, Any], Any]:
    """Return the same parameters in PyTorch, and the optimizer that moves them."""
    params = {n: torch.tensor(a.copy(), requires_grad=True) for n, a in model.parameters.items()}
    plain = {"weight_decay": 0.0} if "weight_decay" in arguments else {}
    weights = [p for p in params.values() if p.ndim > 1]
    others = [p for p in params.values() if p.ndim == 1]
    made = make([{"params": weights}, {"params": others, **plain}], **arguments)
    return params, made


@pytest.mark.parametrize("optimize", [False, True], ids=["plain", "optimized"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_take_the_steps_of_pytorch(name: str, optimize: bool) -> None:
    words, word, make, arguments = OPTIMIZERS[name]
    model = loaded(words, word, optimize=optimize)
    params, theirs = theirs_of(model, make, arguments)
    first = {n: p.detach().numpy().copy() for n, p in params.items()}
    for X, t in batches():
        _, gradients = model.loss_and_gradients(X, t)
        for n, p in params.items():
            p.grad = torch.tensor(gradients[n])
        theirs.step()
        model.update(gradients)
        for n, p in params.items():
            expected = p.detach().numpy()
            went = np.linalg.norm(expected - first[n])
            error = np.linalg.norm(model.parameters[n] - expected) / went
            assert error <= 1e-9, f"{n} at step {model.step}: {error:.1e}"


LION = """optimizer lion(lr=0.0001, beta1=0.9, beta2=0.99) {
  c = beta1 * m + (1 - beta1) * g
  p = p - lr * sign(c)
  m = beta2 * m + (1 - beta2) * g
}"""
LAMB = """optimizer lamb(lr=0.01, beta1=0.9, beta2=0.999) {
  m     = beta1 * m + (1 - beta1) * g
  v     = beta2 * v + (1 - beta2) * g * g
  u     = m / (1 - beta1**step) / (sqrt(v / (1 - beta2**step)) + 0.000001)
  trust = sqrt(sum(p * p)) / maximum(sqrt(sum(u * u)), 0.000001)
  p     = p - lr * trust * u
}"""


def lion(p: Any, g: Any, s: dict[str, Any], step: int) -> Any:
    """Return the next p. Chen et al. 2023, Symbolic Discovery of Optimization Algorithms."""
    m = s.get("m", 0)
    s["m"] = 0.99 * m + 0.01 * g
    return p - 0.0001 * np.sign(0.9 * m + 0.1 * g)


def lamb(p: Any, g: Any, s: dict[str, Any], step: int) -> Any:
    """Return the next p. You et al. 2020, Large Batch Optimization, algorithm 2, without decay."""
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
    u = s["m"] / (1 - 0.9**step) / (np.sqrt(s["v"] / (1 - 0.999**step)) + 1e-6)
    return p - 0.01 * np.linalg.norm(p) / max(np.linalg.norm(u), 1e-6) * u


@pytest.mark.parametrize("optimize", [False, True], ids=["plain", "optimized"])
@pytest.mark.parametrize(("words", "word", "paper"), [(LION, "lion", lion), (LAMB, "lamb", lamb)])
def test_optimizers_take_the_steps_of_a_paper(
    words: str, word: str, paper: Callable[..., Any], optimize: bool
) -> None:
    model = loaded(words, word, optimize=optimize)
    params = {n: p.copy() for n, p in model.parameters.items()}
    states: dict[str, dict[str, Any]] = {n: {} for n in params}
    for step, (X, t) in enumerate(batches(), 1):
        _, gradients = model.loss_and_gradients(X, t)
        for n, g in gradients.items():
            params[n] = paper(params[n], g, states[n], step)
        model.update(gradients)
        for n, p in params.items():
            assert np.allclose(model.parameters[n], p, rtol=1e-9, atol=1e-12), (n, step)


SCHEDULES: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "step": (
        "schedule falls(base, every, factor=0.1) { rate = base * factor**((step - 1) // every) }",
        "falls(0.1, every=7, factor=0.5)",
        lambda o: rates.StepLR(o, 7, gamma=0.5),
    ),
    "exponential": (
        "schedule fades(base, factor) { rate = base * factor**(step - 1) }",
        "fades(0.1, factor=0.9)",
        lambda o: rates.ExponentialLR(o, 0.9),
    ),
    "cosine with warm up": (
        """schedule waves(base, warmup=8) {
  progress = (step - 1 - warmup) / (steps - warmup)
  fall     = base * (1 + cos(pi * progress)) / 2
  rate     = where(step <= warmup, base * step / warmup, fall)
}""",
        "waves(0.1)",
        lambda o: rates.SequentialLR(
            o,
            [
                rates.LinearLR(o, start_factor=1 / 8, total_iters=7),
                rates.CosineAnnealingLR(o, STEPS - 8),
            ],
            milestones=[8],
        ),
    ),
    "one cycle": (
        """schedule cycle(most, part=0.3, first=25, last=10000) {
  top    = part * steps - 1
  up     = (step - 1) / top
  down   = (step - 1 - top) / (steps - 1 - top)
  least  = most / first
  climb  = most + (least - most) * (1 + cos(pi * up)) / 2
  fall   = least / last + (most - least / last) * (1 + cos(pi * down)) / 2
  rate   = where(step - 1 <= top, climb, fall)
}""",
        "cycle(0.1)",
        lambda o: rates.OneCycleLR(o, 0.1, total_steps=STEPS, cycle_momentum=False),
    ),
    "inverse square root": (  # Vaswani et al. 2017, section 5.3
        """schedule transformer(width, warmup=10) {
  rate = minimum(1 / sqrt(step), step * warmup**-1.5) / sqrt(width)
}""",
        "transformer(64)",
        lambda o: rates.LambdaLR(
            o, lambda n: 10 * 64**-0.5 * min((n + 1) ** -0.5, (n + 1) * 10**-1.5)
        ),
    ),
}


@pytest.mark.parametrize("optimize", [False, True], ids=["plain", "optimized"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_give_the_rates_of_pytorch(name: str, optimize: bool) -> None:
    words, word, make = SCHEDULES[name]
    model = loaded(words, f"sgd(lr={word})", optimize=optimize)
    p = torch.zeros(1, requires_grad=True)
    theirs = optim.SGD([p], lr=0.1)
    schedule = make(theirs)
    for step in range(1, STEPS + 1):
        rate = theirs.param_groups[0]["lr"]
        assert math.isclose(model.namespace["learning_rate"](step), rate, rel_tol=1e-12), step
        theirs.step()
        schedule.step()
    params = {n: a.copy() for n, a in model.parameters.items()}
    (X, t), *_ = batches()
    _, gradients = model.loss_and_gradients(X, t)
    model.update(gradients)
    for n, before in params.items():
        first = model.namespace["learning_rate"](1)
        assert np.allclose(model.parameters[n], before - first * gradients[n], rtol=1e-12)


INITIALIZERS = {
    "normal": ("initializer own { w = normal(0.5, 0.1) }", "normal", (0.5, 0.1)),
    "he": (
        "initializer own { w = normal(0, sqrt(2 / fan_in)) }",
        "normal",
        (0, math.sqrt(2 / 300)),
    ),
    "glorot": (
        """initializer own(gain=1) {
  limit = gain * sqrt(6 / (fan_in + fan_out))
  w     = uniform(-limit, limit)
}""",
        "uniform",
        (-math.sqrt(6 / 500), math.sqrt(6 / 500)),
    ),
    "of PyTorch": (
        "initializer own { w = uniform(-1, 1) / sqrt(fan_in) }",
        "uniform",
        (-math.sqrt(1 / 300), math.sqrt(1 / 300)),
    ),
}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers_draw_from_their_distributions(name: str) -> None:
    words, kind, (a, b) = INITIALIZERS[name]
    page = f"{words}\nnetwork {{ input(300); dense(200, init=own) }}\n"
    W = nndsl.load("page", text=page).parameters["W1"].astype(float).ravel()
    if kind == "uniform":
        u = (W - a) / (b - a)
        assert u.min() >= 0
        assert u.max() <= 1
    else:
        u = np.array([0.5 * (1 + math.erf((w - a) / b / math.sqrt(2))) for w in W])
    ordered, n = np.sort(u), len(u)
    distance = np.abs(ordered - (np.arange(n) + 0.5) / n).max()
    assert distance < 2 / math.sqrt(n), "Kolmogorov and Smirnov, far beyond one in a thousand"
