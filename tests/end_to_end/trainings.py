"""Trainings of the specs, shortened: those that take long even so are left to the slow tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.source import read_source

LONG = """
    autoencoder char_lstm char_rnn every_form lenet seq_addition small_resnet tiny_gpt
""".split()

MANY_EXAMPLES = re.compile(
    r'^data = ((?:npz\("data/mnist5k|text\("data/fables).*)\)$', re.MULTILINE
)


def is_long(path: Path) -> bool:
    """Is its training, even shortened, for the slow tests?"""
    return path.stem in LONG or path.parent.name == "zoo"


def timed(paths: Iterable[Path]) -> list[Any]:
    """Return the specs as parameters of a test."""
    return [pytest.param(path, marks=[pytest.mark.slow] * is_long(path)) for path in paths]


def shorter(path: Path) -> dict[str, Any]:
    """Return settings that shorten a spec's training to two epochs, of few examples."""
    spec = analyse(read_source(path), Diagnostics()).spec
    assert spec is not None
    assert spec.train is not None
    samples: dict[str, Any] = {}
    if "\nlet samples " in spec.source.text:
        samples = {"samples": 1000}
    elif data := MANY_EXAMPLES.search(spec.source.text):
        samples = {"data": f"{data[1]}, training=600)"}
    steps = {"train.steps": 20} if spec.train.steps is not None else {"train.epochs": 2}
    return {**samples, **steps}
