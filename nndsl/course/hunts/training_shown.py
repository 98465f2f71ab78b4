"""What a training shows of a mistake in its script: a loss that stalls, a result too good."""

import contextlib
import io
import math
import tempfile
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.analysis.metrics import best_baseline, find_metric, higher_is_better, share_interval
from nndsl.languages import sentence
from nndsl.live.baseline import measure_baselines
from nndsl.live.execute import execute
from nndsl.live.judging.observation import Endless, limited
from nndsl.live.judging.reference import Reference
from nndsl.live.run import SCRIPT
from nndsl.program.parts import DATA, EVALUATION

FACTOR = 1.5  # a loss that is so much larger or smaller is seen
TRAINING_SECONDS = 20.0  # that a training may take, so that it is said what it shows
ENOUGH = 0.02  # of a metric: what is further away is seen
HARDLY = 0.1  # of the way from what is reached without a network to what the right script reaches
STALLS = 0.2  # of the way that the right script's loss goes down


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training says: NaN where it says nothing."""

    losses: tuple[float, ...]  # of the epochs
    loss: float  # of the test part, if there is one
    result: float  # and its first metric
    failed: str
    examples: int = 0  # that it is measured on; 0: not known


class Trainings:
    """Trains scripts of a page, and says what they show."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self._metric = next(iter(reference.script.metrics), "loss")

    @property
    def reached(self) -> str:
        """What the right script reaches. Empty: it lacks its data, or takes too long."""
        if self._right is None:
            return ""
        return sentence(
            "the {metric} at the end is about {right}",
            metric=_named(self._measured),
            right=f"{self._right.result:.4f}",
        )

    @cached_property
    def _measured(self) -> str:
        """What the last number of a training is: `test_accuracy`."""
        parts = self.reference.script.parts
        part = next((part for part in ("test", "validation") if part in parts), "training")
        return f"{part}_{self._metric}"

    def shown(self, text: str, parts: Collection[str]) -> tuple[str, bool]:
        """Return what a training with mistakes in parts says, and whether that shows them."""
        wrong = self._trained(text) if self._right is not None else None
        if self._right is None or wrong is None:
            return "", False
        return compared(self._right, wrong, self._measured, self._baseline, parts)

    @cached_property
    def _baseline(self) -> float:
        """What the best answer without a network reaches. NaN: it is not known."""
        model = self.reference.model
        data = model.data()
        found = ((one.answer, one.results) for one in measure_baselines(model, data))
        best = best_baseline(found, self._measured)
        return best[1] if best is not None else math.nan

    @cached_property
    def _right(self) -> Trained | None:
        script = self.reference.script
        if not script.parts or not all(file.path.exists() for file in script.files.values()):
            return None
        return self._trained(script.text)

    def _trained(self, text: str) -> Trained | None:
        """Train as a script does, and return what it says; None: it takes too long."""
        losses: list[float] = []
        measured: list[tuple[float, ...]] = []
        examples = 0
        with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
            names = execute(text, str(Path(folder, SCRIPT)))
            for file in self.reference.script.files.values():
                names[file.constant] = file.path
            train, evaluate = names["train"], names["evaluate"]

            def recorded(*parts: Any) -> Iterator[Any]:
                for epoch in train(*parts):
                    losses.append(float(epoch[1]))
                    yield epoch

            def kept(*parts: Any) -> Any:
                nonlocal examples
                examples = len(parts[0])
                found = evaluate(*parts)
                measured.append(tuple(np.atleast_1d(found)))
                return found

            names |= {"train": recorded, "evaluate": kept}
            failed = ""
            try:
                with (
                    warnings.catch_warnings(action="ignore"),
                    contextlib.redirect_stdout(io.StringIO()),
                    limited(TRAINING_SECONDS),
                ):
                    names["main"]()
            except Endless:
                return None
            except Exception as error:  # of a script with a mistake
                failed = str(error) or type(error).__name__
        loss, *metrics = measured[-1] if measured else (math.nan,)
        result = float((metrics or [loss])[0])
        return Trained(tuple(losses), float(loss), result, failed, examples)


def compared(
    right: Trained, wrong: Trained, measured: str, baseline: float, parts: Collection[str]
) -> tuple[str, bool]:
    """Say how a training ends that has mistakes in parts of its script, and whether it shows them.

    `measured` is what its last number is: `test_accuracy`. `baseline` is what is reached without a
    network: who is not better has learnt nothing, and who is hardly better, next to nothing.
    """
    if wrong.failed or not wrong.losses or not math.isfinite(wrong.losses[-1]):
        why = wrong.failed or sentence("the loss is not finite")
        return sentence("training stops: {why}", why=why), True
    fall, should = wrong.losses[0] - wrong.losses[-1], right.losses[0] - right.losses[-1]
    sign = 1 if higher_is_better(measured) else -1
    allowed = ENOUGH if sign > 0 else ENOUGH * abs(right.result)
    more = sign * (wrong.result - right.result)
    is_chance = _is_chance(right, wrong, measured)
    name, now, should_be = _named(measured), *_printed(wrong.result, right.result)
    ends = "at the end the {metric} is {now}, and should be {right}"
    if now == should_be:
        ends = "at the end the {metric} is {now}, as it should be"
    elif is_chance:
        ends = "at the end the {metric} is {now}, no more than chance away from {right}"
    ends = sentence(ends, metric=name, now=now, right=should_be)
    known = {"ends": ends}
    if fall < 0 < should:
        says = "the loss rises; {ends}"
    elif more > allowed / 2 and not is_chance:
        is_measured = not {DATA, EVALUATION}.isdisjoint(parts)
        says = "too good to be true: {ends}" if is_measured else "it learns, and better: {ends}"
    elif fall < STALLS * should:
        says = "the loss stalls; {ends}"
    elif sign * (wrong.result - baseline) <= 0 < sign * (right.result - baseline):
        says = "it does not learn: {ends}"
    elif 0 < sign * (wrong.result - baseline) < HARDLY * sign * (right.result - baseline):
        says = "it learns next to nothing: {ends}"
    elif more < -allowed and not is_chance:
        says = "it learns, but less: {ends}"
    elif differs := _other_loss(right, wrong):
        known |= differs
        says = "{loss} is {now}, and should be {right}; {ends}"
    else:
        return sentence("training looks right: {ends}", ends=ends), False
    return sentence(says, **known), True


def _other_loss(right: Trained, wrong: Trained) -> dict[str, str]:
    """Return a loss that is far from what it should be, with both. Empty: none is."""
    for before, after, title in (
        (right.losses[-1], wrong.losses[-1], "the loss of the last epoch"),
        (right.loss, wrong.loss, "the last loss"),
    ):
        now, should_be = _printed(after, before)
        if now != should_be and not before / FACTOR < after < before * FACTOR:
            return {"loss": sentence(title), "now": now, "right": should_be}
    return {}


def _is_chance(right: Trained, wrong: Trained, measured: str) -> bool:
    """May two shares of few examples be the same of many? Other metrics have no such limit."""
    known = find_metric(measured)
    if not right.examples or known is None or known.metric is None:
        return False
    low, high = share_interval(right.result, right.examples)
    return known.metric.counts_examples and low <= wrong.result <= high


def _named(measured: str) -> str:
    """Return a measure and the part that it is of in words: `test accuracy`."""
    part, _, measure = measured.partition("_")
    return sentence(f"{part} {{measure}}", measure=sentence(measure.replace("_", " ")))


def _printed(*numbers: float) -> tuple[str, ...]:
    return tuple(f"{number:.4f}" for number in numbers)
