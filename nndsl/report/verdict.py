"""The verdict on a training in a sentence or two, which says no more than the numbers do.

A trend is mentioned only if it is larger than the jitter from epoch to epoch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from nndsl.analysis.expectation_results import ExpectationResult
from nndsl.analysis.metrics import find_metric, higher_is_better
from nndsl.live.model import History
from nndsl.report.page import Table
from nndsl.report.smoothing import smoothed

_MIN_EPOCHS = 5  # of a trend
_UNEVEN = 0.75  # of examples in one class: then accuracy says little
_RISE = 1.05  # over the smallest validation loss: more is overfitting
_FALL = 0.98  # of the loss a while ago: less is an improvement


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
        (*[name] * len(names), one.comparison, one.shown, "yes" if one.holds else "no")
        for name, one in results
    )
    heads = (*names, "expected", "found", "holds")
    return [Table("Expectations", heads, rows)] if rows else []


def verdict(history: History, ending: Ending) -> str:
    """Return the verdict on a training, beside what answers without a network reach."""
    if ending.diverged:
        text = f"Training diverged in {ending.diverged}"
        return f"{text}; {_last(history)}." if history.rows else f"{text}."
    if not history.rows:
        return "Training was interrupted in its first epoch."
    measure = main_metric(history)
    clauses = [_result(history, ending, measure)]
    clauses += [*_best(history, measure), *_gap(history, measure)]
    sentences = ["; ".join(clauses), *_baseline(history, measure), *_trend(history)]
    if not beats_baselines(history):
        sentences = [*_baseline(history, measure), sentences[0], *_trend(history)]
    return " ".join(f"{sentence}." for sentence in sentences)


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
    if best is None:
        return True
    _, column, number = best
    part, _, measure = column.partition("_")
    reached = history.results[_column(history.results, part, measure)]
    return reached > number if higher_is_better(column) else reached < number


def baseline_sentences(history: History) -> list[str]:
    """Say what the best answer without a network reaches, and what to do if that is as good."""
    return [f"{sentence}." for sentence in _baseline(history, main_metric(history))]


def _baseline(history: History, measure: str) -> Iterator[str]:
    best = best_baseline(history)
    if best is None:
        return
    answer, column, number = best
    reached = f"by {answer}, the {_words(column)} is {rounded(number)}"
    if beats_baselines(history):
        yield f"Without a network, {reached}"
        return
    yield f"This is no better than without a network: {reached}"
    if _is_share(measure) and number >= _UNEVEN:
        yield "With classes so uneven, balanced_accuracy and recall tell more than accuracy"
    elif history.baselines[0].is_of_values:
        yield "Targets of about 1 are learnt best (divide them), or another learning rate may help"
    else:
        yield "A smaller or a larger learning rate, or more epochs, may help"


def rounded(number: float) -> str:
    """Return a number with four decimals, as a script prints it, or three digits."""
    return f"{number:.4f}" if number == 0 or 0.001 <= abs(number) < 1e5 else f"{number:.3g}"


def _last(history: History) -> str:
    row, measure = history.rows[-1], main_metric(history)
    part = "validation" if f"validation_{measure}" in row else "training"
    number = row[_column(row, part, measure)]
    return f"after epoch {row['epoch']} the {part} {_words(measure)} was {rounded(number)}"


def _result(history: History, ending: Ending, measure: str) -> str:
    results, last = history.results, history.rows[-1]["epoch"]
    part = _shown_part(results, measure)
    number = results[_column(results, part, measure)]
    text = f"{part.capitalize()} {_words(measure)} {rounded(number)}"
    if history.kept is not None and history.kept != last:
        out_of = f" of {ending.planned}" if ending.planned not in (None, last) else ""
        text += f" with the weights of epoch {history.kept}"
        return f"{text}, restored after epoch {last}{out_of}"
    epochs = f"{last} epoch{'s' * (last != 1)}"
    if ending.finished:
        return f"{text} after {epochs}"
    out_of = f"{last} of {ending.planned} epochs" if ending.planned else epochs
    return f"{text} after {out_of}, when training was interrupted"


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
            yield f"validation {_words(measure)} {rounded(best[column])}, the best of all epochs"
    else:
        yield f"best validation {_words(measure)} {rounded(best[column])} at epoch {best['epoch']}"


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
        yield f"training and validation differ by {points} {what}"
    else:
        words = _words(measure)
        yield f"training {words} {rounded(training)} against {rounded(validation)} in validation"


def _trend(history: History) -> Iterator[str]:
    rows = history.rows
    training = [row["loss"] for row in rows]
    validation = [row["validation_loss"] for row in rows if "validation_loss" in row]
    if not validation and not history.test:
        yield "No part of the data was held back, so this does not tell how it does on new examples"
    if len(rows) < _MIN_EPOCHS:
        return
    if validation and history.kept is None and _overfits(training, validation):
        best, last = min(rows, key=lambda row: row["validation_loss"]), rows[-1]
        yield (
            f"The validation loss was lowest at epoch {best['epoch']}"
            f" ({rounded(best['validation_loss'])}) and rose to {rounded(last['validation_loss'])}"
            f" at epoch {last['epoch']} while the training loss still fell: it overfits"
        )
    elif _still_falls(validation or training) and history.kept in (None, rows[-1]["epoch"]):
        part = "validation" if validation else "training"
        yield f"The {part} loss was still falling at the end: more epochs may help"


def _overfits(training: Sequence[float], validation: Sequence[float]) -> bool:
    """Did the validation loss rise from its lowest point while the training loss fell?"""
    smooth = smoothed(validation)
    best = smooth.index(min(smooth))
    rise = _late(validation) - smooth[best]
    lowest = max(best, validation.index(min(validation)))
    is_past = lowest < len(validation) - 1 - _window(validation)
    is_large = rise > max((_RISE - 1) * smooth[best], 2 * _jitter(validation))
    return is_past and is_large and _late(training) < smoothed(training)[best]


def _still_falls(loss: Sequence[float]) -> bool:
    late, window = _late(loss), _window(loss)
    before = fmean(loss[-2 * window : -window])
    return late < _FALL * before and before - late > _jitter(loss)


def _late(values: Sequence[float]) -> float:
    """Return the mean of the last values."""
    return fmean(values[-_window(values) :])


def _window(values: Sequence[float]) -> int:
    return max(2, len(values) // 10)


def _jitter(values: Sequence[float]) -> float:
    """Return the median distance of a value from the mean of its neighbours, in the second half."""
    half = values[len(values) // 2 :]
    around = zip(half, half[1:], half[2:], strict=False)
    return median([abs(b - (a + c) / 2) for a, b, c in around] or [0.0])


def _column(results: dict[str, float], part: str, measure: str) -> str:
    """Return the column of a metric on a part, or "" if there is none."""
    name = "loss" if (part, measure) == ("training", "loss") else f"{part}_{measure}"
    return name if name in results else ""


def _words(measure: str) -> str:
    return measure.replace("_", " ")


def _is_share(measure: str) -> bool:
    found = find_metric(f"validation_{measure}")
    return found is not None and found.metric is not None and found.metric.is_share
