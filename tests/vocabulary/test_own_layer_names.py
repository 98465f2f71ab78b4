"""No name of a page's own layer hides one that its script, or the layer itself, needs."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest
from own_layer_pages import checked, own_layer

import nndsl
from nndsl.ir.parser import parse_script
from nndsl.ir.statement import bound_names
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import OF_OBJECTS

PAGE = """
data = blobs(classes=3, samples=30)
block part { dense(6); tanh }
layer mine { a = tanh(x); b = exp(-a * a); y = (a + b) / (1 + b * b) }
network { repeat(2) { dense(6); tanh }; part; residual { mine }; dropout(0.2); dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }
"""


def names_of_objects() -> set[str]:
    """Return the methods of all classes of a script, and the attributes of layers in a row."""
    source = nndsl.load("page", text=PAGE, style="layers").source
    classes = [made for made in parse_script(source) if made.methods]
    methods = {method.name for made in classes for method in made.methods}
    base = next(made for made in classes if made.name == "Layer")
    held = {name for line in base.body for name in bound_names(line.node)}
    held |= {"layers", "cache"} & set(re.findall(r"self\.(\w+)", source))
    return (methods | held) - {"__init__"}


@pytest.mark.slow
def test_classes_have_these_names() -> None:
    assert names_of_objects() == set(OF_OBJECTS)


NAMES = "lambda self parameters model_x np dtype N print state"


@pytest.mark.parametrize("name", [*NAMES.split(), *OF_OBJECTS])
@pytest.mark.parametrize("page", ["({0}) {{ y = x * {0} }}", " {{ {0} = 2 * x; y = {0} }}"])
def test_a_name_that_is_needed_is_refused(page: str, name: str) -> None:
    _, said = checked("layer mine" + page.format(name), "mine(2)" if "(" in page else "mine", (3,))
    assert said[0].code == "NN225"


@pytest.mark.parametrize("name", ["W1", "A1", "X", "loss", "shape", "epochs", "memory"])
def test_other_names_are_free(name: str) -> None:
    layer, said = checked(f"layer mine {{ {name} = 2 * x; y = {name} }}", "mine", (3,))
    assert layer is not None
    assert not said


LONG = "a = tanh(z); b = exp(-a * a); y = a + b / (1 + b * b)"
CAPITALS = {
    "a name": "WIDTH = x * k; z = WIDTH",
    "a parameter": "WIDTH = parameter(features); z = x * k + WIDTH",
    "an argument": "z = x * k + WIDTH",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "rest", "style"),
    product(CAPITALS, ("y = z", LONG), ("flat", "layers")),
)
def test_a_name_like_a_constant_is_the_layer_s(what: str, rest: str, style: str) -> None:
    arguments = "k, WIDTH=2" if what == "an argument" else "k"
    use = f"mine(width{', 2' * (what == 'an argument')})"
    text = f"""let width = 3
data = blobs(classes=3, samples=30)
layer mine({arguments}) {{ {CAPITALS[what]}; {rest} }}
network {{ dense(width); {use}; dense(width) }}
train {{ loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }}
"""
    model = nndsl.load("own", text=text, style=style)
    report = nndsl.check_gradients(model)
    assert report.passed, str(report)
    other = nndsl.load("own", text=text.replace("mine(width", "mine(3"), style=style)
    X = np.linspace(-1, 1, 30).reshape(5, 6)
    assert np.array_equal(model.predict(X), other.predict(X))


BEGINS = {
    "z = x * w; W = parameter(features, 3, w); y = z @ W": "`w` says how a parameter begins",
    "V = parameter(2 * w, 3); W = parameter(3, 3, w); y = x @ V @ W": "`w` says how",
}


@pytest.mark.parametrize("formulas", BEGINS)
@pytest.mark.parametrize("arguments", ["w=he", "w=zeros"])
def test_an_initializer_is_no_number_on_any_line(formulas: str, arguments: str) -> None:
    _, said = checked(f"layer mine({arguments}) {{ {formulas} }}", "mine", (3,))
    assert said[0].code == "NN201"
    assert BEGINS[formulas] in said[0].help


def test_an_initializer_is_one_on_all_lines() -> None:
    formulas = "V = parameter(features, 3, w); W = parameter(3, 3, w); y = x @ V @ W"
    layer = own_layer(f"layer mine(w=he) {{ {formulas} }}", "mine", (3,))
    inits = [one.init for one in layer.parameters((3,)).values()]
    assert [init.keyword() for init in inits if isinstance(init, Initializer)] == ["he", "he"]


def test_a_parameter_begins_in_one_way() -> None:
    _, said = checked("layer mine { W = parameter(3, he, init=zeros); y = x * W }", "mine", (3,))
    assert said[0].code == "NN203"
