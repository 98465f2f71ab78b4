"""The backward pass of the vocabulary, derived from its forward pass, beside the one by hand.

`python tests/vocabulary/test_derived.py` prints how many lines and operations either has.
"""

from __future__ import annotations

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

from nndsl.ir import Statement, parse_text
from nndsl.ir.adjoint import Passes, derive
from nndsl.ir.forward_values import NotDifferentiable
from nndsl.ir.rows import Dimensions, Rows
from nndsl.ir.tidy import operations
from nndsl.ir.tree import Comprehension, Expression, Operation, expressions
from nndsl.ir.values import NUMBER, Value
from nndsl.shapes import SequenceShape, Shape, Tokens
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.regularizer import Regularizer

# Words whose forward pass is no list of formulas, and why.
NO_FORMULAS = {
    **dict.fromkeys(["rnn", "lstm", "gru"], "a loop over steps"),
    **dict.fromkeys(["conv1d", "conv2d"], "windows of an image are gathered"),
    **dict.fromkeys(["max_pool", "avg_pool", "upsample"], "windows of an image are gathered"),
    **dict.fromkeys(["random_flip", "random_shift", "gaussian_noise"], "arrays are drawn"),
    "self_attention": "one line names three arrays",
    "reverse": "the order of steps is turned",
    "step": "its slope is 0",
}
MUST = {"batch_norm", "dense", "layer_norm", "relu", "tanh", "softmax", "sigmoid", "gelu"}


def dimensions(shape: Shape) -> Dimensions:
    return (Rows(shape[0]), *shape.row) if isinstance(shape, SequenceShape) else (Rows(), *shape)


def derived(layer: Layer, shapes: tuple[Shape, ...]) -> Passes:
    """Return the passes of a layer whose backward pass is derived."""
    numbers = {name: str(value) for name, value in layer.numbers(*shapes).items()}
    parameters = layer.tied_parameters(*shapes) | layer.parameters(*shapes)
    known = {name: Value(dimensions(s)) for name, s in zip(layer.inputs, shapes, strict=True)}
    known |= {name: Value(parameter.shape) for name, parameter in parameters.items()}
    known |= {name: NUMBER for name in fields(layer) if name not in numbers}
    forward = [statement.rename(numbers) for statement in parse_text(layer.forward)]
    return derive(forward, [*parameters, *layer.inputs], known)


def text(passes: Passes) -> str:
    return "\n".join(statement.text for statement in (*passes.forward, *passes.backward))


def cases() -> list[Any]:
    return [
        (layer, shapes)
        for layer, shapes in layer_cases()
        if not any(isinstance(shape, Tokens) for shape in shapes)
        and getattr(layer, "form", "") != "sinusoidal"  # its waves are a function of its own
    ]


@pytest.mark.parametrize(
    "case", [c for c in cases() if c[0].keyword() not in NO_FORMULAS], ids=name_case
)
def test_layers(case: tuple[Layer, tuple[Shape, ...]]) -> None:
    layer, shapes = case
    made = LayerRun(layer, shapes)
    passes = derived(layer, shapes)
    is_row = isinstance(shapes[0], SequenceShape) and not layer.sees_positions
    names = made.names(dy=made.dy, N=len(made.dy) if is_row else N)
    found, written = run(text(passes), **names), made.backward()
    for name in made.trained:
        assert found[f"d{name}"].shape == written[f"d{name}"].shape
        np.testing.assert_allclose(found[f"d{name}"], written[f"d{name}"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", [c for c in cases() if c[0].keyword() in MUST], ids=name_case)
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
    written = run(loss.backward, **run(loss.forward, **names))["dx"]
    assert found.dtype == written.dtype == dtype
    np.testing.assert_allclose(found, written, rtol=1e-5 if dtype == np.float32 else 1e-10)


def penalty_of_one(regularizer: Regularizer) -> list[Statement]:
    """Return the penalty of one weight, of which the forward pass sums up several."""

    def alone(node: Expression) -> Expression:
        match node:
            case Operation("sum()", (Comprehension(element=element),)):
                return element
        return node

    return [statement.rewrite(alone) for statement in parse_text(regularizer.forward)]


@pytest.mark.parametrize("regularizer", all_variants("regularizers"), ids=name_case)
def test_regularizers(regularizer: Regularizer) -> None:
    known = {"w": Value((3, OUTPUTS)), **dict.fromkeys(fields(regularizer), NUMBER)}
    passes = derive(penalty_of_one(regularizer), ["w"], known, "penalty")
    w = away_from_zero(np.random.default_rng(0), (3, OUTPUTS))
    found = run(text(passes), w=w, **fields(regularizer))["dw"]
    np.testing.assert_allclose(found, run(regularizer.backward, w=w, **fields(regularizer))["dw"])


def effort(statements: tuple[Statement, ...]) -> str:
    count = sum(operations(e) for s in statements for e in expressions(s.node))
    return f"{len(statements)} {count}"


def table() -> str:
    """Return how many lines and operations the backward passes have, by hand and derived."""
    rows = {}
    words: list[tuple[str, Any, Any]] = [
        (layer.keyword(), layer, lambda layer=layer, shapes=shapes: derived(layer, shapes))
        for layer, shapes in cases()
    ]
    words += [(w.keyword(), w, lambda w=w: derived_loss(w)) for w in all_variants("losses")]
    for word, one, make in words:
        try:
            passes = make()
        except NotDifferentiable as error:
            rows.setdefault(word, f"{word:24}{NO_FORMULAS.get(word, error)}")
            continue
        more = len(passes.forward) - len(parse_text(one.forward))
        by_hand = effort(parse_text(one.backward))
        rows[word] = f"{word:24}{by_hand:>10}{effort(passes.backward):>10}{more:>6}"
    head = f"{'word':24}{'by hand':>10}{'derived':>10}{'named':>6}   (lines, operations)"
    return "\n".join([head, *rows.values()])


if __name__ == "__main__":
    print(table())
