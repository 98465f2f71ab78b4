"""Statements of scripts as equations."""

from __future__ import annotations

import pytest

from nndsl.ir import parse_text
from nndsl.ir.latex import Typesetter, folded
from nndsl.vocabulary.letters import LETTERS, NUMBERS

NAMES = "X W1 b1 Z1 Z2 log_P x y x_hat gamma1 m v h h_n W_h2 R2 t".split()
CONSTANTS = "LEARNING_RATE BETA1 ADAM_EPSILON HIDDEN L2".split()
EQUATIONS = {
    "Z1 = X @ W1 + b1": r"Z_{1} = X\, W_{1} + b_{1}",
    "dW1 = X.T @ dZ1": r"\frac{\partial L}{\partial W_{1}} = "
    r"X^{\top}\, \frac{\partial L}{\partial Z_{1}}",
    "db1 = dZ1.sum(axis=0)": r"\frac{\partial L}{\partial b_{1}} = "
    r"\sum_{n} \left(\frac{\partial L}{\partial Z_{1}}\right)_{n}",
    "loss = -log_P[np.arange(N), t].mean()": r"L = -\frac{1}{N} "
    r"\sum_{n} (\log P)_{n,\, t_{n}}",
    "y = gamma1 * x_hat": r"y = \gamma_{1} \odot \hat{x}",
    "dx = dy * (x > 0)": r"\frac{\partial L}{\partial x} = "
    r"\frac{\partial L}{\partial y} \odot \mathbf{1}\left[x > 0\right]",
    "var = (x * x).mean(axis=0)": r"\sigma^{2} = \frac{1}{N} \sum_{n} x_{n}^{2}",
    "y = (x - m) / (2 * v)": r"y = \frac{x - m}{2 \, v}",
    "y = x - (m - v)": r"y = x - (m - v)",
    "y = (x + m) * LEARNING_RATE": r"y = (x + m) \, \eta",
    "y = np.where(x > 0, x, 0)": r"y = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} "
    r"\end{cases}",
    "params[name] -= LEARNING_RATE * m[name] / (np.sqrt(v[name]) + ADAM_EPSILON)": r"\theta "
    r"\leftarrow \theta - \frac{\eta \, m}{\sqrt{v} + \varepsilon}",
    "m[name] += (1 - BETA1) * (g - m[name])": r"m \leftarrow m + "
    r"(1 - \beta_{1}) \, (g - m)",
    "h[t] = np.tanh(h[t - 1] @ W_h2)": r"h_{t} = \tanh(h_{t - 1}\, W_{h,2})",
    "penalty = 0.5 * L2 * sum((w * w).sum() for w in (W1, W2))": r"R = 0.5 \, \lambda_{2} \, "
    r"\left(\sum_{w \in (W_{1},\, W_{2})} \left\|w\right\|^{2}\right)",
    "y, cache_y = batch_norm(x, gamma1)": r"y = \text{batch norm}(x,\, \gamma_{1})",
    "dR2_part = y": r"\left(\frac{\partial L}{\partial R_{2}}\right)_{\text{part}} = y",
    "width = HIDDEN // 4": r"\text{width} = \frac{\text{hidden}}{4}",
    "dx = col2im(dy, x.shape, h, 1)": r"\frac{\partial L}{\partial x} = "
    r"\text{col2im}\left(\frac{\partial L}{\partial y},\, h,\, 1\right)",
    "first = (x == y) & ~t": r"\text{first} = \mathbf{1}\left[x = y \land \lnot t\right]",
    "m = (x | y) & t": r"m = \mathbf{1}\left[(x \lor y) \land t\right]",
    "t |= first": r"t \leftarrow \mathbf{1}\left[t \lor \text{first}\right]",
    "dZ1 = x / x.size": r"\frac{\partial L}{\partial Z_{1}} = "
    r"\frac{x}{\operatorname{size}(x)}",
    "dX_hat = y": r"\frac{\partial L}{\partial \hat{X}} = y",
    "y = 1e-7 * x": r"y = 10^{-7} \, x",
    "for t in reversed(range(1, T + 1)):\n    pass": r"t = T,\, \dots,\, 1",
}


@pytest.mark.parametrize(("text", "equation"), EQUATIONS.items(), ids=EQUATIONS)
def test_a_statement_as_an_equation(text: str, equation: str) -> None:
    typesetter = Typesetter([*NAMES, "dR2"], CONSTANTS, letters=LETTERS, numbers=NUMBERS)
    (made,) = parse_text(text)
    assert typesetter.equation(made.node) == equation


@pytest.mark.parametrize(
    "text", ['kept = {"W1": x}', "N = len(x)", "x, y = cache", 'print(f"{x}")', "pass"]
)
def test_what_is_no_mathematics_has_no_equation(text: str) -> None:
    (made,) = parse_text(text)
    assert Typesetter(NAMES).equation(made.node) == ""


def test_what_is_made_in_place_is_one_equation() -> None:
    text = """
        dZ2 = np.exp(log_P)
        dZ2[np.arange(N), t] -= 1
        dZ2 /= N
        db = dZ2.sum(axis=0)
    """
    counts, nodes = zip(*folded([made.node for made in parse_text(text)]), strict=True)
    assert counts == (3, 1)
    assert Typesetter(NAMES).equation(nodes[0]) == (
        r"\frac{\partial L}{\partial Z_{2}} = \frac{P - \text{one hot}(t)}{N}"
    )
