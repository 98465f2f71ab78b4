"""Every text of every word: it parses, reads what it may, writes what it must."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

import pytest
from execution import all_variants, layer_cases, name_case

from nndsl.ir import Statement, assign, parse_text, parse_value
from nndsl.shapes import Tokens
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer

MODULES = {"np", "math"}


@dataclass(frozen=True)
class Text:
    """What a text of some role reads beside the word's fields, and what it must leave behind."""

    attribute: str
    reads: frozenset[str]
    writes: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()  # what it may change in place, though it did not make it
    after: tuple[str, ...] = ()  # texts whose names are there as well
    is_expression: bool = False


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def layer_texts(layer: Layer, shapes: tuple[tuple[int, ...], ...]) -> list[Text]:
    learnt = frozenset(layer.parameters(*shapes)) | frozenset(layer.tied_parameters(*shapes))
    states = frozenset(layer.state)
    given = frozenset(layer.inputs) | learnt | frozenset(layer.numbers(*shapes))
    given |= names("N rng dtype")
    given_back = () if isinstance(shapes[0], Tokens) else layer.inputs
    gradients = frozenset(f"d{name}" for name in (*given_back, *learnt))
    return [
        Text("forward", given | (states if layer.carries else frozenset()), names("y")),
        Text("backward", given | {"dy"}, gradients, after=("forward",)),
        Text(
            "inference_forward",
            given | states,
            names("y") if layer.inference_forward else frozenset(),
        ),
        Text("update_running_stats", given | states, states, states, after=("forward",)),
    ]


def seen(word: Builtin) -> frozenset[str]:
    """Return what an instrument may look at."""
    return names("y low high" if getattr(word, "watches", "") == "layers" else "p W dp before")


def texts_of(word: Builtin) -> list[Text]:
    state = frozenset(getattr(word, "state", ()))
    loop = names("arrays epoch value")
    return {
        "losses": [
            Text("forward", names("x t N dtype"), names("loss")),
            Text("backward", names("x t N dtype"), names("dx"), after=("forward",)),
            Text("decision", names("x"), is_expression=True),
            Text("binary_decision", names("x"), is_expression=True),
            Text("guess", names("t outputs"), is_expression=True),
        ],
        "optimizers": [
            Text("decay", names("p step"), changes=names("p")),
            Text("update", names("p g step") | state, names("p"), names("p") | state),
        ],
        "regularizers": [
            Text("forward", names("weights"), names("penalty")),
            Text("backward", names("w"), names("dw")),
        ],
        "initializers": [Text("draw", names("shape fan_in fan_out dtype rng"), names("w"))],
        "schedules": [
            Text("begin", frozenset()),
            Text("value", names("step total_steps"), names("rate"), after=("begin",)),
            Text("watch", names("value"), after=("begin",)),
        ],
        "clips": [Text("apply", names("gradients"), names("gradients"), names("gradients"))],
        "gradients": [Text("estimate", names("p total X t"), names("g"), names("p"))],
        "averages": [
            Text("begin", names("params")),
            Text("resume", names("params"), after=("begin",), changes=names("params")),
            Text("step", names("params step"), after=("begin",)),
            Text("epoch_end", names("params epoch"), after=("begin",)),
            Text("judge", names("params"), after=("begin",), changes=names("params")),
        ],
        "mixtures": [
            Text("draw", names("N rng")),
            Text("mixed", names("a"), is_expression=True, after=("draw",)),
        ],
        "stops": [
            Text("begin", loop),
            Text("watch", loop, after=("begin",)),
            Text("done", loop, after=("begin", "watch"), is_expression=True),
            Text("finish", loop, changes=names("arrays"), after=("begin", "watch")),
        ],
        "metrics": [Text("value", names("x t predicted true loss N"), is_expression=True)],
        "instruments": [
            Text("value", seen(word), is_expression=True),
            Text("measure", seen(word), names(getattr(word, "curve", ""))),
        ],
    }[word.kind]


ROLES = (
    *("losses", "optimizers", "regularizers", "initializers"),
    *("schedules", "clips", "gradients", "stops", "mixtures", "metrics", "instruments"),
)
CASES = [
    (word, text)
    for word, text in (
        *((layer, text) for layer, shapes in layer_cases() for text in layer_texts(layer, shapes)),
        *((word, text) for role in ROLES for word in all_variants(role) for text in texts_of(word)),
    )
    if getattr(word, text.attribute) or text.writes
]


def statements(word: Builtin, text: Text) -> tuple[Statement, ...]:
    code = getattr(word, text.attribute)
    return (assign("_", parse_value(code)),) if text.is_expression else parse_text(code)


def functions(word: Builtin) -> set[str]:
    """Return the names of the functions that a word brings with it."""
    tree = ast.parse(word.definitions)
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("word", "text"),
    CASES,
    ids=[f"{word.kind}-{name_case(word)}-{text.attribute}" for word, text in CASES],
)
def test_a_text_keeps_its_contract(word: Builtin, text: Text) -> None:
    known = text.reads | set(type(word).model_fields) | functions(word) | MODULES
    known |= set(dir(builtins))
    made: set[str] = set()
    for attribute in text.after:
        made |= {name for s in parse_text(getattr(word, attribute)) for name in s.writes}
    made_here: set[str] = set()
    changes = text.changes | {"rng"}  # a stream of random numbers moves on with every draw
    for statement in statements(word, text):
        own = set(statement.writes) if statement.is_compound else set()
        assert statement.reads <= known | made | made_here | own, statement.text
        assert statement.mutates <= made_here | own | changes, statement.text
        made_here |= set(statement.writes)
        made_here -= {statement.target} if statement.copied else set()  # an alias is not its own
        made |= set(statement.writes)
    assert text.writes <= made
    assert made_here.isdisjoint(text.reads - changes), "a role is for reading"


def test_a_layer_keeps_its_name_with_the_texts_for_its_shapes() -> None:
    assert {layer.keyword() for layer, _ in layer_cases()} <= set(registry.names(Layer.kind))
