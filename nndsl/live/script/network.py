"""Is the network that of the page: as it begins, predicts, is trained, and is script?"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nndsl.analysis.node import Value
from nndsl.live.arrays import Array, Examples, each, listed, named
from nndsl.live.judging.differences import drawn_otherwise
from nndsl.live.network import measured
from nndsl.live.script.under_test import ScriptUnderTest, copied, difference
from nndsl.shapes import SequenceShape

UNLIKELY = 6.0  # standard deviations
RUNS = 300  # of a step with noise, where its draws are others than those of the page
MANY = 24  # times the same example: noise that they share spreads more widely
CHUNKED = 1003  # examples: more than are predicted at once
MAX_OUTPUTS = 2_000_000


def initial_weights(script: ScriptUnderTest) -> str:
    """Do the parameters begin as their initializers say, and the states as their layers do?"""
    names, reference = script.names(), script.reference
    params = names["params"]
    for name, first in reference.begins.items():
        if said := difference(held := names["state"][name], np.full_like(held, first)):
            return f"{name}: it is {said}"
    expected = reference.initial(reference.train.seed)
    if list(params) != list(expected):
        return f"the parameters are {', '.join(params)}, and should be {', '.join(expected)}"
    others = [name for name in expected if difference(params[name], expected[name])]
    if not others:
        return ""
    draws = [reference.initial(seed) for seed in range(1000, 1008)]
    for name in others:
        if said := drawn_otherwise(name, params[name], expected[name]):
            return said
        if _is_of_another(params[name].reshape(-1), np.ravel([d[name] for d in draws])):
            return f"{name}: its first numbers are of another distribution"
    first_numbers: dict[bytes, str] = {}
    for name, p in params.items():
        start = p.reshape(-1)[:8]
        scaled = (start / (np.abs(start).max() or 1)).round(6)
        twin = first_numbers.setdefault(scaled.tobytes(), name)
        if twin != name and np.ptp(start) and difference(expected[twin].reshape(-1)[:8], start):
            return f"{twin} and {name} begin with the same numbers: a stream is used twice"
    return ""


def seed(script: ScriptUnderTest) -> str:
    """Does the script draw from the seed of the page?"""
    seed, given = script.reference.train.seed, script.names().get("SEED")
    return f"SEED is {given}, and the page says {seed}" if given not in (None, seed) else ""


def _is_of_another(actual: Array, expected: Array) -> bool:
    """Are numbers drawn from another distribution? That is what Kolmogorov and Smirnov ask."""
    both = np.sort(np.concatenate([actual, expected]))
    gap = np.abs(
        np.searchsorted(np.sort(actual), both, "right") / len(actual)
        - np.searchsorted(np.sort(expected), both, "right") / len(expected)
    ).max()
    return bool(gap * math.sqrt(len(actual) * len(expected) / len(both)) > 2.7)


def prediction(script: ScriptUnderTest) -> str:
    """Does `predict` give what the words of the page give, without noise?"""
    names = script.names()
    params, state = script.point(names)
    values = script.reference.graph.outputs
    X, _ = script.examples()
    before = X.copy()
    given = _repeatable(script, names)

    def predict(inputs: Examples) -> list[Array]:
        return _outputs(script, given(*listed(inputs)))

    for inputs in (X, X[:1]):
        drawing = np.random.default_rng(script.seed)
        expected, _ = script.reference.forward(params, state, inputs, drawing=drawing)
        actual = predict(inputs)
        for at, (name, value) in enumerate(values.items()):
            said = difference(actual[at], expected[at].reshape(len(inputs), *value.shape))
            if said and difference(predict(inputs)[at], actual[at]):
                return "it gives something else at each call"
            if said and difference(predict(inputs[:1])[at], actual[at][:1]):
                return "what it gives for an example depends on the others"
            if said and len(values) > 1:
                return f"of `{name}` it gives {said}"
            if said:
                return f"it gives {said}" * (not said.startswith("the")) or said
    return _side_effect(names, params, state, X, before)


def _repeatable(script: ScriptUnderTest, names: dict[str, Any]) -> Callable[..., Any]:
    """Return the script's `predict` with the same noise at each call: own layers may draw it."""
    given = names["predict"]

    def predict(*X: Array) -> Any:
        names["noise_rng"] = np.random.default_rng(script.seed)
        return given(*X)

    return predict


def _side_effect(
    names: dict[str, Any], params: Any, state: Any, X: Examples, before: Examples
) -> str:
    if any(difference(names["params"][name], p) for name, p in params.items()):
        return "it changes the parameters"
    if any(difference(names["state"][name], s) for name, s in state.items()):
        return "it changes the running statistics"
    changed = any(map(difference, listed(X), listed(before)))
    return "it changes its inputs" if changed else ""


