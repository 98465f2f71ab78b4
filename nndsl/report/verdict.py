"""The verdict on a training in a sentence or two, which says no more than the numbers do.

A trend is mentioned only if it is larger than the jitter from epoch to epoch.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from nndsl.analysis.expectation_results import ExpectationResult
from nndsl.analysis.metrics import find_metric, higher_is_better, share_interval
from nndsl.languages import joined, sentence, translated
from nndsl.live.model import History
from nndsl.report.page import Table
from nndsl.report.trend import hardly_falls, jumps, overfits, still_falls

_MIN_EPOCHS = 5  # of a trend
_SCALE = 20  # of a loss that is reached without a network: far from 1 is far from usual targets
_CLEARLY = 0.25  # of the way from what is reached without a network to what is perfect
_FALLING = "still falling"
_FEW, _MANY = 30, 400  # test examples
_UNEVEN = 0.75  # of examples in one class: then accuracy says little


@dataclass(frozen=True, slots=True)
class Ending:
    """How a training ended: after all `planned` epochs, interrupted, or diverged."""

    planned: int | None = None  # None if it is not known
    finished: bool = True
    diverged: str = ""  # "epoch 3: W1 is not finite"


def expectation_table(results: Sequence[tuple[str, ExpectationResult]]) -> list[Table]:
    """Return a table of expectations by the name of a variant, or "" without one, if any."""
    names = ("variant",) if any(name for name, _ in results) else ()
    rows = tuple(
        (*[name] * len(names), one.comparison, one.shown, sentence("yes" if one.holds else "no"))
        for name, one in results
    )
    heads = (*names, "expected", "found", "holds")
    return [Table("Expectations", heads, rows)] if rows else []


def verdict(history: History, ending: Ending) -> str:
    """Return the verdict on a training, beside what answers without a network reach."""
    if ending.diverged:
        text = sentence("Training diverged in {place}", place=sentence(ending.diverged))
        return _text([joined([text, _last(history)]) if history.rows else text])
    if not history.rows:
        return _text(["Training was interrupted in its first epoch"])
    measure = main_metric(history)
    clauses = [_result(history, ending, measure)]
    clauses += [*_best(history, measure), *_gap(history, measure)]
    sentences = [joined(clauses), *_baseline(history, measure), *_trend(history)]
    if not beats_baselines(history):
        first = [*_baseline(history, measure), sentences[0]]
        known = any(_FALLING in one for one in first)
        sentences = [*first, *(one for one in _trend(history) if not known or _FALLING not in one)]
    return _text(sentences)


def _text(sentences: Iterable[str]) -> str:
    """Return sentences as a text, in the language that is chosen."""
    ended = (sentence("{said}.", said=sentence(one)) for one in sentences)
    whole = reduce(lambda one, then: sentence("{before} {then}", before=one, then=then), ended)
    return translated(whole)


def _named(part: str, measure: str, *, begins: bool = False) -> str:
    """Return a metric on a part of the data: `test accuracy`, at a sentence's start `Test …`."""
    template = f"{part.capitalize() if begins else part} {{measure}}"
    return sentence(template, measure=sentence(_words(measure)))


def doubt_of_few(history: History, examples: int) -> str:
    """Say how much chance there is in a result on so many test examples; empty: little."""
    measure = main_metric(history)
    share, known = history.test.get(f"test_{measure}"), find_metric(f"test_{measure}")
    if share is None or examples >= _MANY:
        return ""
    if known is None or known.metric is None or not known.metric.counts_examples:
        said = "The test part has {examples} examples: another seed may say otherwise"
        return _text([sentence(said, examples=examples)]) if examples < _FEW else ""
    low, high = share_interval(share, examples)
    said = sentence(
        "With only {examples} test examples, the {measure} on many others lies between"
        " {low:.2f} and {high:.2f} (95% confidence, Wilson 1927)",
        examples=examples,
        measure=sentence(_words(measure)),
        low=low,
        high=high,
    )
    return _text([said])


def main_metric(history: History) -> str:
    """Return the first metric of the network, or the loss without metrics."""
    for name in history.names:
        part, _, quantity = name.partition("_")
        if part == "training":
            return quantity
    return "loss"


def best_baseline(history: History) -> tuple[str, str, float] | None:
    """Return the best answer without a network, what it is measured by, and that number.

    That is the main metric on the most telling part. None where there is none to compare with.
    """
    if not history.rows:
        return None
    measure = main_metric(history)
    column = f"{_shown_part(history.results, measure)}_{measure}"
    found = history.baseline(column)
    return None if found is None else (found[0], column, found[1])


def beats_baselines(history: History) -> bool:
    """Is the main metric better than that of all answers without a network?"""
    best = best_baseline(history)
    return best is None or _is_better(history, best[1])


