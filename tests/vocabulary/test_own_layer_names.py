"""No name of a page's own layer hides one that its script, or the layer itself, needs."""

from __future__ import annotations

import pytest
from own_layer_pages import checked

NAMES = "lambda self cache gradients forward backward parameters model_x np dtype N print state"


@pytest.mark.parametrize("name", NAMES.split())
@pytest.mark.parametrize("page", ["({0}) {{ y = x * {0} }}", " {{ {0} = 2 * x; y = {0} }}"])
def test_a_name_that_is_needed_is_refused(page: str, name: str) -> None:
    _, said = checked("layer mine" + page.format(name), "mine(2)" if "(" in page else "mine", (3,))
    assert said[0].code == "NN225"


@pytest.mark.parametrize("name", ["W1", "A1", "X", "loss", "shape", "epochs", "memory"])
def test_other_names_are_free(name: str) -> None:
    layer, said = checked(f"layer mine {{ {name} = 2 * x; y = {name} }}", "mine", (3,))
    assert layer is not None
    assert not said
