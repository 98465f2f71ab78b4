"""The identity of a network: another for another network, the same for another training."""

from __future__ import annotations

import pytest

import nndsl
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_program
from nndsl.ir import parse_text
from nndsl.source import Source
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer

SPEC = """
data = spiral(classes=3, samples=60, validation=0.1)
network {
  dense(8, init=he)
  leaky_relu(slope=0.1)
  dropout(0.2)
  batch_norm
  dense(3)
}
train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 3 }
"""


def identity(text: str, *, optimized: bool = False) -> str:
    diagnostics = Diagnostics()
    checked = analyse(Source("net.nn", text), diagnostics)
    return build_program(checked, optimized=optimized).identity


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epochs = 3", "epochs = 30; seed = 7; batch = 5; dtype = float64"),
        ("adam(lr=0.01)", "sgd(lr=1)"),
        ("softmax_cross_entropy", "mean_squared_error"),
        ("dropout(0.2)", "dropout(0.7)"),
        ("  dropout(0.2)\n", ""),
        ("dropout(0.2)", "gaussian_noise(0.3)"),
        ("batch_norm", "batch_norm(momentum=0.3)"),
        ("leaky_relu(slope=0.1)", "identity\n leaky_relu(slope=0.1)"),
        ("init=he", "init=zeros, regularize=l2(0.1)"),
        ("validation=0.1", "noise=0.3, test=0.5"),
        ("network", "model other\n# another text\nnetwork"),
        ("dense(8,", "dense(2*4,"),
    ],
)
def test_training_has_no_part_in_it(old: str, new: str) -> None:
    assert old in SPEC
    assert identity(SPEC.replace(old, new)) == identity(SPEC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("leaky_relu(slope=0.1)", "relu"),
        ("slope=0.1", "slope=0.2"),
        ("dense(8,", "dense(9,"),
        ("init=he", "init=he, bias=false"),
        ("dropout(0.2)", "dropout(0.2, scaling=test)"),
        ("batch_norm", "batch_norm(epsilon=0.1)"),
        ("batch_norm", "layer_norm"),
        ("dense(3)", "dense(3)\n softmax"),
        ("spiral(classes=3,", "blobs(classes=3, features=4,"),
    ],
)
def test_another_network_has_another(old: str, new: str) -> None:
    assert old in SPEC
    assert identity(SPEC.replace(old, new)) != identity(SPEC)


def test_names_of_steps_and_speed_have_no_part_in_it() -> None:
    assert identity(SPEC, optimized=True) == identity(SPEC)
    flat = "network { input(3); dense(4); tanh; dense(4); tanh }"
    repeated = "network { input(3); repeat(2) { dense(4); tanh } }"
    assert identity(flat) == identity(repeated)


def test_it_stays_as_it_is() -> None:
    """Files that were saved belong to it: where this changes, a release has to say so."""
    assert identity(SPEC) == "516130ec"


# Layers behind an input, and one that predicts otherwise from the same arrays.
ROWS, IMAGES, STEPS = "input(6)", "input(4, 6, 6)", "input(5, 4)"
MEMORY = "as_positions; m = tanh"
CHANGES = [
    (IMAGES, "max_pool(2)", "max_pool(2, stride=1); max_pool(2); max_pool(2)"),
    (IMAGES, "max_pool(3, stride=3)", "max_pool(2, stride=4)"),
    (IMAGES, "avg_pool(3, stride=3)", "avg_pool(2, stride=4)"),
    (IMAGES, "avg_pool(2)", "max_pool(2)"),
    (IMAGES, "avg_pool(2)", "avg_pool(2, padding=same)"),
    (IMAGES, "max_pool(3, padding=1)", "max_pool(3, padding=2)"),
    (IMAGES, "conv2d(4, 2)", "conv2d(4, 2, dilation=2)"),
    (IMAGES, "conv2d(4, 3)", "conv2d(4, 3, stride=2)"),
    (IMAGES, "conv2d(4, 3)", "conv2d(4, 3, padding=same)"),
    (IMAGES, "conv2d(4, 3, padding=1)", "conv2d(4, 3, padding=2)"),
    (IMAGES, "conv2d(4, 3, groups=2)", "conv2d(4, 3)"),
    (IMAGES, "reshape(4, 9, 4)", "reshape(9, 4, 4)"),
    (IMAGES, "upsample(2)", "upsample(3)"),
    (IMAGES, "depth_to_space(2)", "depth_to_space(1)"),
    (IMAGES, "patches(2)", "patches(3)"),
    (IMAGES, "random_crop(4)", "random_crop(3)"),
    (IMAGES, "conv_transpose2d(4, kernel=3)", "conv_transpose2d(4, kernel=2, stride=1)"),
    (IMAGES, "conv_transpose2d(4, kernel=3)", "conv_transpose2d(4, 3, padding=1)"),
    (STEPS, "conv_transpose1d(4, kernel=3)", "conv_transpose1d(4, 2, stride=2, padding=same)"),
    (STEPS, "conv1d(4, 3)", "conv1d(4, 3, padding=same)"),
    (STEPS, "conv1d(4, 3)", "conv1d(4, 3, stride=2)"),
    (STEPS, "conv1d(4, 2)", "conv1d(4, 2, dilation=3)"),
    (STEPS, "conv1d(5, 1, groups=5)", "conv1d(5, 1)"),
    (STEPS, "reverse", "identity"),
    (STEPS, "rnn(3)", "rnn(3, output=all)"),
    (STEPS, "as_positions(padding=0); gru(3)", "as_positions(padding=1); gru(3)"),
    (STEPS, "gru(3)", "gru(3, output=all)"),
    (STEPS, "lstm(3)", "lstm(3, forget_bias=2)"),
    (STEPS, "lstm(3)", "lstm(3, output=all)"),
    (STEPS, "self_attention(heads=1)", "self_attention(heads=2)"),
    (STEPS, "self_attention(heads=2)", "self_attention(heads=2, causal=true)"),
    (STEPS, "positional_embedding(form=sinusoidal)", "identity"),
    (STEPS, "pool_positions(by=max)", "pool_positions(by=mean)"),
    (STEPS, f"{MEMORY}; cross_attention(m, heads=2)", f"{MEMORY}; cross_attention(m, heads=4)"),
    (STEPS, f"{MEMORY}; cross_attention(m)", f"{MEMORY}; cross_attention(m, scaled=false)"),
    (STEPS, f"{MEMORY}; cross_attention(m)", f"{MEMORY}; cross_attention(m, projections=false)"),
    (ROWS, "repeat_vector(2)", "repeat_vector(3)"),
    (ROWS, "layer_norm", "layer_norm(epsilon=0.5)"),
    (ROWS, "batch_norm", "batch_norm(epsilon=0.5)"),
    (ROWS, "dropout(0.2, scaling=test)", "dropout(0.3, scaling=test)"),
    (ROWS, "elu", "elu(alpha=0.5)"),
    (ROWS, "leaky_relu(slope=0.1)", "leaky_relu(slope=0.2)"),
    (ROWS, "tanh; relu", "relu; tanh"),
    (ROWS, "residual { tanh }; dense(6)", "dense(6); residual { tanh }"),
    (
        ROWS,
        "concat { branch { tanh }; branch { elu } }",
        "concat { branch { elu }; branch { tanh } }",
    ),
    (ROWS, "first; dense(6, weights=tied(first)); dense(6)", "first; dense(6); dense(6)"),
]
FIRST = "let first = dense(6)\n"


