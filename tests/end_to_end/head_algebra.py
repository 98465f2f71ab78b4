"""Evaluates the formulas in the head of a script, as a reader with a blackboard would.

A product is written by standing side by side: of matrices where the right one is a weight, a
transpose or a stack of matrices that fits, else number by number. A word before a bracket without
a space is a function. h[t-1] is the h of the step before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = Any
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|\w+(?:\[t-1\])?|\^T|[-+/^()|,\[\]])(\()?")


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def cross_entropy(p: Array, t: Array) -> Array:
    """Return the mean of -log of the probabilities of classes, or of rows of parts of them."""
    target = np.eye(p.shape[1])[t.ravel()] if t.dtype.kind in "iu" else t
    return -(target * np.log(p)).sum(axis=1).mean()


def binary_cross_entropy(p: Array, t: Array) -> Array:
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


def huber(e: Array, delta: float) -> Array:
    return np.array(
        [a * a / 2 if abs(a) <= delta else delta * (abs(a) - delta / 2) for a in e.ravel()]
    )


def multiclass_hinge(x: Array, t: Array, margin: float) -> Array:
    """Return the mean over examples of what each other class has too much, one by one."""
    costs = [
        sum(max(0, score - row[own] + margin) for j, score in enumerate(row) if j != own)
        for row, own in zip(x, t, strict=True)
    ]
    return np.mean(costs)


def padded(x: Array, padding: Any, stride: int, span: int, **how: Any) -> Array:
    """Return images or signals with padding around them, for windows of this span."""
    around = []
    for length in x.shape[2:]:
        zeros = 2 * int(padding) if padding != "same" else 0
        if padding == "same":
            zeros = max(0, (-(-length // stride) - 1) * stride + span - length)
        around.append((zeros // 2, zeros - zeros // 2))
    return np.pad(x, [(0, 0), (0, 0), *around], **how)


def conv(
    x: Array, W: Array, stride: int = 1, padding: Any = 0, groups: int = 1, dilation: int = 1
) -> Array:
    """Return the sums of each filter at each place, one by one."""
    spans = [dilation * (k - 1) + 1 for k in W.shape[2:]]
    x = padded(x, padding, stride, spans[0])
    places = [(n - span) // stride + 1 for n, span in zip(x.shape[2:], spans, strict=True)]
    y = np.zeros((len(x), len(W), *places))
    seen, own = x.shape[1] // groups, len(W) // groups
    for example, filter_, *place in np.ndindex(*y.shape):
        first = filter_ // own * seen
        window = tuple(
            slice(p * stride, p * stride + span, dilation)
            for p, span in zip(place, spans, strict=True)
        )
        part = x[(example, slice(first, first + seen), *window)]
        y[(example, filter_, *place)] = (part * W[filter_]).sum()
    return y


def conv_transposed(x: Array, W: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """Return what the filters add up to that each place puts down, one by one."""
    stride, sizes = int(stride), W.shape[2:]
    spread = [stride * (n - 1) + k for n, k in zip(x.shape[2:], sizes, strict=True)]
    y = np.zeros((len(x), W.shape[1], *spread))
    for example, channel, *place in np.ndindex(*x.shape):
        at = tuple(slice(p * stride, p * stride + k) for p, k in zip(place, sizes, strict=True))
        y[(example, slice(None), *at)] += x[(example, channel, *place)] * W[channel]
    total = sizes[0] - stride if padding == "same" else 2 * int(padding)
    for axis, length in enumerate(spread, 2):
        y = y.take(range(total // 2, length - (total - total // 2)), axis=axis)
    return y


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "softmax": softmax,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "max": np.maximum,
    "min": np.minimum,
    "mean": np.mean,
    "sum": lambda x: x.sum(axis=1, keepdims=True),
    "huber": huber,
    "pinball": lambda e, quantile: np.maximum((1 - quantile) * e, -quantile * e),
    "multiclass_hinge": multiclass_hinge,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "concat": lambda heads: heads.transpose(0, 2, 1, 3).reshape(-1, heads[0, :, 0].size),
    "last": lambda h: h[-1],
}


def aligned(left: Array, right: Array) -> tuple[Array, Array]:
    """Lay out rows (N T, F), one for each position of each example, as what they are added to is.

    That is (T, N, F) in a recurrence, or (T, F), the same for each example.
    """
    shapes = np.shape(left), np.shape(right)
    if len(shapes[0]) in (2, 3) and len(shapes[1]) == 3 and shapes[0][:-1] != shapes[1][:-1]:
        steps, count, _ = shapes[1]
        return left.reshape(count, steps, -1).transpose(1, 0, 2), right
    if len(shapes[0]) == len(shapes[1]) == 2 and shapes[0][0] > shapes[1][0] > 1:
        return left, np.tile(right, (shapes[0][0] // shapes[1][0], 1))
    return left, right


class Formula:
    """The right-hand side of an equation, over values by name; `matrices` are weights."""

    def __init__(self, text: str, values: Mapping[str, Any], matrices: set[str]) -> None:
        text = text.replace("cross-entropy", "cross_entropy").replace("binary-", "binary_")
        self.tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            assert found is not None, f"cannot be read from {text[at:]!r} on: {text}"
            self.tokens.append(found[1])
            is_call = found[2] and not text[at : found.end()].rstrip("(").endswith(" ")
            at = found.end(1)
            if is_call and found[1] in {*FUNCTIONS, "one_hot"}:
                self.tokens[-1] += "("
                at += 1
        self.values, self.matrices = values, matrices

    def value(self) -> Array:
        result = self._sum()
        assert not self.tokens, f"left over: {self.tokens}"
        return result

    def _next(self, *wanted: str) -> str:
        token = self.tokens.pop(0)
        assert not wanted or token in wanted, f"expected {wanted}, found {token}"
        return token

    def _peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def _sum(self) -> Array:
        total = self._product()
        while self._peek() in ("+", "-"):
            sign = self._next()
            total, right = aligned(total, self._product())
            total = total + right if sign == "+" else total - right
        return total

    def _product(self) -> Array:
        result, _ = self._power()
        while (token := self._peek()) and token not in ("+", "-", ")", "]", ",", "|"):
            if token == "/":
                self._next()
                result = result / self._power()[0]
                continue
            right, is_matrix = self._power()
            result = self._times(result, right, is_matrix)
        return result

    def _times(self, left: Array, right: Array, is_matrix: bool) -> Array:
        shapes = np.shape(left), np.shape(right)
        stacked = len(shapes[0]) == len(shapes[1]) == 4
        if is_matrix or (stacked and shapes[0] != shapes[1]):
            if len(shapes[0]) == 4 and len(shapes[1]) == 2:  # one head
                left = FUNCTIONS["concat"](left)
            return left @ right
        return left * right

    def _power(self) -> tuple[Array, bool]:
        base, is_matrix = self._atom()
        while self._peek() in ("^", "^T"):
            if self._next() == "^T":
                base, is_matrix = np.swapaxes(base, -1, -2), True
            else:
                base = base ** float(self._next())
        return base, is_matrix

    def _atom(self) -> tuple[Array, bool]:
        token = self._next()
        if token == "(":
            inner = self._sum()
            self._next(")")
            return inner, False
        if token == "|":
            inner = self._sum()
            self._next("|")
            return np.abs(inner), False
        if token == "[":
            parts = self._arguments("]")
            return np.concatenate(parts, axis=1), False
        if token == "sum":
            return self._summed(), False
        if token.endswith("("):
            arguments = self._arguments(")")
            if token == "one_hot(":
                return np.eye(int(self.values["classes"]))[arguments[0].ravel()], False
            return FUNCTIONS[token[:-1]](*arguments), False
        if token[0].isdigit():
            return float(token), False
        if token == "pi":
            return np.pi, False
        assert token in self.values, f"nobody says what {token} is"
        return self.values[token], token in self.matrices

    def _summed(self) -> float:
        """`sum |W|` or `sum W^2`, over all weights that W stands for."""
        is_absolute = self._peek() == "|"
        name = [self._next() for _ in range(3)][is_absolute]
        parts = self.values[name] if name == "W" else [self.values[name]]
        return float(sum((np.abs(w) if is_absolute else w * w).sum() for w in parts))

    def _arguments(self, end: str) -> list[Array]:
        parts = [self._sum()]
        while self._peek() == ",":
            self._next()
            parts.append(self._sum())
        self._next(end)
        return parts
