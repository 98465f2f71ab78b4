"""A record shows what is known of a network: the textbook measured some, others are made so."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from recordings import PLAIN, load, recorded, watched

import nndsl
from nndsl.live.recording.record import Record, Series
from nndsl.live.recording.recorder import Recorder, all_instruments
from nndsl.live.recording.sentences import sentences

pytestmark = pytest.mark.slow  # trains, or draws, again and again

FiveLayers = Callable[[str, str], tuple[Record, list[Series]]]

# --- What the textbook's own scripts give --------------------------------------------------

# The layers' standard deviations with other weights of the same kind differ by these factors.
SPREAD = (1.05, 1.2, 1.3, 1.4, 1.5)
BOOK = [
    ("sigmoid", "normal(std=1)", (0.458, 0.438, 0.442, 0.437, 0.437)),
    ("sigmoid", "normal(std=0.01)", (0.025, 0.012, 0.013, 0.012, 0.012)),
    ("sigmoid", "lecun", (0.208, 0.122, 0.133, 0.118, 0.116)),
    ("sigmoid", "zeros", (0, 0, 0, 0, 0)),
    ("tanh", "normal(std=1)", (0.958, 0.957, 0.958, 0.958, 0.956)),
    ("tanh", "normal(std=0.01)", (0.099, 0.0098, 0.00099, 9.9e-5, 9.7e-6)),
    ("tanh", "lecun", (0.626, 0.483, 0.409, 0.357, 0.314)),
    ("tanh", "he", (0.719, 0.631, 0.596, 0.576, 0.558)),
    ("relu", "normal(std=1)", (5.85, 41.2, 334, 2370, 17700)),
    ("relu", "normal(std=0.01)", (0.0585, 0.0041, 0.00033, 2.4e-5, 1.8e-6)),
    ("relu", "lecun", (0.585, 0.412, 0.334, 0.237, 0.177)),
    ("relu", "he", (0.828, 0.825, 0.945, 0.947, 1.00)),
]
FIVE = """\
data = npz("normal.npz")
network { repeat(5) { dense(100, init=INIT, bias=false); ACTIVATION }; dense(2) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=1e-9); batch = 1000; steps = 1 }
"""


@pytest.fixture(scope="module")
def five_layers(tmp_path_factory: pytest.TempPathFactory) -> FiveLayers:
    """Return the function from an activation and an initialisation to what was recorded."""
    folder = tmp_path_factory.mktemp("normal")
    X = np.random.default_rng(0).standard_normal((1000, 100)).astype(np.float32)
    np.savez(folder / "normal.npz", x=X, t=np.arange(1000) % 2)

    @cache
    def record_of(activation: str, init: str) -> tuple[Record, list[Series]]:
        path = folder / "net.nn"
        path.write_text(FIVE.replace("INIT", init).replace("ACTIVATION", activation))
        record = watched(nndsl.load(path))
        return record, [record.series["activations", f"A{n}"] for n in range(1, 6)]

    return record_of


@pytest.mark.parametrize(("activation", "init", "spreads"), BOOK)
def test_the_spread_of_five_layers(
    activation: str, init: str, spreads: tuple[float, ...], five_layers: FiveLayers
) -> None:
    _, layers = five_layers(activation, init)
    for series, expected, factor in zip(layers, spreads, SPREAD, strict=True):
        assert expected / factor <= series.at(0, "std") <= expected * factor
        assert series.at(0, "mean") == pytest.approx(0.5, abs=0.1) or activation != "sigmoid"


def test_what_the_histogram_of_the_textbook_leaves_out(five_layers: FiveLayers) -> None:
    for activation, init, expected, slack in (
        ("tanh", "lecun", 0.5, 0.02),
        ("relu", "he", 0.27, 0.08),
        ("sigmoid", "lecun", 0, 1e-9),
    ):
        _, layers = five_layers(activation, init)
        inside = layers[4].histograms[0].shares(np.array([0.0, 1.0])).sum()
        assert 1 - inside == pytest.approx(expected, abs=slack)
        found = layers[4].histograms[0]
        assert found.counts.sum() == 100_000  # all of them are in the record


def test_saturated_values_and_halves_of_zeros(five_layers: FiveLayers) -> None:
    record, layers = five_layers("sigmoid", "normal(std=1)")
    assert all(0.6 < series.at(0, "saturated") < 0.8 for series in layers)
    assert any("lie within 0.05 of a bound" in sentence for sentence in sentences(record))
    _, layers = five_layers("tanh", "normal(std=1)")
    assert all(series.at(0, "saturated") == pytest.approx(0.85, abs=0.02) for series in layers)
    _, layers = five_layers("relu", "he")
    assert all(series.at(0, "zero") == pytest.approx(0.5, abs=0.06) for series in layers)


# The network of the textbook on 1,000 digits: spread of each hidden layer, rms of dW1.
ON_DIGITS = [
    ("normal(std=0.01)", (0.054, 0.0041, 0.00033, 0.000021), 8e-8),
    ("lecun", (0.19, 0.15, 0.12, 0.075), 8.3e-4),
    ("he", (0.27, 0.30, 0.33, 0.30), 4.5e-3),
]


@pytest.mark.parametrize(("init", "spreads", "gradient"), ON_DIGITS)
def test_four_hidden_layers_on_handwritten_digits(
    init: str, spreads: tuple[float, ...], gradient: float, tmp_path: Path
) -> None:
    with np.load(Path(__file__).parents[2] / "specs" / "data" / "mnist5k.npz") as file:
        np.savez(tmp_path / "digits.npz", x=file["x_train"][::4], t=file["t_train"][::4])
    path = tmp_path / "net.nn"
    path.write_text(
        'data = npz("digits.npz", scale=1/255)\n'
        f"network {{ flatten; repeat(4) {{ dense(100, init={init}); relu }}; "
        f"dense(10, init={init}) }}\n"
        "train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.01); steps = 1 }"
    )
    record = watched(nndsl.load(path))
    for number, (expected, factor) in enumerate(zip(spreads, (1.3, 1.3, 1.4, 1.6), strict=True), 1):
        found = record.series["activations", f"A{number}"].at(0, "std")
        assert expected / factor <= found <= expected * factor
    rms = record.series["gradients", "W1"].at(0, "rms")
    assert gradient / 2.5 <= rms <= gradient * 2.5


# --- What it says -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "init", "said"),
    [
        ("tanh", "normal(std=0.01)", "Before training the signal fades: standard deviation 0.1 "),
        ("relu", "normal(std=1)", "Before training the signal grows: standard deviation 5.8 "),
        ("relu", "he", "Before training the signal keeps its size: standard deviation 0.83 "),
        ("tanh", "zeros", "Before training all units of A1 (tanh), A2 (tanh), "),
        ("relu", "zeros", "Dead units after epoch 1: 100% of A1 (relu), "),
        ("sigmoid", "lecun", "Before training the gradient fades on its way back: "),
        ("sigmoid", "zeros", "Before training these gradients are 0 throughout: dW1, dW2, "),
        ("tanh", "lecun", "The steps of W1 are small: "),
    ],
)
def test_what_the_numbers_say(
    activation: str, init: str, said: str, five_layers: FiveLayers
) -> None:
    record, _ = five_layers(activation, init)
    assert [sentence for sentence in sentences(record) if sentence.startswith(said)]


def test_half_of_a_layer_is_dead() -> None:
    model = load(PLAIN)
    recorder = Recorder(model, all_instruments())
    model.parameters["b1"][:10] = -1000
    model.fit()
    record = recorder.record
    assert record.series["activations", "A1"].at(2, "dead") == 0.5
    assert record.series["activations", "A1"].at(2, "distinct") == 11  # the dead ones are alike
    (said,) = (s for s in sentences(record) if s.startswith("Dead units"))
    assert said.startswith("Dead units after epoch 2: 50% of A1 (relu) rest on their lower bound ")
    assert "for each of the 1,000 examples" in said


def test_steps_that_are_too_large() -> None:
    _, record = recorded(PLAIN, **{"train.optimizer": "adam(lr=0.1)"})
    assert [s for s in sentences(record) if "are large: " in s]
    _, record = recorded(PLAIN, **{"train.optimizer": "adam(lr=0.001)"})
    assert not [s for s in sentences(record) if "are large: " in s]


def test_training_that_diverges_leaves_what_was_seen() -> None:
    model = load(PLAIN, **{"train.optimizer": "sgd(lr=1e6)", "train.loss": "mean_squared_error"})
    recorder = Recorder(model, all_instruments())
    with pytest.raises(FloatingPointError), np.errstate(all="ignore"):
        model.fit()
    assert recorder.record.epochs == [0]
    assert sentences(recorder.record)
