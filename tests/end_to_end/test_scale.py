"""Large specs take time linear in their size, and nonsense is refused at once.

Work is counted, in calls, and not timed.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from data_files import errors
from work import calls

import nndsl
from nndsl.codes import codes_of_errors


def written_out(layers: int) -> str:
    return _network("dense(8)\nrelu\n" * (layers // 2))


def repeated(layers: int) -> str:
    return _network(f"repeat({layers // 2}) {{ dense(8); relu }}\n")


def in_blocks(layers: int) -> str:
    block = "block ten(width) { repeat(5) { dense(width); relu } }\n"
    return block + _network("ten(8)\n" * (layers // 10))


def in_residuals(layers: int) -> str:
    return _network("residual { dense(8); relu }\n" * (layers // 2))


def with_names(layers: int) -> str:
    """Every layer has a `let` of its own, which reads another one."""
    lets = "let w0 = 8\n" + "".join(
        f"let w{i} = w{(i - 1) % 7} + {i // 7}\n" for i in range(1, layers)
    )
    return lets + _network("".join(f"dense(w{i})\n" for i in range(layers)))


def in_json(layers: int) -> str:
    units = '{"kind": "dense", "units": 8}, "relu"'
    network = ", ".join(['{"kind": "input", "shape": [8]}', *[units] * (layers // 2)])
    return f'{{"network": [{network}]}}'


def in_functions(layers: int) -> str:
    """Copies of a block that is a function of the script."""
    block = "block unit { dense(8); layer_norm; relu; dense(8); layer_norm; gelu }\n"
    return block + _network("dense(8)\n" + "unit\n" * (layers // 6))


def in_stacks(layers: int) -> str:
    """Loops over copies of one block, and many of them."""
    block = "block unit { dense(8); layer_norm; relu; dense(8); layer_norm; gelu }\n"
    return block + _network("repeat(2) { unit }\n" * (layers // 12))


FORMS = [repeated, in_blocks, written_out, in_residuals, with_names, in_json]


def _network(layers: str) -> str:
    return f"network {{\ninput(8)\n{layers}}}\n"


def name_of(form: Callable[[int], str]) -> str:
    return "spec.json" if form is in_json else "spec.nn"


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_the_work_grows_with_the_size(form: Callable[[int], str]) -> None:
    name = name_of(form)
    calls(lambda: nndsl.check(name, text=form(10)))  # imports, tables
    texts = form(400), form(1200)
    small, large = (calls(lambda text=text: nndsl.check(name, text=text)) for text in texts)
    assert 1000 < small < large < 3.2 * small


@pytest.mark.slow
@pytest.mark.parametrize("form", [repeated, in_residuals, in_functions, in_stacks])
def test_the_work_of_building_grows_with_the_size(form: Callable[[int], str]) -> None:
    train = "train { loss = huber; optimizer = sgd(lr=0.1); regularize = l2(1e-4) }"
    calls(lambda: nndsl.build("spec.nn", text=form(10) + train))
    texts = form(96) + train, form(288) + train
    small, large = (calls(lambda text=text: nndsl.build("spec.nn", text=text)) for text in texts)
    assert 1000 < small < large < 3.2 * small


@pytest.mark.slow
@pytest.mark.parametrize("form", [repeated])
def test_ten_thousand_layers(form: Callable[[int], str]) -> None:
    assert errors(form(10_000), name_of(form)) == []


@pytest.mark.slow
@pytest.mark.parametrize("form", [written_out, in_blocks, in_residuals, with_names, in_json])
def test_ten_thousand_layers_more(form: Callable[[int], str]) -> None:
    assert errors(form(10_000), name_of(form)) == []


@pytest.mark.slow
def test_a_long_network_is_built_and_runs() -> None:
    """Nothing that walks a network of a thousand layers does so by recursion."""
    train = "train { loss = mean_squared_error; optimizer = sgd(lr=0.1) }"
    model = nndsl.load("deep.nn", text=_network("residual { tanh }\n" * 500) + train)
    assert model.source.count("np.tanh") >= 500
    loss, _ = model.loss_and_gradients([[0.1] * 8] * 2, [[0.0] * 8] * 2)
    assert loss > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "relu\n" * 1_000_000,
        "(" * 5_000_000,
        "x = " + "9" * 5_000_000,
        'x = "' + "a" * 5_000_000,
        "\0" * 5_000_000,
        "network { " * 500_000,
        "}{)(,;=." * 625_000,
    ],
    ids=lambda text: ascii(text[:12]),
)
@pytest.mark.parametrize("name", ["spec.nn", "spec.json"])
def test_five_megabytes_of_nonsense_are_refused(name: str, text: str) -> None:
    found = nndsl.check(name, text=text)
    assert 1 <= len(found) <= 2
    assert all(len(diagnostic.message) < 200 for diagnostic in found)


@pytest.mark.parametrize("depth", [10, 1000, pytest.param(20_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [("residual { ", "relu }"), ("x = (", ")"), ("x = -", ""), ("x = f(", ")"), ("x = 2 ** ", "")],
)
def test_nesting_has_a_limit_and_no_traceback(opening: str, closing: str, depth: int) -> None:
    nndsl.check("spec.nn", text=f"network {{ input(8)\n {opening * depth}relu{closing * depth} }}")
    value = opening.removeprefix("x = ")
    nndsl.check("spec.nn", text=f"let x = {value * depth}1{closing * depth}")


@pytest.mark.slow
@pytest.mark.parametrize("depth", [100, 5000])
def test_names_that_read_each_other_in_a_row(depth: int) -> None:
    """In whatever order they stand: a chain is followed, or its depth is refused."""
    lets = [f"let w{i} = w{i - 1}" if i else "let w0 = 8" for i in range(depth)]
    for ordered in (lets, lets[::-1]):
        text = "\n".join(ordered) + "\n" + _network(f"dense(w{depth - 1})\n")
        assert {d.code for d in errors(text)} <= {"NN213"}


def test_endless_repetition_is_refused() -> None:
    text = "network { input(4); repeat(1_000) { repeat(1_000) { dense(4) } } }"
    (found,) = nndsl.check("spec.nn", text=text)
    assert (found.code, found.message) == (
        "NN213",
        "the network has more than 20_000 layers",
    )
    assert "20_000 layers" in codes_of_errors()["NN213"].what


def test_repetitions_are_counted_before_they_are_connected() -> None:
    def nested(depth: int) -> str:
        return f"network {{ input(4); {'repeat(2) { ' * depth}dense(4){' }' * depth} }}"

    nndsl.check("spec.nn", text=nested(3))  # imports, tables
    small = calls(lambda: nndsl.check("spec.nn", text=nested(5)))
    assert calls(lambda: nndsl.check("spec.nn", text=nested(40))) < 10 * small


def doubling(depth: int, layer: str = "relu") -> str:
    """Return blocks that each call the one before twice, and stand for 2 ** depth layers."""
    blocks = [f"block b{i} {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, depth + 1)]
    return f"block b0 {{ {layer} }}\n{''.join(blocks)}" + _network(f"b{depth}\n")


@pytest.mark.parametrize("layer", ["relu", "", "dense(0.5)", "dense(b)"])
def test_blocks_are_counted_before_they_are_expanded(layer: str) -> None:
    nndsl.check("spec.nn", text=doubling(3, layer))  # imports, tables
    small, large = doubling(20, layer), doubling(60, layer)
    assert calls(lambda: nndsl.check("spec.nn", text=large)) < 4 * calls(
        lambda: nndsl.check("spec.nn", text=small)
    )
    assert {d.code for d in errors(large)} == {"NN213"}


@pytest.mark.parametrize("layer", ["dense(0.5)", "dense(b)", "dropot(2)"])
def test_a_mistake_in_a_block_is_looked_at_once_for_each_call(layer: str) -> None:
    nndsl.check("spec.nn", text=doubling(3, layer))
    small, large = (
        calls(lambda n=n: nndsl.check("spec.nn", text=doubling(n, layer))) for n in (6, 12)
    )
    assert large < 3 * small
    assert errors(doubling(12, layer)) != []


@pytest.mark.slow
def test_blocks_may_place_as_many_layers_as_there_may_be() -> None:
    assert errors(doubling(10)) == []
    assert [d.code for d in errors(doubling(17))] == ["NN213"]


def test_lists_that_double_are_refused() -> None:
    lets = "let l0 = [1, 1]\n" + "".join(f"let l{i} = [l{i - 1}, l{i - 1}]\n" for i in range(1, 30))
    found = errors(f"{lets}network {{ input(l29); dense(3) }}")
    assert "this list holds more than 10_000 values" in [d.message for d in found]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["spec.nn", "spec.json"])
def test_a_check_ends_after_so_many_findings(name: str) -> None:
    wrong = {"spec.nn": "dense(0.5)\n", "spec.json": '{"kind": "dense", "units": 0.5},'}[name]

    def text(layers: int) -> str:
        if name == "spec.nn":
            return _network(wrong * layers)
        return f'{{"network": [{wrong * layers} {{"kind": "relu"}}]}}'

    found = nndsl.check(name, text=text(3000))
    assert len(found) == 1000
    assert [d for d in found if "the rest is not checked" in (d.help or "")] == found[-1:]
    assert len(nndsl.check(name, text=text(990))) < 1000


def test_warnings_end_there_too() -> None:
    text = "".join(f"let spare{i} = 1\n" for i in range(1500)) + _network("dense(8)\n")
    assert len(nndsl.check("spec.nn", text=text)) == 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layers", "more"),
    [
        ("repeat(9_999) { relu; tanh }", 0),
        ("repeat(99) { repeat(100) { relu; tanh } }", 99),
        ("repeat(6_666) { pair; tanh }", 0),
    ],
)
def test_a_network_has_so_many_layers_and_no_more(layers: str, more: int) -> None:
    """The input counts, each structure, and what stands in it as often as it is connected."""
    for others, codes in ((more, []), (more + 1, ["NN213"])):
        network = f"network {{ input(4); {layers}; {'relu; ' * others} }}"
        text = f"block pair {{ relu; relu }}\n{network}"
        assert [d.code for d in errors(text)] == codes
