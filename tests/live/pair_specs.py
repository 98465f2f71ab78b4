"""Random networks in which every layer stands behind every other one, wherever the two fit.

Layers, structures and their arguments come from the registry, so that a new word joins by itself.
What is drawn is the same every time.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from execution import variants, words
from spec_strategy import PLAIN, STRUCTURES, output_shape, write

from nndsl.analysis.slots import slots
from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.builtin import Builtin
from nndsl.vocabulary.layer import Layer, ShapeError

STARTS: dict[str, tuple[str, Shape]] = {  # with weights before the first of the pair
    "features": ("input(5); dense(6)", (6,)),
    "channels": ("input(2, 6); conv1d(2, kernel=1)", (2, 6)),
    "images": ("input(1, 4, 6); conv2d(2, kernel=1)", (2, 4, 6)),
    "positions": ("input(4, tokens=7); embedding(6)", SequenceShape((4, 6))),
}
NOISE = ("cutout", "dropout", "gaussian_noise", "random_crop", "random_flip", "random_shift")
WORDS = (*PLAIN, *sorted(STRUCTURES - {"branch"}))
LONGEST = 5  # layers of a network
LARGEST = 120  # numbers of an example
TRIES = 8
Pair = tuple[str, str, str]  # what the first takes, the first, the second


@dataclass(frozen=True)
class Network:
    """The text of a spec, the pairs in it, and whether it draws noise of its own."""

    text: str
    pairs: tuple[Pair, ...]
    is_noisy: bool


def kind_of(shape: Shape) -> str:
    if isinstance(shape, SequenceShape):
        return "positions"
    return ("features", "channels", "images")[len(shape) - 1]


@cache
def _variants(word: str) -> tuple[Builtin, ...]:
    """Return the variants of a word, but for those that go on from batch to batch.

    PyTorch's networks begin each batch anew (tests/live/test_states_go_on.py has the others).
    """
    return tuple(one for one in variants(PLAIN[word]) if not getattr(one, "carries", False))


@cache
def _all(role: str) -> tuple[Builtin, ...]:
    return tuple(variant for word in words(role) for variant in variants(word))


def placed(
    word: str, shape: Shape, rng: random.Random, *, noise: bool = True
) -> tuple[str, Shape] | None:
    """Return a word with some arguments, as a spec has it, and its output; None: no place."""
    if word in STRUCTURES:
        return _structure(word, shape, rng, noise)
    for attempt in range(TRIES):
        layer = _with_arguments(word, shape, rng, smallest=attempt == TRIES - 1)
        try:
            made = output_shape(layer, shape)
        except ShapeError:
            continue
        is_quiet = noise or not getattr(layer, "dropout", 0)
        if is_quiet and len(made) <= 3 and math.prod(made) <= LARGEST:
            return write(layer), made
    return None


def _with_arguments(word: str, shape: Shape, rng: random.Random, *, smallest: bool) -> Layer:
    changed: dict[str, object] = {}
    for name, slot in slots(PLAIN[word]).items():
        field = PLAIN[word].model_fields[name]
        if slot.whole and slot.several:
            changed[name] = _factors(math.prod(shape), rng)
        elif slot.whole and field.is_required():
            changed[name] = 1 if smallest else rng.randint(1, 4)
        elif slot.whole and field.default == 1:
            changed[name] = 1 if smallest else rng.randint(1, 3)
        elif "initializers" in slot.kinds or "regularizers" in slot.kinds:
            (role,) = slot.kinds
            changed[name] = rng.choice([None, rng.choice(_all(role))])
    layer = rng.choice(_variants(word)).model_copy(update=changed)
    assert isinstance(layer, Layer)
    return layer


def _factors(number: int, rng: random.Random) -> tuple[int, ...]:
    """Return two or three lengths whose product is the number."""
    first = rng.choice([n for n in range(1, number + 1) if number % n == 0])
    rest = number // first
    second = rng.choice([n for n in range(1, rest + 1) if rest % n == 0])
    return (first, rest) if rng.random() < 0.5 else (first, second, rest // second)


def _structure(
    word: str, shape: Shape, rng: random.Random, noise: bool
) -> tuple[str, Shape] | None:
    inner = [w for w in PLAIN if noise or w not in NOISE]
    body = "identity"
    for _ in range(TRIES):
        found = placed(rng.choice(inner), shape, rng, noise=noise)
        if found is not None and found[1] == shape and type(found[1]) is type(shape):
            body = found[0]
            break
    if word == "residual":
        return f"residual {{ {body} }}", shape
    if word == "repeat":
        return f"repeat(2) {{ {body} }}", shape
    both = f"concat {{ branch {{ {body} }}; branch {{ identity }} }}"
    if isinstance(shape, SequenceShape):
        return both, SequenceShape((shape[0], 2 * shape[1]))
    return both, type(shape)((2 * shape[0], *shape[1:]))


@cache
def all_pairs() -> tuple[Pair, ...]:
    """Return every pair that fits: the first behind what it may stand behind, then the second."""
    rng = random.Random(0)
    found = []
    for kind, (_, shape) in STARTS.items():
        for first in WORDS:
            made = [p for _ in range(TRIES) if (p := placed(first, shape, rng)) is not None]
            found += [
                (kind, first, second)
                for second in WORDS
                if any(placed(second, after, rng) is not None for _, after in made)
            ]
    return tuple(found)


def networks(count: int) -> Iterator[Network]:
    """Yield networks that together hold all pairs, as far as so many networks can."""
    rng = random.Random(1)
    order = list(all_pairs())
    rng.shuffle(order)
    once = {(first, second): kind for kind, first, second in order}  # before the other places
    missing = dict.fromkeys([*((kind, *pair) for pair, kind in once.items()), *order])
    seen: set[tuple[str, str]] = set()
    for _ in range(count):
        made = None
        while made is None:
            made = _network(next(iter(missing), None) or rng.choice(order), missing, seen, rng)
        for pair in made.pairs:
            missing.pop(pair, None)
            seen.add(pair[1:])
        yield made


def _network(
    pair: Pair, missing: dict[Pair, None], seen: set[tuple[str, str]], rng: random.Random
) -> Network | None:
    kind, first, second = pair
    noise = first in NOISE or second in NOISE
    begin, shape = STARTS[kind]
    chain: list[str] = []
    pairs: list[Pair] = []
    before: tuple[str, str] | None = None
    for place in range(rng.randint(3, LONGEST)):
        inner = [word for word in WORDS if noise or word not in NOISE]
        if place < 2:
            wanted = [pair[1 + place]]
        else:
            assert before is not None
            rng.shuffle(inner)
            last = before
            inner.sort(key=lambda word: ((last[1], word) in seen, (*last, word) not in missing))
            wanted = inner[:TRIES]
        for word in wanted:
            if (made := placed(word, shape, rng, noise=noise)) is not None:
                break
        else:
            if place < 2:
                return None
            break
        if before is not None:
            pairs.append((*before, word))
        before = kind_of(shape), word
        chain.append(made[0])
        shape = made[1]
    if len(shape) > 1 and not (isinstance(shape, SequenceShape) and rng.random() < 0.5):
        chain.append("flatten")
    return Network(_spec([begin, *chain, f"dense({rng.randint(2, 4)})"], rng), tuple(pairs), noise)


def _spec(layers: list[str], rng: random.Random) -> str:
    lines = [
        *("network {", *(f"  {layer}" for layer in layers), "}", "train {"),
        f"  loss = {write(rng.choice(_all('losses')))}",
        f"  optimizer = {rng.choice(words('optimizers')).keyword()}",
        f"  batch = {rng.randint(4, 9)}",
    ]
    for role in ("regularizers", "clips"):
        if rng.random() < 0.5:
            setting = "regularize" if role == "regularizers" else "clip"
            lines.append(f"  {setting} = {write(rng.choice(_all(role)))}")
    return "\n".join([*lines, "}", ""])
