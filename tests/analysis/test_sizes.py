"""The operations that are counted, and those that happen where the script is run."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source

EXAMPLES = 3


class Counting(np.ndarray[Any, Any]):
    """An array that counts the multiplications in products of matrices."""

    multiplications = 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [x.view(np.ndarray) if isinstance(x, Counting) else x for x in inputs]
        if "out" in options:
            options["out"] = tuple(np.asarray(x) for x in options["out"])
        made = getattr(ufunc, method)(*plain, **options)
        if ufunc is np.matmul:
            Counting.multiplications += made.size * plain[0].shape[-1]
        return made.view(Counting) if isinstance(made, np.ndarray) else made


@pytest.mark.parametrize(
    "layers",
    [
        "input(5); dense(4); relu; dense(3)",
        "input(2, 8, 7); conv2d(4, kernel=3, stride=2, padding=same); max_pool(2)",
        "input(4, 8, 7); conv2d(6, kernel=3, groups=2); batch_norm; flatten; dense(2)",
        "input(4, 9); conv1d(6, kernel=3, stride=2)",
        "input(6, tokens=5); embedding(4); positional_embedding; dense(3)",
        "input(6, tokens=5); embedding(4); layer_norm; self_attention(heads=2)",
        "input(6, tokens=5); embedding(4); rnn(3)",
        "input(6, tokens=5); embedding(4); lstm(3, output=all); dense(2)",
        "input(6, tokens=5); embedding(4); gru(3); dense(2)",
        "input(6, 4); self_attention(heads=4, causal=true)",
    ],
)
def test_what_is_counted_happens(layers: str, tmp_path: Path) -> None:
    text = f"network {{ {layers} }}"
    diagnostics = Diagnostics()
    graph = analyse(Source("net.nn", text), diagnostics).graph
    diagnostics.raise_if_failed()
    assert graph is not None
    spec = tmp_path / "net.nn"
    spec.write_text(text, "utf-8")
    model = nndsl.load(spec)
    for name, array in model.parameters.items():
        model.parameters[name] = array.view(Counting)
    shape = (EXAMPLES, *graph.input.shape)
    kind = np.int64 if "tokens" in layers else np.float32
    X = (np.arange(math.prod(shape)) % 5).reshape(shape).astype(kind)
    Counting.multiplications = 0
    model.predict(X)
    assert Counting.multiplications * 2 == EXAMPLES * graph.forward_flops
