"""The backward pass of the vocabulary, derived from its forward pass, beside the one by hand.

`pytest tests/vocabulary --update-golden` writes docs/derived.md: how many lines and operations
either has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from execution import (
    OUTPUTS,
    LayerRun,
    N,
    all_variants,
    away_from_zero,
    fields,
    layer_cases,
    loss_names,
    name_case,
    run,
)
from own_layer_pages import complex_step
from written_backward import WRITTEN, written

from nndsl.ir import Statement, parse_text
from nndsl.ir.adjoint import Passes, derive
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.tidy import operations
from nndsl.ir.tree import Comprehension, Expression, Operation, expressions
from nndsl.ir.values import NUMBER, Value
from nndsl.shapes import SequenceShape, Shape, Tokens
from nndsl.vocabulary.builtin import Derived
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.regularizer import Regularizer

PAGE = Path(__file__).parents[2] / "docs" / "derived.md"

# Words of which not every form is derived, and why.
NO_RULE = {
    **dict.fromkeys(["conv_transpose1d", "conv_transpose2d"], "a loop adds to what it reads"),
    "cutout": "a loop over images says where the hole is, in lines with two names",
    "pool_positions": "`np.take_along_axis` has no rule",
    "repeat_vector": "`np.repeat` has no rule",
}
# Words that are derived, and whose backward pass is written all the same, and why.
BEHIND = (
    "one product of all steps, behind the loop, is up to 1.5 times as quick as one in each step"
)
SHAPED = "gradients of what has two shapes have two names, and the lines are short"
STAY = {
    "contrastive": "what is drawn together and what is pushed apart stand side by side",
    "depth_to_space": "the lengths have names in a script",
    "patches": "the lengths have names in a script",
    **dict.fromkeys(["rnn", "lstm", "gru"], BEHIND),
    **dict.fromkeys(["conv1d", "conv2d"], SHAPED),
    "random_crop": "the lengths have names in a script",
    "max_pool": "of equal numbers the first has the gradient, as in PyTorch; here they share it",
    "upsample": "the lengths have names in a script",
    "cross_attention": "the lengths have names in a script: `T`, `S`, `heads`, `size`",
    "embedding": "the comment says why tokens are added up one by one",
    "gelu": "`3 * 0.044715` would be worked out, and the line is long",
    "global_avg_pool": "two short lines read better than a long one",
    "hinge": "one line, as in every book",
    "concat": "the lengths have names in a script",
    "as_positions": "the lengths have names in a script",
    "positional_embedding": "the lengths have names in a script",
    "random_flip": "a mirror undoes itself, which the derived sum of two choices does not say",
    "reshape": "the lengths have names in a script",
    "reverse": "the lengths have names in a script",
    "self_attention": "the lengths have names in a script: `T`, `heads`, `size`",
    "transpose": "where examples are rows of positions, the lengths have names in a script",
    "silu": "its sigmoid is written out, so as to be exact where it is nearly 0",
    "soft_target_cross_entropy": "`P - t` is the line of every book",
    "softmax_cross_entropy": "`P - one_hot(t)` is the line of every book, and changes one array",
}


def dimensions(shape: Shape) -> Dimensions:
    return (Rows(shape[0]), *shape.row) if isinstance(shape, SequenceShape) else (Rows(), *shape)


def derived(layer: Layer, shapes: tuple[Shape, ...]) -> Passes:
    """Return the passes of a layer whose backward pass is derived."""
    numbers = {name: str(value) for name, value in layer.numbers(*shapes).items()}
    parameters = layer.tied_parameters(*shapes) | layer.parameters(*shapes)
    known = {
        name: Value((Rows(), *s), "int") if isinstance(s, Tokens) else Value(dimensions(s))
        for name, s in zip(layer.inputs, shapes, strict=True)
    }
    known |= {name: Value(parameter.shape) for name, parameter in parameters.items()}
    known |= {
        name: Value((), length=value) if type(value) is int else NUMBER
        for name, value in fields(layer).items()
        if name not in numbers
    }
    forward = [statement.rename(numbers) for statement in parse_text(layer.forward)]
    inputs = [name for name in layer.inputs if known[name].kind == "float"]
    return derive(forward, [*parameters, *inputs], known)


def text(passes: Passes) -> str:
    return "\n".join(statement.text for statement in (*passes.forward, *passes.backward))


def has_rules(layer: Layer) -> bool:
    return layer.keyword() not in NO_RULE and getattr(layer, "dilation", 1) == 1


def cases() -> list[Any]:
    return [
        (layer, shapes)
        for layer, shapes in layer_cases()
        if getattr(layer, "form", "") != "sinusoidal"  # its waves are a function of its own
        and not (isinstance(shapes[0], Tokens) and layer.keyword() == "input")
        and "state" not in layer.given_inputs  # `h[0] = state` writes into what a line made
        and not layer.carries  # as above
    ]


@pytest.mark.slow
@pytest.mark.parametrize("case", [c for c in cases() if has_rules(c[0])], ids=name_case)
def test_layers(case: tuple[Layer, tuple[Shape, ...]]) -> None:
    layer, shapes = case
    made = LayerRun(layer, shapes)
    passes = derived(layer, shapes)
    is_row = isinstance(shapes[0], SequenceShape) and not layer.sees_positions
    names = made.names(dy=made.dy, N=len(made.dy) if is_row else N)
    found = run(text(passes), **names)
    by_hand = run(written(layer), **made.forward(), dy=made.dy)
    for name in made.trained:
        one, other, true = found[f"d{name}"], by_hand[f"d{name}"], complex_step(made, name)
        assert one.shape == other.shape == true.shape
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(one, true, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "case", [c for c in cases() if isinstance(type(c[0]).backward, Derived)], ids=name_case
)
def test_a_word_that_writes_none_has_one_for_all_shapes(
    case: tuple[Layer, tuple[Shape, ...]],
) -> None:
    layer, shapes = case
    passes = derived(layer, shapes)
    numbers = {name: str(value) for name, value in layer.numbers(*shapes).items()}
    as_written = tuple(step.rename(numbers) for step in parse_text(layer.forward))
    assert passes.forward == as_written, "its forward pass names what is read again"
    lines = [line.text for line in parse_text(layer.backward)]
    is_same = lines == [line.text for line in passes.backward]
    assert is_same or layer.keyword() in ("avg_pool", "random_shift", "flatten")


def test_a_word_that_is_as_good_derived_writes_none() -> None:
    kinds = "layers", "losses", "regularizers"
    classes = {type(word) for kind in kinds for word in all_variants(kind)}
    classes |= {type(layer) for layer, _ in layer_cases()}
    plain = {c.keyword() for c in classes if isinstance(getattr(c, "backward", None), Derived)}
    assert plain >= {*WRITTEN}


@pytest.mark.parametrize("case", [c for c in cases() if c[0].keyword() in WRITTEN], ids=name_case)
def test_numbers_keep_their_type(case: tuple[Layer, tuple[Shape, ...]]) -> None:
    made = LayerRun(*case, dtype=np.float32)
    found = run(text(derived(*case)), **made.names(dy=made.dy))
    for name in made.trained:
        assert found[f"d{name}"].dtype == np.float32


def derived_loss(loss: Loss) -> Passes:
    one_each = loss.targets == "classes"
    t = Value((Rows(),), "int") if one_each else Value((Rows(), OUTPUTS))
    known = {"x": Value((Rows(), OUTPUTS)), "t": t, **dict.fromkeys(fields(loss), NUMBER)}
    return derive(parse_text(loss.forward), ["x"], known, "loss")


@pytest.mark.parametrize("loss", all_variants("losses"), ids=name_case)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_losses(loss: Loss, dtype: type) -> None:
    names = loss_names(loss, dtype, scale=2.0)
    found = run(text(derived_loss(loss)), **names)["dx"]
    by_hand = run(written(loss), **run(loss.forward, **names))["dx"]
    assert found.dtype == by_hand.dtype == dtype
    np.testing.assert_allclose(found, by_hand, rtol=1e-5 if dtype == np.float32 else 1e-10)


def penalty_of_one(regularizer: Regularizer) -> list[Statement]:
    """Return the penalty of one weight, of which the forward pass sums up several."""

    def alone(node: Expression) -> Expression:
        match node:
            case Operation("sum()", (Comprehension(element=element),)):
                return element
        return node

    return [statement.rewrite(alone) for statement in parse_text(regularizer.forward)]


def derived_penalty(regularizer: Regularizer) -> Passes:
    known = {"w": Value((3, OUTPUTS)), **dict.fromkeys(fields(regularizer), NUMBER)}
    return derive(penalty_of_one(regularizer), ["w"], known, "penalty")


@pytest.mark.parametrize("regularizer", all_variants("regularizers"), ids=name_case)
def test_regularizers(regularizer: Regularizer) -> None:
    passes = derived_penalty(regularizer)
    w = away_from_zero(np.random.default_rng(0), (3, OUTPUTS))
    found = run(text(passes), w=w, **fields(regularizer))["dw"]
    np.testing.assert_allclose(found, run(written(regularizer), w=w, **fields(regularizer))["dw"])


def effort(statements: tuple[Statement, ...]) -> tuple[int, int]:
    """Return how many lines and operations there are."""
    lines = sum(len(statement.text.splitlines()) for statement in statements)
    return lines, sum(operations(e) for s in statements for e in expressions(s.node))


def pairs() -> Iterator[tuple[str, Any, Callable[[], Passes]]]:
    """Yield each word with what derives its backward pass."""
    for layer, shapes in cases():
        yield "layer", layer, lambda layer=layer, shapes=shapes: derived(layer, shapes)
    for loss in all_variants("losses"):
        yield "loss", loss, lambda loss=loss: derived_loss(loss)
    for word in all_variants("regularizers"):
        yield "regularizer", word, lambda word=word: derived_penalty(word)


def page() -> str:
    """Return the page that holds the derived backward passes to those by hand."""
    rows: dict[str, str] = {}
    for kind, word, make in pairs():
        name = word.keyword()
        if name in rows:
            continue
        lines, count = effort(parse_text(written(word)))
        cells = [f"{kind} `{name}`", f"{lines} / {count}"]
        if name in NO_RULE:
            rows[name] = f"| {' | '.join([*cells, '', 'written', NO_RULE[name]])} |"
            continue
        lines, count = effort(make().backward)
        stands = "derived" if isinstance(type(word).backward, Derived) else "written"
        cells += [f"{lines} / {count}", stands, STAY.get(name, "")]
        rows[name] = f"| {' | '.join(cells)} |"
    derived_words = sum("| derived |" in row for row in rows.values())
    numbers = f"Of {len(rows)} words, {derived_words} write no backward pass."
    return "\n".join([*HEAD.splitlines(), *rows.values(), "", numbers]) + "\n"


HEAD = """\
# Derived backward passes beside those by hand

<!-- Generated: `pytest tests/vocabulary --update-golden` writes this page anew. -->

The backward pass of every layer, loss and regularizer, derived from its forward pass and held to
the one that a person wrote: equal in all numbers, and both in numbers to the complex step. Of each
the lines and the operations are counted; views of arrays and signs cost nothing. Where the derived
one is as good, the word writes none ([add a layer](add-a-layer.md)).

| word | by hand: lines / operations | derived | in use | why not the derived one |
|---|---|---|---|---|"""


@pytest.mark.slow
def test_the_page_is_up_to_date(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
    assert PAGE.read_text("utf-8") == page(), "pytest tests/vocabulary --update-golden"


@pytest.mark.slow
def test_no_derived_pass_in_use_is_longer_than_the_one_by_hand() -> None:
    for _, word, make in pairs():
        if word.keyword() in WRITTEN:
            by_hand, found = effort(parse_text(written(word))), effort(make().backward)
            assert found[0] <= by_hand[0], word.keyword()
            assert found[1] <= by_hand[1], word.keyword()
