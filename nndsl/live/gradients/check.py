"""The gradient check: the text of a model, held to two oracles at two points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nndsl.live.gradients.comparison import compare_array
from nndsl.live.gradients.culprit import find_culprit
from nndsl.live.gradients.oracles import by_differences
from nndsl.live.gradients.points import first_point, trained_point
from nndsl.live.gradients.prints import FAILURES, Prints, gradients_of
from nndsl.live.gradients.report import Property, Report, Row
from nndsl.live.gradients.running import INPUT, Array, one_thread, strict
from nndsl.live.gradients.verdict import (
    DIFFERENCES,
    Check,
)
from nndsl.live.model import Model, ModelError

EVERY_ENTRY = 5_000  # parameters of a model, up to which all of them are checked
DIFFERENCED = 8  # entries of each array that the second oracle sees
MOST_KINKS = 0.05  # of these entries, over all arrays
EXAMPLES, STEPS = 6, 5


def check_gradients(
    model: Model,
    X: npt.ArrayLike | None = None,
    t: npt.ArrayLike | None = None,
    *,
    full: bool = False,
    examples: int = EXAMPLES,
    seed: int = 0,
) -> Report:
    """Prove the gradients of a model's text, in float64; the model itself is left alone.

    X (N, …) and t stand for `examples` random ones. Up to 5,000 parameters, and with `full`,
    every entry is checked; else 8 directions and 64 entries of each array, and every entry of
    one that fails. ModelError where the spec has no `train`.
    """
    if model.spec.train is None:
        raise ModelError("the spec has no train section, and no gradients")
    with one_thread(), strict():
        given = None if X is None else np.asarray(X, np.float64)
        targets = None if t is None else np.asarray(t)
        return GradientCheck(model, given, targets, full, examples, seed).report()


class GradientCheck:
    """One check. The prints of the text that it needs are made once."""

    def __init__(
        self, model: Model, X: Array | None, t: Array | None, full: bool, examples: int, seed: int
    ) -> None:
        self.model = model
        self.prints = Prints(model)
        self.rng = np.random.default_rng(seed)
        point, self.redrawn = first_point(model, self.prints.decided, X, t, examples, seed)
        self.points = [point]
        if gradients_of(self.prints.script, point) is not None:
            self.points.append(trained_point(self.prints.script, point, STEPS))
        count = sum(array.size for array in model.parameters.values())
        self.every_entry = full or count <= EVERY_ENTRY
        self.kinks = self.sampled = 0

    def report(self) -> Report:
        """Return what the check finds."""
        failure = self._crash()
        names = [*self.model.parameters, *([INPUT] if self.prints.alone else [])]
        rows = () if failure else tuple(self._row(name) for name in names)
        if any(row.status == "wrong" for row in rows):
            rows = self._explained(rows)
        return Report(
            name=self.model.spec.name,
            rows=rows,
            properties=(failure,) if failure else tuple(self._properties()),
            examples=len(self.points[0].t),
            points=tuple(point.label for point in self.points),
            redrawn=self.redrawn,
            script=f"{Path(self.model.spec.source.name).stem}.py",
            source=self.model.spec.source.name,
        )

    def _crash(self) -> Property | None:
        try:
            self.prints.script(self.points[0])
        except FAILURES as error:
            trace = error.__traceback__
            line = 0
            while trace is not None:
                if trace.tb_frame.f_code.co_filename == self.prints.path:
                    line = trace.tb_lineno
                trace = trace.tb_next
            code = self.prints.listing.text.split("\n")[line - 1].strip()
            return Property("the backward pass runs", False, f"line {line}: {code}: {error}")
        return None

    def _row(self, name: str) -> Row:
        checks: list[Check] = []
        mistake = ""
        for point in self.points:
            made, said = compare_array(
                self.prints, name, point, self.rng, every_entry=self.every_entry
            )
            checks += made
            mistake = mistake or said
        wrong = [check for check in checks if check.status == "wrong"]
        differences, kinks = (None, 0) if wrong else self._differences(name)
        status = "wrong" if wrong else "zero" if all(c.status == "zero" for c in checks) else "ok"
        if differences is not None and not differences <= DIFFERENCES:
            status = "wrong"
            mistake = (
                "the complex step and differences disagree: something in the forward pass loses "
                "imaginary parts (abs, var, std, norm)"
            )
        variable = self.prints.listing.gradients.get(name)
        line, code = self.prints.listing.line_of(variable) if variable else (None, "")
        origin = self.prints.origins.get(variable or "")
        return Row(
            name=name,
            shape=self.points[0].values[name].shape,
            checks=tuple(checks),
            differences=differences,
            kinks=kinks,
            status=status,  # type: ignore[arg-type]
            line=line,
            code=code,
            layer=origin.span.text.split("\n")[0] if origin else "",
            layer_line=origin.span.line if origin else None,
            mistake=mistake,
        )

    def _differences(self, name: str) -> tuple[float | None, int]:
        """Hold some entries to the second oracle; return the relative error, and the kinks."""
        point = self.points[-1]
        text = self.prints.script if name != INPUT else self.prints.alone
        assert text is not None
        value = point.values[name]
        entries = self.rng.choice(value.size, min(DIFFERENCED, value.size), replace=False)
        numeric, noise = by_differences(text, self.prints.decided, point, name, list(entries))
        gradients = gradients_of(text, point)
        assert gradients is not None
        analytic = gradients[name].reshape(-1)[entries]
        smooth = np.isfinite(numeric)
        self.kinks += int((~smooth).sum())
        self.sampled += len(entries)
        if not smooth.any():
            return None, int((~smooth).sum())
        analytic, numeric, noise = analytic[smooth], numeric[smooth], noise[smooth]
        size = float(np.linalg.norm(analytic) + np.linalg.norm(numeric))
        error = max(0.0, float(np.linalg.norm(analytic - numeric)) - float(np.linalg.norm(noise)))
        return error / size if size else 0.0, int((~smooth).sum())

    def _properties(self) -> list[Property]:
        point = self.points[-1]
        first, second = self.prints.script(point), self.prints.script(point)
        same = all(np.array_equal(a, b) for a, b in zip(first[:-1], second[:-1], strict=True))
        same = same and all(
            np.array_equal(first[-1][name], second[-1][name], equal_nan=True) for name in first[-1]
        )
        kept = {name: value.copy() for name, value in point.values.items()}
        targets = point.t.copy()
        self.prints.script(point)
        untouched = all(np.array_equal(kept[n], v) for n, v in point.values.items())
        forward = self.prints.forward.losses(point.cast(np.complex128)).real
        agrees = np.allclose(forward, np.array(first[:-1]), rtol=1e-12, atol=0)
        few = self.kinks <= max(1, MOST_KINKS * self.sampled)
        found = [
            Property("repeatable", same, "the same chance gives another loss or gradient"),
            Property(
                "nothing mutated",
                untouched and np.array_equal(targets, point.t),
                "the parameters, X or t are changed",
            ),
            Property("one loss", agrees, "the forward pass alone gives another loss"),
            Property("few kinks", few, f"{self.kinks} of {self.sampled} entries are beside a kink"),
        ]
        if self.prints.script.streams:
            other = self.prints.script.losses(replace(point, seed=point.seed + 1))
            moved = not np.array_equal(other, np.array(first[:-1]))
            found.append(Property("chance", moved, "another seed gives the same loss"))
        return found

    def _explained(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """Say of each wrong row what the first wrong gradient of the backward pass says."""
        for point in self.points:
            culprit = find_culprit(self.prints.listing, point, self.prints.path)
            if culprit is not None:
                break
        else:
            return rows
        place = f"{culprit.variable} in line {culprit.line}"
        origin = self.prints.origins.get(culprit.variable)
        explained = []
        for row in rows:
            if (
                row.status == "wrong"
                and self.prints.listing.gradients.get(row.name) == culprit.variable
            ):
                row = replace(row, mistake=culprit.mistake or row.mistake)
            elif row.status == "wrong":
                row = replace(
                    row,
                    mistake=f"it follows from {place}: {culprit.mistake or culprit.code}",
                    line=culprit.line,
                    code=culprit.code,
                    layer=origin.span.text.split("\n")[0] if origin else row.layer,
                    layer_line=origin.span.line if origin else row.layer_line,
                )
            explained.append(row)
        return tuple(explained)
