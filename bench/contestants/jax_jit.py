"""JAX: forward, backward and optimizer in one compiled function that reuses its memory."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.contestants import Step
from bench.networks import DenseNetwork

ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jnp.tanh}
Tree = dict[str, Any]


def parameters(network: DenseNetwork) -> Tree:
    """Return the arrays of the network, by names that tell what they are."""
    rng = np.random.default_rng(0)
    made: Tree = {}
    hidden = len(network.sizes) - 2
    for number, (n, m) in enumerate(zip(network.sizes, network.sizes[1:], strict=False)):
        made[f"W{number}"] = jnp.asarray(rng.normal(0, math.sqrt(2 / n), (n, m)), jnp.float32)
        if network.normalized and number < hidden:
            made[f"gamma{number}"], made[f"beta{number}"] = jnp.ones(m), jnp.zeros(m)
        else:
            made[f"b{number}"] = jnp.zeros(m)
    return made


def states(network: DenseNetwork) -> Tree:
    """Return the running statistics of batch normalisation."""
    if not network.normalized:
        return {}
    hidden = list(enumerate(network.sizes[1:-1]))
    means = {f"mean{number}": jnp.zeros(m) for number, m in hidden}
    return means | {f"var{number}": jnp.ones(m) for number, m in hidden}


def loss(network: DenseNetwork, p: Tree, state: Tree, key: Any, x: Any, t: Any) -> tuple[Any, Tree]:
    """Return the loss of a batch, and the running statistics after it."""
    last = len(network.sizes) - 2
    new = {}
    for number in range(last + 1):
        x = x @ p[f"W{number}"]
        if f"b{number}" in p:
            x = x + p[f"b{number}"]
        if number == last:
            break
        if network.normalized:
            mean, var = x.mean(axis=0), x.var(axis=0)
            new[f"mean{number}"] = 0.9 * state[f"mean{number}"] + 0.1 * mean
            new[f"var{number}"] = 0.9 * state[f"var{number}"] + 0.1 * var
            x = (x - mean) * jax.lax.rsqrt(var + 1e-5)
            x = x * p[f"gamma{number}"] + p[f"beta{number}"]
        x = ACTIVATIONS[network.activation](x)
        if network.normalized:
            key, own = jax.random.split(key)
            keep = 1 - network.drop
            x = jnp.where(jax.random.bernoulli(own, keep, x.shape), x / keep, 0.0)
    if network.table:
        return ((x - t) ** 2).mean(), new
    return -jnp.take_along_axis(jax.nn.log_softmax(x), t[:, None], axis=1).mean(), new


def build(network: DenseNetwork) -> Step:
    """Return a step of JAX."""
    rate = network.rate

    def stepped(p: Tree, m: Tree, v: Tree, state: Tree, key: Any, k: Any, x: Any, t: Any) -> Any:
        key, own = jax.random.split(key)
        differentiated = jax.value_and_grad(loss, argnums=1, has_aux=True)
        (value, state), g = differentiated(network, p, state, own, x, t)
        if network.optimizer == "sgd":
            return jax.tree.map(lambda a, d: a - rate * d, p, g), m, v, state, key, value
        m = jax.tree.map(lambda a, d: 0.9 * a + 0.1 * d, m, g)
        v = jax.tree.map(lambda a, d: 0.999 * a + 0.001 * d * d, v, g)
        c1, c2 = 1 - 0.9**k, 1 - 0.999**k
        p = jax.tree.map(lambda a, b, c: a - rate * (b / c1) / (jnp.sqrt(c / c2) + 1e-8), p, m, v)
        return p, m, v, state, key, value

    compiled = jax.jit(stepped, donate_argnums=(0, 1, 2, 3, 4))
    p = parameters(network)
    held = [p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), states(network)]
    held.append(jax.random.key(0))
    X, t = (np.asarray(array) for array in network.data)
    t = t if network.table else t.astype(np.int32)
    batches = network.batches

    def step(number: int) -> None:
        batch = batches[number % len(batches)]
        *held[:], value = compiled(*held, np.float32(number + 1), X[batch], t[batch])
        if not math.isfinite(float(value)):
            raise FloatingPointError

    return step
