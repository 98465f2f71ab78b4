"""Values with names: what a network computes that parts and joins by them."""

from __future__ import annotations

import nndsl

TRAIN = "train { loss = softmax_cross_entropy; optimizer = adam(lr=0.01); epochs = 1 }"
CHAIN = "input(64); dense(20); relu; residual { dense(20); tanh }; dense(10)"
NAMED = """
  input image(64)
  dense(20)
  skip = relu
  inner = dense(20)
  body = tanh
  skip
  residual(body) { skip }
  dense(10)
"""


def load(network: str, **options: bool) -> nndsl.Model:
    return nndsl.load(
        "net.nn", text=f"data = digits()\nnetwork {{ {network} }}\n{TRAIN}", **options
    )


def test_names_change_no_number() -> None:
    """The same network with and without names: the same weights behind an epoch."""
    named, chain = load(NAMED), load(CHAIN)
    for model in (named, chain):
        model.fit()
    for name, array in chain.parameters.items():
        assert (array == named.parameters[name]).all(), name


def test_the_script_has_the_names_of_the_page() -> None:
    source = load(NAMED).source
    assert "    skip = np.maximum(0, Z1)" in source
    assert "    dinner = dR2 * (1 - body * body)" in source
