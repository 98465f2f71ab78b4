"""nndsl list: every word, with its documentation, and examples that are right."""

from __future__ import annotations

import json
from typing import Annotated

import pytest
from command_line import Cli
from pydantic import Field

from nndsl.assistance.builtin_docs import example, signature
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source
from nndsl.syntax.parser import parse
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin, Real
from nndsl.vocabulary.formula_functions import EVERY
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer

WAVE = """\
wave(frequency, phase=0.5, init=…)
a layer, whose first argument may come by position

  y = sin(frequency x): a wave, which goes up and down and up again, for ever
  and ever.

  Nobody has found a use for it.

  frequency  a number, greater than 0, at most 1_000_000; required
             oscillations a unit

  phase      a number; default 0.5
             where the wave begins

  init       an initializer; may be left out
             how nothing begins

example:  wave(0.1)
"""

WORDS = [
    word
    for kind in registry.kinds()
    for name in registry.names(kind)
    if (word := registry.find(kind, name)) is not None
]


def identify(word: type[Builtin]) -> str:
    return f"{word.kind}/{word.keyword()}"


def test_all_words(cli: Cli) -> None:
    result = cli("list")
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= 80
    assert {word.keyword() for word in WORDS} <= set(result.out.split())


@pytest.mark.parametrize("kind", registry.kinds())
def test_words_of_one_kind(kind: str, cli: Cli) -> None:
    result = cli("list", kind)
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= 80
    assert {line.split()[0] for line in result.out.splitlines()} >= set(registry.names(kind))


@pytest.mark.parametrize("word", WORDS, ids=identify)
def test_one_word(word: type[Builtin], cli: Cli) -> None:
    result = cli("list", word.kind, word.keyword())
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= 80
    assert result.out.startswith(word.keyword())
    for name, field in word.model_fields.items():
        assert f"\n  {name} " in result.out
        first = (field.description or "").split()[0]
        assert first in result.out


def test_examples_are_right() -> None:
    examples = [text for word in WORDS if (text := example(word)) is not None]
    assert len(examples) > 100
    for text in examples:
        diagnostics = Diagnostics()
        tree = parse(Source("example", text.replace("…", "relu")), diagnostics)
        assert not diagnostics.diagnostics, text
        assert tree is not None
        assert len(tree.statements) == 1, text


LAYERS = [
    word for word in WORDS if word.kind == "layers" and word.keyword() not in ("input", "branch")
]


# Rows, images, signals, and examples of positions and of tokens: each layer takes one of them.
NO_WEIGHTS = "NN319"  # the file of an example is not there
INPUTS = ("10", "4, 28, 28", "4, 64", "6, 10", "6, tokens=5")


@pytest.mark.parametrize("word", LAYERS, ids=identify)
def test_examples_of_layers_work(word: type[Builtin], cli: Cli, spec: object) -> None:
    holds = getattr(word, "holds", "")
    body = {"bidirectional": "rnn(3)"}.get(
        word.keyword(), f"{holds} {{ relu }}" if holds else "relu"
    )
    text = (example(word) or "").replace("…", body)
    text = f"a = as_positions; {text}" if "=a" in text else text
    text = f"a = dense(3); b = dense(a, 3); {text}" if "(a, b)" in text else text
    from nndsl import check

    found = [check("example", text=f"network {{ input({x}); {text} }}") for x in INPUTS]
    wrong = [[d for d in diagnostics if d.code != NO_WEIGHTS] for diagnostics in found]
    assert [] in wrong, found[0]


SETTINGS = [
    word
    for word in WORDS
    if word.kind
    in ("losses", "optimizers", "regularizers", "clips", "stops", "averages", "mixtures")
]


@pytest.mark.parametrize("word", SETTINGS, ids=identify)
def test_examples_of_settings_work(word: type[Builtin]) -> None:
    from nndsl import check

    settings = {"loss": "loss = huber", "optimizer": "optimizer = sgd(lr=0.1)"}
    text = example(word) or ""
    settings[text.partition(" ")[0]] = text
    data = "data = sine(validation=0.1)"
    found = check(
        "e", text=f"{data}\nnetwork {{ dense(1) }}\ntrain {{ {'; '.join(settings.values())} }}"
    )
    assert not [d for d in found if d.code.startswith("NN2")], found


class Wave(Layer):
    """y = sin(frequency x): a wave, which goes up and down and up again, for ever and ever.

    Nobody has found a use for it.
    """

    frequency: Annotated[float, Field(gt=0, le=1e6)] = Field(description="oscillations a unit")
    phase: Real = Field(0.5, description="where the wave begins")
    init: Initializer | None = Field(None, description="how nothing begins")


def test_a_word_in_full(cli: Cli) -> None:
    with registry.added(Wave):
        assert cli("list", "wave").out == WAVE


def test_a_call_stands_for_its_word(cli: Cli) -> None:
    assert cli("list", "gru(32)").out == cli("list", "gru").out != ""
    assert cli("list", "gur(32)").err.endswith("did you mean `gru`?\n")


def test_a_word_of_two_kinds_is_shown_twice(cli: Cli) -> None:
    result = cli("list", "step")
    assert "\na layer, " in result.out
    assert "\na schedule, " in result.out
    assert "\na layer, " not in cli("list", "schedules", "step").out


def test_signatures() -> None:
    shown = {identify(word): signature(word) for word in WORDS}
    assert shown["layers/relu"] == "relu"
    assert shown["layers/residual"] == "residual { … }"
    assert shown["layers/reshape"] == "reshape(shape, …)"
    assert shown["layers/rnn"] == "rnn(units, output=last, init=…, stateful=false, state=…)"
    assert shown["layers/dot"] == "dot(a, b)"
    assert shown["sections/train"] == "train { … }"


@pytest.mark.parametrize(
    ("arguments", "message", "help"),
    [
        (["dnse"], "there is no word `dnse`", "did you mean `dense`?"),
        (["layer"], "there is no word `layer`", "did you mean `layers`?"),
        (["layers", "adam"], "there is no word `adam` among the layers", "`nndsl list` shows"),
        (["layerz", "dense"], "there is no kind of word `layerz`", "did you mean `layers`?"),
        (["layers", "dense", "relu"], "at most a kind and a name", "`nndsl list --help`"),
    ],
)
def test_what_is_not_there(arguments: list[str], message: str, help: str, cli: Cli) -> None:
    result = cli("list", *arguments)
    assert result.code == 2
    assert result.err.startswith(f"error: {message}\n")
    assert help in result.err


def test_a_part_of_the_data_is_a_count_or_a_fraction(cli: Cli) -> None:
    said = " ".join(cli("list", "csv").out.split())
    assert "validation a whole number, at least 0, or a number, at least 0, less than 1;" in said


def test_functions_of_formulas(cli: Cli) -> None:
    assert cli("list").out.count("\nfunctions ") == 1
    listed = cli("list", "functions").out.splitlines()
    assert {line.split()[0] for line in listed} == {*EVERY}
    assert "where it holds" in cli("list", "where").out
    both = cli("list", "tanh").out
    assert "a layer, without arguments" in both
    assert "a function of formulas: tanh" in both


def test_a_program_gets_every_word(cli: Cli) -> None:
    found = json.loads(cli("list", "--format", "json").out)
    known = [(kind, name) for kind in registry.kinds() for name in registry.names(kind)]
    assert [(word["kind"], word["name"]) for word in found] == known
    (dense,) = json.loads(cli("list", "dense", "--format", "json").out)
    assert dense in found
    assert dense["arguments"][0]["name"] == "units"
    assert len(json.loads(cli("list", "losses", "--format", "json").out)) < len(found)
