"""A student changes one number of a script: it runs, and its margins and docstrings are true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from test_same_numbers import ROOT
from test_shapes_measured import MetricName, assert_shapes

import nndsl
from nndsl.live.model import Model

N = 13
TRAIN = "train { loss = softmax_cross_entropy; optimizer = sgd(0.1); batch = 5; epochs = 1 }"
DIGITS = "data = digits()"
IMAGES = "data = digits(images=true)"
SMALL = {
    "dense": f"""
let hidden = 40
let narrow = hidden // 2
{DIGITS}
network {{ dense(hidden); relu; dense(narrow); tanh; dense(10) }}""",
    "blocks": f"""
let width = 24
block hidden(units) {{ dense(2 * units); relu; dropout(0.1) }}
{DIGITS}
network {{ hidden(width); hidden(width + 4); dense(10) }}""",
    "autoencoder": f"""
let width = 16
{IMAGES}
network {{ flatten; dense(width); relu; dense(width // 2); dense(width); relu; dense(10) }}""",
    "convolutions": f"""
let filters = 6
{IMAGES}
network {{
  conv2d(filters, kernel=3); batch_norm; relu; max_pool(2)
  conv2d(2 * filters, kernel=2); relu; flatten; dense(10)
}}""",
    "windows": f"""
let kernel = 4
let pool = 2
{IMAGES}
network {{
  conv2d(4, kernel=kernel, padding=same); relu; max_pool(pool)
  conv2d(3, kernel=kernel // 2); upsample(pool); avg_pool(2); flatten; dense(10)
}}""",
    "arithmetic": f"""
let width = 20
{DIGITS}
network {{
  dense(width / 2); relu; dense(width % 7 + 4); tanh
  dense(max(width, 12)); relu; dense(width ** 2 // 10); dense(10)
}}""",
    "heads": f"""
let heads = 4
{DIGITS}
network {{
  reshape(8, 8); positional_embedding; self_attention(heads=heads, dropout=0.1); reverse
  gru(6); dense(10)
}}""",
    "structures": f"""
let width = 16
{DIGITS}
network {{
  dense(width)
  residual {{ dense(4 * width); relu; dense(width) }}
  concat {{
    branch {{ dense(width // 2); relu }}
    branch {{ dense(8) }}
  }}
  batch_norm; dense(10)
}}""",
    "rows": f"""
let features = 8
{DIGITS}
network {{
  dense(4 * features); reshape(4, features)
  self_attention(heads=2); layer_norm; flatten; dense(10)
}}""",
    "recurrent": f"""
let hidden = 12
{DIGITS}
network {{
  reshape(8, 8); lstm(hidden, output=all); gru(2 * hidden, output=all); rnn(hidden); dense(10)
}}""",
    "loops": f"""
let depth = 4
let width = 8
block part(units) {{
  residual {{ layer_norm; dense(4 * units); gelu; dense(units) }}
  residual {{ layer_norm; dense(4 * units); gelu; dense(units) }}
}}
{DIGITS}
network {{ dense(width); repeat(depth) {{ part(width) }}; dense(10) }}""",
    "rates": f"""
let rate = 0.1
let share = 0.5
{DIGITS}
network {{ dense(30); relu; dropout(share); dense(10) }}""",
}
KEPT = {
    "digits": ["HIDDEN"],
    "seq_addition": ["SAMPLES", "FEATURES"],
    "tiny_gpt": ["WIDTH", "T"],
    "char_lstm": ["T", "H"],
}


FOLLOWING = {"NARROW": "HIDDEN // 2"}  # constants that a script computes from others


def changed(model: Model, name: str, folder: Path) -> MetricName:
    """Halve one constant in the script of a page, and run its functions."""
    line = re.search(rf"^{name} = ([\d.]+)(?: +#.*)?$", model.source, re.MULTILINE)
    assert line is not None, f"the script has no number {name}"
    value = int(line[1]) // 2 if line[1].isdigit() else float(line[1]) / 2
    text = model.source.replace(line[0], line[0].replace(line[1], str(value), 1))
    for file in model.script.files.values():
        (folder / file.path.name).write_bytes(file.path.read_bytes())
    script = folder / "changed.py"
    script.write_text(text, "utf-8")
    measured = MetricName(model, source=text, path=script)
    measured.run()
    return measured


@pytest.mark.parametrize("kind", SMALL)
def test_small_networks(kind: str, tmp_path: Path) -> None:
    page = tmp_path / f"{kind}.nn"
    page.write_text(f"{SMALL[kind]}\n{TRAIN.replace('0.1', 'rate' if kind == 'rates' else '0.1')}")
    _assert_true(
        page, re.findall(r"let (\w+)", SMALL[kind].upper().replace("LET", "let")), tmp_path
    )


@pytest.mark.slow
@pytest.mark.parametrize("spec", KEPT)
def test_kept_specs(spec: str, tmp_path: Path) -> None:
    _assert_true(ROOT / "specs" / f"{spec}.nn", KEPT[spec], tmp_path)


def _assert_true(page: Path, names: Sequence[str], folder: Path) -> None:
    model = nndsl.load(page)
    assert names
    for name in names:
        if name in FOLLOWING:
            assert f"{name} = {FOLLOWING[name]} " in model.source
            continue
        measured = changed(model, name, folder)
        assert assert_shapes(measured) >= 4
        _assert_says_what_it_returns(measured)


def _assert_says_what_it_returns(measured: MetricName) -> None:
    """Compare the shapes that the docstring of `predict` says with what it takes and returns."""
    said = re.findall(r"\((N[^)]*)\)", str(measured.names["predict"].__doc__))
    X = measured.X
    for shape, array in zip(said, (measured.names["predict"](X), X), strict=True):
        assert eval(f"({shape},)", {}, measured.names | {"N": len(X)}) == np.shape(array)


def test_an_optimized_script_does_not_run_with_other_sizes(tmp_path: Path) -> None:
    """Its memory is laid out for the sizes of the page: nothing may seem to work."""
    model = nndsl.load(ROOT / "specs" / "digits.nn", optimize=True)
    with pytest.raises(ValueError, match="reshape"):
        changed(model, "HIDDEN", tmp_path)
