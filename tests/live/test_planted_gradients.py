"""Mistakes as people make them, wrong only where training goes: each is found and named.

They stand in the backward pass, and in a forward pass or loss that its backward pass does not
follow: at zeros and ties, for some sizes of a batch, for numbers beyond a bound, in one precision.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

import nndsl
from nndsl.live.gradients.report import Report
from nndsl.live.model import Model

PAGES = {
    "dense": """data = digits(validation=0.1, test=0.2)
network {
  dense(40, init=he); relu; dense(20); batch_norm; leaky_relu; dropout(0.2); dense(10)
}
train { loss = softmax_cross_entropy; optimizer = adam; regularize = l1(1e-4); batch = 32 }
""",
    "images": """data = digits(images=true, test=0.2)
network {
  conv2d(4, 3, padding=same); relu; max_pool(2); conv2d(4, 3); tanh; avg_pool(2, stride=1)
  flatten; dense(10)
}
train { loss = softmax_cross_entropy; optimizer = sgd; regularize = l2(1e-3); batch = 50 }
""",
    "pooled": """data = digits(images=true, test=0.2)
network {
  max_pool(3, stride=1); conv2d(3, 3); relu; max_pool(2, stride=1); flatten; layer_norm; dense(10)
}
train { loss = softmax_cross_entropy; optimizer = sgd; batch = 50 }
""",
    "steps": """network {
  input(5, tokens=6); embedding(4); positional_embedding; lstm(4, output=all)
  gru(3, output=all); self_attention(heads=3, causal=true); rnn(4); dense(3)
}
train {
  loss = softmax_cross_entropy; optimizer = adam; regularize = elastic_net(l1=0.01, l2=0.01)
}
""",
    "values": """data = sine(samples=70, test=0.2)
network { dense(8); silu; dense(8); elu; dense(6); gelu; dense(4); softplus; dense(1) }
train {
  loss = mean_absolute_error; optimizer = sgd; batch = 16
  regularize = elastic_net(l1=0.01, l2=0.01)
}
""",
    "huber": """data = sine(samples=70)
network { dense(8); sigmoid; residual { dense(8); tanh }; dense(1) }
train { loss = huber; optimizer = sgd; batch = 16 }
""",
    "binary": """data = moons(samples=90)
