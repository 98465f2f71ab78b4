"""The page of a run, which `nndsl run` writes."""

import platform
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from nndsl import __version__
from nndsl.analysis.builtin_printer import write_value
from nndsl.analysis.imports import self_contained
from nndsl.analysis.slots import slots
from nndsl.diagram.network import network_diagram
from nndsl.emit.build import build_program
from nndsl.emit.head import head
from nndsl.languages import joined, said, sentence, translated
from nndsl.live.model import History
from nndsl.live.recording.recorder import Recorder
from nndsl.live.run import Run, keep_data
from nndsl.program.program import Program
from nndsl.report.curves import draw_curves
from nndsl.report.judged import class_sentence, judged_parts, leak_sentence
from nndsl.report.network import layer_rows, part_sizes, sizes
from nndsl.report.page import NAME, Page, Part, Table, Text, graph_part, write_page
from nndsl.report.record_figures import report_record
from nndsl.report.verdict import Ending, doubt_of_few, expectation_table, rounded, verdict
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train

_SHOWN = 10  # last epochs in the table
_SETTINGS = (
    "loss",
    "optimizer",
    "regularize",
    "clip",
    "batch",
    "seed",
)  # of `train`


@dataclass(frozen=True, slots=True)
class RunContext:
    """The context of a run: its command, its duration, how it ended."""

    command: str
    seconds: float
    diverged: str = ""  # "epoch 3: W1 is not finite"
    parts: Sequence[Part] = ()  # of a record, after the curves


def finish_run(run: Run, context: RunContext, recorder: Recorder | None) -> list[str]:
    """Write record, curves, page and data into the folder of a run that has ended.

    Return sentences on what the folder lacks. OSError if a file cannot be written.
    """
    if run.history.rows or context.diverged:
        if recorder is not None and recorder.record.epochs:
            context = replace(context, parts=report_record(recorder.record, run.folder))
        curves = draw_curves(run.model.spec, run.history, run.folder) if run.history.rows else []
        write_page(_page(run, context, curves), run.folder / NAME)
    return keep_data(run.model.script, run.folder)


def _page(run: Run, context: RunContext, curves: Sequence[Part]) -> Page:
    program = build_program(run.model.checked)
    spec, history, train = run.model.spec, run.history, run.model.training
    planned = None if train.steps is not None else train.epochs or DEFAULT_EPOCHS
    ending = Ending(planned, finished=run.finished, diverged=context.diverged)
    parts = [*curves, *context.parts]
    if history.rows:
        parts += [_results(history), *judged_parts(run.model), _epochs(history)]
    parts[len(curves) : len(curves)] = expectation_table(
        [("", one) for one in run.expectation_results]
    )
    parts += [graph_part(network_diagram(program))]
    parts += [_network(program), Text("The model in equations", tuple(head(program)))]
    return Page(
        title=f"{spec.name}: {_done(history)}",
        verdict=" ".join(map(said, filter(None, _verdict(run, ending)))).replace("。 ", "。"),
        facts=(*_facts(program, train, history, context.seconds), *_changes(context.command)),
        parts=tuple(parts),
        spec=self_contained(spec.source).text,
        commands=(context.command,),
    )


def _verdict(run: Run, ending: Ending) -> Iterator[str]:
    yield _failures(run)
    yield verdict(run.history, ending)
    if run.history.test:
        yield leak_sentence(run.model, run.history.test)
        yield class_sentence(run.model)
        X, _, *weights = run.model.data()["test"]
        yield "" if weights else doubt_of_few(run.history, len(X))


def _done(history: History) -> str:
    if not history.rows:
        return "training"
    last = history.rows[-1]["epoch"]
    return f"{last} epoch{'s' * (last != 1)} of training"


