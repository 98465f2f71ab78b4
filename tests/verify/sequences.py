"""PyTorch's layers of positions, over arrays as nndsl's texts lay them out."""

from __future__ import annotations

import math
from typing import Any

import pytest
from execution import N

torch: Any = pytest.importorskip("torch", reason="comes with the extra verify; CI demands it")


def embedding(layer: Any, x: Any, W: Any) -> Any:
    return torch.nn.functional.embedding(x, W).reshape(-1, layer.features)


def positional_embedding(layer: Any, x: Any, W: Any = None) -> Any:
    features = x.shape[-1]
    placed = x.reshape(N, -1, features)
    if W is None:
        waves = torch.zeros(placed.shape[1], features, dtype=torch.float64)
        for position in range(placed.shape[1]):
            for pair in range(0, features, 2):
                angle = position / 10_000 ** (pair / features)
                waves[position, pair] = math.sin(angle)
                if pair + 1 < features:
                    waves[position, pair + 1] = math.cos(angle)
        W = waves
    return (placed + W).reshape(-1, features)


def self_attention(layer: Any, x: Any, W_qkv: Any, b_qkv: Any, W_out: Any, b_out: Any) -> Any:
    features = W_out.shape[0]
    parts = torch.nn.functional.linear(x.reshape(N, -1, features), W_qkv.T, b_qkv)
    heads = [
        part.reshape(N, -1, layer.heads, features // layer.heads).transpose(1, 2)
        for part in parts.chunk(3, dim=2)
    ]
    attend = torch.nn.functional.scaled_dot_product_attention
    mixed = attend(*heads, is_causal=layer.causal).transpose(1, 2).reshape(-1, features)
    return torch.nn.functional.linear(mixed, W_out.T, b_out)


def in_torch_order(array: Any) -> Any:
    """Return the columns of an LSTM's gates i, f, o, g in PyTorch's order i, f, g, o."""
    i, f, o, g = array.chunk(4, dim=-1)
    return torch.cat([i, f, g, o], dim=-1)


def _recurrent(module: Any, layer: Any, *given: Any) -> Any:
    x, *states, W_x, W_h, b_x, b_h = given
    made = module(W_x.shape[0], layer.units, batch_first=True, dtype=torch.float64)
    parameters = {
        "weight_ih_l0": W_x.T,
        "weight_hh_l0": W_h.T,
        "bias_ih_l0": b_x,
        "bias_hh_l0": b_h,
    }
    inputs = x.reshape(N, -1, W_x.shape[0])
    begins = tuple(state[None] for state in states)
    if begins and module is torch.nn.LSTM:
        h, c = begins[0][..., : layer.units], begins[0][..., layer.units :]
        begins = ((h.contiguous(), c.contiguous() if c.numel() else torch.zeros_like(h)),)
    y, last = torch.func.functional_call(made, parameters, (inputs, *begins))
    if layer.output == "state":
        return torch.cat([last[0][0], last[1][0]], dim=1)
    return y[:, -1] if layer.output == "last" else y.reshape(-1, layer.units)


def rnn(layer: Any, *given: Any) -> Any:
    return _recurrent(torch.nn.RNN, layer, *given, torch.zeros_like(given[-1]))


def lstm(layer: Any, *given: Any) -> Any:
    *inputs, W_x, W_h, b = given
    shift = torch.zeros_like(b)
    shift[layer.units : 2 * layer.units] = layer.forget_bias
    return _recurrent(torch.nn.LSTM, layer, *inputs, *map(in_torch_order, (W_x, W_h, b)), shift)


def gru(layer: Any, *given: Any) -> Any:
    return _recurrent(torch.nn.GRU, layer, *given)


def cross_attention(layer: Any, x: Any, memory: Any, *given: Any) -> Any:
    features = x.shape[-1]
    q, k, v = x, memory, memory
    if layer.projections:
        W_q, b_q, W_kv, b_kv, W_out, b_out = given
        q = x @ W_q + b_q
        k, v = (memory @ W_kv + b_kv).chunk(2, dim=1)
    heads = [
        part.reshape(N, -1, layer.heads, features // layer.heads).transpose(1, 2)
        for part in (q, k, v)
    ]
    attend = torch.nn.functional.scaled_dot_product_attention
    mixed = attend(*heads, scale=None if layer.scaled else 1.0)
    mixed = mixed.transpose(1, 2).reshape(-1, features)
    return mixed @ W_out + b_out if layer.projections else mixed


def reverse(layer: Any, x: Any) -> Any:
    features = x.shape[-1]
    return x.reshape(N, -1, features).flip(1).reshape(-1, features)


def pool_positions(layer: Any, x: Any) -> Any:
    table = x.reshape(N, -1, x.shape[-1])
    if layer.by in ("first", "last"):
        return table[:, 0 if layer.by == "first" else -1]
    return table.mean(dim=1) if layer.by == "mean" else table.max(dim=1).values
