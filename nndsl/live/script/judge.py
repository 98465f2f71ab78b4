"""The judge of a script that a person edited: its page is the oracle, whatever the script is."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from types import FunctionType

import numpy as np

from nndsl.live.execute import execute, lines_of
from nndsl.live.gradients.builds import in_float64
from nndsl.live.gradients.check import GradientCheck, properties_of
from nndsl.live.gradients.comparison import TOTAL, compare_array
from nndsl.live.gradients.culprit import Culprit
from nndsl.live.gradients.executable import Executable, Point, strict
from nndsl.live.gradients.oracles import ties
from nndsl.live.gradients.parsed_script import FUNCTION
from nndsl.live.gradients.report import Property, Report, Row, status_of
from nndsl.live.gradients.verdict import Check
from nndsl.live.model import Model
from nndsl.live.script.check import check_script
from nndsl.live.script.first_wrong import Causes, first_wrong
from nndsl.live.script.judged_script import (
    TITLE,
    JudgedScript,
    Misfit,
    code_at,
    failure,
    line_of_gradient,
)
from nndsl.live.script.under_test import difference

IN_SINGLE = "it is a float32: the check takes `np.float32` for float64, and knows no other name"
STEP = "training pass"  # the part of a script
SAMPLES = 64  # entries of each array of a larger model, that are compared one by one
Says = Callable[[str], None]  # called with what is done next


def judge(page: Model, text: str, says: Says, *, full: bool = False, seed: int = 0) -> Report:
    """Hold a text to a page that trains: each gradient, the loss, and each part of a script.

    The text is executed here, so that it may do anything: see `judge_script`, whose process has
    one thread.
    """
    with strict():
        return _Judge(page, text, says, full, seed).report()


def judge_parts(page: Model, text: str, says: Says, *, full: bool = False, seed: int = 0) -> Report:
    """Hold the parts of a script to its page, and no gradient: see `judge`."""
    with strict():
        judged = _Judge(page, text, says, full, seed)
        failed = judged.fails_to_run()
        return judged.reported((), [failed] if failed is not None else judged.parts())


@dataclass(frozen=True, slots=True)
class _Compared:
    """The page's forward pass, and what is held to it."""

    forward: Executable
    script: JudgedScript
    data_loss: Executable | None = None


