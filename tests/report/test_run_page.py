"""The report that `nndsl run` writes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_page import EVIL, Reader

from nndsl.cli import main, training
from nndsl.live.model import Epoch
from nndsl.live.run import Run

SPEC = """\
data = spiral(classes=3, samples=60, validation=0.1, test=0.2)
network { dense(8); relu; dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 12 }
"""


def report(folder: Path | str = "runs/net-1") -> Reader:
    reader = Reader()
    reader.feed(Path(folder, "report.html").read_text(encoding="utf-8"))
    reader.close()
    assert not reader.open
    return reader


def write(text: str, name: str = "net.nn") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_says_what_the_run_was() -> None:
    assert main(["run", write(SPEC), "--set", "train.epochs=11"]) == 0
    page = report()
    results = json.loads(Path("runs/net-1/results.json").read_text())
    assert page.text["h1"] == "net: 11 epochs of training"
    assert page.text["p"].startswith(
        f"Test accuracy {results['test_accuracy']:.4f} after 11 epochs;"
    )
    facts = dict(zip(split("dt"), split("dd"), strict=True))
    assert facts["examples"] == "42 training, 6 validation, 12 test"
    assert facts["optimizer"] == "adam(lr=0.01)"
    assert facts["parameters"].startswith("51 ")
    assert facts["changed by --set"] == "train.epochs=11"
    assert re.fullmatch(r"[\d.e+]+ (ms|s), [\d.]+ (ms|s) an epoch", facts["time"])
    assert split("h2") == [
        "Loss",
        "Accuracy",
        "Results",
        "Confusion matrix",
        "Calibration",
        "Most confused examples",
        "The classes",
        "Where it decides",
        "The last 10 of 11 epochs",
        "The computational graph",
        "The network",
        "The model in equations",
        "The spec",
        "Again",
    ]
    cells = page.text["td"]
    for name in ("loss", "validation_accuracy", "test_loss"):
        assert f"{results[name]:.4f}" in cells, name
    assert "loss = cross-entropy" in page.text["pre"]
    assert page.text["code"].startswith(SPEC)
    assert page.text["code"].endswith("$ nndsl run net.nn --set train.epochs=11\n")


def split(tag: str) -> list[str]:
    """Return the texts of all elements of a kind, which hold no other such element."""
    text = Path("runs/net-1/report.html").read_text(encoding="utf-8")
    return [
        re.sub(r"<[^>]+>", "", found) for found in re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
    ]


@pytest.mark.slow
def test_same_run_same_page_but_for_times() -> None:
    for _ in range(2):
        assert main(["run", write(SPEC)]) == 0
    first, second = (
        re.sub(r"<dt>time</dt><dd>.*?</dd>", "", Path(f"runs/net-{n}/report.html").read_text())
        for n in (1, 2)
    )
    assert first == second


def test_curves_need_no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["run", write(SPEC)]) == 0
    assert [a["aria-label"].split(".")[0] for a in report().attributes("svg")] == [
        "Loss",
        "Accuracy",
        "Confusion matrix",
        "Calibration",
        "Where it decides",
        "The computational graph",
    ]


def test_what_a_spec_says_stays_text() -> None:
    Path("evil").mkdir()
    table = f"evil/{EVIL.replace('/', '')}.csv"
    Path(table).write_text("x,t\n" + "".join(f"{i % 7},{i % 2}\n" for i in range(40)))
    spec = (
        f'# {EVIL}\ndata = csv({json.dumps(table)}, target="t", test=0.2)\n'
        "network { dense(4); relu; dense(1) }\n"
        "train { loss = mean_squared_error; optimizer = sgd(lr=0.01); epochs = 3 }\n"
    )
    name = write(spec, "<img src=x onerror=alert(1)>.nn")
    assert main(["run", name, "-o", "out"]) == 0
    page = report("out")
    assert EVIL in page.text["code"]
    assert name in page.text["code"]
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "a", "iframe", "object", "link", "foreignObject"}
    assert not any(attribute.startswith("on") for _, a in page.elements for attribute in a)
    assert len(page.attributes("style")) == 1


def test_training_that_diverges_has_a_report() -> None:
    text = SPEC.replace("softmax_cross_entropy", "mean_squared_error")
    assert main(["run", write(text.replace("adam(lr=0.01)", "sgd(lr=1e6)"))]) == 1
    page = report()
    assert page.text["p"].startswith("Training diverged in epoch ")
    assert "is not finite" in page.text["p"]
    assert "lr=1_000_000" in page.text["code"] or "lr=1e6" in page.text["code"]


def test_early_stopping_says_where_it_went_back_to() -> None:
    text = SPEC.replace("epochs = 12", "epochs = 400; stop = early(patience=2)")
    assert main(["run", write(text.replace("lr=0.01", "lr=0.3"))]) == 0
    page = report()
    kept = json.loads(Path("runs/net-1/results.json").read_text())["epoch"]
    last = Path("runs/net-1/history.csv").read_text().splitlines()[-1].split(",")[0]
    assert kept < int(last) < 400
    assert f"with the weights of epoch {kept}, restored after epoch {last} of 400" in page.text["p"]
    assert f"Dotted: epoch {kept}, whose weights are kept." in page.text["p"]
    assert f"The weights are those of epoch {kept}." in page.text["p"]


def test_an_interrupted_run_has_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Run):
        def start(self, *arguments: Any, **options: Any) -> None:
            train = self.model.namespace["train"]

            def interrupted(*parts: Any) -> Iterator[Epoch]:
                for epoch, *results in train(*parts):
                    if epoch == 3:
                        raise KeyboardInterrupt
                    yield epoch, *results

            self.model.namespace["train"] = interrupted
            super().start(*arguments, **options)

    monkeypatch.setattr(training, "Run", Interrupted)
    assert main(["run", write(SPEC)]) == 130
    page = report()
    assert "after 2 of 12 epochs, when training was interrupted; " in page.text["p"]
    assert "All epochs" in split("h2")


def test_expectations_stand_on_the_page() -> None:
    spec = write(f"{SPEC}expect {{ parameters <= 60; test_accuracy > 1 }}\n")
    assert main(["run", spec]) == 1
    page = report()
    assert "Expectations" in split("h2")
    assert page.text["td"].startswith("51yes")
    assert "no" in page.text["td"]


def test_many_epochs_are_smoothed() -> None:
    assert main(["run", write(SPEC), "--set", "train.epochs=80"]) == 0
    page = report()
    assert page.text["figcaption"].count("Thick: smoothed; thin: as measured.") == 2
    svg = Path("runs/net-1/report.html").read_text()
    assert len(re.findall(r'<path[^>]*stroke="#0072b2"[^>]*stroke-opacity="0.45"', svg)) == 2
