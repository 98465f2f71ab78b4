"""The process that trains a page, or proves its gradients, for the browser.

It reads a job as a line of JSON, then words: `pause`, `go`, `stop`. It says what happens as lines
of JSON. When nobody gives it words any more, it ends: there is nobody to look.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from time import monotonic
from typing import Any

import numpy as np

from nndsl.analysis.compile import analyse
from nndsl.confined.folder import reading_below
from nndsl.diagnostics import SpecError
from nndsl.emit.build import build_script
from nndsl.explained import ExplainedError
from nndsl.languages import ENGLISH, choose_language, said, titled, translated
from nndsl.live.baseline import measure_baselines
from nndsl.live.descent import Descent
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.check import check_gradients
from nndsl.live.gradients.formula import check_formula
from nndsl.live.model import History, Model, ModelError, Watcher
from nndsl.live.recording.record import Record
from nndsl.live.recording.recorder import Recorder, all_instruments
from nndsl.live.script.confinement import limit_memory_to_half
from nndsl.program.style import FLAT
from nndsl.program.training_loop import Report
from nndsl.report.curves import curve_pictures
from nndsl.report.descents.pages import descent_pictures
from nndsl.report.descents.pages import verdict as path_verdict
from nndsl.report.descents.result import DescentResult
from nndsl.report.judged import class_sentence, judged_parts
from nndsl.report.model_pictures import boundary, decisions
from nndsl.report.page import Picture
from nndsl.report.verdict import Ending, verdict
from nndsl.source import Source
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS

BINS = 30  # of a histogram
TAIL = 0.005  # the share of all values that it leaves out at each end
EVERY = 0.15  # seconds from one picture of the curves to the next


class Stopped(Exception):
    """Whoever looks has seen enough."""


class Words:
    """What is said on stdin, from a thread of its own."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stopped = False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            word = line.strip()
            self._stopped |= word == "stop"
            self._go.clear() if word == "pause" else self._go.set()
        os._exit(0)

    def obey(self) -> None:
        """Wait while there is a pause. Stopped where that was said."""
        self._go.wait()
        if self._stopped:
            raise Stopped


class Listening(Watcher):
    """Lets a training obey after each step."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def after_step(self, step: int) -> None:
        self._words.obey()


def main() -> None:
    """Do the job on stdin."""
    job = json.loads(sys.stdin.readline())
    answers, sys.stdout = sys.stdout, sys.stderr
    limit_memory_to_half()
    choose_language(job.get("language") or ENGLISH)
    try:
        with np.errstate(all="ignore"):
            for told in _JOBS[job["what"]](job):
                print(json.dumps(told, ensure_ascii=False), file=answers, flush=True)
    except BrokenPipeError:
        pass
    except (SpecError, ExplainedError, OSError, MemoryError, *FAILURES) as error:
        help = translated(getattr(error, "help", None) or "")
        told = {"error": translated(str(error)) or type(error).__name__, "help": help}
        print(json.dumps(told, ensure_ascii=False), file=answers, flush=True)
    os._exit(0)  # the thread that listens has nothing to say


def _model(job: dict[str, Any]) -> Model | Descent:
    path = Path(job["folder"], job["name"])
    checked = analyse(Source(job["name"], job["text"], path))
    if checked.minimizes:
        checked.diagnostics.raise_if_failed()
        return Descent(checked)
    return Model(checked, build_script(checked, style=job.get("style") or FLAT))


def _run(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Train a page, or descend on its formula."""
    with reading_below(Path(job["root"])):
        model = _model(job)
        if isinstance(model, Model):
            yield from _train(model)
            return
    path = model.run()  # it reads nothing; what draws it, reads fonts
    with TemporaryDirectory() as folder:
        result = DescentResult(model.spec.name, model, path)
        drawn, missing = descent_pictures([result], Path(folder))
    told = f"{translated(path_verdict(path))} {translated(missing)}".strip()
    yield {"ended": told, **_results(path.results)}
    yield {"pictures": [_picture(part) for part in drawn if isinstance(part, Picture)]}


