"""JAX: the network of specs/digits.nn until a validation accuracy, every step compiled."""

from __future__ import annotations

import math
import sys
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.programs.digits import load

SIZES = (64, 100, 100, 10)


def scores(p: list[Any], x: Any) -> Any:
    for W, b in p[:-1]:
        x = jax.nn.relu(x @ W + b)
    W, b = p[-1]
    return x @ W + b


def loss(p: list[Any], x: Any, t: Any) -> Any:
    log_P = jax.nn.log_softmax(scores(p, x))
    penalty = 0.5e-4 * sum((W * W).sum() for W, _ in p)
    return -jnp.take_along_axis(log_P, t[:, None], axis=1).mean() + penalty


@jax.jit
def step(p: Any, m: Any, v: Any, k: Any, x: Any, t: Any) -> Any:
    value, g = jax.value_and_grad(loss)(p, x, t)
    m = jax.tree.map(lambda a, d: 0.9 * a + 0.1 * d, m, g)
    v = jax.tree.map(lambda a, d: 0.999 * a + 0.001 * d * d, v, g)
    c1, c2 = 1 - 0.9**k, 1 - 0.999**k
    moved = jax.tree.map(lambda a, b, c: a - 0.001 * (b / c1) / (jnp.sqrt(c / c2) + 1e-8), p, m, v)
    return moved, m, v, value


def main() -> None:
    wanted = float(sys.argv[2])
    (X, t), (X_valid, t_valid) = load()
    rng = np.random.default_rng(0)
    p = [
        (jnp.asarray(rng.normal(0, math.sqrt(2 / n), (n, k)), jnp.float32), jnp.zeros(k))
        for n, k in pairwise(SIZES)
    ]
    m, v = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)
    judge = jax.jit(scores)
    k = 0
    for _ in range(100):
        order = rng.permutation(len(X))
        for i in range(0, len(X), 32):
            k += 1
            batch = order[i : i + 32]
            p, m, v, _ = step(p, m, v, np.float32(k), X[batch], t[batch].astype(np.int32))
        if (np.asarray(judge(p, X_valid)).argmax(axis=1) == t_valid).mean() >= wanted:
            return
    raise SystemExit("the accuracy is not reached")


main()
