"""The formulas in the head of a script are what the script does: each is evaluated, and compared.

A formula takes the values that the script gave the names in it; what its left-hand side names must
come out. `mean` and `var` of a normalisation are held to their definitions as well.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np
import pytest
from every_word import composite
from head_algebra import Formula, conv, conv_transposed, padded

import nndsl
from nndsl.emit.script import write_script
from nndsl.program.lower import lower
from nndsl.vocabulary import registry

SEQUENCES = {
    "rnn": "embedding(6); rnn(3, output=all); reverse; flatten",
    "last rnn": "embedding(6); rnn(5)",
    "lstm": "embedding(6); lstm(3, output=all); reverse; flatten",
    "last lstm": "embedding(6); lstm(5, forget_bias=0.5)",
    "gru": "embedding(6); gru(3, output=all); reverse; flatten",
    "last gru": "embedding(6); gru(5)",
    "mean of positions": "embedding(6); tanh; pool_positions",
    "largest of positions": "embedding(6); tanh; pool_positions(by=max)",
    "attention": "embedding(6); positional_embedding; self_attention; flatten",
    "heads": "embedding(6); self_attention(heads=3, causal=true); reverse; flatten",
    "drops": "embedding(6); positional_embedding(form=sinusoidal); "
    "self_attention(heads=2, causal=true, dropout=0.3); flatten",
}
ACTIVATIONS = [
    *("relu", "leaky_relu(0.2)", "elu(0.7)", "gelu", "sigmoid", "silu", "softplus", "tanh"),
    *("softmax", "layer_norm", "batch_norm", "dropout(0.4)", "dropout(0.4, scaling=test)"),
    *("add { branch { tanh }; branch { sigmoid } }", "a = dense(4); relu; dot(a)"),
    *("multiply { branch { tanh }; branch { sigmoid } }",),
    *("gaussian_noise(0.3)", "residual { tanh }", "concat { branch { tanh }; branch { relu } }"),
]
IMAGES = [
    "conv2d(2, kernel=3, padding=same, stride=2); batch_norm; flatten",
    "conv2d(4, kernel=2, groups=2, bias=false); max_pool(2); flatten",
    "conv2d(2, kernel=3, padding=1); max_pool(3, stride=2); upsample(2); global_avg_pool",
    "avg_pool(2); flatten",
    "conv_transpose2d(3, 3, stride=2, padding=1); relu; conv_transpose2d(2, 2); flatten",
    "reshape(2, 30); conv_transpose1d(3, 4, stride=2, padding=same, bias=false); flatten",
    "random_crop(4); cutout(2); conv2d(8, kernel=1); depth_to_space(2); patches(4); flatten",
    "reshape(2, 30); upsample(2); flatten",
    "conv2d(3, kernel=3, dilation=2, padding=same); max_pool(3, stride=2, padding=1); flatten",
    "reshape(2, 30); conv1d(4, 3, dilation=3); avg_pool(3, padding=same); max_pool(2); flatten",
    "avg_pool(3, stride=1); reshape(2, 12); conv1d(4, kernel=3, stride=2); flatten",
    "random_flip; random_shift(2); flatten",
    "random_flip(direction=vertical); flatten",
]
LOSSES = [
    *("mean_squared_error", "mean_absolute_error", "huber(0.3)", "binary_cross_entropy"),
    *("softmax_cross_entropy", "softmax_cross_entropy(label_smoothing=0.2)"),
    *("hinge(0.3)", "multiclass_hinge", "pinball(0.8)", "poisson", "contrastive(0.5)"),
    "soft_target_cross_entropy",
]
PENALTIES = {
    "": "regularize = elastic_net(l1=0.1, l2=0.2)",
    ", regularize=l1(0.3)": "regularize = l2(0.1)",
    ", regularize=l2(0.3)": "",
}
COUNT = 5


def page(network: str, loss: str = "softmax_cross_entropy", more: str = "") -> str:
    train = f"train {{\n loss = {loss}\n optimizer = sgd\n dtype = float64\n {more}\n}}"
    return f"network {{ {network} }}\n{train}"


PAGES = [
    re.sub("data = .*\n", "", composite("float64")).replace("epochs = 2", "steps = 5"),
    *(page(f"input(4, tokens=7); {layers}; dense(3)") for layers in SEQUENCES.values()),
    *(page(f"input(4, 6); {word}(3, output=all); dense(2)") for word in ("rnn", "lstm", "gru")),
    page("input(4, 6); self_attention(heads=2); dense(2)"),
    page("input(4, 6); as_positions; dense(2)"),
    page("input(4, tokens=7); embedding(5); dense(7, weights=tied(embedding))"),
    *(page(f"input(6); dense(4); {layer}; dense(3)") for layer in ACTIVATIONS),
    *(page(f"input(2, 6, 5); {layers}; dense(3)") for layers in IMAGES),
    *(page("input(6); dense(4)", loss) for loss in LOSSES),
    page("input(4, 6); rnn(3, output=all)", "huber(0.3)"),
    *(
        page(f"input(6); dense(4{own}); relu; dense(3); relu; dense(4)", more=more)
        for own, more in PENALTIES.items()
    ),
    "block b(n) { dense(n); gelu; layer_norm }\n" + page("input(6); b(4); b(4); b(4); dense(3)"),
    "network { input(6); dense(4); step; dense(2); softmax }",
]


def load_page(text: str) -> nndsl.Model:
    """Return a model; where many layers share a function, with all of them written out."""
    model = nndsl.load("heads.nn", text=text, dtype="float64")
    if text != PAGES[0]:
        return model
    assert model.checked.spec is not None
    assert model.checked.graph is not None
    program = lower(model.checked.spec, model.checked.graph, written_out=True)
    return nndsl.Model(model.checked, write_script(program))


def values_of(model: nndsl.Model) -> dict[str, Any]:
    """Return what the script calls by a name, having run once: constants, arrays, variables."""
    rng = np.random.default_rng(2)
    shape = model.script.input_shape
    tokens = getattr(shape, "vocab_size", None)
    X = rng.integers(0, tokens, (COUNT, *shape)) if tokens else rng.normal(size=(COUNT, *shape))
    for array in [*model.parameters.values(), *model.state.values()]:
        if np.ptp(array) == 0:  # biases of 0 and scales of 1 hide what is wrong
            array[...] = rng.uniform(0.5, 1, array.shape)
    found: dict[str, Any] = {}
    calls: dict[str, list[Any]] = {}  # of functions of layers, by their names
    codes = {f.__code__ for f in model.namespace.values() if hasattr(f, "__code__")}

    def watch(frame: Any, event: str, _: Any) -> None:
        if event == "return" and frame.f_code in codes:
            for name, value in frame.f_locals.items():
                found.setdefault(name, value)
                calls.setdefault(name, []).append(value)

    output = model.predict(X)
    outputs = output.shape[-1]
    train = model.spec.train
    if train is None:
        run, given = model.namespace["predict"], (X,)
    elif train.loss.targets == "classes":
        run, given = (
            model.namespace["loss_and_gradients"],
            (X, rng.integers(0, outputs, output.shape[:-1])),
        )
    else:
        run, given = model.namespace["loss_and_gradients"], (X, rng.random(output.shape))
    sys.setprofile(watch)
    try:
        run(*given)
    finally:
        sys.setprofile(None)
    found |= zip("Xt", given, strict=False)  # a step in time is called t, too
    if "waves" in model.namespace:
        found["waves"] = model.namespace["waves"](*shape, found["E1"].shape[-1], np.float64)[:, :]
    found["W"] = [a for a in model.parameters.values() if a.ndim > 1]
    found["classes"], found["calls"] = outputs, calls
    constants = {name: v for name, v in model.namespace.items() if name.isupper()}
    return {**constants, **found}


def equations(script: str) -> list[str]:
    """Return the formulas of the head."""
    head = re.sub(r"\n +\+ ", " + ", script.split("\n\n")[1])
    lines = [line.strip() for line in head.splitlines() if not line.endswith(":")]
    return [part for line in lines for part in re.split(" {4,}", line)]


def rows_of(found: Any, like: Any) -> Any:
    """Return what a layer of positions computed, laid out as rows."""
    if found.shape == like.shape:
        return found
    if found.ndim == 3:  # of a recurrence: (T, N, F)
        return found.transpose(1, 0, 2).reshape(like.shape)
    return found.reshape(like.shape)


def phrase(text: str, values: dict[str, Any], y: Any) -> Any:
    """Return the value of what is said in words, or None where it is a formula."""
    name = re.search(r"\b[A-Z]\w*\b", text)
    x = values.get(name[0]) if name else None
    if text.endswith(" as rows"):
        return x.reshape(COUNT, -1)
    if found := re.search(r" as \(([\d, ]+)\)$", text):
        return x.reshape(COUNT, *map(int, found[1].split(", ")))
    if text.endswith(", backwards"):
        return x.reshape(COUNT, -1, x.shape[-1])[:, ::-1].reshape(-1, x.shape[-1])
    if text.endswith("^T of each example"):
        return x.reshape(COUNT, -1, x.shape[-1]).transpose(0, 2, 1)
    if found := re.search(r", (\d+) by \1 of each number$", text):
        return np.kron(x, np.ones((int(found[1]), int(found[1]))))
    if found := re.search(r", (\d+) of each number$", text):
        return x.repeat(int(found[1]), axis=2)
    if found := re.search(r", its depth as blocks of (\d+) by \1$", text):
        factor = int(found[1])
        made = np.zeros_like(y)
        for i, j in np.ndindex(factor, factor):
            made[:, :, i::factor, j::factor] = x[:, factor * i + j :: factor**2]
        return made
    if found := re.search(r", squares of (\d+) by \1 as positions$", text):
        size = int(found[1])
        starts = [range(0, length, size) for length in x.shape[2:]]
        seen = [x[:, :, i : i + size, j : j + size] for i in starts[0] for j in starts[1]]
        return np.stack(seen, axis=1).reshape(y.shape)
    if found := re.search(r", (\d+) by \1 of it$", text):
        size = int(found[1])
        seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
        found_at = (seen == y[:, :, None, None]).all(axis=(1, 4, 5)).any(axis=(1, 2))
        return y if found_at.all() else None
    if re.search(r", but 0 in a square of (\w+) by \1$", text):
        return np.where(y == 0, 0, x)
    pooled = r"^(max|mean) of \w+ over (\d+)(?: by \2)?(?:, stride (\d+))?(?:, padding (\w+))?$"
    if found := re.search(pooled, text):
        size, axes = int(found[2]), tuple(range(2, x.ndim))
        step = int(found[3] or size)
        if found[4]:
            value = -np.inf if found[1] == "max" else 0
            x = padded(x, found[4], step, size, constant_values=value)
        windows = np.lib.stride_tricks.sliding_window_view(x, [size] * len(axes), axis=axes)
        seen = windows[(np.s_[:], np.s_[:], *[np.s_[::step]] * len(axes))]
        return getattr(seen, found[1])(axis=tuple(range(x.ndim, seen.ndim)))
    if text.endswith(" at every position"):
        return np.repeat(x, len(y) // COUNT, axis=0)
    if text.endswith("a row for each position"):
        return x.reshape(-1, x.shape[-1])
    if text.endswith("over the positions"):
        return getattr(x.reshape(COUNT, -1, x.shape[-1]), text.partition(" ")[0])(axis=1)
    if text.startswith("mean of each channel"):
        return x.mean(axis=tuple(range(2, x.ndim)))
    if text.endswith(" in a mirror"):
        axis = 3 if (y == x).all(axis=(1, 2, 3)).sum() < COUNT else None
        made = np.array(x)
        for image, seen in zip(made, y, strict=True):
            mirrors = [image, image[:, :, ::-1], image[:, ::-1]]
            image[...] = next(m for m in mirrors if np.array_equal(m, seen)).copy()
        assert axis, "some images are turned over"
        return made
    if found := re.search(", moved by up to (\\w+)$", text):
        most = values[found[1]]
        wide = np.pad(x, ((0, 0), (0, 0), (most, most), (most, most)))
        moved = [
            wide[:, :, i : i + x.shape[2], j : j + x.shape[3]]
            for i, j in np.ndindex(2 * most + 1, 2 * most + 1)
        ]
        return np.array(
            [next(m[n] for m in moved if np.array_equal(m[n], y[n])) for n in range(COUNT)]
        )
    if found := re.search(r"^1 where (\w+) > 0, else 0$", text):
        return np.where(values[found[1]] > 0, 1.0, 0.0)
    if found := re.search(r"^(\w+)\[(\w+)\]$", text):
        return values[found[1]][values[found[2]].reshape(-1)]
    if found := re.search(r"^conv\^T\((\w+), (\w+)(.*)\)(?: \+ (\w+))?$", text):
        said = dict(part.split() for part in filter(None, found[3].split(", ")))
        y = conv_transposed(values[found[1]], values[found[2]], **said)
        b = values[found[4]] if found[4] else np.zeros(y.shape[1])
        return y + b.reshape(-1, *[1] * (y.ndim - 2))
    if found := re.search(r"^conv\((\w+), (\w+)(.*)\)(?: \+ (\w+))?$", text):
        how: dict[str, Any] = {}
        for part in filter(None, found[3].split(", ")):
            a, b = part.split()
            name_, number = (b, a) if b == "groups" else (a, b)
            how[name_] = int(number) if number.isdigit() else number
        y = conv(values[found[1]], values[found[2]], **how)
        b = values[found[4]] if found[4] else np.zeros(y.shape[1])
        return y + b.reshape(-1, *[1] * (y.ndim - 2))
    return None


def check_means(text: str, values: dict[str, Any]) -> None:
    """Hold `mean` and `var` in a formula to what they are of."""
    found = re.search(r"\((\w+) - (mean\w*)\) / sqrt\((var\w*) ", text)
    if not found:
        return
    x = values[found[1]]
    for name, function in ((found[2], np.mean), (found[3], np.var)):
        made = []  # by the calls of a function that several layers share
        for known in values["calls"].get(name, [values[name]]):
            axis: Any = 1 if known.ndim == 2 else tuple(i for i in range(x.ndim) if i != 1)
            is_here = known.size == function(x, axis=axis).size
            if is_here and np.allclose(known.ravel(), function(x, axis=axis), rtol=1e-9, atol=0):
                made.append(known)
        assert made, f"{name} is not that of {found[1]}"
        values[name] = made[0]


@pytest.mark.slow
@pytest.mark.parametrize("text", PAGES, ids=range(len(PAGES)))
def test_every_formula_of_a_head(text: str) -> None:
    check_head(load_page(text))


def check_head(model: nndsl.Model, left_out: str = "") -> None:
    """Evaluate every formula, but for something that is left out."""
    values = values_of(model)
    for name in [n for n in values if re.fullmatch(r"[hc]\d*", n)]:  # of a recurrence
        assert not values[name][0].any(), "it begins at 0"
        values[f"{name}[t-1]"], values[name] = values[name][:-1], values[name][1:]
    matrices = {name for name, array in model.parameters.items() if array.ndim == 2}
    outputs = {name for name in values if re.fullmatch(r"[A-Z]\d+(_\d+)?", name)}
    outputs -= {*model.parameters, *(name for name in model.namespace if name.isupper())}
    for equation in equations(model.source):
        left, _, right = equation.replace(left_out, "").partition(" = ")
        outputs -= hold(left, right, values, matrices)
    assert not outputs, "the head says what every value is"


def hold(left: str, right: str, values: dict[str, Any], matrices: set[str]) -> set[str]:
    """Hold one formula to the script's values; return the names that it proved."""
    names = left.split(", ")
    check_means(right, values)
    if left == "loss":
        total = values["loss"] + values.get("penalty", 0)
        while found := re.search(r"(?: \+ )\(([^()]*) for W = ([^()]*)\)$", right):
            own = {**values, "W": [values[name] for name in found[2].split(", ")]}
            total -= Formula(found[1], own, matrices).value()
            right = right[: found.start()]
        assert Formula(right, values, matrices).value() == pytest.approx(total, rel=1e-9)
        return {left}
    is_of_channels = right.endswith(" for each channel")
    bound = values
    if is_of_channels:
        right = right.removesuffix(" for each channel")
        axes = values[left].ndim - 2
        values = values | {
            name: array.reshape(-1, *[1] * axes)
            for name, array in values.items()
            if isinstance(array, np.ndarray) and array.ndim == 1
        }
    value = phrase(right, values, values.get(left))
    if value is None:
        if not is_of_channels and "[" not in right:  # a table for each example is rows
            values = values | {
                name: array.reshape(-1, array.shape[-1])
                for name, array in values.items()
                if re.fullmatch(r"[A-Z]\d*", name)
                and isinstance(array, np.ndarray)
                and array.ndim == 3
            }
        value = Formula(right, values, matrices).value()
    parts = np.split(value, len(names), axis=-1)
    proved = set()
    for name, part in zip(names, parts, strict=True):
        known = values.get(name)
        if len(names) > 1 and np.ndim(known) == 4:  # heads: (N, heads, T, size)
            part = part.reshape(COUNT, part.shape[0] // COUNT, known.shape[1], -1)
            part = part.transpose(0, 2, 1, 3)
        elif known is None or np.size(known) != part.size or len(names) > 1:
            bound[name] = part  # a name of the head alone, or of one step
            continue
        np.testing.assert_allclose(
            rows_of(part, known), known, rtol=1e-9, atol=1e-12, err_msg=f"{left} = {right}"
        )
        proved.add(name)
    return proved


def test_every_word_with_a_formula_is_held_to_it() -> None:
    texts = " ".join(PAGES)
    for role in ("layers", "losses", "regularizers"):
        for word in registry.names(role):
            is_there = re.search(rf"\b{word}\b", texts) or word == "pretrained"  # it needs a file
            assert is_there, f"{word} stands on no page here"


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [
        *(" + b_h", " + LSTM_FORGET_BIAS", " + causal_mask", "GAUSSIAN_NOISE_STD ", ", DELTA"),
        *(" / (1 - DROPOUT_RATE)", " + L1 sum |W|", " for W = W1", "^T", " + b1", "1/2 "),
    ],
)
def test_what_a_head_leaves_out_is_noticed(part: str) -> None:
    models = map(load_page, PAGES[1:])
    model = next(model for model in models if part in " ".join(equations(model.source)))
    with pytest.raises((AssertionError, ValueError, TypeError)):
        check_head(model, left_out=part)
