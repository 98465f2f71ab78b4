"""Does `train` visit and report as the page says, does it end there, and does `main` keep it?

The loop runs without a network: what it calls is replaced by functions that record their arguments
and return known numbers.
"""

import contextlib
import io
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from nndsl.analysis.metrics import higher_is_better
from nndsl.live.arrays import Array, listed
from nndsl.live.script.network import tagged
from nndsl.live.script.under_test import ScriptUnderTest, copied, difference
from nndsl.live.watched import watched
from nndsl.program.training_loop import ACCUMULATED, MIXED
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS

MAX_EPOCHS = 60  # that are gone through
LARGEST_BATCH = 20_000
HELD_BACK = 10**6  # the number of the first validation example
TEST = 2 * HELD_BACK
MAX_REPORTED = 300  # epochs
COUNTS = (3, 4, 5, 7, 11, 13)  # of batches in an epoch, to choose from
MAX_BATCHES = 2_000  # that are gone through, where that is more epochs
ENDLESS = 11 * MAX_BATCHES
LINES, LINES_AN_EXAMPLE = 100_000, 100  # of a script from one batch to the next


class Endless(BaseException):
    """The loop does not end. A script that catches every Exception does not catch it."""


@dataclass
class RecordedLoop:
    """A script whose network, optimizer and evaluation are replaced by recorders."""

    script: ScriptUnderTest
    watched: Callable[[int], float] | None = None  # what the number does that ends training
    batches: list[list[tuple[Array, Array, float]]] = field(default_factory=lambda: [[]])
    steps: list[tuple[int, float]] = field(default_factory=list)  # the number, and the gradient
    count: int = 0
    fails_at: int = 0  # the step whose loss is not finite
    lines: int = 0  # of the script, executed since the network was called
    goes_on: bool = False  # from one epoch to the next, with the states of its end
    best: list[int] = field(default_factory=list)  # the epoch that it says was the best so far

    def __post_init__(self) -> None:
        self.names = self.script.names()
        self.spec = self.script.reference.spec
        self.train = self.script.reference.train
        batch = self.train.batch
        self.size = batch // 2
        if batch <= LARGEST_BATCH:  # and let the last step be within an epoch
            count = next((n for n in COUNTS if (self.train.steps or 1) % n), COUNTS[0])
            self.size = (count - 1) * batch + max(1, batch // 3)
        data = self.script.reference.spec.data
        self.weighs = data is not None and data.weighs
        self.per_epoch = math.ceil(self.size / batch)
        self.parts = self.script.model.script.parts or ("training", "validation")
        self.reported = self.script.reference.reported
        self.has_penalty = self.script.reference.penalty(self.names["params"]) is not None
        self.names |= {
            "loss_and_gradients": self._loss,
            ACCUMULATED: self._loss,
            MIXED: lambda *arrays: arrays,
            "update": self._update,
            "evaluate": self._evaluate,
        }

    @property
    def epochs(self) -> int:
        """The number of epochs that the page asks for."""
        if self.train.steps is not None:
            return math.ceil(self.train.steps / self.per_epoch)
        return self.train.epochs or DEFAULT_EPOCHS

    @property
    def epochs_run(self) -> int:
        """The epochs that are gone through."""
        return min(self.epochs, max(MAX_EPOCHS, MAX_BATCHES // self.per_epoch))

    def pair(self, first: int, count: int) -> tuple[Array, ...]:
        """Return inputs and targets that are nothing but the numbers of their examples."""
        targets = [np.arange(first, first + count)] * len(self.script.model.target_names)
        weights = (np.arange(first, first + count) + (count == 1)) % 2.0  # every second counts
        return listed(tagged(self.script, first, count), *targets, *[weights] * self.weighs)

    def run(self, count: int) -> Iterator[tuple[int, dict[str, float]]]:
        """Train; yield what the script says of each epoch."""
        training = self.pair(0, self.size)
        held_back = [self.pair(HELD_BACK, 4)] if "validation" in self.parts else []
        with watched(self._count_line):
            reports = iter(self.names["train"](*training, *held_back))
        for _ in range(count):
            with watched(self._count_line):
                report = next(reports, None)
            if report is None:
                return
            epoch, *values = report
            self.best = [values.pop(0) for _ in range(self.train.stop is not None)]
            names = [*self.script.model.script.results[: len(values)]]
            names += ["what the page does not name"] * (len(values) > len(names))
            yield epoch, dict(zip(names, values, strict=False))
            self.batches.append([])

    def _count_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Raise Endless where the script executes too many lines between two of its batches."""
        if frame.f_code.co_filename != self.script.path:
            return None
        self.lines += event == "line"
        if self.lines > LINES + LINES_AN_EXAMPLE * self.size:
            raise Endless
        return self._count_line

    def number(self, name: str, epoch: int, part: int) -> float:
        """Return what `evaluate` says of a part behind an epoch: always better, or as watched."""
        sign = -1 if higher_is_better(f"validation_{name}") else 1
        stop = self.train.stop
        title = {0: "training", HELD_BACK: "validation"}.get(part, "")
        if self.watched is not None and stop is not None and stop.metric == f"{title}_{name}":
            return sign * self.watched(epoch)
        better = -1000.0 * epoch + part / HELD_BACK + self.reported.index(name) / 8
        return sign * better

    def results(self, epoch: int) -> dict[str, float]:
        """Return what an epoch should report, given its batches."""
        batches = self.batches[-1]
        count = sum(len(ids) for ids, _, _ in batches)
        expected = {"loss": sum(loss * len(ids) for ids, _, loss in batches) / count}
        if self.has_penalty:
            expected["penalty"] = expected["loss"] / 2
        for part, first in (("training", 0), ("validation", HELD_BACK)):
            if part in self.parts:
                names = self.reported[1:] if part == "training" else self.reported
                expected |= {f"{part}_{name}": self.number(name, epoch, first) for name in names}
        return expected

    def _loss(self, X: Array, *others: Array) -> tuple[Any, ...]:
        self.count += 1
        self.lines = 0
        if self.count > ENDLESS:
            raise Endless
        epoch, stop = len(self.batches), self.train.stop
        loss = -1000.0 * epoch + len(self.batches[-1]) / 4
        if self.watched is not None and stop is not None and stop.metric == "training_loss":
            loss = self.watched(epoch)
        if self.count == self.fails_at:
            loss = math.nan
        ids, *rest = (np.asarray(a).reshape(len(a), -1)[:, 0] for a in (X, *others))
        strange = next((other for other in rest if not np.array_equal(other, ids)), rest[-1])
        self.batches[-1].append((ids, strange, loss))
        gradients = {name: np.full(1, float(self.count)) for name in self.names["params"]}
        if len(self.batches[-1]) == 1:
            for name in self.script.model.script.carried:
                self.goes_on |= bool(self.names["state"][name].any())
        for s in self.names.get("state", {}).values():
            s[...] = self.count
        return (loss, *[loss / 2] * self.has_penalty, gradients)

    def _update(self, gradients: dict[str, Array], *step: int) -> None:
        marks = [float(g[0]) for g in gradients.values()]  # none where a network has no weights
        number = step[0] if step else len(self.steps) + 1
        self.steps.append((number, marks[0] if marks else float(self.count)))
        for p in self.names["params"].values():
            p[...] = self.count

    def _evaluate(self, X: Array, *others: Array) -> tuple[float, ...] | float:
        first = int(np.asarray(X).reshape(-1)[0]) // HELD_BACK * HELD_BACK
        count = {0: self.size}.get(first, 4)
        first += (
            any(len(array) != count for array in (X, *others)) * HELD_BACK // 4
        )  # a part of the part
        results = tuple(self.number(name, len(self.batches), first) for name in self.reported)
        return results if len(results) > 1 else results[0]


def epochs(script: ScriptUnderTest) -> str:
    """Is each example visited once an epoch with its target, in a new order, and reported?"""
    loop = RecordedLoop(script)
    last = 0
    orders = []
    for epoch, results in loop.run(loop.epochs_run):
        last += 1
        batches = loop.batches[-1]
        is_cut = loop.train.steps is not None and loop.count >= loop.train.steps
        said = f"it calls the epoch {epoch}" if epoch != last else _visits(loop, batches, is_cut)
        said = said or _reports(loop.results(last), results)
        if said:
            return f"epoch {last}: {said}"
        orders.append(np.concatenate([ids for ids, _, _ in batches]))
    if last != loop.epochs_run:
        return f"it ends after {last} epochs, and should after {loop.epochs}"
    if loop.train.steps is not None and last == loop.epochs and loop.count != loop.train.steps:
        return f"it takes {loop.count} steps, and the page says {loop.train.steps}"
    expected = [(step, float(step)) for step in range(1, loop.count + 1)]
    if loop.steps != expected:
        wrong = next(
            (pair for pair in zip(loop.steps, expected, strict=False) if pair[0] != pair[1]), None
        )
        if wrong is None or len(loop.steps) != len(expected):
            return f"it updates {len(loop.steps)} times for {loop.count} batches"
        (step, gradient), (right, _) = wrong
        if step != right:
            return f"the optimizer is told that step {right} is step {step}"
        return f"step {step} takes the gradients of batch {gradient:g}"
    if script.model.script.carried:
        if said := _goes_on(loop):
            return said
    elif loop.size > 9 and (np.diff(orders[0]) > 0).all():
        return "the examples come in the order of the data: they are not shuffled"
    elif loop.size > 9 and len(orders) > 1 and np.array_equal(orders[0], orders[1]):
        return "the order is the same in every epoch"
    if (given := script.names().get("EPOCHS")) not in (None, loop.epochs) and not loop.train.steps:
        return f"EPOCHS is {given}, and the page says {loop.epochs}"
    return _not_finite(script)


def _goes_on(loop: RecordedLoop) -> str:
    """Has each batch what follows in the place of what the one before had?"""
    if loop.goes_on:
        return "an epoch does not begin with states of 0"
    ids = [ids for ids, _, _ in loop.batches[0]]
    for before, behind in pairwise(ids):
        if len(behind) > len(before) or not np.array_equal(before[: len(behind)] + 1, behind):
            return "a batch does not go on where the one before it ended"
    return ""


def mixing(script: ScriptUnderTest) -> str:
    """Does a batch come out of `mixed` as the page's word makes it?"""
    names, arrays = script.names(), listed(*script.examples())
    for seed in range(2):
        names["noise_rng"] = np.random.default_rng(seed)
        expected = script.reference.mixed(arrays, np.random.default_rng(seed))
        for made, right in zip(names[MIXED](*arrays), expected, strict=True):
            if said := difference(made, right):
                return f"an array of a batch is {said}" * (not said.startswith("the")) or said
    return ""


def _visits(loop: RecordedLoop, batches: list[tuple[Array, Array, float]], is_cut: bool) -> str:
    if not batches:
        return "it visits no example"
    for ids, targets, _ in batches:
        if not np.array_equal(ids, targets):
            return "the targets of a batch are not those of its inputs"
    counts = np.bincount(np.concatenate([ids for ids, _, _ in batches]), minlength=loop.size)
    if len(counts) > loop.size:
        return "it trains on what is held back"
    if loop.weighs and loop.size > 1 and counts[::2].any():
        return "it draws examples that have no weight"
    if counts.max() > 1 and not loop.weighs:
        return f"{(counts > 1).sum()} of {loop.size} examples are visited more than once"
    if counts.min() < 1 and not is_cut and not loop.weighs:
        return f"{(counts < 1).sum()} of {loop.size} examples are not visited"
    sizes = [len(ids) for ids, _, _ in batches]
    full = min(loop.train.batch, loop.size)
    if sizes[0] != full or max(sizes) != full:
        return (
            f"a batch has {sizes[0] if sizes[0] != full else max(sizes)} examples, and should "
            f"have {full}"
        )
    return ""


def _reports(expected: dict[str, float], results: dict[str, float]) -> str:
    if list(results) != list(expected):
        return f"it reports {', '.join(results)}, and should report {', '.join(expected)}"
    for name, value in expected.items():
        if difference(results[name], value):
            others = [
                other for other, found in expected.items() if not difference(results[name], found)
            ]
            what = f" (that is {others[0]})" * bool(others)
            return f"{name} is not what it should be{what}"
    return ""


def _not_finite(script: ScriptUnderTest) -> str:
    loop = RecordedLoop(script, fails_at=2)
    with contextlib.suppress(FloatingPointError):
        steps = loop.train.steps or loop.epochs * loop.per_epoch
        if len(list(loop.run(2))) == min(2, loop.epochs) and steps > 1:
            return "it goes on where the loss is not finite"
    return ""


def stopping(script: ScriptUnderTest) -> str:
    """Does training end when the page says so, with the weights of the best epoch?"""
    reference = script.reference
    stop = reference.train.stop
    if stop is None:
        return ""
    patience = int(getattr(stop, stop.patience_field, 1))
    again = 3 + max(1, patience - 1)
    curve = {1: 900.0, 2: 700.0, 3: 500.0, again: 100.0, again + 1: 100.0 - 1e-7}

    def watched(epoch: int) -> float:
        return curve.get(epoch, 800.0 + epoch % 3)

    loop = RecordedLoop(script, watched=watched)
    epochs = min(loop.epochs, again + 2 * patience + 5)
    if epochs * loop.per_epoch > 10 * MAX_BATCHES:
        return ""
    # Behind the last epoch of all the best weights come back: the script is asked for one more.
    reports = [results for _, results in loop.run(epochs + (epochs == loop.epochs))]
    ended, kept = reference.stopping(map(watched, range(1, epochs + 1)))
    if len(reports) != ended:
        return f"it ends after epoch {len(reports)}, and should after {ended}"
    if ended == epochs < loop.epochs or reference.train.average is not None:
        return ""
    step = float(min(kept * loop.per_epoch, reference.train.steps or math.inf))
    arrays = {**loop.names["params"], **loop.names.get("state", {})}
    for name, array in arrays.items():
        if array.size and difference(array, np.full_like(array, step)):
            return f"{name} is not as it was in epoch {kept}, the best"
    said = loop.best[0] if loop.best else kept
    return f"it says that epoch {said} was the best, and it was {kept}" if said != kept else ""


def main(script: ScriptUnderTest) -> str:
    """Does `main` train on the training part, test on the test part, and save what it trained?"""
    loop = RecordedLoop(script)
    names, printed = loop.names, io.StringIO()
    if "main" not in names:
        return ""
    pairs = {
        "training": loop.pair(0, loop.size),
        "validation": loop.pair(HELD_BACK, 4),
        "test": loop.pair(TEST, 4),
    }
    loop.batches[-1].append((pairs["training"][0], pairs["training"][-1], 1.2345))
    expected = loop.results(1)
    trained_on: list[Any] = []
    tested: list[tuple[float, ...] | float] = []

    def train(*parts: Any) -> Iterator[tuple[Any, ...]]:
        for part in parts:
            trained_on.extend(part if type(part) is tuple else [part])
        for array in (*names["params"].values(), *names.get("state", {}).values()):
            array[...] = 7
        for epoch in range(1, min(loop.epochs, MAX_REPORTED) + 1):
            yield epoch, *[epoch] * (loop.train.stop is not None), *expected.values()

    def evaluate(*arrays: Array) -> tuple[float, ...] | float:
        tested.append(loop._evaluate(*arrays))
        return tested[-1]

    parts = tuple(pairs[part] for part in loop.parts)
    names |= {"load_data": lambda: parts if len(parts) > 1 else parts[0], "train": train}
    names |= {"evaluate": evaluate, "sample": lambda *_: ""}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        names["__file__"] = str(Path(folder) / script.path)
        names["main"]()
        saved = [dict(np.load(path)) for path in Path(folder).glob("*.npz")]
    wanted = [a for part in loop.parts if part != "test" for a in pairs[part]]
    if _shapes(trained_on) != _shapes(wanted) or any(map(difference, trained_on, wanted)):
        return "it trains on other parts than the training and the validation part"
    lines = printed.getvalue().splitlines()
    numbers = [f"{value:.4f}" for value in expected.values()]
    if loop.epochs <= MAX_REPORTED and not any(
        all(number in line for number in numbers) for line in lines
    ):
        return "it does not print what an epoch reports"
    if "test" in loop.parts:
        right = tuple(loop.number(name, 1, TEST) for name in loop.reported)
        if not tested or difference(np.atleast_1d(tested[-1]), right):
            return "it does not measure on the test part what it says of it"
        if not any(all(f"{value:.4f}" in line for value in right) for line in lines):
            return "it does not print what was measured on the test part"
    carried = script.model.script.carried
    kept = {name: s for name, s in names.get("state", {}).items() if name not in carried}
    return _saved(saved, copied({**names["params"], **kept}))


def _shapes(arrays: Iterable[Array]) -> list[tuple[int, ...]]:
    return [array.shape for array in arrays]


def _saved(saved: list[dict[str, Array]], arrays: dict[str, Array]) -> str:
    if not saved:
        return "it saves no weights"
    for name, array in arrays.items():
        if name not in saved[0]:
            return f"it does not save {name}"
        if difference(saved[0][name], array):
            return f"what it saves as {name} is not {name} after training"
    return ""
