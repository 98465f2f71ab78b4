"""A run: one training as the script does it, and a folder that keeps what came of it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nndsl.analysis.expect import Expectation, known_before
from nndsl.analysis.expectation_results import ExpectationResult, check_expectations
from nndsl.emit.script import Script
from nndsl.files import copy, create_folder, share, size_of, sync_folder, write_text
from nndsl.interchange import csv_text, json_text
from nndsl.languages import translated
from nndsl.live.errors import PageError
from nndsl.live.model import History, Model, Watcher
from nndsl.live.weights import WEIGHTS
from nndsl.program.training_loop import BEST, INTERRUPTED

SCRIPT = "train.py"
SCRIPT_WEIGHTS = ".weights.npz"  # what a script writes, in place of its own suffix
COPIED = 10_000_000  # bytes of data: many folders may keep the same


class Run:
    """One training. It prints what the script prints; `history` has what was reported.

    `expectation_results` are there after a run that finished.
    """

    def __init__(
        self, model: Model, folder: Path, expectations: Iterable[Expectation] = ()
    ) -> None:
        """Prepare to train `model`, with files in `folder`. PageError if it cannot be trained."""
        if "main" not in model.namespace:
            raise PageError(f"there is nothing to train: the spec has no {model.spec.lacks}")
        self.model = model
        self.folder = folder
        self.history = History()
        self.finished = False
        self.expectations = tuple(expectations)
        self.expectation_results: list[ExpectationResult] = []

    def start(
        self,
        on_step: Callable[[], None] | None = None,
        on_epoch: Callable[[dict[str, float]], object] | None = None,
    ) -> None:
        """Train, and keep history, results and weights.

        `on_step` is called after each step, `on_epoch` with what each epoch reports.

        KeyboardInterrupt where training did not come to its own end: what there is by then is
        kept, and is not `finished`. FloatingPointError where training diverges (the history is
        kept), DataError where the data cannot be loaded, OSError where the folder cannot be
        written.
        """
        counter = _StepCounter(on_step) if on_step is not None else Watcher()
        self.model.watch(counter)
        try:
            with np.errstate(all="ignore"):  # the script itself looks for what is not finite
                self._train(on_epoch)
        except (ZeroDivisionError, OverflowError) as error:
            raise FloatingPointError(f"a formula has no value ({error})") from None
        finally:
            self.model.unwatch(counter)
            if self.history.rows:
                names = self.history.names
                rows = ([row[name] for name in names] for row in self.history.rows)
                write_text(self.folder / "history.csv", csv_text(names, rows))
        written: dict[str, Any] = dict(self.results)
        if not self.finished:
            written["interrupted"] = True
        if self.expectations and self.finished:
            known = known_before(self.model.network_graph) | self.results
            expected, baseline = self.expectations, self.history.baseline
            self.expectation_results = check_expectations(expected, known, baseline)
            written["expectations"] = [one.to_json() for one in self.expectation_results]
        if self.history.baselines:
            written["baselines"] = {one.answer: one.results for one in self.history.baselines}
        write_text(self.folder / "results.json", json_text(written))
        if not self.finished:  # what there is was printed as usual
            raise KeyboardInterrupt

    def _train(self, on_epoch: Callable[[dict[str, float]], object] | None) -> None:
        """Do what the script's `main` does, in the same order, and print what it prints."""
        model, history, names = self.model, self.history, self.model.namespace
        report = model.script.report
        assert report is not None
        parts = model.load_data()
        print(report.heading)
        row = ""
        try:
            for epoch, results in model.epochs(parts, history):
                if on_epoch is not None:
                    on_epoch(history.rows[-1])
                row = report.row.format(epoch, *results.values())
                if epoch % report.every == 0:
                    print(row)
            if epoch % report.every:  # the last row, too
                print(row)
            self.finished = True
            if history.kept not in (None, epoch):
                print(translated(BEST).format(epoch=epoch, best_epoch=history.kept))
        except KeyboardInterrupt:
            print(translated(INTERRUPTED))
        model.save(self.folder / WEIGHTS)
        model.test(parts, history)
        if history.test:
            print(report.test.format(*history.test.values()))
        if "sample" in names:
            print(model.sample())

    @property
    def results(self) -> dict[str, float]:
        """The numbers of the weights that are kept: those of their epoch, and of the test part.

        Where training goes back to its best epoch, that is the epoch.
        """
        return self.history.results


class _StepCounter(Watcher):
    def __init__(self, on_step: Callable[[], None]) -> None:
        self._on_step = on_step

    def after_step(self, step: int) -> None:
        self._on_step()


def keep_data(script: Script, folder: Path) -> list[str]:
    """Put the data that a script reads beside it, so that the folder is complete wherever it goes.

    What is larger than COPIED is shared with its origin, where both are on one disk. Return
    sentences about that, and about what is not complete. OSError. Called last, when the folder
    holds all that a run writes: its own files have precedence.
    """
    said = []
    weights = Path(SCRIPT).with_suffix(SCRIPT_WEIGHTS).name  # a script would write over it
    for name, file in script.files.items():
        target = folder / name
        if name == weights or target.exists() or not file.path.exists():
            said.append(f"{SCRIPT} reads {name} beside itself: copy it from {file.path}")
        elif size_of(file.path) > COPIED and share(file.path, target):
            said.append(
                f"{name} is large, and one file with {file.path}: a change of either changes both"
            )
        else:
            copy(file.path, target)
    return said


def new_folder(name: str, parent: Path) -> Path:
    """Create the folder `parent/name-number` with the next number; return it."""
    create_folder(parent)
    numbers = [path.name.removeprefix(f"{name}-") for path in parent.glob(f"{name}-*")]
    number = max((int(n) for n in numbers if n.isdecimal()), default=0)
    while True:
        number += 1
        folder = parent / f"{name}-{number}"
        try:
            folder.mkdir()
        except FileExistsError:  # another run was quicker
            continue
        sync_folder(parent)
        return folder
