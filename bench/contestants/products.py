"""The floor: the matrix products of a network alone, into memory that is there."""

from __future__ import annotations

import numpy as np

from bench.contestants import Step
from bench.networks import DenseNetwork


def build(network: DenseNetwork) -> Step:
    """Return the products of a step: forward, gradients of the weights, gradients of inputs."""
    rng, dtype = np.random.default_rng(0), np.float32
    pairs = list(zip(network.sizes, network.sizes[1:], strict=False))
    A = [rng.random((network.batch, n), dtype=dtype) for n in network.sizes]
    W = [rng.random(pair, dtype=dtype) for pair in pairs]
    D = [rng.random((network.batch, m), dtype=dtype) for _, m in pairs]
    Z, dA = [np.empty_like(d) for d in D], [np.empty_like(a) for a in A]
    dW = [np.empty_like(w) for w in W]

    def step(number: int) -> None:
        for a, w, z in zip(A, W, Z, strict=False):
            np.dot(a, w, out=z)
        for at in reversed(range(len(W))):
            np.dot(A[at].T, D[at], out=dW[at])
            if at:
                np.dot(D[at], W[at].T, out=dA[at])

    return step
