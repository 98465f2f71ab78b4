"""Reading specs in tests, comparing trees, and making them up."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from hypothesis import strategies as st

from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax.ast import (
    Argument,
    Body,
    Boolean,
    Call,
    Comment,
    Comparison,
    Declaration,
    Group,
    Name,
    Number,
    Operation,
    Reference,
    Sequence,
    Setting,
    String,
    Tree,
    Unary,
)
from nndsl.syntax.parser import parse

SPECS = sorted((Path(__file__).parents[1] / "data" / "specs").glob("language_*.nn"))
TEXTS = [path.read_text(encoding="utf-8") for path in SPECS]


def parsed(text: str) -> Tree:
    diagnostics = Diagnostics()
    tree = parse(Source("spec.nn", text), diagnostics)
    assert tree.complete, diagnostics.diagnostics
    return tree


def same(a: object, b: object) -> bool:
    """Whether two trees are equal but for spans, parentheses and the ends of comments."""
    while isinstance(a, Group):
        a = a.inner
    while isinstance(b, Group):
        b = b.inner
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Comment) and isinstance(b, Comment):
        return a.text.rstrip() == b.text.rstrip()
    if dataclasses.is_dataclass(a) and not isinstance(a, Source | Span | type):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    return isinstance(a, Source | Span) or a == b


# --- Trees without positions -----------------------------------------------------------

HERE = Span(Source("spec.json", "{}"), 0, 0)

names = st.sampled_from(["dense", "x", "_", "learning_rate", "trueish"]).map(
    lambda text: Name(text, HERE)
)
scalars = st.one_of(
    st.integers(0, 10**30).map(lambda value: Number(value, HERE)),
    st.floats(0, allow_nan=False, allow_infinity=False).map(lambda value: Number(value, HERE)),
    st.text(st.characters(codec="utf-8"), max_size=8).map(lambda value: String(value, HERE)),
    st.booleans().map(lambda value: Boolean(value, HERE)),
)


def _arguments(values: st.SearchStrategy) -> st.SearchStrategy:
    arguments = st.builds(Argument, st.none() | names, values, st.just(HERE))
    return st.none() | st.lists(arguments, max_size=3).map(tuple)


def _compound(values: st.SearchStrategy) -> st.SearchStrategy:
    powers = st.tuples(st.tuples(st.just("**"), values))
    sums, products = (
        st.lists(st.tuples(st.sampled_from(signs), values), min_size=1, max_size=3).map(tuple)
        for signs in (["+", "-"], ["*", "/", "//", "%"])
    )
    return st.one_of(
        st.builds(Unary, st.sampled_from("+-"), values, st.just(HERE)),
        st.builds(Operation, values, powers | sums | products, st.just(HERE)),
        st.builds(Group, values, st.just(HERE)),
        st.builds(Reference, names, _arguments(values), st.just(HERE)),
        st.lists(values, max_size=3).map(lambda items: Sequence(tuple(items), True, HERE)),
        st.lists(values, min_size=1, max_size=3).map(
            lambda items: Sequence(tuple(items), False, HERE)
        ),
    )


values = st.recursive(scalars, _compound, max_leaves=6)
_comparators = st.sampled_from(["<=", ">=", "==", "!=", "<", ">"])
_plain = st.one_of(
    st.builds(Setting, names, values, st.just(HERE)),
    st.builds(Comparison, names, _comparators, values, st.just(HERE)),
    st.builds(Call, names, _arguments(values), st.none(), st.just(HERE)),
    st.builds(Declaration, names, names, values, st.none(), st.none(), st.just(HERE)),
)


def _with_body(statements: st.SearchStrategy) -> st.SearchStrategy:
    bodies = st.none() | st.lists(statements, max_size=3).map(lambda s: Body(tuple(s), HERE))
    return st.one_of(
        st.builds(Call, names, _arguments(values), bodies, st.just(HERE)),
        st.builds(Declaration, names, names, st.none(), _arguments(values), bodies, st.just(HERE)),
    )


trees = st.lists(st.recursive(_plain, _with_body, max_leaves=5), max_size=4).map(
    lambda statements: Tree(HERE.source, tuple(statements), ())
)

# --- Texts -----------------------------------------------------------------------------

_PIECES = [*'(){}[],;=+-*/%<>!"\\#\n\r\t. _019e', "\r\n", "**", "//", "\ufeff", "é", "\0", "😀"]
nonsense = st.lists(
    st.sampled_from([*_PIECES, "x", "let", "true", "# c\n", '"s"', "1e9", " { ", " }\n", "f("])
    | st.text(max_size=3),
    max_size=40,
).map("".join)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return an example of the language page with a few pieces replaced."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 6)))
        text = text[:start] + draw(st.sampled_from(["", *_PIECES, " # c\n"])) + text[end:]
    return text
