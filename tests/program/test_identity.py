"""The identity of a network: another for another network, the same for another training."""

from __future__ import annotations

import pytest

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.emit.build import build_program
from nndsl.source import Source

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
    return build_program(checked, diagnostics, optimized=optimized).identity


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epochs = 3", "epochs = 30; seed = 7; batch = 5; dtype = float64"),
        ("adam(lr=0.01)", "sgd(lr=1)"),
        ("softmax_cross_entropy", "mean_squared_error"),
        ("dropout(0.2)", "dropout(0.7)"),
        ("  dropout(0.2)\n", ""),
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
    assert identity(SPEC) == "4c64a25a"