def training_pass(script: ScriptUnderTest) -> str:
    """Are loss, penalty and running statistics of a step those of the page, noise included?"""
    names, reference = script.names(), script.reference
    names.get("statistics", {}).update(reference.statistics)
    params, state = script.point(names)
    X, t = script.examples()

    def one(seed: int, X: Examples, t: Examples) -> tuple[list[Array], dict[str, Array]]:
        names["noise_rng"] = np.random.default_rng(seed)
        for name, s in state.items():
            names["state"][name][...] = s
        *losses, _ = names["loss_and_gradients"](*listed(X, t))
        return [np.asarray(loss) for loss in losses], copied(names.get("state", {}))

    def expected(seed: int, X: Examples, t: Examples) -> tuple[list[Array], dict[str, Array], bool]:
        noise = np.random.default_rng(seed)
        before = noise.bit_generator.state
        outputs, states = reference.forward(params, state, X, noise)
        penalty = reference.penalty(params)
        losses = [
            reference.total_loss(outputs, t),
            *([penalty] if penalty is not None else []),
        ]
        return [np.asarray(loss) for loss in losses], states, noise.bit_generator.state != before

    (losses, states), (right, states_right, is_noisy) = one(0, X, t), expected(0, X, t)
    if len(losses) != len(right):
        return f"it returns {len(losses)} losses, and should return {len(right)}"
    said = [
        f"the {what} is {d}"
        for what, a, b in zip(("loss", "penalty"), losses, right, strict=False)
        if (d := difference(a, b))
    ]
    is_same_noise = not said  # with other noise, the losses would be others
    said += [
        f"`{name}` becomes {d}"
        for name, s in states_right.items()
        if (d := difference(states[name], s))
    ]
    if not said or is_same_noise or not is_noisy:
        return said[0] if said else ""
    X, t = (each(lambda array: np.repeat(array[:1], MANY, axis=0), one) for one in (X, t))
    X = each(_spread, X)
    drawn, wanted = (
        np.array([[*losses, *(s.mean() for s in states.values())] for losses, states, *_ in actual])
        for actual in ([of(seed, X, t) for seed in range(RUNS)] for of in (one, expected))
    )
    if not np.isfinite(wanted).all():
        return ""
    error = np.sqrt((drawn.var(axis=0) + wanted.var(axis=0)) / RUNS) + 1e-9 * np.abs(wanted).max()
    if (np.abs(drawn.mean(axis=0) - wanted.mean(axis=0)) > UNLIKELY * error).any():
        return (
            f"over {RUNS} draws of the noise the loss is {drawn[:, 0].mean():.6g}, and should be "
            f"{wanted[:, 0].mean():.6g}"
        )
    small, large = sorted([drawn[:, 0].std(), wanted[:, 0].std()])
    if large > 1.6 * small:  # six standard deviations of a deviation from 300 draws, and more
        return "the noise is drawn less or more widely than the page says"
    return ""


def _spread(X: Array) -> Array:
    """Return inputs that are not alike everywhere: what moves an example must show."""
    return X + np.linspace(-2, 2, X[0].size).reshape(X[0].shape) if X.dtype.kind == "f" else X


def evaluation(script: ScriptUnderTest) -> str:
    """Are loss and metrics of `evaluate` those of the page, on few examples and on many?"""
    names, reference = script.names(), script.reference
    params, state = script.point(names)
    names.get("statistics", {}).update(reference.statistics)
    X, t = script.examples()
    calls = 0
    predict = _repeatable(script, names)

    def counted(*X: Array) -> Any:
        nonlocal calls
        calls += 1
        return predict(*X)

    names["predict"] = counted
    found = measured(names, X, t, *script.weights(len(X)))
    said = _wrong_result(script, _outputs(script, predict(*listed(X))), t, found)
    said = said or _side_effect(names, params, state, X, X)
    values = [*reference.graph.outputs.values()]
    numbers = sum(math.prod(value.shape) for value in values)
    if said or not calls or CHUNKED * numbers > MAX_OUTPUTS:
        return said
    _, t = script.examples(CHUNKED)
    rng = np.random.default_rng([script.seed, 4])
    outputs = [_drawn_output(value, rng) for value in values]

    def known(*tags: Array) -> Any:
        rows = tags[0].reshape(len(tags[0]), -1)[:, 0].astype(int)
        found = tuple(output[rows] for output in outputs)
        return found if len(found) > 1 else found[0]

    names["predict"] = known
    found = measured(names, tagged(script, 0, CHUNKED), t, *script.weights(CHUNKED))
    said = _wrong_result(script, outputs, t, found)
    return f"of {CHUNKED} examples {said}" if said else ""


def _drawn_output(value: Value, rng: np.random.Generator) -> Array:
    """Return random numbers that an output may have."""
    producer = value.producer
    low, high = producer.layer.bounds if producer else (-math.inf, math.inf)
    x = rng.normal(size=(CHUNKED, *value.shape))
    if (low, high) == (-math.inf, math.inf):
        return x
    return rng.uniform(max(low, -2) + 0.01, min(high, max(low, -2) + 3) - 0.01, x.shape)


def tagged(script: ScriptUnderTest, first: int, count: int) -> Examples:
    """Return inputs that are nothing but the numbers of their examples."""
    tags = np.arange(first, first + count)
    shapes = script.model.script.inputs.values()
    return named(
        script.model.input_names, [tags.reshape(-1, *[1] * len(shape)) for shape in shapes]
    )


def _outputs(script: ScriptUnderTest, found: Any) -> list[Array]:
    """Return what `predict` gives, output by output."""
    return [*map(np.asarray, found if len(script.reference.graph.outputs) > 1 else [found])]


def _wrong_result(
    script: ScriptUnderTest, outputs: Sequence[Array], t: Examples, actual: Any
) -> str:
    reference = script.reference
    for w in script.weights(len(outputs[0])):  # what counts twice stands there twice
        often = np.repeat(np.arange(len(w)), w.astype(int))
        outputs, t = [output[often] for output in outputs], t[often]
    rows = [
        output.reshape(-1, output.shape[-1]) if isinstance(value.shape, SequenceShape) else output
        for output, value in zip(outputs, reference.graph.outputs.values(), strict=True)
    ]
    expected = reference.evaluate(rows, t)
    if len(actual) != len(expected):
        names = ", ".join(reference.reported)
        return f"it returns {len(actual)} numbers, and should return {names}"
    for name, value, wanted in zip(reference.reported, actual, expected, strict=True):
        if said := difference(value, wanted):
            return f"the {name.replace('_', ' ')} is {said}"
    return ""
