"""The gradient check: the text of a model, held to two oracles wherever training may be."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nndsl.ir import parse_text
from nndsl.live.arrays import Examples, listed
from nndsl.live.errors import PageError
from nndsl.live.execute import FAILURES, lines_of
from nndsl.live.gradients.builds import Builds, gradients_of
from nndsl.live.gradients.calls import Step
from nndsl.live.gradients.comparison import compare_array
from nndsl.live.gradients.culprit import Culprit, find_culprit
from nndsl.live.gradients.equivalence import check_equivalence
from nndsl.live.gradients.executable import Executable, Point, one_thread, strict
from nndsl.live.gradients.mistakes import of_a_failure
from nndsl.live.gradients.oracles import by_differences, by_entries, ties
from nndsl.live.gradients.own_backward import check_own_backward
from nndsl.live.gradients.parsed_script import put_into_stack
from nndsl.live.gradients.points import (
    data_points,
    edge_points,
    initial_point,
    redrawn_point,
    trained_point,
)
from nndsl.live.gradients.report import Property, Report, Row, status_of
from nndsl.live.gradients.steps import Steps
from nndsl.live.gradients.verdict import DIFFERENCES, Check
from nndsl.live.model import Model
from nndsl.live.script.check import PartResult, check_script

EVERY_ENTRY = 5_000  # parameters of a model, up to which all of them are checked
SAMPLES = 64, 2_000  # entries of each array of a larger model, at the first point, and of all
DIFFERENCED = 8, 250  # entries of each array that the second oracle sees, and of all
MAX_KINKS = 0.05  # of these entries, over all arrays
STEPS = 5
KINKS = 8  # numbers of each value at a kink that are looked at one by one, at a glance
UNSAFE = (
    "the complex step and differences disagree: something in the forward pass loses imaginary "
    "parts (abs, var, std, norm)"
)


def check_gradients(
    model: Model,
    X: npt.ArrayLike | None = None,
    t: npt.ArrayLike | None = None,
    *,
    full: bool = False,
    examples: int | None = None,
    seed: int = 0,
) -> Report:
    """Prove the gradients of a model's text, in float64; the model itself is left alone.

    X (N, …) and t stand in for random `examples`. Up to 5,000 parameters every entry is checked,
    at each of three points; else 8 directions of each array, up to 64 entries of it at the first
    point, and every entry of one that fails. With `full` every entry is checked, however many
    there are, at the first point. PageError where the spec has no `train`, or
    where the text makes real numbers of complex ones.
    """
    model.require_backward_pass()
    with one_thread(), strict():
        given = None if X is None else model.inputs(X, np.float64)
        targets = None if t is None else np.asarray(t)
        try:
            return GradientCheck(model, given, targets, full, examples, seed).report()
        except np.exceptions.ComplexWarning:
            raise PageError(
                "the check runs the script on complex numbers, and it makes real ones of them",
                "leave out `float(…)`, `.astype(float)` and the like",
            ) from None


class GradientCheck:
    """One check. The builds of the script that it needs are built once."""

    def __init__(
        self,
        model: Model,
        X: Examples | None,
        t: Examples | None,
        full: bool,
        examples: int | None,
        seed: int,
    ) -> None:
        self.model = model
        try:
            self.builds = Builds(model)
        except (ValueError, SyntaxError) as error:  # the script cannot be read
            raise PageError(str(error)) from None
        self.rng = np.random.default_rng(seed)
        point, self.redrawn = initial_point(model, self.builds.decided, X, t, examples, seed)
        self.points = [point]
        self.more_points: Iterable[Point] = ()
        gradients = gradients_of(self.builds.script, point)
        if gradients is not None and gradients.keys() >= {*model.script.trained}:
            trained = trained_point(self.builds.script, point, STEPS)
            self.points.append(trained)
            if X is None and t is None:
                self.points.append(redrawn_point(model, self.builds.decided, trained, seed))
                edges = edge_points(model, trained, seed)
                self.more_points = chain(data_points(model, trained), edges)
        self.base_points = tuple(self.points)  # looked at closely anyway
        self._steps: dict[tuple[str, bool], Steps] = {}
        count = sum(array.size for array in model.parameters.values())
        self.full = full
        self.is_small = count <= EVERY_ENTRY
        self.kinks = self.sampled = 0

    def report(self) -> Report:
        """Return what the check finds."""
        glances = []
        crash, rows, step = self._compare()
        if not crash and not step and all(row.status != "wrong" for row in rows):
            for point in self.more_points:
                if not self.is_usable(point):
                    continue
                glances.append(point.label)
                if self._looks_wrong(point):
                    self.points.append(point)
            if len(self.points) > len(self.base_points):
                crash, rows, step = self._compare()
        is_shown = any(row.status == "wrong" for row in rows)
        is_wrong = bool(step) or is_shown
        is_safe = all(row.mistake != UNSAFE for row in rows)
        is_compared = self.model.script.is_optimized and not crash  # with the plain program
        return Report(
            name=self.model.spec.name,
            rows=rows,
            properties=(
                *([crash[0]] if crash else self._properties("" if is_shown else step)),
                *check_own_backward(self.model),
                *([check_equivalence(self.model, self.points[0])] if is_compared else ()),
                *properties_of(check_script(self.model, full=self.full)),
            ),
            examples=self.points[0].count,
            points=tuple(point.label for point in self.base_points),
            redrawn=self.redrawn,
            glances=tuple(glances),
            culprit=crash[1] if crash else self._culprit() if is_wrong and is_safe else None,
            script=f"{Path(self.model.spec.source.name).stem}.py",
            source=self.model.spec.source.name,
        )

    def diagnosis(self) -> tuple[tuple[Row, ...], Culprit | None]:
        """Return what the base points show, and the first gradient that is wrong there."""
        crash, rows, _ = self._compare()
        return rows, crash[1] if crash else self._culprit()

    def _compare(self) -> tuple[tuple[Property, Culprit | None] | None, tuple[Row, ...], str]:
        """Return how the script fails, if it does; else the rows, and a step that is wrong."""
        for point in self.points:
            crash = self._crash(point)
            if crash is not None:
                return crash, (), ""
        self.kinks = self.sampled = 0
        self.tied = [ties(self.builds.decided, point, self.rng) > 0 for point in self.points]
        step = self._wrong_step()
        inputs = self.builds.differentiable if self.builds.data_loss else ()
        names = (*self.model.script.trained, *inputs)
        return None, tuple(self._row(name) for name in names), step

    def is_usable(self, point: Point) -> bool:
        """Is everything finite here, in both precisions? Else there is nothing to compare."""
        try:
            losses = self.builds.forward.losses(point.cast(np.complex128))
            single = self.builds.script.single.losses(next(point.singles()))
        except FAILURES:
            return True  # which is wrong
        return bool(np.isfinite([*losses, *single]).all())

    def _looks_wrong(self, point: Point) -> bool:
        """Is something wrong when everything moves at once? It is looked at closely if so.

        Up to so many examples as at the first point, kinks are looked at number by number.
        """
        if gradients_of(self.builds.script, point) is None:
            return True
        steps = Steps(self.builds.steps, point)
        if steps.look_wrong(self.rng):
            return True
        if point.count > self.points[0].count:
            return False
        return bool(ties(self.builds.decided, point, self.rng)) and any(
            steps.check(variable, self.rng, KINKS).status == "wrong"
            for variable in steps.gradients()
            if variable in steps.parameters or steps.is_step(variable)
        )

    def _wrong_step(self) -> str:
        points = [self.points[0], *(p for p, t in zip(self.points, self.tied, strict=True) if t)]
        points += self.points[len(self.base_points) :]
        steps = (self.steps_at(point).wrong_step(self.rng) for point in points)
        return next(filter(None, steps), "")

    def steps_at(self, point: Point, name: str = "") -> Steps:
        """Return the steps of the script at a point; for X those of the data loss alone."""
        is_input = name in point.inputs
        key = point.label, is_input
        if key not in self._steps:
            builds = self.builds.steps_of_data_loss if is_input else self.builds.steps
            self._steps[key] = Steps(builds, point)
        return self._steps[key]

    def _crash(self, point: Point) -> tuple[Property, Culprit | None] | None:
        """Return what there is to say where the script fails, and the statement that does."""
        try:
            *_, gradients = self.builds.script(point)
        except FAILURES as error:
            crash = Property("the script runs", False, f"{error} ({point.label})")
            lines = lines_of(error, self.builds.path)
            return crash, self._failing(lines, of_a_failure(error), point)
        missing = [name for name in self.model.script.trained if name not in gradients]
        if missing:
            said = f"it returns no gradient of {', '.join(missing)}"
            return Property("every gradient is returned", False, said), None
        return None

    def _failing(self, lines: list[int], mistake: str, point: Point) -> Culprit | None:
        """Return the innermost statement of the backward pass among the lines of a traceback."""
        steps = self.builds.parsed.steps
        inside = (step for line in reversed(lines) for step in steps if line in step.numbers)
        step = next(inside, None)
        step = self._misfit(step, point) if step is not None else None
        if step is None or not step.writes:
            return None
        # In a method, a line may return what it computes.
        written = step.written.writes or [self.builds.parsed.name_of(step.writes[0], step.function)]
        layer = self.builds.layer_of(step.writes[0])
        return Culprit(written[0], step.line, step.written.text, *layer, mistake)

    def _misfit(self, step: Step, point: Point) -> Step:
        """Return what makes a gradient that does not fit where a step puts it: into a stack."""
        parsed = self.builds.parsed
        puts = {
            name: (whole, at)
            for at, other in enumerate(parsed.steps)
            if other.numbers == step.numbers
            and (put := put_into_stack(other.statement.node)) is not None
            for whole, name in [put]
        }
        for name, (whole, at) in puts.items():
            text = parsed.with_locals(*parse_text("return locals()"), before=at)
            variables = Executable(text, self.builds.path)(point)
            if np.shape(variables[name]) != np.shape(variables[whole])[1:]:
                return parsed.step_of(name)
        return step

    def _row(self, name: str) -> Row:
        checks: list[Check] = []
        mistake = ""
        for point, is_tied in zip(self.points, self.tied, strict=True):
            if is_tied and (check := self._check_at_ties(name, point)):
                checks.append(check)
                continue
            is_first = point is self.points[0]
            samples: int | None = self._at_most(SAMPLES) * is_first
            if self.is_small or (self.full and is_first):
                samples = None
            noise = self.steps_at(point, name).noise_of(name)
            added, likely = compare_array(
                self.builds, name, point, self.rng, noise=noise, samples=samples
            )
            checks += added
            mistake = mistake or likely
        differences, kinks = self._differences(name)
        status = status_of(checks)
        if not differences <= DIFFERENCES:
            status = "wrong"
            mistake = UNSAFE
        variable = self.builds.parsed.gradients.get(name)
        _, line, code = self.builds.parsed.written(variable) if variable else ("", None, "")
        layer, layer_line = self.builds.layer_of(variable or "")
        return Row(
            name=name,
            shape=self.points[0].values[name].shape,
            checks=tuple(checks),
            differences=differences,
            kinks=kinks,
            status=status,
            line=line,
            code=code,
            layer=layer,
            layer_line=layer_line,
            mistake=mistake,
        )

    def _check_at_ties(self, name: str, point: Point) -> Check | None:
        """Judge a gradient where a decision is a tie: None where it has not the shape to be."""
        steps = self.steps_at(point, name)
        variable = next((v for v, parameter in steps.parameters.items() if parameter == name), None)
        if variable not in steps.variables or not steps.fits(variable):
            return None
        return steps.check(variable, self.rng)

    def _at_most(self, limits: tuple[int, int]) -> int:
        """Return how many entries of each array are looked at: of many arrays fewer each."""
        each, all_together = limits
        return min(each, max(2, all_together // max(1, len(self.model.parameters))))

    def _differences(self, name: str) -> tuple[float, int]:
        """Hold the complex step to differences; return the relative error, and the kinks.

        Where entries stand beside a kink another point is tried: it has its kinks elsewhere.
        """
        tried = []
        for point in reversed(self.base_points):
            tried.append(self._differences_at(name, point))
            if not tried[-1][1]:
                break
        if not any(self.tied[: len(self.base_points)]):
            self.kinks += min(kinks for _, kinks in tried)
        self.sampled += min(self._at_most(DIFFERENCED), self.points[0].values[name].size)
        return min(tried, key=lambda result: result[1])

    def _differences_at(self, name: str, point: Point) -> tuple[float, int]:
        script = self.builds.data_loss if name in point.inputs else self.builds.script
        assert script is not None
        size = point.values[name].size
        count = min(self._at_most(DIFFERENCED), size)
        entries = list(self.rng.choice(size, count, replace=False))
        exact = by_entries(self.builds.forward, point, name, entries)
        exact = exact[:, 0] if name in point.inputs else exact.sum(axis=1)

        def away(rounding: float) -> tuple[float, int]:
            """Return how far differences are from the exact derivatives, and the kinks."""
            decided = self.builds.decided
            rough, noise, turned = by_differences(script, decided, point, name, entries, rounding)
            smooth = ~turned | (np.abs(exact - rough) <= noise + DIFFERENCES * np.abs(exact))
            true, rough, noise = exact[smooth], rough[smooth], noise[smooth]
            length = float(np.linalg.norm(true) + np.linalg.norm(rough))
            error = max(0.0, float(np.linalg.norm(true - rough)) - float(np.linalg.norm(noise)))
            return error / length if length else 0.0, int((~smooth).sum())

        error, kinks = away(0.0)
        if not error <= DIFFERENCES:  # also where a small loss is what is left of large numbers
            return away(self.builds.steps.rounding_of_losses(point))
        return error, kinks

    def _properties(self, step: str) -> list[Property]:
        point = self.base_points[-1]
        script = self.builds.script
        before = [array.copy() for array in (*point.values.values(), *listed(point.t))]
        (losses, first), (again, second) = (
            (script.losses(point), gradients_of(script, point) or {}) for _ in range(2)
        )
        same = np.array_equal(losses, again) and all(
            np.array_equal(first[name], second[name], equal_nan=True) for name in first
        )
        after = (*point.values.values(), *listed(point.t))
        untouched = all(map(np.array_equal, before, after))
        forward = self.builds.forward.losses(point.cast(np.complex128)).real
        agrees = np.allclose(forward, losses, rtol=1e-12, atol=0)
        few = self.kinks <= max(1, MAX_KINKS * self.sampled)
        return [
            Property("repeatable", same, "the same chance gives another loss or gradient"),
            Property("nothing mutated", untouched, "the parameters, inputs or targets are changed"),
            Property("one loss", agrees, "the forward pass alone gives another loss"),
            Property("every step", not step, f"{step} is wrong, and no parameter shows it"),
            Property("few kinks", few, f"beside a kink: {self.kinks} of {self.sampled} entries"),
        ]

    def _culprit(self) -> Culprit | None:
        culprits = (find_culprit(self.builds, self.steps_at(p), self.rng) for p in self.points)
        return next(filter(None, culprits), None)


def properties_of(parts: list[PartResult]) -> list[Property]:
    """Return a property for each part of the script that was held to its page."""
    properties = [
        Property(
            p.part,
            not p.wrong,
            f"{p.wrong[:1].upper()}{p.wrong[1:]}",
            line=p.line,
            code=p.code,
            should=p.should,
        )
        for p in parts
        if not p.left_out
    ]
    right = [prop.name for prop in properties if prop.passed]
    says = f"the script is held to its page, too: {', '.join(right)}"
    says += "".join(f"; not its {p.part}: {p.left_out}" for p in parts if p.left_out)
    last = max((i for i, prop in enumerate(properties) if prop.passed), default=None)
    if last is not None:
        properties[last] = replace(properties[last], says=says)
    return properties
