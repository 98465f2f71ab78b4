"""Data read as a script reads it: by the text that a word or its description gives."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nndsl.statements import parse_text
from nndsl.vocabulary.dataset import Data

Load = Callable[..., SimpleNamespace]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """A function from a word to what its text writes, and the description of the data."""

    def load(word: Data, dtype: type = np.float64, folder: Path = tmp_path) -> SimpleNamespace:
        known = word.describe(folder)
        paths = word.fetch(folder)
        names = {name: getattr(word, name) for name in type(word).model_fields}
        names |= {module: importlib.import_module(module) for module in type(word).modules}
        names |= dict(known.settings) | paths
        names |= {"np": np, "math": math, "dtype": dtype, "rng": np.random.default_rng(0)}
        for statement in parse_text(known.read or word.read):
            exec(statement.text, names)
        assert names["X"].dtype == dtype
        assert len(names["X"]) == len(names["t"])
        if known.examples is not None:
            assert known.examples == len(names["X"])
        assert names["X"].shape[1:] == known.shape
        if known.outputs is None:
            assert names["t"].dtype == np.int64
            assert names["t"].shape == (len(names["X"]),)
            assert names["t"].min() >= 0
            assert known.classes is None or names["t"].max() < known.classes
        else:
            assert names["t"].dtype == dtype
            assert names["t"].shape == (len(names["X"]), known.outputs)
        return SimpleNamespace(known=known, **names)

    return load