def _facts(
    program: Program, train: Train, history: History, seconds: float
) -> list[tuple[str, str]]:
    own = slots(Train)
    found = [("examples", part_sizes(program.spec))]
    found.append(("left out", program.spec.description.leaving_out))
    found.append(("filled in", program.spec.description.filling_in))
    found += [(label, text) for label, text in sizes(program) if label == "parameters"]
    for name in _SETTINGS:
        setting = getattr(train, name)
        if setting is not None:
            found.append((name, write_value(setting, own[name], defaults=False)))
    if history.rows:
        each = seconds / len(history.rows)
        found.append(("time", f"{_seconds(seconds)}, {_seconds(each)} an epoch"))
    import numpy as np

    versions = f"nndsl {__version__}, numpy {np.__version__}, Python {platform.python_version()}"
    return [(label, text) for label, text in [*found, ("versions", versions)] if text]


def _changes(command: str) -> list[tuple[str, str]]:
    """Return the settings that the command changed in the text of the spec."""
    given = [after for option, after in pairwise(shlex.split(command)) if option == "--set"]
    return [("changed by --set", ", ".join(given))] if given else []


def _seconds(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:.3g} min"
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def _results(history: History) -> Table:
    """Return the results of the final weights: a row for each part of the data."""
    results = history.results
    quantities = ["loss", *(["penalty"] if "penalty" in results else [])]
    names = [name.removeprefix("training_") for name in results if name.startswith("training_")]
    quantities += names
    rows = []
    for part in ("training", "validation", "test"):
        own = {"loss": "loss", "penalty": "penalty"} if part == "training" else {}
        columns = [own.get(quantity, f"{part}_{quantity}") for quantity in quantities]
        if any(column in results for column in columns):
            cells = (rounded(results[c]) if c in results else "–" for c in columns)
            rows.append((translated(part), *cells))
    for baseline in history.baselines:
        part = next(
            part
            for part in ("test", "validation", "training")
            if any(name.startswith(f"{part}_") for name in baseline.results)
        )
        found = (baseline.results.get(f"{part}_{quantity}") for quantity in quantities)
        cells = ("–" if number is None else rounded(number) for number in found)
        said = sentence(
            "{part}, by {answer}", part=sentence(part), answer=sentence(baseline.answer)
        )
        rows.append((translated(said), *cells))
    note = "The training loss is the mean over its epoch, in which the weights changed."
    if history.kept is not None:
        note = f"The weights are those of epoch {history.kept}. {note}"
    title = "Results"
    heads = (quantity.replace("_", " ") for quantity in quantities)
    return Table(title, ("part of the data", *heads), tuple(rows), note)


def _epochs(history: History) -> Table:
    """Return the last epochs, after the one whose weights are kept."""
    rows = history.rows[-_SHOWN:]
    kept = [row for row in history.rows[:-_SHOWN] if row["epoch"] == history.kept]
    cells = tuple(
        (str(row["epoch"]), *(rounded(row[name]) for name in history.names[1:]))
        for row in [*kept, *rows]
    )
    total = len(history.rows)
    title = "All epochs" if total <= _SHOWN else f"The last {_SHOWN} of {total} epochs"
    note = "history.csv holds all of them." if total > _SHOWN else ""
    if kept:
        note = f"Epoch {history.kept}, whose weights are kept, stands first. {note}"
    columns = tuple(name.replace("_", " ") for name in history.names)
    return Table(title, columns, cells, note)


def _failures(run: Run) -> str:
    """Return the sentence about failed expectations at the start of the verdict, if any."""
    failed = [one for one in run.expectation_results if not one.holds]
    if not failed:
        return ""
    return translated(
        "{count} of {all} expectations failed: {comparison}, found {found}.",
        count=len(failed),
        all=len(run.expectation_results),
        comparison=failed[0].comparison,
        found=failed[0].shown,
    )


def _network(program: Program) -> Table:
    columns, rows = layer_rows(program)
    columns, *told = [(row[1], row[0], *row[2:]) for row in (columns, *rows)]
    swapped = (tuple(map(translated, row)) for row in told)
    notes = (f"{translated(label)}: {translated(text)}" for label, text in sizes(program))
    note = translated("{said}.", said=joined(notes))
    return Table("The network", columns, tuple(swapped), f"{note[:1].upper()}{note[1:]}")
