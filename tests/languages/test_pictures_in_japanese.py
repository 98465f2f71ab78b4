"""Pictures in Japanese: titles, captions and labels, in fonts that have their letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import nndsl
from nndsl.cli import main
from nndsl.languages import in_language, said
from nndsl.report import svg
from nndsl.report.curves import curve_pictures
from nndsl.report.judged import judged_parts, pictures_of
from nndsl.report.model_pictures import attention, boundary, decisions
from nndsl.report.page import Picture

SPECS = Path(__file__).parents[2] / "specs"
IMAGES = """
data = digits(images=true, training=200, validation=0.1, test=0.1)
network { conv2d(4, kernel=3); relu; flatten; dense(10) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = EPOCHS }
"""
POINTS = """
data = spiral(classes=3, samples=60, test=0.2)
network { dense(6); tanh; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 1 }
"""
SUMS = """
data = addition(1, samples=50, test=0.1)
network {
  embedding(12); self_attention(heads=2)
  flatten; dense(12); reshape(3, 4); rnn(6, output=all); dense(12)
}
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 1 }
"""
NAMES = re.compile(
    r"^\w+: |Attention|scikit-learn|classification_report|permutation_importance|RMSProp|Momentum"
    r"|\w+\.(?:csv|npz)|`[^`]*`|<[^>]*>|&\w+;|\b(?:relu|train|dense|adagrad|adam|sgd)\b"
)
ENGLISH = re.compile(r"[A-Za-z]{3,}")


def _pictures(text: str) -> Iterator[Picture]:
    model = nndsl.load("page.nn", text=text)
    yield from curve_pictures(model.fit())
    yield from pictures_of(model)
    yield from (part for part in judged_parts(model) if isinstance(part, Picture))
    colors = decisions(model)
    decided = boundary([("before training", colors)], model) if colors is not None else None
    yield from (one for one in (decided, attention(model)) if one is not None)


def _english(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if ENGLISH.search(NAMES.sub("", text))]


@pytest.mark.parametrize(
    "text",
    [
        IMAGES.replace("EPOCHS", "1"),
        IMAGES.replace("EPOCHS", "60").replace("training=200", "training=40"),
        POINTS,
        SUMS,
    ],
    ids=["images", "many epochs", "points", "attention"],
)
def test_nothing_of_a_picture_is_english(text: str) -> None:
    with in_language("ja"):
        pictures = [*_pictures(text)]
        told = [said(one) for picture in pictures for one in (picture.title, picture.caption)]
        told += [one for picture in pictures for one in re.findall(r"<text.*?</text>", picture.svg)]
        files = [svg.file_of(f"net: {one.title}", one.caption, one.svg) for one in pictures]
    assert len(pictures) > 4
    assert not _english(told)
    for file in files:
        assert 'xml:lang="ja"' in file
        assert "Noto Sans CJK JP" in file


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "figures"),
    [
        ("run specs/book/ch06_weight_init_activation_histogram.nn", 1),
        ("compare specs/optimizers.nn --seeds 2 --set train.epochs=2", 2),
        ("search specs/search.nn --trials 4", 4),
        ("run specs/book/ch06_optimizer_compare_naive.nn", 2),
    ],
    ids=["record", "comparison", "search", "descent"],
)
def test_nothing_of_a_figure_is_english(
    command: str, figures: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SPECS.parent)
    folder = tmp_path / "results"
    assert main([*command.split(), "--lang", "ja", "--quiet", "-o", str(folder)]) == 0
    drawn = [path for path in folder.glob("*.svg") if path.with_suffix(".png").exists()]
    assert len(drawn) >= figures
    names = {"sgd", "momentum", "adagrad", "adam", "rate", "width", "depth"}
    for path in drawn:
        texts = re.findall(r"<text[^>]*>([^<]+)", path.read_text(encoding="utf-8"))
        assert not [text for text in _english(texts) if not names & {*re.split(r"\W", text)}]
        assert "Noto Sans CJK JP" in path.read_text(encoding="utf-8")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert not _english(re.findall(r"<figcaption>(.*?)</figcaption>", page))
