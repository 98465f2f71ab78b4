"""What the script of a page does at some points: what the script of a student is held to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

import numpy as np

from nndsl.analysis.compile import Checked
from nndsl.emit.build import build_program
from nndsl.emit.script import Script, write_script
from nndsl.live.arrays import listed
from nndsl.live.errors import PageError
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.gradients.points import example_count
from nndsl.live.judging.assignments import Assigned, assigned
from nndsl.live.judging.checks import Checks
from nndsl.live.judging.keys import VALUE, Variable
from nndsl.live.judging.observation import (
    BEGIN,
    ESTIMATED,
    PASSED,
    Array,
    Endless,
    Observed,
    failure,
    item_of,
    method_of,
    observe,
    run_script,
    within,
)
from nndsl.live.judging.returned import decided_by_ties, returned_unseen, with_equal_numbers
from nndsl.live.judging.rounding import moved, of_rounding
from nndsl.live.judging.tracing import ON_THE_WAY, trace_step
from nndsl.live.model import Model
from nndsl.live.network import require_network, require_training
from nndsl.live.random_examples import draw_examples, draw_targets, draw_weights
from nndsl.program.block_functions import extract_blocks
from nndsl.program.lower import lower
from nndsl.program.parts import parts_of_functions
from nndsl.program.style import BLACKBOARD, FLAT, LAYERS, NAMINGS, STYLES

Functions = Mapping[str, Assigned]
MOVED = 0.1  # how far parameters are moved from where they begin: equal numbers hide mistakes
LARGE = 30.0  # and where numbers are large: exp of one is infinite
STEPS = 2  # of the optimizer
NAME = "script.py"


class Reference:
    """A page that trains, and its script: `program`, as it stands there."""

    def __init__(
        self,
        checked: Checked,
        *,
        with_large: bool = False,
        style: str = FLAT,
        naming: str = BLACKBOARD,
    ) -> None:
        """`with_large`: also at a point of large weights.

        SpecError without a network, PageError without `train`.
        """
        self.checked, self.with_large, self.style = checked, with_large, style
        self._variables: dict[int, dict[str, Array]] = {}  # what they are, by the seed
        self._returned: dict[int, dict[str, Array]] = {}
        require_network(checked)
        program = build_program(checked, style=style, naming=naming)
        self.program = extract_blocks(program) if style == FLAT else program
        self.model = Model(checked, write_script(self.program))
        require_training(self.model.spec)

    @property
    def script(self) -> Script:
        return self.model.script

    @property
    def training(self) -> str:
        """What a training is judged by: `accuracy after training`."""
        return f"{next(iter(self.script.metrics), 'loss')} after training"

    @cached_property
    def _without_penalty(self) -> str:
        assert self.checked.spec is not None
        assert self.checked.graph is not None
        program = lower(self.checked.spec, self.checked.graph, penalties=False)
        return in_float64(write_script(extract_blocks(program)).text)

    def expected(self, seed: int) -> dict[str, Array]:
        """Return points, and what the script of the page gives there. PageError where it fails."""
        given = self._given(seed)
        expected = right = given | self._seen(given)
        text = in_float64(self.script.text)
        for again in moved(given):
            rounded = observe(execute(text, NAME), again, NAME).arrays
            noise = of_rounding(right, rounded) - given.keys()
            expected = {name: a for name, a in expected.items() if name not in noise}
        if any(name.endswith("/penalty") for name in expected):
            data = observe(execute(self._without_penalty, NAME), given, NAME).arrays
            for name in [*expected]:
                where, _, item = name.partition("/gradient of ")
                if item and name in data:
                    expected[f"{where}/of penalty/{item}"] = expected[name] - data[name]
        return expected

    def _seen(self, given: dict[str, Array]) -> dict[str, Array]:
        text = in_float64(self.script.text)
        seen = observe(names := execute(text, NAME), given, NAME)
        if seen.failures:
            said = next(iter(seen.failures.values()))["says"]
            raise PageError(f"the script of the page cannot be called on drawn numbers: {said}")
        arrays = seen.arrays | trace_step(names, given, NAME, assigned(text))
        # nothing can be held to what is infinite
        arrays = {name: a for name, a in arrays.items() if item_of(name) != PASSED}
        return {name: a for name, a in arrays.items() if np.isfinite(a).all()}

    def like(self, functions: Functions) -> Reference:
        """Return the same page in the style and with the names of a script with these functions."""
        own = _variables(functions)
        if self._known <= own:
            return self
        style = LAYERS if any("." in name for name in functions) else FLAT
        return max((self, *self._others[style]), key=lambda one: len(own & one._known))

    def held_to(
        self, functions: Functions, expected: dict[str, Array], returned: Collection[str] = ()
    ) -> dict[str, Array]:
        """Return what is expected of a script with these functions, by the names that it has.

        `returned` are results that no gradient shows, as far as it has such functions.
        """
        like = self.like(functions)
        if like is self and not returned:
            return expected
        seed = int(expected["point0/seed"])
        if seed not in like._variables:
            like._variables[seed] = like.variables(given_of(expected))
        if returned and seed not in like._returned:
            like._returned[seed] = like.returned(given_of(expected))
        unseen = like._returned.get(seed, {}).items()
        results = {n: a for n, a in expected.items() if not is_of_a_variable(n)}
        results |= {n: a for n, a in unseen if item_of(n) in returned}
        return results | like._variables[seed]

    def checks(self, text: str, seed: int) -> Checks:
        """Return what is seen of a script, beside what is right. It is executed here."""
        expected, functions, observed = self.expected(seed), assigned(text), Observed()
        try:
            names, observed = run_script(lambda one: execute(one, NAME), in_float64(text), NAME)
            observe(names, expected, NAME, observed)
            observed.arrays |= trace_step(names, expected, NAME, functions)
        except (Exception, SystemExit, Endless) as error:
            observed.failures[BEGIN] = failure(error, NAME)
        checks = Checks(observed, expected, functions)
        if checks.is_right:
            return checks
        return Checks(observed, self.held_to(functions, expected), functions)

    @cached_property
    def _others(self) -> dict[str, list[Reference]]:
        return {
            style: [Reference(self.checked, style=style, naming=naming) for naming in NAMINGS]
            for style in STYLES
        }

    @cached_property
    def _known(self) -> set[Variable]:
        return _variables(assigned(self.script.text))

    def variables(self, given: dict[str, Array]) -> dict[str, Array]:
        """Return what the variables of the functions are, and of the methods of layers."""
        return {
            name: array
            for name, array in self._seen(given).items()
            if is_of_a_variable(name) and (not method_of(name) or method_of(name) in self.functions)
        }

    @cached_property
    def functions(self) -> dict[str, str]:
        """The functions of the script and the methods of layers, each with its part."""
        return parts_of_functions(self.program)

    def returned(self, given: dict[str, Array]) -> dict[str, Array]:
        """Return what functions return backward that no gradient of a weight shows."""
        if any(name.endswith(f"/{ESTIMATED}") for name in given):
            return {}
        return returned_unseen(in_float64(self.script.text), given, self.functions)

    def knows(self, function: str) -> bool:
        """Has the script of the page such a function, in any style and with any names?"""
        others = (one for style in self._others.values() for one in style)
        return function in self.functions or any(function in one.functions for one in others)

    def _given(self, seed: int) -> dict[str, Array]:
        rng = np.random.default_rng([seed, 7])
        given: dict[str, Array] = {}
        count = example_count(self.model)
        counts = (count, 1, *[count] * self.with_large)
        for number, count in enumerate(counts):
            where = f"point{number}"
            if require_training(self.model.spec).gradient is not None:
                given[f"{where}/{ESTIMATED}"] = np.array(True)
            moves = LARGE if number > 1 else MOVED
            for name, p in self.model.parameters.items():
                moved = p.astype(np.float64) + moves * rng.standard_normal(p.shape)
                given[f"{where}/params/{name}"] = moved
            for name, s in self.model.state.items():
                away = rng.uniform(size=s.shape)  # a variance stays one
                given[f"{where}/state/{name}"] = s + (0.2 + 0.3 * s) * away
            X, t = (draw(self.model, count, rng) for draw in (draw_examples, draw_targets))
            for name, array in zip(self.script.inputs, listed(X), strict=True):
                given[f"{where}/input/{name}"] = array
            for number_of_target, array in enumerate(listed(t)):
                given[f"{where}/target/{number_of_target}"] = array
            for weight in draw_weights(self.model, count, rng):
                given[f"{where}/weight"] = weight
            given[f"{where}/seed"] = np.array(seed)
        begin = within(given, "point0", "params")
        given |= {f"update/params/{name}": p for name, p in begin.items()}
        given["update/seed"] = np.array(seed)
        for step in range(1, STEPS + 1):
            for name in self.script.trained:
                g = rng.standard_normal(self.model.parameters[name].shape)
                given[f"update/step{step}/{name}"] = g
        equal = with_equal_numbers(given)  # where a pool has to choose
        is_better = decided_by_ties(in_float64(self.script.text), equal, self.functions)
        return equal if any(map(np.any, is_better.values())) else given


def given_of(expected: Mapping[str, Array]) -> dict[str, Array]:
    """Return what a script is called on, and nothing of what is right."""
    kinds = ("params", "state", "input", "target", "weight", "seed", ESTIMATED)
    return {
        name: array
        for name, array in expected.items()
        if item_of(name) in kinds or name.startswith("update/step")
    }


def is_of_a_variable(name: str) -> bool:
    """Is an array what a variable of a function was, and no result?"""
    return item_of(name) in (VALUE, *ON_THE_WAY)


def _variables(functions: Functions) -> set[Variable]:
    return {(name, variable) for name, known in functions.items() for variable in known.lines}
