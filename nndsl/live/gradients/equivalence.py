"""The equivalence of an optimized program and the plain one: what both compute, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from nndsl.emit.script import write_script
from nndsl.live.arrays import Array, Examples, each, listed
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.builds import in_float64
from nndsl.live.gradients.executable import Executable, Point, with_inputs
from nndsl.live.gradients.parsed_script import FUNCTION, ParsedScript
from nndsl.live.gradients.report import Property
from nndsl.live.model import Model
from nndsl.live.random_examples import draw_examples, draw_targets
from nndsl.program.lower import lower
from nndsl.program.program import Program

RELATIVE = 1e-10  # of the size of what is compared
ROUNDED = 100  # times what the plain program itself moves by where its numbers are rounded anew
NOTHING = 1e-12  # of the largest number: what is left of equal numbers whose mean is taken away
TRIES = 2
ZEROS = 0.1  # of the inputs
MAX_EXAMPLES = 1_000
STEP = 1e-2  # of the gradients that both take a step with
LOSSES = ("loss", "penalty")
Values = dict[str, Array]


def check_equivalence(model: Model, start: Point) -> Property:
    """Take steps of both programs from a point, at each size of a batch that training has."""
    program = lower(*model.checked.network, written_out=True)
    plain, candidate = Version(write_script(program).text, start), Version(model.source, start)
    plain.own, plain.weighs = _names_of_two_forms(program), model.spec.weighs
    rng = np.random.default_rng(start.seed)
    sizes = batch_sizes(model)
    parted = ""
    for step, size in enumerate(sizes, 1):
        X, t = draw_examples(model, size, rng), draw_targets(model, size, rng)
        for array in listed(X):
            if array.dtype.kind == "f":
                array *= rng.random(array.shape) >= ZEROS
        try:
            parted = next(_partings(plain, candidate, X, t, step), "")
        except FAILURES as error:
            parted = f"it fails: {error}"
        if parted:
            parted = f"At step {step}, of {size} example{'s' * (size > 1)}, {parted}"
            break
    counts = ", ".join(map(str, dict.fromkeys(sizes)))
    return Property(
        "the optimized program computes what the plain one does",
        not parted,
        parted,
        f"the optimized program computes what the plain one does, over {len(sizes)} steps of "
        f"{counts} examples: losses, gradients, states, parameters after each step, predictions "
        "and results",
    )


def batch_sizes(model: Model) -> list[int]:
    """Return the sizes that batches have: all of them, the last one, and one example.

    Each comes twice, for the memory of a step is used again.
    """
    train, examples = model.training, model.spec.training_examples
    batch = min(train.batch, examples or train.batch, MAX_EXAMPLES)
    last = (examples % batch if examples else batch // 2) or batch
    return [batch, last, 1, batch, last, 1]


def _partings(
    plain: Version, candidate: Version, X: Examples, t: Examples, step: int
) -> Iterator[str]:
    """Take a step of both; yield in words where they part, in the order in which they compute."""
    rng = np.random.default_rng(step)
    before = plain.values()
    wanted = plain.learn(X, t, step)
    tries = [plain.learn_rounded(before, X, t, step, rng) for _ in range(TRIES)]
    optimized = candidate.learn(X, t, step)
    nothing = NOTHING * max(float(np.abs(value).max(initial=0)) for value in wanted.values())
    for name, value in wanted.items():
        noise = ROUNDED * max(_distance(tried[name], value) for tried in tries) + nothing
        if away := _away(name, optimized[name], value, noise):
            for version in (plain, candidate):
                version.set(before)
            yield away + _first_line(plain, candidate, X, t, step)
    plain.set(before | {name: wanted[name] for name in plain.state})
    gradients = {
        name: wanted[f"d{name}"] + STEP * rng.standard_normal(value.shape)
        for name, value in plain.parameters.items()
        if f"d{name}" in wanted  # it is trained
    }
    for version in (plain, candidate):
        version.update(gradients, step)
    for name, value in plain.parameters.items():
        noise = RELATIVE * _distance(value, before[name])
        if away := _away(name, candidate.parameters[name], value, noise):
            yield f"{away} after the update"
    candidate.set(plain.values())
    ones = [np.ones(len(X))] * plain.weighs
    results = candidate.evaluate(X, t, *ones)
    for name, value in plain.evaluate(X, t, *ones).items():
        yield from filter(None, [_away(name, results[name], value, 0.0)])


class Version(Executable):
    """One of the two programs, in float64. Its parameters are moved in place: they may be views."""

    def __init__(self, text: str, start: Point) -> None:
        super().__init__(in_float64(text), "train.py")
        self.parameters: Values = self.names["params"]
        self.state: Values = self.names.get("state", {})
        self.own: set[str] = set()  # names that mean something else in the other program
        self.weighs = False  # does `evaluate` take how much an example counts?
        self.inputs = start.inputs
        self.set({**start.values, **start.state})

    @cached_property
    def parsed(self) -> ParsedScript:
        return ParsedScript(self.text)

    def values(self) -> Values:
        """Return copies of the parameters and of the running statistics."""
        return {name: array.copy() for name, array in {**self.parameters, **self.state}.items()}

    def set(self, values: Mapping[str, Array]) -> None:
        for name, array in {**self.parameters, **self.state}.items():
            array[...] = values[name]

    def learn(self, X: Examples, t: Examples, seed: int) -> Values:
        """Return copies of the losses, the gradients and the running statistics after them."""
        self.seed(seed)
        *losses, gradients = self.names[FUNCTION](*listed(X, t))
        values = dict(zip(LOSSES, map(np.array, losses), strict=False))
        values |= {f"d{name}": np.array(gradient) for name, gradient in gradients.items()}
        return values | {name: array.copy() for name, array in self.state.items()}

    def learn_rounded(
        self, values: Values, X: Examples, t: Examples, seed: int, rng: np.random.Generator
    ) -> Values:
        """Return the same for values and inputs whose last digits are others."""
        self.set({name: _rounded(value, rng) for name, value in values.items()})
        return self.learn(each(lambda array: _rounded(array, rng), X), t, seed)

    def evaluate(self, X: Examples, *others: Examples) -> Values:
        """Return the predictions, and what `evaluate` measures."""
        found = self.names["predict"](*listed(X))
        outputs = found if isinstance(found, tuple) else (found,)
        values = {f"predict{at or ''}": output for at, output in enumerate(outputs)}
        return {**values, "evaluate": np.array(self.names["evaluate"](*listed(X, *others)))}

    def variables(self, X: Examples, t: Examples, seed: int) -> Values:
        """Return the variables of `loss_and_gradients`, by when they are last written."""
        script = Executable(self.parsed.with_copies(), self.path)
        given = self.parameters | with_inputs(self.inputs, X)
        values = script(Point("", given, self.state, t, seed, self.inputs))
        order = self.parsed.order_of
        return {n: np.asarray(values[n]) for n in sorted(values, key=order) if order(n) >= 0}


def _names_of_two_forms(program: Program) -> set[str]:
    """Return the names inside layers that have another form where a script is optimized."""
    assert program.training is not None
    layers = [(node.origin, node.layer) for node in program.graph.nodes]
    forms = {o for o, layer in layers if layer.optimized_forward or layer.optimized_backward}
    shared = {*program.values, *(parameter.name for parameter in program.parameters)}
    return {
        name
        for statement in program.training.loss_and_gradients.statements
        if statement.origin in forms
        for name in {*statement.writes} - shared
        if name.removeprefix("d") not in shared
    }


def _first_line(plain: Version, candidate: Version, X: Examples, t: Examples, seed: int) -> str:
    """Return the first line of the optimized script after which a variable is another one."""
    wanted = plain.variables(X, t, seed)
    for name, value in candidate.variables(X, t, seed).items():
        is_common = name in wanted and name not in plain.own and value.dtype.kind == "f"
        if is_common and _away(name, value, wanted[name], 0.0):
            step = candidate.parsed.step_of(name)
            return f"; line {step.line} is the first to differ: {step.written.text}"
    return ""


def _away(name: str, value: Array, wanted: Array, noise: float) -> str:
    """Return in words how far a value is from what it should be, "" where it is near."""
    if np.shape(value) != np.shape(wanted):
        return f"{name} has the shape {np.shape(value)} and should have {np.shape(wanted)}"
    far = _distance(value, wanted)
    size = float(np.linalg.norm(wanted))
    if far <= RELATIVE * size + noise or np.array_equal(value, wanted, equal_nan=True):
        return ""
    at = np.unravel_index(int(np.argmax(np.abs(np.subtract(value, wanted)))), np.shape(value))
    index = f"[{', '.join(map(str, at))}]" * bool(at)
    return f"{name}{index} is {value[at]:.9g} and should be {wanted[at]:.9g}"


def _distance(one: Array, other: Array) -> float:
    return float(np.linalg.norm(np.subtract(one, other)))


def _rounded(array: Array, rng: np.random.Generator) -> Array:
    """Return numbers whose last digits are others."""
    if array.dtype.kind != "f":
        return array
    return array * (1 + 4 * np.finfo(np.float64).eps * rng.uniform(-1, 1, array.shape))