def network(shape: str, layers: str) -> str:
    return f"{FIRST * ('first;' in layers)}network {{ {shape}\n {layers.replace('; ', chr(10))} }}"


@pytest.mark.parametrize(("shape", "one", "other"), CHANGES)
def test_what_changes_a_prediction_changes_it(shape: str, one: str, other: str) -> None:
    assert identity(network(shape, one)) != identity(network(shape, other))


OWN = [
    ("own { y = tanh(x) }", "own { y = x * x }"),
    ("own(a=0.5) { y = a * x }", "own(a=0.7) { y = a * x }"),
    ("own { y = x + mean(x) }", "own { y = x + sum(x) }"),
]


@pytest.mark.parametrize(("one", "other"), OWN)
def test_what_a_layer_of_the_page_says_is_part_of_it(one: str, other: str) -> None:
    page = "\nnetwork { input(6); own; dense(3) }"
    assert identity(f"layer {one}{page}") != identity(f"layer {other}{page}")


def test_how_a_layer_of_the_page_is_set_is_not() -> None:
    page = "\nnetwork { input(6); own; dense(3) }"
    spaced = "layer own {\n  # as before\n  y   =   tanh(x)\n}"
    assert identity(f"layer own {{ y = tanh(x) }}{page}") == identity(f"{spaced}{page}")


def test_every_field_of_a_layer_is_asked_about() -> None:
    """Each has a part in prediction, and a change above; or it concerns training alone."""
    said = {(word, field) for _, *texts in CHANGES for text in texts for word, field in given(text)}
    missing = set()
    for keyword in registry.names("layers"):
        layer = registry.get(Layer, keyword)
        for field in set(layer.model_fields) - set(layer.training_only):
            plain = "Initializer" not in str(layer.model_fields[field].annotation)
            if plain and field not in ("units", "filters", "features", "bias", "regularize"):
                missing.add((keyword, field))
    unfolded = {("repeat", "times"), ("input", "shape"), ("input", "tokens")}
    unfolded |= {("pretrained", "path"), ("input", "columns")}  # live/test_several_inputs.py
    unfolded |= {("input", "padding")}  # live/test_padding.py
    noise = {("gaussian_noise", "std"), ("random_flip", "direction"), ("random_shift", "pixels")}
    noise |= {("cutout", "size")}
    assert missing - said <= unfolded | noise


def given(text: str) -> list[tuple[str, str]]:
    """Return the layers of a network with each argument that they are given."""
    checked = analyse(Source("net.nn", network("input(6)", text)), Diagnostics())
    instances = checked.spec.network if checked.spec and checked.spec.network else ()
    found: list[tuple[str, str]] = []
    pending = [*instances]
    while pending:
        one = pending.pop()
        pending += one.body
        found += [(one.layer.keyword(), field) for field in one.layer.model_fields_set]
    return found


def test_what_concerns_training_alone_is_not_read_in_prediction() -> None:
    for keyword in registry.names("layers"):
        layer = registry.get(Layer, keyword)
        for field in layer.training_only:
            assert field in layer.model_fields
            text = layer.__dict__.get("inference_forward")
            example: Builtin | None = None
            if not isinstance(text, str):
                needed = {n: 2 for n, info in layer.model_fields.items() if info.is_required()}
                is_choice = layer.model_fields[field].annotation is bool
                example = layer(**needed, **{field: True if is_choice else 0.25})
                text = example.inference_forward  # type: ignore[attr-defined]
            assert text
            assert field not in {name for s in parse_text(text) for name in s.reads}


@pytest.mark.parametrize("optimize", [False, True])
def test_a_model_and_its_script_have_the_same(optimize: bool) -> None:
    model = nndsl.load("net.nn", text=SPEC, optimize=optimize)
    assert model.script.identity == identity(SPEC)
    assert f'network="{model.script.identity}"' in model.source
