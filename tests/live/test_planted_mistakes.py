"""Mistakes outside the backward pass, planted by hand: each is found, and its line is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.live.model import Model
from nndsl.live.script import check
from nndsl.live.script.check import PartResult, check_script

ROOT = Path(__file__).parents[2]
PAGES = {
    "dense": """
        data = digits(validation=0.1, test=0.2)
        network { dense(20); batch_norm; relu; dropout(0.3); dense(10) }
        train {
          loss = softmax_cross_entropy
          optimizer = adamw(lr=cosine(0.01, warmup=10), weight_decay=0.02)
          metrics = [accuracy, top_k_accuracy(k=3)]
          regularize = l2(1e-3)
          clip = global_norm(1.0)
          batch = 50
          epochs = 12
          stop = early(patience=3, metric=validation_accuracy)
        }""",
    "conv": """
        data = digits(images=true, test=0.2)
        network { random_shift(1); conv2d(4, kernel=3); relu; max_pool(2); flatten; dense(10) }
        train {
          loss = softmax_cross_entropy
          optimizer = momentum(lr=exponential(0.1, decay=0.5, every=100))
          epochs = 3
        }""",
    "lstm": """
        data = text("fables.txt", window=16, validation=0.1, training=600)
        network { embedding(8); lstm(12, output=all); dropout(0.2); dense(41) }
        train {
          loss = softmax_cross_entropy
          optimizer = rmsprop(lr=0.01)
          metrics = [perplexity, accuracy]
          clip = value(0.5)
          batch = 16
          steps = 60
        }""",
    "table": """
        data = csv("pendulum.csv", target="period_s", standardize=true, validation=0.15, test=0.15)
        network { dense(12); tanh; dense(1) }
        train {
          loss = mean_squared_error
          optimizer = adam(lr=0.01)
          metrics = [mean_absolute_error]
          epochs = 40
          stop = early(patience=4, min_delta=0.001)
        }""",
    "auto": """
        data = npz("small.npz", x="x", t="x", validation=40, scale=1/16)
        network { gaussian_noise(0.3); dense(16); relu; dense(64); sigmoid }
        train {
          loss = mean_squared_error
          optimizer = nesterov(lr=0.5)
          regularize = l1(1e-4)
          epochs = 4
          batch = 30
          report = every(2)
        }""",
}


def rows(name: str) -> list[list[str]]:
    """Return the cells of a table that lies beside this file."""
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return [[c.strip() for c in line.split(" | ")] for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Model]:
    folder = tmp_path_factory.mktemp("pages")
    for name in ("fables.txt", "pendulum.csv"):
        (folder / name).write_bytes((ROOT / "specs" / "data" / name).read_bytes())
    images = np.random.default_rng(0).integers(0, 17, (300, 64))
    np.savez(folder / "small.npz", x=images.astype(np.float32))
    for name, text in PAGES.items():
        (folder / f"{name}.nn").write_text(text)
    return lambda page: nndsl.load(folder / f"{page}.nn")


def edited(model: Model, old: str, new: str) -> tuple[Model, int]:
    """Return a model whose script has a part replaced, and the line of that."""
    assert old in model.source, old
    line = model.source[: model.source.index(old)].count("\n") + 1
    text = model.source.replace(old, new, 1)
    return Model(model.checked, replace(model.script, text=text)), line


def wrong(model: Model) -> list[PartResult]:
    return [held for held in check_script(model) if held.wrong]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "old", "new", "part"), rows("planted_mistakes.txt"))
def test_a_mistake_is_found_and_its_line_is_named(
    load: Callable[[str], Model], page: str, old: str, new: str, part: str
) -> None:
    model, line = edited(load(page), old, new)
    found = wrong(model)
    assert part in [held.part for held in found]
    assert [held.line for held in found] == [line] * len(found)


def test_one_number_tells_nothing_of_what_it_is_drawn_from() -> None:
    page = "data = sine(samples=60); network { dense(1) }"
    page += "; train { loss = mean_squared_error; optimizer = sgd }"
    model = nndsl.load("line.nn", text=page.replace("; ", "\n"))
    drawn, _ = edited(model, "rng = init_rng.spawn(1)[0]", "rng = init_rng")
    assert wrong(drawn) == []
    begun, line = edited(model, '"b1": np.zeros(1', '"b1": np.ones(1')
    (found,) = wrong(begun)
    assert (found.line, found.wrong) == (line, "b1: it should be 0 everywhere")


def test_a_script_that_watches_the_loss_of_training_is_right(tmp_path: Path) -> None:
    """It asked its results for a name under which they are not reported, and failed."""
    text = PAGES["table"].replace("early(patience=4", "early(metric=training_loss, patience=2")
    (tmp_path / "pendulum.csv").write_bytes((ROOT / "specs/data/pendulum.csv").read_bytes())
    (tmp_path / "net.nn").write_text(text)
    model = nndsl.load(tmp_path / "net.nn")
    assert wrong(model) == []
    assert len(model.fit().rows) > 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def update(", "def updated(", "the script has no `update`"),
        ("def main():", "def main():\n    raise SystemExit(3)", "it fails: SystemExit: 3"),
        ("def predict(X):", "def predict(X):\n    return 3", "it fails: "),
        (
            "params[name] -=",
            "params[name] +=",
            "its first step moves W1 along its gradient: uphill",
        ),
    ],
)
def test_whatever_a_script_does_there_is_a_sentence(
    load: Callable[[str], Model], old: str, new: str, said: str
) -> None:
    model, _ = edited(load("table"), old, new)
    assert wrong(model)[0].wrong.startswith(said)


@pytest.mark.slow
@pytest.mark.parametrize(
    "endless",
    [
        "while True:\n        pass",
        "while True:\n        try:\n            t.sum()\n        except Exception: pass",
        "while True:\n        loss_and_gradients(X[:1], t[:1])",
        "while True:\n        yield from ()",
    ],
)
def test_a_loop_without_end_is_told(load: Callable[[str], Model], endless: str) -> None:
    """It hung where the network is never called: lines are counted, and no time."""
    model = load("table")
    head = next(line for line in model.source.split("\n") if line.startswith("def train("))
    edit, line = edited(model, head, f"{head}\n    {endless}")
    result = next(result for result in wrong(edit) if result.part == "training loop")
    assert result.wrong == "it does not end"
    assert result.line == line + 1


def test_a_train_that_never_calls_the_network(load: Callable[[str], Model]) -> None:
    model = load("conv")
    head = next(line for line in model.source.split("\n") if line.startswith("def train("))
    lazy = "    for epoch in range(1, EPOCHS + 1):\n        yield (epoch,)\n    return"
    edit, _ = edited(model, head, f"{head}\n{lazy}")
    result = next(result for result in wrong(edit) if result.part == "training loop")
    assert result.wrong == "epoch 1: it visits no example"


def test_a_mistake_of_the_check_is_not_the_scripts(
    load: Callable[[str], Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever failed was said to fail in the script."""

    def broken(script: object) -> str:
        raise KeyError("a mistake of the check itself")

    part = check.PARTS[3]
    assert part.title == "prediction"
    parts = (*check.PARTS[:3], replace(part, check=broken), *check.PARTS[4:])
    monkeypatch.setattr(check, "PARTS", parts)
    model = load("table")
    with pytest.raises(KeyError, match="of the check itself"):
        check_script(model)
    edit, _ = edited(model, "params[name] -=", "params[name] +=")
    with pytest.raises(KeyError, match="of the check itself"):
        check_script(edit)


def test_the_report_names_part_and_line(load: Callable[[str], Model]) -> None:
    model, line = edited(load("table"), "params[name] -=", "params[name] +=")
    report = nndsl.check_gradients(model)
    assert not report.passed
    text = " ".join(str(report).split())
    said = "optimizer: no. Its first step moves W1 along its gradient: uphill table.py line"
    assert f"{said} {line}: params[name] +=" in text
    assert "held to its page, too: the seed, first weights, data, prediction" in text


@pytest.mark.parametrize("page", PAGES)
def test_a_script_as_built_is_right(load: Callable[[str], Model], page: str) -> None:
    assert wrong(load(page)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("page", "old", "new"), rows("other_ways.txt"))
def test_another_way_to_write_it_is_right(
    load: Callable[[str], Model], page: str, old: str, new: str
) -> None:
    model, _ = edited(load(page), old, new)
    assert wrong(model) == []