class _Judge:
    def __init__(self, page: Model, text: str, says: Says, full: bool, seed: int) -> None:
        self.page, self.text, self.says = page, text, says
        self.full, self.seed = full, seed
        self.path = f"{page.spec.name}.py"
        self.targets = [f"t_{name}" if name else "t" for name in page.target_names]

    def report(self) -> Report:
        self.says("the script is executed")
        failed = self.fails_to_run()
        if failed is not None:
            return self.reported((), [failed])
        page = self.page_check = GradientCheck(self.page, None, None, False, None, self.seed)
        count = len(page.builds.parsed.losses)
        self.script = JudgedScript(in_float64(self.text), self.path, count)
        self.says("`loss_and_gradients` is called")
        first = page.points[0]
        failed = self._fails(first)
        if failed is not None:
            return self._failing(failed)
        self.says("`predict`, `evaluate` and `update` are called")
        self._call_others(first)
        self.says("its gradients are compared")
        points = [first]
        for point in (*page.points[1:], *page.more_points):
            failed = self._fails(point)
            if failed is not None:
                failed = replace(failed, detail=f"{failed.detail} ({point.label})")
                return self._failing(failed)
            is_base = point in page.points
            is_tied = ties(page.builds.decided, point, page.rng) > 0  # there are several gradients
            if not is_tied and (is_base or page.is_usable(point)):
                points.append(point)
        return self._judged(points)

    def _judged(self, points: list[Point]) -> Report:
        """Return the report on a script that runs."""
        loss = self._loss(points)
        parts = self.parts()
        is_noise = bool(self.script.streams) and not any(
            prop.name == STEP and not prop.passed for prop in parts
        )
        if loss.passed or not is_noise:
            rows = tuple(self._row(name, points) for name in self.page.parameters)
            wrong = [row for row in rows if row.status == "wrong"]
            is_right = loss.passed and not wrong and all(part.passed for part in parts)
            culprit = None if is_right else self._told()[0]
            if wrong and loss.passed and culprit is None:  # it may have names of its own
                _, culprit = self._own()
            if any(row.mistake == IN_SINGLE for row in wrong):
                culprit = None
        else:  # its noise is drawn in another way: its own loss is the oracle
            rows, culprit = self._own()
            help = f"draw the noise as the script of the page does, or write `{FUNCTION}` plainer"
            loss = replace(loss, passed=bool(rows), help=help)
        return self.reported(rows, [loss, *self._kept(points[0]), *parts], points, culprit)

    def reported(
        self,
        rows: tuple[Row, ...],
        properties: list[Property],
        points: list[Point] | None = None,
        culprit: Culprit | None = None,
    ) -> Report:
        """Return the report on what was found."""
        return Report(
            name=self.page.spec.name,
            rows=rows,
            properties=tuple(properties),
            examples=points[0].count if points else 0,
            points=tuple(point.label for point in points or ()),
            redrawn=0,
            culprit=culprit,
            source=self.page.spec.source.name,
        )

    # --- Does it run? -------------------------------------------------------------------

    def fails_to_run(self) -> Property | None:
        """Return why the script cannot be executed, or has not what a script has."""
        try:
            names = execute(in_float64(self.text), self.path)
        except SyntaxError as error:
            return failure(error, error.lineno, self.text)
        except BaseException as error:  # whatever it is, it is said
            return self._failure(error)
        for name, kind, what in (
            (FUNCTION, FunctionType, "function"),
            ("params", dict, "dictionary of the parameters,"),
        ):
            if not isinstance(names.get(name), kind):
                said = f"It has no `{name}`" + f" that is a {kind.__name__}" * (name in names)
                return Property(TITLE, False, said, help=f"it needs the {what} `{name}`")
        return None

    def _failure(self, error: BaseException) -> Property:
        line = next(reversed(lines_of(error, self.path)), None)
        if line is None and isinstance(error, Misfit):
            line = line_of_gradient(self.text, "")
        return failure(error, line, self.text)

    def _fails(self, point: Point) -> Property | None:
        """Return why `loss_and_gradients` gives nothing to compare at a point."""
        try:
            self.script(point)
        except BaseException as error:
            return self._failure(error)
        return None

    def _call_others(self, point: Point) -> None:
        """Call the other functions once: what does not end is found soon, and the rest later."""
        names = self.script.names
        given = [np.array(point.values[name]) for name in point.inputs]
        with suppress(Exception, SystemExit):
            names["predict"](*given)
            weights = self.page.weights(None, len(given[0]))
            names["evaluate"](*map(np.array, point.arguments), *weights)
            self.script.update(self.script(point)[-1], 1)

    def _failing(self, failed: Property) -> Report:
        """Return what is wrong where a step fails: with the line that, undone, mends it."""
        parts = self.parts()
        culprit, causes = self._told()
        failed = replace(failed, help=failed.help or causes.get(failed.line, ""))
        same = next((part for part in parts if part.name == STEP and not part.passed), None)
        if same is not None and same.should:
            where = f" (in line {failed.line})" * (failed.line not in (None, same.line))
            failed = replace(
                failed,
                detail=failed.detail + where,
                line=same.line,
                code=same.code,
                should=same.should,
            )
        others = (part for part in parts if part is not same)
        return self.reported((), [failed, *others], culprit=culprit)

    # --- Is it what the page says? ------------------------------------------------------

    def parts(self) -> list[Property]:
        """Return what is right and wrong with each part."""
        self.says("its other functions are called")
        model = Model(self.page.checked, replace(self.page.script, text=self.text))
        return properties_of(check_script(model, full=self.full, seed=self.seed))

    def _loss(self, points: list[Point]) -> Property:
        for point in points:
            expected = self.page_check.builds.script.losses(point)
            for title, loss, right in zip(
                ("loss", "penalty"), self.script.losses(point), expected, strict=False
            ):
                if said := difference(loss, right):
                    return Property("the loss", False, f"The {title} is {said} ({point.label})")
        return Property("the loss", True, "")

    def _kept(self, point: Point) -> Iterator[Property]:
        """Yield whether a step changes what it is given, and gives the same again."""
        script, given = self.script, [*map(np.array, point.arguments)]
        first = script(point)
        again = script(point)
        same = first[:-1] == again[:-1] and all(
            np.array_equal(g, again[-1].get(name), equal_nan=True) for name, g in first[-1].items()
        )
        yield Property("repeatable", same, "The same random state gives another loss or gradient")
        script.seed(point.seed)
        script.names[FUNCTION](*given)
        changed = [
            name
            for name, now in script.names["params"].items()
            if not np.array_equal(now, point.values.get(name, now))
        ]
        names = (*point.inputs, *self.targets)
        changed += [
            name
            for name, now, was in zip(names, given, point.arguments, strict=True)
            if not np.array_equal(now, was)
        ]
        said = f"`{FUNCTION}` changes {', '.join(changed)}"
        yield Property("nothing mutated", not changed, said)

    def _row(self, name: str, points: list[Point]) -> Row:
        page = self.page_check
        compared = _Compared(page.builds.forward, self.script)
        checks: list[Check] = []
        mistake = ""
        for point in points:
            gradients = self.script(point)[-1]
            if name not in gradients:
                is_none = self.script.unusable.get(name)
                likely = f"it is {is_none}, and no array" if is_none else "it is not returned"
                added = [Check(point.label, TOTAL, 0, np.nan, np.nan, None, "wrong")]
            else:
                is_first = point is points[0]
                added, likely = compare_array(
                    compared,
                    name,
                    point,
                    page.rng,
                    noise=page.steps_at(point, name).noise_of(name),
                    samples=None if is_first and page.is_small else SAMPLES * is_first,
                )
                if likely and gradients[name].dtype == np.float32:
                    likely = IN_SINGLE
            checks += added
            mistake = mistake or likely
        line = line_of_gradient(self.text, name)
        layer, layer_line = page.builds.layer_of(page.builds.parsed.gradients[name])
        return Row(
            name=name,
            shape=points[0].values[name].shape,
            checks=tuple(checks),
            differences=0.0,
            kinks=0,
            status=status_of(checks),
            line=line,
            code=code_at(self.text, line),
            layer=layer,
            layer_line=layer_line,
            mistake=mistake,
        )

    def _told(self) -> tuple[Culprit | None, Causes]:
        """Return the first variable that is another than in the page's script, and why it fails."""
        self.says("the first wrong line is looked for")
        with suppress(Exception):  # the script may be such as nobody thought of
            return first_wrong(self.page, self.page_check.builds, self.text, self.seed)
        return None, {}

    def _own(self) -> tuple[tuple[Row, ...], Culprit | None]:
        """Return what the script's own forward pass says of its gradients, where it can be read."""
        self.says("its gradients are held to its own loss")
        model = Model(self.page.checked, replace(self.page.script, text=self.text))
        try:
            return GradientCheck(model, None, None, False, None, self.seed).diagnosis()
        except Exception:  # it is written in another way than scripts are
            return (), None
