"""Backward passes that a page writes: executed as they are, and each mistake has its line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.cli import main

PAGE = """\
layer swish(beta=2) {
  gate = sigmoid(beta * x)
  y    = x * gate
  backward {
    dgate = dy * x
    dx    = dy * gate + dgate * beta * gate * (1 - gate)
  }
}

layer affine(units) {
  W = parameter(features, units)
  b = parameter(units)
  y = x @ W + b
  backward {
    dW = transpose(x) @ dy
    db = sum(dy, axis=0)
    dx = dy @ transpose(W)
  }
}

loss own_cross_entropy {
  log_p = log_softmax(x)
  loss  = -pick(log_p, t)
  backward {
    dx = (exp(log_p) - one_hot(t)) / N
  }
}

data = spiral(classes=3, samples=60, test=0.2)

network {
  affine(5)
  swish
  affine(5)
  tanh
  affine(3)
}

train {
  loss      = own_cross_entropy
  optimizer = sgd(lr=0.1)
  epochs    = 2
}
"""
# What stands there, what a person wrote, and what is said of its line.
WRONG = {
    "a sign": ("dx    = dy * gate +", "dx    = dy * gate -", "at x = 1.3 it is"),
    "a factor": ("dgate * beta * gate", "dgate * gate", "`dx` is wrong: at x = 1.3"),
    "a slope": ("dgate * beta * gate * (1 - gate)", "dgate * beta * gate", "at x = 1.3"),
    "a term": ("dx    = dy * gate + dgate * beta", "dx    = dgate * beta", "at x = 1.3"),
    "the product rule": ("dgate * beta * gate * (1 - gate)", "dgate * 0", "at x = 1.3"),
    "an intermediate": ("dgate = dy * x", "dgate = dy * y", "`dgate` is wrong"),
    "what comes in": ("dgate = dy * x", "dgate = x", "the factor `dy` is missing"),
    "another sum": ("sum(dy, axis=0)", "sum(dy, axis=0) / 2", "1/2 of what it should be"),
    "a sign of weights": ("dW = transpose(x) @ dy", "dW = -transpose(x) @ dy", "its sign is wrong"),
    "nothing": ("dx = dy @ transpose(W)", "dx = 0 * x", "it is zero"),
    "1/N": ("one_hot(t)) / N", "one_hot(t))", "1/N is missing: it is 3 times"),
    "the loss's sign": (
        "(exp(log_p) - one_hot(t))",
        "(one_hot(t) - exp(log_p))",
        "its sign is wrong",
    ),
    "the logarithm": ("(exp(log_p) - one_hot(t))", "(log_p - one_hot(t))", "`dx` is wrong: dx["),
}
# What a page may not say: the code, and what is said.
REFUSED = {
    "no transpose": ("dx = dy @ transpose(W)", "dx = dy @ W", "NN301", "`@` needs 5 rows"),
    "an unknown name": ("dgate = dy * x", "dgate = dy * z", "NN201", "unknown name `z`"),
    "an unknown function": ("sum(dy, axis=0)", "total(dy)", "NN201", "unknown function `total`"),
    "no dx": ("    dx = dy @ transpose(W)\n", "", "NN228", "gives no `dx`"),
    "no dW": ("    dW = transpose(x) @ dy\n", "", "NN228", "gives no `dW`"),
    "empty": ("    dx = (exp(log_p) - one_hot(t)) / N\n", "", "NN228", "gives no `dx`"),
    "twice": ("    dgate = dy * x", "    dgate = dy * x\n    dgate = x", "NN203", "has its value"),
    "two of them": (
        "  backward {\n    dgate",
        "  backward { dx = dy }\n  backward {\n    dgate",
        "NN203",
        "twice",
    ),
    "a forward name": ("dgate = dy * x", "gate = dy * x", "NN225", "of the forward pass"),
    "dy": ("dgate = dy * x", "dy = x\n    dgate = dy * x", "NN225", "`dy` is the gradient"),
    "a let": ("dgate = dy * x", "exp = x\n    dgate = dy * x", "NN225", "a function of formulas"),
    "a shape": ("dW = transpose(x) @ dy", "dW = transpose(dy) @ x", "NN301", "`dW` has 5 x 2"),
    "not summed": ("sum(dy, axis=0)", "dy", "NN301", "add the examples: db = sum(dy, axis=0)"),
    "a product": ("dx = dy @ transpose(W)", "dx = W @ dy", "NN301", "would mix examples"),
    "an axis": ("sum(dy, axis=0)", "sum(dy, axis=1)", "NN208", "`sum` adds the examples"),
    "weights summed": ("sum(dy, axis=0)", "sum(W, axis=0)", "NN301", "nothing for each example"),
    "a parameter": ("db = sum(dy, axis=0)", "db = parameter(units)", "NN201", "a line of its own"),
    "a layer": ("db = sum(dy, axis=0)", "relu", "NN224", "holds formulas of gradients"),
    "arguments": ("backward {\n    dgate", "backward(2) {\n    dgate", "NN202", "no arguments"),
    "classes": ("- one_hot(t)) / N", "- one_hot(log_p)) / N", "NN301", "targets that are classes"),
    "further down": (
        "dgate = dy * x",
        "dgate = dy * later\n    later = x",
        "NN201",
        "further down",
    ),
    "the name of a script": (
        "dgate = dy * x",
        "self = x\n    dgate = dy * x",
        "NN225",
        "scripts need",
    ),
}


def written(folder: Path, old: str = "", new: str = "") -> Path:
    spec = folder / "net.nn"
    assert not old or PAGE.count(old) == 1, old
    spec.write_text(PAGE.replace(old, new) if old else PAGE, "utf-8")
    return spec


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [{}, {"style": "layers"}, {"optimize": True}], ids=["flat", "layers", "optimized"]
)
def test_what_the_page_says_is_printed_executed_and_right(options: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]
    model = nndsl.load(written(tmp_path), **options)
    report = nndsl.check_gradients(model)
    assert report.passed, report
    if options == {}:
        for line in (
            "dA1 = dA1_2 * gate1 + dgate1",
            "db1 = dA1.sum(axis=0)",
            "== t[:, None])) / N",
        ):
            assert line in model.source


def test_the_numbers_are_those_of_the_derived_pass(tmp_path: Path) -> None:
    own = nndsl.load(written(tmp_path))
    blocks = PAGE.split("  backward {")
    text = blocks[0] + "".join(block.split("  }\n", 1)[1] for block in blocks[1:])
    assert "backward" not in text
    derived = nndsl.load("net.nn", text=text)
    X = np.random.default_rng(0).standard_normal((7, 2)).astype(np.float32)
    t = np.arange(7) % 3
    (loss, gradients), (loss_derived, expected) = (
        m.loss_and_gradients(X, t) for m in (own, derived)
    )
    assert loss == pytest.approx(loss_derived, rel=1e-6)
    for name, gradient in gradients.items():
        assert gradient == pytest.approx(expected[name], rel=1e-4, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_found_and_its_line_named(name: str, tmp_path: Path) -> None:
    old, new, said = WRONG[name]
    spec = written(tmp_path, old, new)
    report = nndsl.check_gradients(nndsl.load(spec))
    assert not report.passed
    (prop,) = (p for p in report.properties if p.name.startswith("the backward") and not p.passed)
    text = spec.read_text("utf-8")
    assert prop.page_line == text[: text.index(new)].count("\n") + 1
    assert prop.code == text.split("\n")[prop.page_line - 1].strip()
    whole = " ".join([prop.detail, prop.help])
    assert said in whole
    shown = " ".join(f"net.nn line {prop.page_line}: {prop.code}".split())
    assert shown in " ".join(str(report).split())


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_of_the_page_has_its_place(name: str, tmp_path: Path) -> None:
    old, new, code, said = REFUSED[name]
    found = nndsl.check(written(tmp_path, old, new))
    errors = [one for one in found if one.severity == "error"]
    assert code in [one.code for one in errors], found
    assert any(said in f"{one.message} {one.help}" for one in errors), found
    assert all(one.span.line < 29 for one in errors)


def test_the_command_says_where_and_what(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = written(tmp_path, "dgate * beta * gate * (1 - gate)", "dy")
    assert main(["gradcheck", str(spec)]) == 1
    out = " ".join(capfd.readouterr().out.split())
    assert "`dx` is wrong: at x = 1.3 it is 1.93" in out
    assert "line 6: dx = dy * gate + dy" in out


@pytest.mark.slow
@pytest.mark.parametrize("command", ["mutate", "trace", "summary"])
def test_other_commands_take_it(
    command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    spec = written(tmp_path)
    more = ["-o", str(tmp_path / "buggy.py")] if command == "mutate" else []
    assert main([command, str(spec), *more]) == 0


def test_it_is_printed_and_has_a_json_form(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    spec = written(tmp_path)
    assert main(["convert", str(spec), "--to", "json"]) == 0
    (tmp_path / "net.json").write_text(capfd.readouterr().out, "utf-8")
    assert main(["convert", str(tmp_path / "net.json"), "--to", "nn"]) == 0
    assert capfd.readouterr().out == PAGE
    one, other = (nndsl.load(tmp_path / f"net.{end}") for end in ("nn", "json"))
    texts = (dataclasses.asdict(m.script)["text"].partition("# fmt: off")[2] for m in (one, other))
    assert len({*texts}) == 1


def test_what_nothing_reads_is_a_warning(tmp_path: Path) -> None:
    spec = written(tmp_path, "dgate = dy * x", "dgate = dy * x\n    dz = x")
    (found,) = nndsl.check(spec)
    assert (found.code, found.severity) == ("NN401", "warning")
    assert "`dz`" in found.message


def test_a_line_of_an_imported_word_is_named_in_its_file(tmp_path: Path) -> None:
    words, _, page = PAGE.partition("data = ")
    (tmp_path / "words.nn").write_text(words.replace("dgate = dy * x", "dgate = dy * y"), "utf-8")
    (tmp_path / "net.nn").write_text(f'import "words.nn"\n\ndata = {page}', "utf-8")
    report = nndsl.check_gradients(nndsl.load(tmp_path / "net.nn"))
    assert "words.nn line 5: dgate = dy * y" in " ".join(str(report).split())
