"""What runs, comparisons and searches keep of a page that imports words."""

from __future__ import annotations

from pathlib import Path

import pytest

import nndsl
from nndsl.cli import main

WORDS = """\
let gain = 2

layer swish(beta=1) {  # smooth
  y = gain * x * sigmoid(beta * x)
}
"""
PAGE = """\
model net
import "../words/mine.nn"

data = spiral(samples=60, validation=0.2, test=0.2)

network {
  dense(6)
  swish
  dense(3)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.01)
  epochs    = 2
}
"""
VARIANTS = "compare(seeds=1) {\n  variant a { gain = 1 }\n  variant b { gain = 3 }\n}\n"
SEARCH = "search(trials=2, metric=validation_loss) {\n  gain = uniform(1, 3)\n}\n"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a page whose words lie in a folder beside its own."""
    for folder in ("words", "pages"):
        (tmp_path / folder).mkdir()
    (tmp_path / "words/mine.nn").write_text(WORDS)
    monkeypatch.chdir(tmp_path)
    path = Path("pages/net.nn")
    path.write_text(PAGE)
    return path


def built_elsewhere(spec: Path, tmp_path: Path) -> str:
    """Return the script of a copy of a page in a folder where nothing else is."""
    copy = tmp_path / "elsewhere" / spec.name
    copy.parent.mkdir()
    copy.write_text(spec.read_text())
    assert "import" not in copy.read_text()
    return nndsl.build(copy)


def numbers(script: str) -> str:
    return script.partition('"""\n')[2]


def test_a_run_keeps_the_words(page: Path, tmp_path: Path) -> None:
    assert main(["run", str(page), "--words", "words", "-o", "out"]) == 0
    script = Path("out/train.py").read_text()
    assert numbers(built_elsewhere(Path("out/spec.nn"), tmp_path)) == numbers(script)
    assert "--words words" in Path("out/command.txt").read_text()
    assert "swish" in Path("out/report.html").read_text()


@pytest.mark.slow
def test_a_comparison_varies_and_keeps_them(page: Path, tmp_path: Path) -> None:
    page.write_text(PAGE + VARIANTS)
    found = nndsl.compare(page, words=["words"], folder="out", workers=1)
    assert len(found.ranked) == 2
    kept = Path("out/b-seed0/spec.nn")
    assert "let gain = 3" in kept.read_text()
    assert "3 * Z1 * sigmoid" in built_elsewhere(kept, tmp_path)


@pytest.mark.slow
def test_a_search_draws_from_them_and_writes_the_best_page(page: Path, tmp_path: Path) -> None:
    page.write_text(PAGE + SEARCH)
    command = ["search", str(page), "--words", "words", "-o", "out", "--workers", "1"]
    assert main(command) == 0
    best = Path("out/best.nn")
    assert "let gain = 2\n" not in best.read_text()
    built_elsewhere(best, tmp_path)