def baseline_sentences(history: History) -> list[str]:
    """Say what the best answer without a network reaches, and what to do if that is as good."""
    return [_text([one]) for one in _baseline(history, main_metric(history))]


def _baseline(history: History, measure: str) -> Iterator[str]:
    best = best_baseline(history)
    if best is None:
        return
    answer, column, number = best
    part, _, quantity = column.partition("_")
    reached = sentence(
        "by {answer}, the {metric} is {value}",
        answer=sentence(answer),
        metric=_named(part, quantity),
        value=rounded(number),
    )
    if not beats_baselines(history):
        yield sentence("This is no better than without a network: {reached}", reached=reached)
        yield from _ways_out(history, measure, column, number)
        return
    yield sentence("Without a network, {reached}", reached=reached)
    loss = f"{column.partition('_')[0]}_loss"
    is_known = loss != column and _compared(history, loss) is not None
    if is_known and not history.baselines[0].is_of_values and not _is_better(history, loss):
        yield sentence(
            "Its probabilities are worse than those shares, though: {beside}",
            beside=_beside(history, loss),
        )


def _ways_out(history: History, measure: str, column: str, number: float) -> Iterator[str]:
    """Say what is likely wrong, as far as the training tells, and what may help."""
    part, loss = column.partition("_")[0], [row["loss"] for row in history.rows]
    has_trend = len(loss) >= _MIN_EPOCHS and all(map(math.isfinite, loss))
    if _is_share(measure) and number >= _UNEVEN:
        yield (
            "With classes so uneven, balanced_accuracy and recall tell more than accuracy, and"
            " `class_weights=balanced` of the loss lets rare classes count more"
        )
        if _is_better(history, f"{part}_loss"):
            yield sentence(
                "Its probabilities tell something: {beside}, and a threshold below one half finds "
                "more",
                beside=_beside(history, f"{part}_loss"),
            )
            return
    if part != "training" and _is_better(history, f"training_{measure}", _CLEARLY):
        yield sentence(
            "On the training part it is better ({beside}), so it"
            " overfits: fewer units, `regularize`, a `stop` or more examples may help",
            beside=_beside(history, f"training_{measure}"),
        )
        return
    constant = history.baselines[0]
    usual = constant.results.get("training_loss", 1.0)
    if constant.is_of_values and not 1 / _SCALE < usual < _SCALE:
        yield sentence(
            "Targets of about 1 are learnt best, and a constant has a loss of"
            " {loss} here: `standardize_target=true` of a table with one output, or"
            " dividing them, may help",
            loss=rounded(usual),
        )
    elif history.kept is not None and history.kept < history.rows[-1]["epoch"]:
        yield sentence(
            "It got no better after epoch {epoch}, while the training loss fell on: it"
            " overfits, and fewer units, a stronger `regularize` or more examples may help",
            epoch=history.kept,
        )
    elif has_trend and still_falls(loss):
        yield "The training loss was still falling: more epochs or a larger learning rate may help"
    elif has_trend and jumps(loss):
        yield "The loss jumps from epoch to epoch: a smaller learning rate may help"
    elif has_trend and hardly_falls(loss):
        yield sentence(
            "The loss hardly moved, from {first} to {last}: another"
            " learning rate, or inputs of mean 0 and spread 1, may help",
            first=rounded(loss[0]),
            last=rounded(loss[-1]),
        )
    else:
        yield "A smaller or a larger learning rate, or more epochs, may help"


def _compared(history: History, column: str) -> tuple[float, float] | None:
    """Return a result and what is reached without a network; None where there is none of these."""
    part, _, measure = column.partition("_")
    reached = history.results.get(_column(history.results, part, measure))
    found = history.baseline(column)
    return None if reached is None or found is None else (reached, found[1])


def _is_better(history: History, column: str, part: float = 0.0) -> bool:
    """Is a result better than without a network, by such a part of the way to what is perfect?"""
    found = _compared(history, column)
    if found is None:
        return False
    reached, number = found
    higher = higher_is_better(column)
    room = part * abs((1.0 if higher else 0.0) - number)
    return reached - number > room if higher else number - reached > room


def _beside(history: History, column: str) -> str:
    """Say what a result is, and what it is without a network."""
    reached, number = _compared(history, column) or (math.nan, math.nan)
    part, _, quantity = column.partition("_")
    return sentence(
        "{metric} {value} against {other}",
        metric=_named(part, quantity),
        value=rounded(reached),
        other=rounded(number),
    )


def rounded(number: float) -> str:
    """Return a number with four decimals, as a script prints it, or three digits."""
    return f"{number:.4f}" if number == 0 or 0.001 <= abs(number) < 1e5 else f"{number:.3g}"


