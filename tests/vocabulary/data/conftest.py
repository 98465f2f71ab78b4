"""Data read as a script reads it: by the text that a word or its description gives."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from math import prod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nndsl.data import Description
from nndsl.ir import parse_text
from nndsl.shapes import Tokens, places
from nndsl.vocabulary.dataset import Data

Load = Callable[..., SimpleNamespace]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """A function from a word to what its text writes, and the description of the data."""

    def names(
        word: Data, known: Description, folder: Path, dtype: type = np.float64
    ) -> dict[str, Any]:
        names = {name: getattr(word, name) for name in type(word).model_fields}
        for module in word.modules:
            importlib.import_module(module)
            names[module.partition(".")[0]] = sys.modules[module.partition(".")[0]]
        names |= dict(known.settings) | word.fetch(folder)
        return names | {"np": np, "math": math, "dtype": dtype, "rng": np.random.default_rng(0)}

    def read(word: Data, known: Description, names: dict[str, Any]) -> None:
        for statement in parse_text(known.read or word.read):
            exec(statement.text, names)

    def load(word: Data, dtype: type = np.float64, folder: Path = tmp_path) -> SimpleNamespace:
        known = word.describe(folder)
        found = names(word, known, folder, dtype)
        read(word, known, found)
        assert found["X"].dtype == (np.int64 if isinstance(known.shape, Tokens) else dtype)
        assert len(found["X"]) == len(found["t"])
        if known.examples is not None:
            assert known.examples == len(found["X"])
        assert found["X"].shape[1:] == known.shape
        if known.outputs is None:
            assert found["t"].dtype == np.int64
            targets = (prod(places(known.shape)),) if known.per_position else ()
            assert found["t"].shape == (len(found["X"]), *targets)
            assert found["t"].min() >= 0
            assert known.classes is None or found["t"].max() < known.classes
        else:
            assert found["t"].dtype == dtype
            assert found["t"].shape == (len(found["X"]), known.outputs)
        return SimpleNamespace(known=known, **found)

    load.names, load.read = names, read  # type: ignore[attr-defined]
    return load
