"""What looks like a mistake, and is none, stays silent: a false alarm is worse than silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import nndsl
from nndsl.lints.rule import example
from nndsl.lints.table import LINTS

MNIST5K = Path(__file__).parents[2] / "specs" / "data" / "mnist5k.npz"
NETWORK = "dense(50); relu; dense(10)"
BOOK = "dense({0}, init=normal(std=0.01)); relu; dense(10, init=normal(std=0.01))"
MNIST = "mnist(validation=0.1)"
SQUARES = "loss = mean_squared_error"
YES_NO = "loss = binary_cross_entropy"
MOONS = "moons(samples=200, test=0.2)"
CURVE = "sine(samples=200, test=0.2)"
NORMALISED = "dense(50, bias=false); batch_norm; relu; dense(10)"
TABLE = """\
length_cm,year,id,price,cost
{0}
"""
ROWS = "\n".join(
    f"{10 + 7 * (i % 5)},{1990 + i},{i % 3},{20 + i * i},{21 + i * i}" for i in range(9)
)
NEW_ROWS = "\n".join(
    f"{11 + 7 * (i % 5)},{2000 + i},{i % 3},{21 + i * i},{22 + i * i}" for i in range(29)
)
PIXELS = example(
    "flatten; " + NETWORK, data='npz("mnist5k.npz", x="x_train", t="t_train", scale=1/255)'
)
IMAGES = "digits(images=true, validation=0.1, test=0.2)"
POOLED = "conv2d(8, kernel=3, padding=same); relu; max_pool({0}); flatten; dense(10)"
STRIDE = "conv2d(8, kernel=3, stride={0}); relu; flatten; dense(10)"
LAST = example(
    "embedding(8); self_attention; flatten; dense(27)",
    "batch = 2",
    optimizer="adam",
    data='text("t.txt", window=4, targets=last)',
)
STRIDED = STRIDE.format(1)
REGRESSION = "dense(8); relu; dense(1)"


def deep(depth: int, block: str) -> str:
    return "; ".join([block] * depth) + "; dense(10)"


def table(*arguments: str) -> str:
    more = "".join(f", {argument}" for argument in (*arguments, "standardize_target=true"))
    return example(
        REGRESSION, "batch = 3", loss=SQUARES, data=f'csv("t.csv", target="price"{more})'
    )


NEAR_MISSES = [
    # code, why it is none, the spec
    (
        "NN401",
        "used in a search alone",
        f"let width = 50\n{example('dense(width); relu; dense(10)')}",
    ),
    ("NN402", "a comment about nndsl", example("dense(10)  # nndsl: what it compiles")),
    (
        "NN403",
        "used in the default of a layer's argument only",
        "block hidden(n, on=true) { dense(n, bias=on); relu }\n" + example("hidden(50); dense(10)"),
    ),
    ("NN411", "no hidden units: logistic regression", example("dense(10, init=zeros)")),
    ("NN411", "the last layer alone", example("dense(50); tanh; dense(10, init=zeros)")),
    (
        "NN411",
        "random biases tell the units apart",
        example("dense(50, init=zeros, bias_init=normal(std=1)); sigmoid; dense(10, init=zeros)"),
    ),
    ("NN411", "a layer behind tells them apart", example("dense(50, init=zeros); tanh; dense(10)")),
    (
        "NN411",
        "a single unit",
        example("dense(1, init=constant(0.01)); tanh; dense(10, init=ones)"),
    ),
    ("NN412", "shallow", example(deep(2, "dense(64, init=lecun); relu"))),
    ("NN412", "larger than what suits", example(deep(4, "dense(64, init=he); tanh"))),
    (
        "NN412",
        "normalised",
        example(deep(4, "dense(64, init=lecun, bias=false); batch_norm; tanh")),
    ),
    ("NN413", "the textbook's net with one hidden layer", example(BOOK.format(100), data=MNIST)),
    ("NN413", "chapter 4's net", example(BOOK.format(50).replace("relu", "sigmoid"), data=MNIST)),
    (
        "NN413",
        "normalised",
        example(deep(4, "dense(100, init=normal(std=0.01), bias=false); batch_norm; relu")),
    ),
    ("NN413", "deep, with the right weights", example(deep(30, "dense(100); relu"))),
    (
        "NN413",
        "deep and residual",
        example("dense(20); " + deep(5, "residual { dense(20); tanh }")),
    ),
    ("NN414", "large inputs of known size", example("dense(4)", data="blobs(classes=4)")),
    ("NN415", "four layers of sigmoid", example(deep(4, "dense(50); sigmoid"))),
    ("NN415", "Adam finds its way", example(deep(5, "dense(50); sigmoid"), optimizer="adam")),
    ("NN416", "relu is flat for half of its inputs", example(NETWORK)),
    (
        "NN416",
        "it is not the weights, but the inputs",
        example("dense(8); tanh; dense(4)", data="blobs(classes=4)"),
    ),
    ("NN416", "He's weights before tanh", example(deep(3, "dense(50, init=he); tanh"))),
    ("NN421", "a bottleneck is a product of two small matrices", example("dense(5); dense(10)")),
    ("NN421", "meant", example("dense(50); identity; dense(10)")),
    ("NN421", "side by side", example("concat { branch { dense(5) }; branch { dense(5) } }")),
    ("NN422", "inside of the network", example("dense(50); softmax; dense(10)")),
    (
        "NN423",
        "without bounds",
        example("dense(20); tanh; dense(1); leaky_relu", loss=YES_NO, data=MOONS),
    ),
    (
        "NN423",
        "a distance",
        example("dense(20); tanh; dense(1); relu", loss="loss = contrastive", data=MOONS),
    ),
    ("NN425", "a hinge", example("dense(20); relu; dense(1)", loss="loss = hinge", data=MOONS)),
    (
        "NN424",
        "targets may lie between 0 and infinity",
        example("dense(20); tanh; dense(1); softplus", loss=SQUARES, data=CURVE),
    ),
    ("NN425", "yes or no", example("dense(20); tanh; dense(1)", loss=YES_NO, data=MOONS)),
    ("NN425", "a regression", example("dense(20); tanh; dense(1)", loss=SQUARES, data=CURVE)),
    ("NN431", "an activation between them", example("dense(50); relu; batch_norm; dense(10)")),
    ("NN431", "layer normalisation keeps it", example("dense(50); layer_norm; relu; dense(10)")),
    (
        "NN432",
        "a layer between them: the textbook's order",
        example(deep(2, "dense(50, bias=false); batch_norm; relu; dropout(0.2)")),
    ),
    ("NN433", "a layer behind it", example("dense(50); relu; dropout(0.5); dense(10)")),
    ("NN434", "high, but not extreme", example("dense(50); relu; dropout(0.8); dense(10)")),
    ("NN435", "no normalisation", example(NETWORK, "batch = 1")),
    ("NN435", "over the features", example("dense(50); layer_norm; relu; dense(10)", "batch = 1")),
    ("NN435", "a last batch of two", example(NORMALISED, "batch = 34", data="digits(test=165)")),
    ("NN441", "weak", example(NETWORK, "regularize = l2(1e-4)", optimizer="adam")),
    ("NN441", "not adaptive", example(NETWORK, "regularize = l2(0.1)", optimizer="momentum")),
    ("NN441", "L1 makes weights 0", example(NETWORK, "regularize = l1(1e-3)", optimizer="adam")),
    ("NN442", "the textbook's rates", example(NETWORK, optimizer="sgd(lr=0.5)")),
    ("NN442", "large, and known to go well", example(NETWORK, optimizer="sgd(lr=3)")),
    ("NN442", "the textbook's rate for AdaGrad", example(NETWORK, optimizer="adagrad(lr=1.5)")),
    (
        "NN442",
        "bounded by a clip, as in recipes for recurrent networks",
        example(NETWORK, "clip = global_norm(0.25)", optimizer="sgd(lr=20)"),
    ),
    ("NN442", "small for fine-tuning", example(NETWORK, optimizer="adam(lr=1e-5)")),
    ("NN442", "Adadelta's own", example(NETWORK, optimizer="adadelta(lr=1)")),
    ("NN443", "all examples at once", example(NETWORK, "batch = 1258")),
    (
        "NN444",
        "one step shorter",
        example(NETWORK, "steps = 100", optimizer="adam(lr=cosine(0.001, warmup=99))"),
    ),
    (
        "NN445",
        "down to a thousandth",
        example(NETWORK, "steps = 300", optimizer="sgd(lr=step(0.1, every=99))"),
    ),
    ("NN446", "a single chance", example(NETWORK, "epochs = 6", "stop = early(patience=5)")),
    ("NN447", "tight", example(NETWORK, "clip = global_norm(0.01)")),
    ("NN447", "Adam adapts", example(NETWORK, "clip = global_norm(1e-4)", optimizer="adam")),
    ("NN448", "half", example(NETWORK, loss="loss = softmax_cross_entropy(label_smoothing=0.5)")),
    ("NN461", "windows that fill it", example(POOLED.format("2"), data=IMAGES)),
    ("NN461", "windows that overlap", example(POOLED.format("2, stride=1"), data=IMAGES)),
    ("NN462", "the answer stands behind the window", LAST),
    ("NN461", "zeros alone", example(STRIDE.format("2, padding=1"), data=IMAGES)),
    (
        "NN463",
        "as large as the image",
        example("conv2d(8, kernel=8); relu; flatten; dense(10)", data=IMAGES),
    ),
    ("NN464", "open enough", example("reshape(8, 8); lstm(8, forget_bias=0.5); dense(10)")),
    ("NN436", "several features", example("dense(2); layer_norm; relu; dense(10)")),
    ("NN465", "cut into several", example("reshape(8, 8); flatten; reshape(1, 8, 8); " + STRIDED)),
    ("NN465", "joined", example("reshape(1, 8, 8); reshape(8, 8); flatten; dense(10)")),
    ("NN465", "axes of one", example("reshape(64, 1); reshape(1, 8, 8); " + STRIDED)),
    ("NN464", "one step", example("reshape(1, 64); lstm(8, forget_bias=0); dense(10)")),
    (
        "NN468",
        "data of somebody else",
        "network { input(4, tokens=5); embedding(3); gru(2, stateful=true); dense(2) }",
    ),
    (
        "NN466",
        "nothing is padded",
        "network { input(4, tokens=5); embedding(3); batch_norm; gru(2) }",
    ),
    (
        "NN467",
        "a cell that comes along",
        "network { input x(3, 4); input y(3, 4); a = lstm(x, 2, output=state); "
        "g = gru(x, 4); b = dense(g, 4); c = lstm(y, 2, state=a); d = lstm(y, 4, state=b); "
        "concat(c, d) }",
    ),
    ("NN461", "windows with gaps", example(POOLED.format("1, stride=2"), data=IMAGES)),
    ("NN449", "the textbook's decay", example(NETWORK, "regularize = l2(0.1)")),
    ("NN450", "a loss of classes", example("dense(2)", data=MOONS)),
    ("NN451", "standardised", table("standardize=true")),
    ("NN451", "of one size", table('ignore=["year", "cost"]')),
    ("NN454", "bytes that are scaled", PIXELS),
    ("NN452", "called id, and counts nothing", table("standardize=true")),
    ("NN453", "close to the target", table("standardize=true")),
    ("NN456", "nothing is missing", table("missing=drop", "standardize=true")),
    ("NN458", "a column of years", table("standardize=true")),
    ("NN459", "a row in thirty", table("standardize=true", 'test="u.csv"')),
    ("NN457", "standardised", table("standardize=true")),
    (
        "NN455",
        "held back by a penalty",
        example(
            "dense(300); relu; dense(300); relu; dense(2)",
            "regularize = l2(1e-3)",
            data="xor(samples=100, test=50)",
        ),
    ),
    (
        "NN455",
        "the textbook's overfitting",
        example(deep(6, "dense(100); relu"), data="digits(test=1497)"),
    ),
    *[
        (
            "NN471",
            why,
            f"layer mine(floor=0.1) {{\n  {formulas}\n}}\n\n"
            + example("dense(50); mine; dense(10)"),
        )
        for why, formulas in {
            "1 + exp is above 0": "y = x / (1 + exp(-abs(x))) + floor",
            "exp of what is not above 0": "y = where(x > 0, x, exp(x)) + exp(x - max(x)) + floor",
            "a bell": "y = exp(-x * x) + exp(minimum(x, 10)) + floor",
            "a square and a constant": "m = mean(x * x)\n  y = x / sqrt(m + floor)",
            "clipped away from 0": "y = log(clip(abs(x), floor, 10))",
            "the larger of it and a constant": "y = log(maximum(floor, x))",
        }.items()
    ],
    *[
        (
            "NN472",
            why,
            f"layer mine(floor=0.1) {{\n  {formulas}\n}}\n\n"
            + example("dense(50); mine; dense(10)"),
        )
        for why, formulas in {
            "a corner elsewhere": "y = minimum(relu(x), 6) + floor",
            "moved away from the corner": "y = relu(relu(x) - floor)",
            "a corner of its own": "y = abs(x) + relu(x) - relu(-x) * floor",
            "cosh is at least 1": "y = log(cosh(clip(x, -9, 9))) + floor * x",
        }.items()
    ],
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("why", "text"),
    [(why, text) for _, why, text in NEAR_MISSES],
    ids=[f"{code}-{why}".replace(" ", "-") for code, why, _ in NEAR_MISSES],
)
def test_a_near_miss_stays_silent(why: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE.format(ROWS), "utf-8")
    unseen = f"{NEW_ROWS}\n{ROWS.splitlines()[0]}"
    (tmp_path / "u.csv").write_text(TABLE.format(unseen), "utf-8")
    (tmp_path / "t.txt").write_text("abcdefghijklmnopqrstuvwxyz " * 9, "utf-8")
    shutil.copy(MNIST5K, tmp_path)
    (tmp_path / "near.nn").write_text(text, "utf-8")
    assert nndsl.check(tmp_path / "near.nn") == []


def test_every_lint_has_a_near_miss() -> None:
    assert {code for code, _, _ in NEAR_MISSES} == LINTS.keys()


FOUND_AS_WELL = [
    # code, the spec: other ways to make a mistake than the one in the catalogue
    ("NN411", example("dense(50, init=zeros); relu; dense(10)")),
    ("NN411", example("dense(50, init=constant(0.01)); tanh; dense(10, init=ones)")),
    ("NN413", example(deep(4, "dense(100, init=normal(std=1)); relu"))),
    ("NN413", example(deep(20, "dense(100, init=lecun); relu"))),
    ("NN415", example(deep(12, "dense(50); sigmoid"), optimizer="adam")),
    ("NN422", example("dense(20); tanh; dense(1); sigmoid", loss=YES_NO, data=MOONS)),
    ("NN423", example("dense(50); relu; dense(10); tanh")),
    ("NN423", example("dense(20); tanh; dense(1); relu", loss="loss = hinge", data=MOONS)),
    ("NN425", example("dense(50); relu; dense(10)", loss="loss = huber")),
    ("NN435", example(NORMALISED, "batch = 1")),
    ("NN441", example(NETWORK, "regularize = l2(1e-2)", optimizer="adamw")),
    ("NN442", example(NETWORK, optimizer="sgd(lr=0)")),
    ("NN442", example(NETWORK, optimizer="sgd(lr=5)")),
    ("NN442", example(NETWORK, optimizer="adagrad(lr=5)")),
    ("NN442", example(NETWORK, "clip = global_norm(0.25)", optimizer="adam(lr=1)")),
    ("NN442", example(NETWORK, optimizer="adam(lr=cosine(1.0))")),
    ("NN445", example(NETWORK, optimizer="sgd(lr=exponential(0.1, decay=0.9))")),
    ("NN446", example(NETWORK, "epochs = 5", "stop = early")),
    ("NN461", example(STRIDE.format(2), data=IMAGES)),
    (
        "NN463",
        example(
            "max_pool(4); conv2d(4, kernel=3, padding=1); relu; flatten; dense(10)",
            data=IMAGES,
        ),
    ),
    ("NN463", example("reshape(4, 16); conv1d(2, kernel=17, padding=same); flatten; dense(10)")),
    (
        "NN468",
        "network { input(4, tokens=5); embedding(3); reverse; gru(2, stateful=true); dense(2) }",
    ),
    ("NN464", example("reshape(8, 8); lstm(8, forget_bias=-1); dense(10)")),
    ("NN436", example("dense(1); layer_norm; relu; dense(10)")),
    ("NN465", example("reshape(16, 4); reshape(4, 16); flatten; dense(10)")),
    (
        "NN466",
        "layer own { y = mean(x, axis=positions) }\n"
        "network { input(4, tokens=5, padding=0); embedding(3); own; dense(2) }",
    ),
    (
        "NN467",
        "network { input x(3, 4); input y(3, 4); a = lstm(x, 2, output=state); "
        "gru(y, 4, state=a) }",
    ),
    ("NN461", example(POOLED.format("5, stride=2"), data=IMAGES)),
]


def test_bytes_are_large(tmp_path: Path) -> None:
    shutil.copy(MNIST5K, tmp_path)
    (tmp_path / "bytes.nn").write_text(PIXELS.replace(", scale=1/255", ""), "utf-8")
    (found,) = nndsl.check(tmp_path / "bytes.nn")
    assert (found.code, found.help) == ("NN454", "write scale=1/255")
    (tmp_path / "bytes.nn").write_text(PIXELS.replace("1/255", "1/2"), "utf-8")
    (found,) = nndsl.check(tmp_path / "bytes.nn")
    wanted = "scale=0.5 leaves them large: divide them by their largest number"
    assert (found.code, found.help) == ("NN454", wanted)


def test_targets_at_padding_count_unless_they_are_none(tmp_path: Path) -> None:
    text = 'data = npz("a.npz", tokens=4, padding=0)\nnetwork { embedding(3); dense(2) }\n'
    text += "train { loss = softmax_cross_entropy; optimizer = adam; batch = 2 }"
    (tmp_path / "net.nn").write_text(text, "utf-8")
    x, t = np.array([[1, 2, 3], [2, 0, 0]]), np.array([[1, 0, 1], [1, 0, 0]])
    np.savez(tmp_path / "a.npz", x=x, t=t)
    (found,) = nndsl.check(tmp_path / "net.nn")
    assert (found.code, "-1" in (found.help or "")) == ("NN466", True)
    np.savez(tmp_path / "a.npz", x=x, t=np.where(x == 0, -1, t))
    assert not nndsl.check(tmp_path / "net.nn")


@pytest.mark.parametrize(("code", "text"), FOUND_AS_WELL)
def test_other_ways_are_found(code: str, text: str) -> None:
    assert [d.code for d in nndsl.check("found.nn", text=text)] == [code]