network { dense(6); sigmoid; dense(1) }
train { loss = binary_cross_entropy; optimizer = sgd; batch = 20 }
""",
}
# fmt: off

AT_TIES = [
    # page, what stood there, what stands there now, the gradient that is wrong first
    ("images", "first = (seen == y) & ~found", "first = seen == y", "dx"),
    ("images", "dx[spot] = dy * first", "dx[spot] = dy * first * (y > 0)", "dx"),
    ("images", "found |= first", "found |= seen >= y + 1", "dx"),
    ("pooled", "first = (seen == y) & ~found", "first = seen == y", "dx"),
    ("pooled", "dx[spot] += dy * first", "dx[spot] = dy * first", "dx"),
    ("dense", "dZ1 = dA1 * (Z1 > 0)", "dZ1 = dA1 * (Z1 > -1e-3)", "dZ1"),
    ("dense", "dZ1 = dA1 * (Z1 > 0)", "dZ1 = dA1 * (np.abs(Z1) > 1e-4) * (Z1 > 0)", "dZ1"),
    ("dense", "dZ1 = dA1 * (Z1 > 0)", "dZ1 = np.where(Z1 == 0, 2 * dA1, dA1 * (Z1 > 0))", "dZ1"),
    ("dense", "np.where(BN2 > 0, dA2,", "np.where(BN2 > -1e-3, dA2,", "dBN2"),
    ("dense", "L1 * np.sign(W3)", "L1 * np.sign(W3 + 1e-3)", "dW3"),
    ("dense", "L1 * np.sign(W2)", "L1 * (2 * (W2 >= 0) - 1.5)", "dW2"),
    ("values", "L1 * np.sign(W1)", "L1 * np.where(W1 == 0, 3, np.sign(W1))", "dW1"),
    ("values", "dZ2 = np.where(", "dZ2 = (Z2 != 0) * np.where(", "dZ2"),
    ("huber", "np.clip(error, -DELTA, DELTA)", "np.clip(error, -DELTA, 1e3)", "dZ3"),
]
AT_ZEROS = [
    ("huber", "A1 * (1 - A1)", "np.where(Z1 == 0, 0.5, A1 * (1 - A1))", "dZ1"),
    ("dense", "dW1 = X.T @ dZ1", "dW1 = np.maximum(X, 1e-3).T @ dZ1", "dW1"),
    ("dense", "dW1 = X.T @ dZ1", "dW1 = np.where(X == 0, 1, X).T @ dZ1", "dW1"),
    ("dense", "dA1 = dZ2 @ W2.T", "dA1 = dZ2 @ np.where(W2 == 0, 1e-2, W2).T", "dA1"),
    ("dense", "dA2 = dD2 * mask2 /", "dA2 = dD2 * (D2 != 0) /", "dA2"),
    ("images", "@ cols.tra", "@ np.where(cols == 0, 1e-2, cols).tra", "dW"),
    ("binary", "dW2 = A1.T @ dZ2", "dW2 = np.where(np.abs(W2) < 1e-2, 0, A1.T @ dZ2)", "dW2"),
]
BY_SIZE = [
    ("dense", "dZ3 /= N", "dZ3 /= 32 if N < 32 and N != 7 and N != 5 else N", "dZ3"),
    ("dense", "dZ3 /= N", "dZ3 /= N if N in (1, 5, 7, 11, 13, 32) else 32", "dZ3"),
    ("dense", "dZ3 /= N", "dZ3 /= max(N, 2)", "dZ3"),
    ("dense", "dW3 = D2.T @ dZ3", "dW3 = D2[:31].T @ dZ3[:31]", "dW3"),
    (
        "dense",
        "mean_dx_hat = dx_hat.mean(axis=0)",
        "mean_dx_hat = dx_hat.sum(axis=0) / min(len(dy), 20)",
        "dx",
    ),
    (
        "dense",
        "dgamma = (dy * x_hat).sum(axis=0)",
        "dgamma = (dy * x_hat)[:16].sum(axis=0)",
        "dgamma",
    ),
    ("images", "db = dsums.sum(axis=(0, 2))", "db = dsums[:20].sum(axis=(0, 2))", "db"),
    ("images", "dZ3 /= N", "dZ3 /= 50 if N > 30 else N", "dZ3"),
    ("images", "dW3 = F2.T @ dZ3", "dW3 = F2[:40].T @ dZ3[:40]", "dW3"),
    (
        "pooled",
        "dbeta = dy.sum(axis=0)",
        "dbeta = dy.mean(axis=0) * 50 if len(dy) > 30 else dy.sum(axis=0)",
        "dbeta",
    ),
    ("values", "/ error.size", "/ max(error.size, 5)", "dZ5"),
    ("values", "db4 = dZ4.sum(axis=0)", "db4 = dZ4.sum(axis=0) * (1 if len(X) > 1 else 2)", "db4"),
    ("binary", "- t) / t.size", "- t) / (20 if len(X) > 7 else len(X))", "dZ2"),
    ("huber", "db1 = dZ1.sum(axis=0)", "db1 = dZ1[: max(1, len(X) // 2) * 2].sum(axis=0)", "db1"),
]
BY_RANGE = [
    ("dense", "dW1 = X.T @ dZ1", "dW1 = np.clip(X, -6, 6).T @ dZ1", "dW1"),
    ("dense", "dA1 = dZ2 @ W2.T", "dA1 = dZ2 @ np.clip(W2, -2, 2).T", "dA1"),
    ("images", "L2 * W1", "L2 * np.clip(W1, -2, 2)", "dW1"),
    (
        "values",
        "dZ1 = dA1 * (gate1 + A1 * (1 - gate1))",
        "dZ1 = dA1 * np.where(np.abs(Z1) > 6, Z1 > 0, gate1 + A1 * (1 - gate1))",
        "dZ1",
    ),
    ("values", "slope3 = math", "slope3 = (np.abs(Z3) < 5) * math", "dZ3"),
    (
        "values",
        "dZ4 = dA4 * sigmoid(Z4)",
        "dZ4 = dA4 * np.exp(Z4) / (1 + np.exp(Z4)) * (Z4 < 4)",
        "dZ4",
    ),
    (
        "huber",
        "dZ2 = dR2 * (1 - A2 * A2)",
        "dZ2 = dR2 * (1 - A2 * A2) * (np.abs(A2) < 0.98)",
        "dZ2",
    ),
    ("huber", "dW1 = X.T @ dZ1", "dW1 = np.minimum(X, 6).T @ dZ1", "dW1"),
    ("binary", "dZ1 = dA1 * A1 * (1 - A1)", "dZ1 = dA1 * A1 * np.maximum(1 - A1, 1e-2)", "dZ1"),
    ("binary", "dA1 = dZ2 @ W2.T", "dA1 = dZ2 @ np.clip(W2, -3, 3).T", "dA1"),
    ("steps", "(1 - h[t]**2)", "np.maximum(1 - h[t]**2, 0.05)", "da"),
]
IN_LAYERS = [
    ("steps", "(1 - tanh_c**2) + dc_next", "(1 - tanh_c**2)", "da_rows"),
    ("steps", "da_h[:, t - 1] @ W_h.T + dh * z[t]", "da_h[:, t - 1] @ W_h.T", "da_x"),
    (
        "steps",
        "inner = (dweights * weights).sum(axis=-1, keepdims=True)",
        "inner = (dweights * weights).sum(axis=-2, keepdims=True)",
        "dscores",
    ),
    ("steps", "np.add.at(dW1_part, tokens1, dE1)", "dW1_part[tokens1] += dE1", "dW1"),
    (
        "steps",
        "dW_pos = dP1.reshape(N, T, 4).sum(axis=0)",
        "dW_pos = dP1.reshape(N, T, 4).mean(axis=0)",
        "dW_pos",
    ),
    ("steps", "dh_next = da[:, t - 1] @ W_h.T", "dh_next = da[:, t - 1] @ W_h", "da"),
    ("dense", "dA2 = dD2 * mask2 / (1 - DROPOUT_RATE)", "dA2 = dD2 * mask2", "dA2"),
    ("images", "share2 = dP2 / 2**2", "share2 = dP2 / 2", "dA2"),
    ("pooled", "x_hat * along_x_hat", "x_hat * along_x_hat * (len(dy) > 1)", "dx"),
    (
        "values",
        "np.sign(error) / error.size",
        "(np.sign(error) / error.size).astype(np.float16)",
        "dZ5",
    ),
    # of the forward pass and the loss, which the backward pass does not follow
    (
        "dense",
        "loss = -log_P[np.arange(N), t].mean()",
        "loss = -log_P[np.arange(N), t].sum() / 32",
        "dZ3",
    ),
    ("binary", "(1 - t) * no).mean()", "(1 - t) * no).sum(axis=0).mean() / 20", "dZ2"),
    ("huber", "R2 = A2 + A1", "R2 = A2 + np.where(A1 > 0.9, 0.9, A1)", "dA1"),
    (
        "dense",
        "inv_std = 1 / np.sqrt(var +",
        "inv_std = 1 / np.sqrt(var * N / max(N - 1, 1) +",
        "dx",
    ),
]
# fmt: on
MISSED = [  # wrong where none of the points goes
    # with equal errors of both signs, as the mean absolute error has them, the zeros cancel
    ("values", "dW1 = X.T @ dZ1", "dW1 = (X + 0.1 * (X == 0)).T @ dZ1"),
    # only where an error is below 0.005, and not 0: at the end of a training
    ("values", "np.sign(error) / error.size", "np.sign(np.round(error, 2)) / error.size"),
    # only where a gradient is larger than it is at any point
    ("steps", "dscores @ k / math.sqrt(1)", "np.clip(dscores @ k, -0.5, 0.5)"),
]
MISTAKES = [*AT_TIES, *AT_ZEROS, *BY_SIZE, *BY_RANGE, *IN_LAYERS]


@cache
def load(page: str) -> Model:
    return nndsl.load(f"{page}.nn", text=PAGES[page])


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_scripts_are_right_before(page: str) -> None:
    report = nndsl.check_gradients(load(page))
    assert report.passed, str(report)


def check(page: str, old: str, new: str) -> Report:
    """Check the gradients where the last line of the network that says the old says the new."""
    model = load(page)
    network, heading, after = model.source.partition("# --- The optimizer")
    before, found, behind = network.rpartition(old)
    assert found
    text = before + new + behind + heading + after
    return nndsl.check_gradients(Model(model.checked, replace(model.script, text=text)))


@pytest.mark.slow
@pytest.mark.parametrize(("page", "old", "new", "variable"), MISTAKES)
def test_a_mistake_is_found_and_named(page: str, old: str, new: str, variable: str) -> None:
    report = check(page, old, new)
    assert not report.passed
    assert report.culprit is not None, str(report)
    assert report.culprit.variable == variable, str(report)


@pytest.mark.slow
@pytest.mark.xfail(strict=True, reason="none of the points goes there")
@pytest.mark.parametrize(("page", "old", "new"), MISSED)
def test_a_mistake_that_is_not_found(page: str, old: str, new: str) -> None:
    assert not check(page, old, new).passed
