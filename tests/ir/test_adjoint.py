"""Derived backward passes, as they are read."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from nndsl.ir import parse_text
from nndsl.ir.adjoint import derive
from nndsl.ir.derivatives import NotDifferentiable
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.values import Value

N = Rows()
X: Dimensions = (N, 6)


def passes(
    forward: str, wanted: str, output: str = "y", /, **shapes: Dimensions
) -> tuple[str, str]:
    known = {name: Value(shape) for name, shape in shapes.items()}
    found = derive(parse_text(textwrap.dedent(forward)), wanted.split(), known, output)
    return (
        "\n".join(statement.text for statement in found.forward),
        "\n".join(statement.text for statement in found.backward),
    )


def backward(forward: str, wanted: str, output: str = "y", /, **shapes: Dimensions) -> str:
    return passes(forward, wanted, output, **shapes)[1]


@pytest.mark.parametrize(
    ("forward", "dx"),
    [
        ("y = np.tanh(x)", "dy * (1 - y * y)"),
        ("y = np.maximum(0, x)", "dy * (x > 0)"),
        ("y = sigmoid(x)", "dy * y * (1 - y)"),
        ("y = np.exp(x)", "dy * y"),
        ("y = x * x", "2 * dy * x"),
        ("y = x**3 - 2 * x", "dy * (3 * x * x - 2)"),
        ("y = np.where(x > 0, x, slope * x)", "np.where(x > 0, dy, dy * slope)"),
        ("y = np.maximum(x, -x)", "dy * np.sign(x)"),
        ("y = 1 / x", "-dy * y / x"),
        ("y = softmax(x)", "y * (dy - (dy * y).sum(axis=-1, keepdims=True))"),
        ("y = x.T.T", "dy"),
        ("y = x - x.mean(axis=1, keepdims=True)", "dy - dy.mean(axis=1, keepdims=True)"),
        ("y = x.sum(axis=1, keepdims=True)", "np.broadcast_to(dy, x.shape)"),
        ("y = np.concatenate([x, 2 * x], axis=1)", "dy[:, 0:6] + 2 * dy[:, 6:12]"),
        ("y = np.clip(x, 0, 6)", "dy * ((0 <= x) & (x <= 6))"),
    ],
)
def test_one_line(forward: str, dx: str) -> None:
    assert backward(forward, "x", x=X, slope=()) == f"dx = {dx}"


def test_what_the_backward_pass_reads_gets_a_name() -> None:
    assert passes("y = x * sigmoid(beta * x)", "x", x=X, beta=()) == (
        "gate = sigmoid(beta * x)\ny = x * gate",
        "dx = dy * (gate + beta * y * (1 - gate))",
    )


def test_names_follow_the_order_of_the_operands() -> None:
    """And not that of a set of names, which is another in each process."""
    shapes: dict[str, Dimensions] = {"a": X, "W": (6, 3), "V": (6, 3)}
    for function in ("np.maximum", "np.minimum"):
        forward, _ = passes(f"y = {function}(a @ W, a @ V)", "W V a", **shapes)
        assert forward.splitlines()[:2] == ["u = a @ W", "q = a @ V"]


def test_a_gradient_that_is_read_twice_gets_a_name() -> None:
    expected = """
        du = dy * (1 - y * y)
        dW = x.T @ du
        db = du.sum(axis=0)
        dx = du @ W.T
    """
    found = backward("y = np.tanh(x @ W + b)", "W b x", x=X, W=(6, 3), b=(3,))
    assert found == textwrap.dedent(expected).strip()


def test_no_two_names_differ_in_case_only() -> None:
    """The gradient of x @ V would be `dv`, and that of V is `dV`."""
    expected = """
        du = dy * (1 - bent * bent)
        dq = 2 * dy * q
        dW = x.T @ du
        dV = x.T @ dq
        dx = du @ W.T + dq @ V.T
    """
    found = backward("y = np.tanh(x @ W) + (x @ V)**2", "W V x", x=X, W=(6, 3), V=(6, 3))
    assert found == textwrap.dedent(expected).strip()


def test_what_is_computed_twice_gets_a_name() -> None:
    forward = "y = (x - mean) / np.sqrt(((x - mean) * (x - mean)).mean(axis=1, keepdims=True) + 1)"
    made, _ = passes(forward, "x", x=X, mean=())
    assert made.split("\n")[0] == "u = x - mean"


def test_layer_normalisation() -> None:
    """What was centred adds up to 0, and what is the same in a row stands outside of its sum."""
    forward = """
        mean = x.mean(axis=1, keepdims=True)
        centred = x - mean
        var = (centred * centred).mean(axis=1, keepdims=True)
        inv_std = 1 / np.sqrt(var + epsilon)
        x_hat = centred * inv_std
        y = gamma * x_hat + beta
    """
    expected = """
        dgamma = (dy * x_hat).sum(axis=0)
        dbeta = dy.sum(axis=0)
        dx_hat = dy * gamma
        along_x_hat = (dx_hat * x_hat).mean(axis=1, keepdims=True)
        mean_dx_hat = dx_hat.mean(axis=1, keepdims=True)
        dx = inv_std * (dx_hat - x_hat * along_x_hat - mean_dx_hat)
    """
    found = backward(forward, "gamma beta x", x=X, gamma=(6,), beta=(6,), epsilon=())
    assert found == textwrap.dedent(expected).strip()


def test_a_loss_begins_with_1() -> None:
    forward = "error = x - t\nloss = (error * error).mean()"
    assert backward(forward, "x", "loss", x=X, t=X) == "dx = 2 * error / error.size"


def test_what_is_picked_goes_back_to_its_place() -> None:
    known = {"x": Value(X), "t": Value((N,), "int")}
    found = derive(parse_text("loss = -x[np.arange(N), t].mean()"), ["x"], known, "loss")
    assert [statement.text for statement in found.backward] == [
        "dx = np.zeros_like(x)",
        "dx[np.arange(N), t] = -1 / N",
    ]


ROWS = Value((N,), "int")


@pytest.mark.parametrize(
    ("forward", "wanted", "expected"),
    [
        (
            "loss = -log_softmax(x)[np.arange(N), t].mean()",
            "x",
            "dx = np.exp(log_P) / N; dx[np.arange(N), t] -= 1 / N",
        ),
        (
            "picked = log_softmax(x)[np.arange(N), t]; loss = (-picked * w).mean()",
            "x",
            "dx = np.exp(log_P) * (w / N)[:, None]; dx[np.arange(N), t] -= w / N",
        ),
        (
            "error = x - z; d = np.abs(error)"
            "; loss = np.where(d <= 1, error * error / 2, d - 1 / 2).mean()",
            "x",
            "dx = np.clip(error, -1, 1) / d.size",
        ),
        (
            "loss = (z * np.logaddexp(0, -x) + (1 - z) * np.logaddexp(0, x)).mean()",
            "x",
            "dx = (sigmoid(x) - z) / z.size",
        ),
        (
            "right = x[np.arange(N), t]; excess = np.maximum(0, x - right[:, None] + 1)"
            "; loss = excess.sum(axis=1).mean() - 1",
            "x",
            "dx = ((excess > 0) / N).astype(dtype); dx[np.arange(N), t] -= dx.sum(axis=1)",
        ),
        ("y = W[t]", "W", "dW = np.zeros_like(W); np.add.at(dW, t, dy)"),
        ("y = x[:, ::-1]", "x", "dx = dy[:, ::-1]"),
        (
            "y = np.maximum(0, x) + np.maximum(1, x)",
            "x",
            "dx = dy * (x > 0) + dy * (x > 1)",
        ),
        ("y = x - x", "x", "dx = np.zeros_like(x)"),
        ("loss = (2 * x).mean()", "x", "dx = np.full_like(x, 2 / x.size)"),
        ("y = x[:, 1:]", "x", "dx = np.zeros_like(x); dx[:, 1:] = dy"),
        ("y = (2 * x)[0]", "x", "du = np.zeros_like(u); du[0] = dy; dx = 2 * du"),
        (
            "y = np.where(x > 0, x, np.minimum(0, x) * w[:, None])",
            "x",
            "dx = np.where(x > 0, dy, dy * w[:, None])",
        ),
    ],
)
def test_gradients_are_short(forward: str, wanted: str, expected: str) -> None:
    known = {"x": Value(X), "z": Value(X), "w": Value((N,)), "W": Value(X), "t": ROWS}
    text = forward.replace("; ", "\n")
    output = text.split("\n")[-1].split(" = ")[0]
    found = derive(parse_text(text), [wanted], known, output)
    assert "; ".join(statement.text for statement in found.backward) == expected


def test_a_parameter_that_is_not_used_has_no_slope() -> None:
    assert backward("y = 2 * x", "W x", x=X, W=(3,)) == "dW = np.zeros_like(W)\ndx = 2 * dy"


@pytest.mark.parametrize("forward", ["y = np.flip(x)", "x = x + 1\ny = x"])
def test_what_has_no_rule_is_refused(forward: str) -> None:
    with pytest.raises(NotDifferentiable):
        backward(forward, "x", x=X)


def test_a_loop_runs_in_reverse() -> None:
    forward = """
        h = np.zeros((5, N, 3), dtype)
        for t in range(1, 5):
            h[t] = np.tanh(a[:, t - 1] + h[t - 1] @ W)
        y = h[-1]
    """
    expected = """
        da = np.zeros_like(a)
        dW = np.zeros_like(W)
        dh_next = dy
        for t in reversed(range(1, 5)):
            da[:, t - 1] = dh_next * (1 - h[t] * h[t])
            dh_next = da[:, t - 1] @ W.T
            dW += h[t - 1].T @ da[:, t - 1]   # summed over the examples and steps
    """
    found = backward(textwrap.dedent(forward), "a W", a=(N, 4, 3), W=(3, 3))
    assert found == textwrap.dedent(expected).strip()


def test_what_a_step_reads_from_behind_stays_until_all_of_it_is_read() -> None:
    """Both states of a step need those behind it: neither is overwritten before."""
    forward = """
        p, q = np.zeros((2, 3, N, 2), dtype)
        for t in range(1, 3):
            p[t] = p[t - 1] * q[t - 1] + x[:, t - 1]
            q[t] = q[t - 1] + p[t - 1] * a
        y = p[-1] + q[-1]
    """
    names = {"x": Value((N, 2, 2)), "a": Value((2,))}
    found = derive(parse_text(textwrap.dedent(forward)), ["x", "a"], names)
    rng = np.random.default_rng(0)
    x, a, dy = rng.standard_normal((4, 2, 2)), rng.standard_normal(2), rng.standard_normal((4, 2))
    text = "\n".join(s.text for s in (*found.forward, *found.backward))
    given = {"np": np, "N": 4, "x": x, "a": a, "dy": dy, "dtype": float}
    exec(text, given)
    for name, value in (("x", x), ("a", a)):
        slope = np.empty_like(value)
        for index in np.ndindex(value.shape):
            moved = [value.copy(), value.copy()]
            moved[0][index] += 1e-6
            moved[1][index] -= 1e-6
            ends = [dict(given, **{name: one}) for one in moved]
            for end in ends:
                exec("\n".join(s.text for s in found.forward), end)
            slope[index] = ((ends[0]["y"] - ends[1]["y"]) * dy).sum() / 2e-6
        np.testing.assert_allclose(given[f"d{name}"], slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("loop", "why"),
    [
        ("h[t] = h[t - 1] + h[t - 2] + x[:, t]", "one step before it"),
        ("h[t] += x[:, t]", "one value to one name"),
        ("z[t] = x[:, t]", "made before it"),
    ],
)
def test_a_loop_that_cannot_be_derived_is_refused(loop: str, why: str) -> None:
    forward = f"h = np.zeros((5, N, 3), dtype)\nfor t in range(1, 5):\n    {loop}\ny = h[-1]"
    with pytest.raises(NotDifferentiable, match=why):
        backward(forward, "x", x=(N, 5, 3))