def _last(history: History) -> str:
    row, measure = history.rows[-1], main_metric(history)
    part = "validation" if f"validation_{measure}" in row else "training"
    number = row[_column(row, part, measure)]
    return sentence(
        "after epoch {epoch} the {metric} was {value}",
        epoch=row["epoch"],
        metric=_named(part, measure),
        value=rounded(number),
    )


def _result(history: History, ending: Ending, measure: str) -> str:
    results, last = history.results, history.rows[-1]["epoch"]
    part = _shown_part(results, measure)
    number = results[_column(results, part, measure)]
    values: dict[str, object] = {
        "metric": _named(part, measure, begins=True),
        "value": rounded(number),
        "last": last,
        "planned": ending.planned,
        "kept": history.kept,
    }
    if history.kept is not None and history.kept != last:
        template = "{metric} {value} with the weights of epoch {kept}, restored after epoch {last}"
        out_of = " of {planned}" * (ending.planned not in (None, last))
        return sentence(f"{template}{out_of}", **values)
    if ending.finished:
        return sentence(f"{{metric}} {{value}} after {{last}} {_epochs(last)}", **values)
    of_all = "{metric} {value} after {last} of {planned} epochs, when training was interrupted"
    some = f"{{metric}} {{value}} after {{last}} {_epochs(last)}, when training was interrupted"
    return sentence(of_all if ending.planned else some, **values)


def _epochs(count: float) -> str:
    return "epoch" if count == 1 else "epochs"


def _shown_part(results: dict[str, float], measure: str) -> str:
    """Return the most telling part of the data: test, validation, training."""
    return next(p for p in ("test", "validation", "training") if _column(results, p, measure))


def _best(history: History, measure: str) -> Iterator[str]:
    """Say which epoch was the best on the validation part."""
    column = f"validation_{measure}"
    rows = [row for row in history.rows if math.isfinite(row.get(column, math.nan))]
    if len(history.rows) < 2 or not rows:
        return
    sign = -1 if higher_is_better(column) else 1
    best = min(rows, key=lambda row: sign * row[column])
    if history.results[column] == best[column]:
        if _shown_part(history.results, measure) == "validation":
            yield "no epoch was better"
        else:
            yield sentence(
                "{metric} {value}, the best of all epochs",
                metric=_named("validation", measure),
                value=rounded(best[column]),
            )
    else:
        yield sentence(
            "best {metric} {value} at epoch {epoch}",
            metric=_named("validation", measure),
            value=rounded(best[column]),
            epoch=best["epoch"],
        )


def _gap(history: History, measure: str) -> Iterator[str]:
    """Say how far training and validation are apart."""
    results = history.results
    training, validation = (
        results.get(_column(results, part, measure)) for part in ("training", "validation")
    )
    if training is None or validation is None or not math.isfinite(training - validation):
        return
    if _is_share(measure):
        points = f"{100 * abs(training - validation):.1f}"
        what = "points" if points != "1.0" else "point"
        yield sentence(f"training and validation differ by {{points}} {what}", points=points)
    else:
        yield sentence(
            "{metric} {training} against {validation} in validation",
            metric=_named("training", measure),
            training=rounded(training),
            validation=rounded(validation),
        )


def _trend(history: History) -> Iterator[str]:
    rows = history.rows
    training = [row["loss"] for row in rows]
    validation = [row["validation_loss"] for row in rows if "validation_loss" in row]
    if not validation and not history.test:
        yield "No part of the data was held back, so this does not tell how it does on new examples"
    if len(rows) < _MIN_EPOCHS:
        return
    if validation and history.kept is None and overfits(training, validation):
        best, last = min(rows, key=lambda row: row["validation_loss"]), rows[-1]
        yield sentence(
            "The validation loss was lowest at epoch {epoch} ({least}) and rose to {now}"
            " at epoch {last} while the training loss still fell: it overfits",
            epoch=best["epoch"],
            least=rounded(best["validation_loss"]),
            now=rounded(last["validation_loss"]),
            last=last["epoch"],
        )
    elif still_falls(validation or training) and history.kept in (None, rows[-1]["epoch"]):
        part = "validation" if validation else "training"
        yield sentence(
            "The {part} loss was still falling at the end: more epochs may help",
            part=sentence(part),
        )


def _column(results: dict[str, float], part: str, measure: str) -> str:
    """Return the column of a metric on a part, or "" if there is none."""
    name = "loss" if (part, measure) == ("training", "loss") else f"{part}_{measure}"
    return name if name in results else ""


def _words(measure: str) -> str:
    return measure.replace("_", " ")


def _is_share(measure: str) -> bool:
    found = find_metric(f"validation_{measure}")
    return found is not None and found.metric is not None and found.metric.is_share
