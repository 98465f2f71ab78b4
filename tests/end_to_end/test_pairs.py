"""Every pair of words is built, linted and executed without a warning, and learns."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from data_files import errors, install
from every_word import (
    CANNOT_LEARN,
    CHOOSES_CLASSES,
    NEEDS_HOLDER,
    ONLY_PREDICTS,
    PROBABILITIES,
    REGRESSIONS,
    ROLES,
    WRITTEN,
    Choice,
    all_pairs,
    composite,
    learns,
    spec_text,
    words_of,
    written,
)

import nndsl
from nndsl.live.model import Model
from nndsl.vocabulary import registry

CHOICES = all_pairs()
SAMPLE = CHOICES[:: len(CHOICES) // 8]
FIRST = {
    "layers": "relu",
    "losses": "mean_squared_error",
    "optimizers": "adam",
    "initializers": "xavier",
    "regularizers": "l2",
    "schedules": "constant",
    "data": "blobs",
}

# Structures in each other, at the ends of a network, without parameters, of one value only.
STRUCTURES = {
    "residual at both ends": "residual { dense(4); tanh }; dense(3); residual { dense(3) }",
    "residual of the input itself": "residual { identity }; dense(3)",
    "residual inside of residual": "residual { dense(4); residual { relu } }; dense(3)",
    "concat of the same value": "concat { branch { identity }; branch { identity } }; dense(3)",
    "a value added to itself": "dense(3); residual { identity }",
    "a sum added to itself": "dense(3); residual { residual { identity } }",
    "twice side by side": "dense(2); concat { branch { identity }; branch { identity } }; dense(3)",
    "a value read by many": "dense(2); concat { branch { identity }; branch { tanh }; "
    "branch { identity }; branch { residual { identity } } }; dense(3)",
    "concat at the end": "concat { branch { dense(1) }; branch { dense(2); tanh } }",
    "concat with one branch": "concat { branch { dense(3) } }",
    "concat inside residual": "residual { concat { branch { relu; dense(4) } } }; dense(3)",
    "repeat of nothing": "repeat(0) { dense(5) }; dense(3)",
    "repeat inside of repeat": "repeat(2) { repeat(2) { dense(4); layer_norm; gelu } }; dense(3)",
    "repeat of a residual": "repeat(3) { residual { batch_norm; relu; dense(4) } }; dense(3)",
    "dropout of a residual": "residual { dropout(0.2, scaling=test); dense(4) }; dense(3)",
    "images inside of a residual": "reshape(2, 2); residual { tanh; sigmoid }; flatten; dense(3)",
    "nothing but a weight": "dense(3, bias=false)",
}


def name(choice: Choice) -> str:
    return "-".join(choice[role] for role in ROLES)


def run_in_process(text: str, folder: Path) -> tuple[Model, list[float]]:
    """Train; return the model and the loss of each epoch. Any warning is an error."""
    path = folder / "spec.nn"
    path.write_text(text, "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = nndsl.load(path)
        history = model.fit()
    return model, [row["loss"] for row in history.rows]


def assert_falls(losses: list[float]) -> None:
    assert min(losses[-3:]) < losses[0], losses


def assert_lints(text: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "-"]
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def assert_runs_alone(model: Model, folder: Path) -> None:
    path = install(model.script, folder)
    environment = {"PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", path.name]
    done = subprocess.run(
        command, cwd=folder, text=True, capture_output=True, check=False, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- What the tables say --------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_word_can_be_written(role: str) -> None:
    for word in words_of(role):
        assert written(role, word)


def test_the_tables_name_no_word_that_is_gone() -> None:
    for role, word in [*WRITTEN, *CANNOT_LEARN]:
        assert registry.find(role, word), word
    assert all(registry.find("layers", word) for word in ONLY_PREDICTS)
    for word in NEEDS_HOLDER:
        assert any(registry.find(role, word) for role in ("layers", "data")), word
    assert all(registry.find("data", word) for word in REGRESSIONS)
    assert all(registry.find("losses", word) for word in CHOOSES_CLASSES | PROBABILITIES)


def test_every_pair_is_in_a_choice() -> None:
    seen = {(r, c[r], s, c[s]) for c in CHOICES for r in ROLES for s in ROLES}
    for r in ROLES:
        for s in ROLES[ROLES.index(r) + 1 :]:
            if (r, s) == ("layers", "data"):
                continue
            for a in words_of(r):
                for b in words_of(s):
                    refused = (a in ONLY_PREDICTS and r == "layers") or (
                        (r, s) == ("losses", "data")
                        and a in CHOOSES_CLASSES | PROBABILITIES
                        and b in REGRESSIONS
                    )
                    assert ((r, a, s, b) in seen) != refused, (a, b)


@pytest.mark.parametrize("word", ONLY_PREDICTS)
def test_what_only_predicts_is_refused(word: str) -> None:
    text = spec_text({**FIRST, "layers": word})
    assert [d.code for d in errors(text)] == ["NN305"]


@pytest.mark.parametrize("data", REGRESSIONS)
@pytest.mark.parametrize("loss", sorted(CHOOSES_CLASSES))
def test_a_choice_between_classes_is_refused_for_numbers(
    loss: str, data: str, data_folder: Path
) -> None:
    text = spec_text({**FIRST, "losses": loss, "data": data})
    assert "NN306" in [d.code for d in errors(text)]


# --- What the scripts do --------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("choice", SAMPLE, ids=name)
def test_a_sample_of_pairs(choice: Choice, data_folder: Path) -> None:
    model, losses = run_in_process(spec_text(choice), data_folder)
    assert_lints(model.source)
    assert_runs_alone(model, data_folder / "alone")
    if learns(choice):
        assert_falls(losses)


@pytest.mark.slow
@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_all_pairs(choice: Choice, data_folder: Path) -> None:
    model, losses = run_in_process(spec_text(choice), data_folder)
    assert_lints(model.source)
    if learns(choice):
        assert_falls(losses)


@pytest.mark.slow
@pytest.mark.parametrize("network", STRUCTURES.values(), ids=STRUCTURES)
def test_structures(network: str, data_folder: Path) -> None:
    text = f"""
data = blobs(classes=3, samples=60, features=4)
network {{ {network} }}
train {{ loss = softmax_cross_entropy; optimizer = adam(lr=0.01); batch = 20; epochs = 10 }}
"""
    model, losses = run_in_process(text, data_folder)
    assert_lints(model.source)
    assert_falls(losses)


@pytest.mark.slow
def test_all_layers_in_one_network(data_folder: Path) -> None:
    model, _ = run_in_process(composite(), data_folder)
    assert_lints(model.source)
    assert_runs_alone(model, data_folder / "alone")
