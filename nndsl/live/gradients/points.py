"""Where gradients are checked: examples, parameters at the beginning, and after some training."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from nndsl.files import size_of
from nndsl.live.arrays import Array, Examples, each
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.executable import Executable, Point, with_inputs
from nndsl.live.gradients.oracles import ties
from nndsl.live.model import Model
from nndsl.live.random_examples import draw_examples, draw_targets
from nndsl.shapes import Tokens

LARGEST_FILES = 20_000_000  # bytes of data that is read for two batches of it
ATTEMPTS = 5
COUNTS = (7, 5, 11, 13, 17, 19)  # of examples, to choose from
FEW = (3, 2)  # before these, where each example has many positions or places
ZEROS = 0.3  # of the numbers, where zeros are tried
OUTLIERS, LARGE = 0.1, (2.0, 8.0)  # how many numbers are large, and how large; inputs twice that
NUDGE = 1e-3  # relative: how far parameters are moved away from a tie


def example_count(model: Model) -> int:
    """Return a number of examples that is no length of a parameter, and cannot pass for one."""
    lengths = {length for array in model.parameters.values() for length in array.shape}
    shapes = model.script.inputs.values()
    has_many = any(isinstance(shape, Tokens) or len(shape) > 1 for shape in shapes)
    counts = (*FEW, *COUNTS) if has_many else COUNTS
    count = next((count for count in counts if count not in lengths), COUNTS[0])
    if model.script.carried and model.spec.train is not None:  # which has a state for each
        return min(count, model.spec.train.batch)
    return count


def initial_point(
    model: Model,
    decided: Executable,
    X: Examples | None,
    t: Examples | None,
    examples: int | None,
    seed: int,
) -> tuple[Point, int]:
    """Return the point where training stands, and how many were drawn before because of ties.

    Arrays whose entries are all equal (biases, scales, weights of zero) are moved: equal numbers
    hide what is wrong with them. What is given (X, t) stays.
    """
    count = len(X) if X is not None else examples or example_count(model)
    inputs = tuple(model.script.inputs)
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([seed, attempt])
        values = {}
        for name, array in model.parameters.items():
            value = array.astype(np.float64)
            scale = 0.2 if np.ptp(value) == 0 else NUDGE * value.std() if attempt else 0.0
            values[name] = value + scale * rng.standard_normal(value.shape)
        given = draw_examples(model, count, rng) if X is None else X
        values |= with_inputs(inputs, given)
        targets = draw_targets(model, count, rng) if t is None else t
        state = {name: array.astype(np.float64) for name, array in model.state.items()}
        for name in model.script.carried:  # as if batches had come before
            state[name] = 0.5 * rng.standard_normal(state[name].shape)
        point = Point("at the start", values, state, targets, seed, inputs)
        if not ties(decided, point, rng):
            break
    return point, attempt


def trained_point(script: Executable, point: Point, steps: int) -> Point:
    """Return where some steps of the script's optimizer lead, as far as they stay finite."""
    values, state = dict(point.values), dict(point.state)
    for step in range(1, steps + 1):
        try:
            here = replace(point, values=values, state=state, seed=point.seed + step)
            *_, gradients = script(here)
            moved = script.put(here)
            script.update(gradients, step)
        except FAILURES:  # which is said elsewhere
            break
        if not all(np.isfinite(array).all() for array in moved.values()):
            break
        values |= {name: array.copy() for name, array in moved.items()}
        state = {name: script.names["state"][name].copy() for name in state}
    return replace(point, label=f"after {steps} steps", values=values, state=state)


def redrawn_point(model: Model, decided: Executable, point: Point, seed: int) -> Point:
    """Return the same parameters with other examples, targets and random state."""
    count = point.count
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([seed, attempt, 1])
        values = {**point.values, **with_inputs(point.inputs, draw_examples(model, count, rng))}
        targets = draw_targets(model, count, rng)
        other = replace(point, label="on other examples", values=values, t=targets, seed=seed + 1)
        if not ties(decided, other, rng):
            break
    return other


def data_points(model: Model, trained: Point) -> Iterator[Point]:
    """Yield the first batch and the last one of the page's data, if its files are there."""
    data, train = model.spec.data, model.training
    files = data.files(model.spec.source.folder).values() if data is not None else ()
    if data is None or not all(path.exists() for path in files):
        return  # nothing is downloaded for a check
    if sum(map(size_of, files)) > LARGEST_FILES:
        return
    try:
        X, t, *_ = Model(model.checked, model.script).data()["training"]
    except FAILURES:  # as above
        return
    X, t = (
        each(lambda array: array.astype(np.float64) if array.dtype.kind == "f" else array, examples)
        for examples in (X, t)
    )
    initial = {name: array.astype(np.float64) for name, array in model.parameters.items()}
    inputs = trained.inputs
    first = {**initial, **with_inputs(inputs, X[: train.batch])}
    last = len(X) - (len(X) % train.batch or min(train.batch, len(X)))
    behind = {**trained.values, **with_inputs(inputs, X[last:])}
    state = trained.state
    yield Point("with the first batch", first, state, t[: train.batch], inputs=inputs)
    yield Point("with the last batch", behind, state, t[last:], inputs=inputs)


def edge_points(model: Model, trained: Point, seed: int) -> Iterator[Point]:
    """Yield one example, and the examples and parameters of numbers that hide mistakes.

    Exact zeros and equal numbers; numbers far from 0, and close to it. Tokens are no quantities.
    """
    rng = np.random.default_rng([seed, 2])
    count, inputs = trained.count, trained.inputs

    def point(label: str, examples: int, change: Callable[[str, Array], Array]) -> Point:
        values = {name: change(name, array) for name, array in trained.values.items()}
        drawn = with_inputs(inputs, draw_examples(model, examples, rng))
        values |= {
            name: change(name, array) if array.dtype.kind == "f" else array
            for name, array in drawn.items()
        }
        targets = draw_targets(model, examples, rng)
        return Point(label, values, trained.state, targets, seed, inputs)

    def with_zeros(name: str, array: Array) -> Array:
        if name in inputs:
            array = np.round(array)
            array[0] = 0.0
        elif array.ndim == 1:  # a bias begins with 0: all is 0 then that a zero example becomes
            array = model.parameters[name].astype(np.float64)
        return np.where(rng.random(array.shape) < ZEROS, 0.0, array)

    def with_large(name: str, array: Array) -> Array:
        large = rng.random(array.shape) < OUTLIERS
        large.reshape(-1)[[0, -1]] = True
        size = rng.choice([-1.0, 1.0], array.shape) * rng.uniform(*LARGE, array.shape)
        size.reshape(-1)[[0, -1]] = LARGE[1], -LARGE[1]
        return np.where(large, size * (1 + (name in inputs)), array)

    def small(name: str, array: Array) -> Array:
        is_small = name in inputs or array.ndim == 1
        return NUDGE * rng.standard_normal(array.shape) if is_small else array

    yield point("with one example", 1, lambda _, array: array)
    yield point("with zeros and equal numbers", count, with_zeros)
    yield point("with large numbers", count, with_large)
    yield point("with small numbers", count, small)