def _train(model: Model) -> Iterator[dict[str, Any]]:
    """Train a network; yield curves and numbers while it lasts, and what came of it."""
    if "main" not in model.namespace:
        raise ModelError(f"there is nothing to train: the page has no {model.spec.lacks}")
    report, train = model.script.report, model.spec.train
    assert report is not None
    assert train is not None
    planned = None if train.steps is not None else train.epochs or DEFAULT_EPOCHS
    yield {"epochs": planned, "heading": report.heading}
    recorder = Recorder(model, [one for one in all_instruments() if one.shows_distribution])
    words, history, shown, told = Words(), History(), 0.0, 0
    model.watch(Listening(words))
    parts, ending = model.data(), Ending(planned, finished=False)
    history.baselines = measure_baselines(model, parts)  # now: the curves keep their scales
    try:
        for _ in model.epochs(parts, history):
            if monotonic() - shown > EVERY:
                yield _seen(model, history, report, recorder.record, told)
                shown, told = monotonic(), len(history.rows)
        ending = Ending(planned)
    except Stopped:
        pass
    except FloatingPointError as error:
        ending = Ending(planned, finished=False, diverged=str(error))
    if not history.rows:
        yield {
            "ended": translated("it ended before its first epoch did"),
            "diverged": ending.diverged,
        }
        return
    model.test(parts, history)
    yield _seen(model, history, report, recorder.record, told)
    sentences = [verdict(history, ending), said(class_sentence(model)) if ending.finished else ""]
    yield {"ended": " ".join(filter(None, sentences)), **_results(history.results)}
    if ending.finished:
        drawn = [part for part in judged_parts(model) if isinstance(part, Picture)]
        yield {"pictures": [*map(_picture, drawn)]}


def _results(results: Mapping[str, float]) -> dict[str, Any]:
    """Return numbers by name, and what each name is called."""
    called = {name: translated(name.replace("_", " ")) for name in results}
    return {"results": results, "called": called}


def _seen(
    model: Model, history: History, report: Report, record: Record, told: int
) -> dict[str, Any]:
    """Return what there is to see after an epoch; `told` are the epochs whose rows were sent."""
    pictures = curve_pictures(history)
    decided = decisions(model)
    if decided is not None and (drawn := boundary([("now", decided)], model)) is not None:
        pictures.append(drawn)
    return {
        "epoch": history.rows[-1]["epoch"],
        "rows": [report.row.format(*row.values()) for row in history.rows[told:]],
        "curves": [*map(_picture, pictures)],
        "histograms": [*_histograms(record)],
    }


def _picture(drawn: Picture) -> dict[str, Any]:
    return {
        "title": titled(drawn.title),
        "svg": drawn.svg,
        "caption": said(drawn.caption),
        "wide": drawn.is_wide,
    }


def _histograms(record: Record) -> Iterator[dict[str, Any]]:
    """Yield how the output of each layer, and each weight, is distributed by now."""
    for series in record.series.values():
        if not series.histograms:
            continue
        held = series.histograms[max(series.histograms)]
        low, high = held.without_tails(TAIL)
        shares = held.shares(np.linspace(low, high, BINS + 1))
        yield {
            "name": series.name,
            "layer": series.layer,
            "of": series.instrument.keyword(),
            "shares": [round(float(share), 4) for share in shares],
            "from": low,
            "to": high,
        }


def _prove(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Prove the gradients of a page."""
    Words()
    with reading_below(Path(job["root"]), Path(gettempdir())):  # the script's `main` writes weights
        model = _model(job)
        report = check_formula(model) if isinstance(model, Descent) else check_gradients(model)
    yield {**json.loads(report.to_json()), "text": str(report)}


_JOBS = {"train": _run, "prove": _prove}
