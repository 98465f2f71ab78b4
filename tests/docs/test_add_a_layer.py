"""The layer of `docs/add-a-layer.md` is what the page says: one file, and all of it works."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nndsl
from nndsl.vocabulary import registry
from nndsl.vocabulary.layer import Layer

PAGE = Path(__file__).parents[2] / "docs" / "add-a-layer.md"
NAME = "nndsl/vocabulary/layers/swish.py"
SPEC = """
data = digits(test=0.2)

network {
  dense(20)
  swish
  dense(20)
  swish(steepness=0.5)
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.01)
  epochs    = 2
}
"""


@pytest.fixture
def swish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Layer]]:
    found = re.search(r"^```python (\S+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert found is not None
    path = tmp_path / found[1]
    path.write_text(found[2], encoding="utf-8")
    described = importlib.util.spec_from_file_location(path.stem, path)
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    monkeypatch.setitem(sys.modules, path.stem, module)
    described.loader.exec_module(module)
    word: type[Layer] = module.Swish
    assert word.keyword() == path.stem
    with registry.added(word):
        yield word


@pytest.mark.usefixtures("swish")
def test_it_is_checked() -> None:
    assert nndsl.check("net.nn", text=SPEC) == []
    (range_,) = nndsl.check("net.nn", text=SPEC.replace("0.5", "-1"))
    assert range_.code == "NN209"
    (misspelt,) = nndsl.check("net.nn", text=SPEC.replace("swish(", "swsh("))
    assert misspelt.help == "did you mean `swish`?"


@pytest.mark.slow
@pytest.mark.usefixtures("swish")
def test_its_gradients_are_right() -> None:
    report = nndsl.check_gradients(nndsl.load("net.nn", text=SPEC))
    assert report.passed, str(report)


@pytest.mark.usefixtures("swish")
def test_the_script_defines_its_function_once_and_runs(tmp_path: Path) -> None:
    (tmp_path / "net.nn").write_text(SPEC, encoding="utf-8")
    model = nndsl.load(tmp_path / "net.nn")
    assert model.source.count("def sigmoid(z):") == 1
    assert "dslope" in model.source
    model.fit()
    assert (model.parameters["slope1"] != 1).any()


def test_the_block_is_clean() -> None:
    found = re.search(r"^```python \S+\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert found is not None
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--quiet", "--stdin-filename", NAME, "-"],
        input=found[1],
        text=True,
        capture_output=True,
        check=False,
        cwd=PAGE.parents[1],
    )
    assert done.returncode == 0, done.stdout
