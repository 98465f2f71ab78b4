"""How a network does on each class and example of a part of its data: pictures and tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from itertools import chain

import numpy as np

from nndsl.analysis.metrics import higher_is_better
from nndsl.data import inputs_of
from nndsl.languages import sentence, translated
from nndsl.live.arrays import Array, Arrays, Examples
from nndsl.live.importance import (
    REPEATS,
    Importance,
    doubt_of_one,
    is_too_good,
    permutation_importance,
)
from nndsl.live.judgement import Judgement, judge
from nndsl.live.model import Model
from nndsl.report import svg
from nndsl.report.drawing import SERIES
from nndsl.report.model_pictures import surface, trained_pictures
from nndsl.report.page import Part, Picture, Table
from nndsl.report.png import data_address
from nndsl.report.verdict import rounded

_RIGHT, _WRONG = SERIES[:2]
_COUNTED = 12  # classes: the cells of more are too small for numbers
_MAX_CLASSES = 40  # in a table
_MAX_CONFUSED = 100  # classes in a picture
_SHOWN = 12  # examples
_MAX_OUTPUTS = 4  # values of an example: a table shows no more
_MAX_COLUMNS = 8  # of an example
_BINS = 10  # of confidence
_SQUARE, _LARGEST = 290, 84  # points: the width of a matrix, and of one of its cells
_LETTER = 5.8  # points
_LONGEST_NAME = 14  # characters of a class
_ENOUGH = 1000  # examples to shuffle: more take long and say the same
_MAX_WORK = 2e9  # numbers that shuffling may take


def judged_parts(model: Model) -> list[Part]:
    """Return what a reader of a report may want to know beyond the numbers of the whole part."""
    judged = judge(model)
    if not judged:
        return []
    importance = _importances(model, judged[0])
    parts = [*chain.from_iterable(_parts(model, found, importance) for found in judged)]
    parts += trained_pictures(model)
    return [*parts, *([_importance_table(judged[0], importance)] if importance else [])]


def pictures_of(model: Model) -> Iterator[Picture]:
    """Yield pictures of a trained network: what it confuses, what it learnt, the loss around."""
    for found in judge(model):
        if found.is_classification and len(found.names) <= _MAX_CONFUSED:
            yield confusion_matrix(found)
        if (images := confused_images(model, found)) is not None:
            yield images
    yield from trained_pictures(model)
    if (around := surface(model)) is not None:
        yield around


def _parts(model: Model, found: Judgement, importance: Sequence[Importance]) -> Iterator[Part]:
    """Yield what there is to say of an output; of several its name is in the titles."""
    parts: list[Picture | Table] = []
    if found.is_classification:
        if len(found.names) <= _MAX_CONFUSED:
            parts.append(confusion_matrix(found))
        if found.probabilities is not None:
            parts.append(_reliability(found))
    images, worst = confused_images(model, found), found.worst[:_SHOWN]
    if images is not None:
        parts.append(images)
    elif len(worst) and (found.is_classification or len(found.names) <= _MAX_OUTPUTS):
        parts.append(_examples(model, found, worst, [one.column for one in importance]))
    if found.is_classification:
        parts.append(class_table(found))
    for part in parts:
        yield replace(part, title=f"{part.title}: {found.output}" if found.output else part.title)


# --- Classes ------------------------------------------------------------------------------


def confusion_matrix(found: Judgement) -> Picture:
    """Draw how often each class was taken for each other."""
    counts, names = found.confusion, [_short(name) for name in found.names]
    cell = min(_LARGEST, _SQUARE / len(names))
    left = 26 + _LETTER * max(map(len, names))
    cell = min(cell, (svg.WIDTH - left - 8) / len(names))
    body = "".join(_matrix(counts, names, left, cell))
    upright = max(map(len, names)) * _LETTER < cell
    below = 16 if upright else 8 + _LETTER * max(map(len, names))
    caption = (
        f"Of {len(found.true):,} examples of the {found.part} part, {counts.trace():,} are right: "
        "those on the diagonal. Each row is a class, and its shade the share of it."
    )
    pairs = [(counts[i, j], i, j) for i, j in np.argwhere(counts) if i != j]
    if pairs:
        count, i, j = max(pairs, key=lambda pair: pair[0])
        times = "once" if count == 1 else f"{count} times"
        caption += f" Most often, {found.names[i]} was taken for {found.names[j]}: {times}."
    height = 8 + cell * len(names) + below + 20
    return Picture("Confusion matrix", svg.inline(body, height), caption)


def _matrix(counts: Array, names: Sequence[str], left: float, cell: float) -> Iterator[str]:
    top, size = 8, cell * len(names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for i, j in np.argwhere(counts):
        x, y, color = left + j * cell, top + i * cell, _RIGHT if i == j else _WRONG
        shade = 0.08 + 0.47 * shares[i, j]  # so that the text on it can be read
        yield (
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{cell:.2f}" height="{cell:.2f}" '
            f'fill="{color}" fill-opacity="{shade:.2f}"/>'
        )
        if len(names) <= _COUNTED:
            count = str(counts[i, j])
            small = min(11, 1.7 * cell / len(count))
            yield svg.text(x + cell / 2, y + cell / 2 + 4, count, anchor="middle", size=small)
    yield (
        f'<rect x="{left:.2f}" y="{top}" width="{size:.2f}" height="{size:.2f}" fill="none" '
        'stroke="currentColor" stroke-opacity="0.4"/>'
    )
    every = max(1, -(-11 // int(max(cell, 1))))
    upright = max(map(len, names)) * _LETTER < cell
    for number in range(0, len(names), every):
        middle = (number + 0.5) * cell
        name = partial(svg.text, words=names[number], size=10, is_name=True)
        yield name(left - 5, top + middle + 4, anchor="end")
        x, y = left + middle, top + size + 14
        if upright:
            yield name(x, y, anchor="middle")
        else:
            turned = f' transform="rotate(-90 {x + 4:.1f} {y - 7:.1f})"'
            yield name(x + 4, y - 7, anchor="end", extra=turned)
    below = 16 if upright else 8 + _LETTER * max(map(len, names))
    yield svg.text(left + size / 2, top + size + below + 14, "predicted", anchor="middle")
    x, y = 11, top + size / 2
    yield svg.text(x, y, "true", anchor="middle", extra=f' transform="rotate(-90 {x} {y:.1f})"')


def class_table(found: Judgement) -> Table:
    """Return precision, recall and F1 of each class, and their means: a classification report."""
    counts, scores = found.confusion, found.scores
    true, called = counts.sum(axis=1), counts.sum(axis=0)
    occurs = np.flatnonzero(true + called)
    shown = occurs
    note = f"Of the {found.part} part, as scikit-learn's classification_report."
    if found.weights is not None:
        note += " Each example counts by its weight, and in the last column once."
    if len(occurs) > _MAX_CLASSES:
        shown = occurs[np.argsort(scores[occurs, 2], kind="stable")[:_MAX_CLASSES]]
        note += f" The {_MAX_CLASSES} classes of {len(occurs)} with the smallest F1."
    rows = [(found.names[k], *map(_share, scores[k]), f"{true[k]:,}") for k in shown]
    total = f"{true.sum():,}"
    rows.append((translated("macro average"), *map(_share, scores[occurs].mean(axis=0)), total))
    weighted = np.average(scores, axis=0, weights=np.bincount(found.true, found.weights, len(true)))
    rows.append((translated("weighted average"), *map(_share, weighted), total))
    heads = ("class", "precision", "recall", "F1 score", "examples")
    return Table("The classes", heads, tuple(rows), note)


def class_sentence(model: Model) -> str:
    """Say the F1 of each class, where a measure of the page is a mean over the classes."""
    metrics = [metric for head in model.spec.heads for metric in head.metrics or ()]
    judged = judge(model) if any(metric.averages_classes for metric in metrics) else []
    said = []
    for found in judged:
        if found.is_classification and len(found.names) <= _COUNTED:
            scores = zip(found.names, found.scores[:, 2], strict=True)
            listed = ", ".join(f"{name} {_share(score)}" for name, score in scores)
            of = f" of {found.output}" * bool(found.output)
            said.append(f"F1 of each class{of} on the {found.part} part: {listed}.")
    return " ".join(said)


def leak_sentence(model: Model, results: Mapping[str, float]) -> str:
    """Say so where the results on the test part are nearly perfect by one column alone."""
    judged = judge(model) if is_too_good(model, results) else []
    known = _importances(model, judged[0]) if judged else []
    return doubt_of_one(model, known, results) if known else ""


def _reliability(found: Judgement) -> Picture:
    """Draw the accuracy by the confidence, in bins: on the diagonal it is calibrated."""
    confidence, right = found.confidence, found.true == found.predicted
    bins = np.searchsorted(np.linspace(0, 1, _BINS + 1)[1:-1], confidence)
    counts = np.bincount(bins, minlength=_BINS)
    filled = np.flatnonzero(counts)
    said = np.bincount(bins, confidence, _BINS)[filled] / counts[filled]
    reached = np.bincount(bins, right, _BINS)[filled] / counts[filled]
    error = float((abs(said - reached) * counts[filled]).sum() / counts.sum())
    x = svg.linear_axis(0, 1, svg.LEFT, svg.RIGHT, svg.ACROSS)
    y = svg.linear_axis(0, 1, svg.BOTTOM, svg.TOP, svg.UP)
    points = [(x.place(float(a)), y.place(float(b))) for a, b in zip(said, reached, strict=True)]
    body = [*svg.frame(x, y, "confidence: the probability of the predicted class")]
    width = (svg.RIGHT - svg.LEFT) / _BINS
    for number in filled:  # how many examples there are, at the bottom
        tall = 40 * counts[number] / counts.max()
        body.append(
            f'<rect x="{svg.LEFT + number * width + 1:.1f}" y="{svg.BOTTOM - tall:.1f}" '
            f'width="{width - 2:.1f}" height="{tall:.1f}" fill-opacity="0.16"/>'
        )
    body.append(svg.line(x.place(0), y.place(0), x.place(1), y.place(1), 0.6, dashes="5 3"))
    path = "L".join(f"{a} {b}" for a, b in points)
    body.append(f'<path d="M{path}" fill="none" stroke="{_RIGHT}" stroke-width="1.8"/>')
    dots = "".join(f'<circle cx="{a}" cy="{b}" r="3.5"/>' for a, b in points)
    body.append(f'<g fill="{_RIGHT}">{dots}</g>')
    body.append(svg.text(svg.LEFT, 13, "accuracy"))
    above = float(np.dot(said - reached, counts[filled]))
    tendency = "It is surer than it may be" if above > 0 else "It is less sure than it may be"
    caption = (
        f"Of what is said with 80%, 80% should be right: the dashed line. {tendency}, by "
        f"{error:.3f} on average (expected calibration error). Grey: how many examples."
    )
    if error < 0.01:
        caption = caption.replace(f"{tendency}, by", "It is off by")
    return Picture("Calibration", svg.inline("".join(body)), caption)


# --- Examples -----------------------------------------------------------------------------


def confused_images(model: Model, found: Judgement) -> Picture | None:
    """Draw the images that were taken for another class, the surest mistake first."""
    shape = model.spec.description.picture
    if isinstance(found.X, Arrays):
        return None
    if shape is None and found.X.ndim == 4 and found.X.shape[1] in (1, 3):
        shape = found.X.shape[1:]
    worst = found.worst[:_SHOWN]
    if shape is None or not found.is_classification or not len(worst):
        return None
    across, size, room, gap = 4, 80, 30, 9
    body = []
    for at, number in enumerate(worst):
        x, y = (at % across) * (size + gap), (at // across) * (size + room)
        address = data_address(found.X[number].reshape(shape))
        body.append(
            f'<image x="{x}" y="{y}" width="{size}" height="{size}" href="{escape(address)}" '
            'image-rendering="pixelated"/>'
        )
        true, taken = (_short(found.names[k[number]]) for k in (found.true, found.predicted))
        said = sentence("{true}, not {taken}", true=true, taken=taken)
        if found.probabilities is not None and len(said) * _LETTER < size - 20:
            sure = f"{found.confidence[number]:.0%}"
            said = sentence("{said} {sure}", said=said, sure=sure)
        body.append(svg.text(x, y + size + 13, said, size=10.5))
    height = -(-len(worst) // across) * (size + room)
    wrong = int((found.true != found.predicted).sum())
    which = _which(found, worst, wrong)
    caption = f"{which} “3, not 8 95%” is a 3 that was taken for an 8, with so much probability."
    return Picture("Most confused images", svg.inline("".join(body), height), caption)


def _which(found: Judgement, worst: Array, wrong: int) -> str:
    all_ = f"the {wrong:,} mistakes" if wrong > 1 else "the one mistake"
    if len(worst) == wrong:
        return f"{all_[:1].upper()}{all_[1:]} of the {found.part} part."
    by = ", those that gave the true class the least" if found.probabilities is not None else ""
    return f"{len(worst)} of {all_} of the {found.part} part{by}."


def _examples(model: Model, found: Judgement, worst: Array, important: Sequence[str]) -> Table:
    """Return the examples that were answered worst, with what a table says of them."""
    columns = _columns(model, found.X)
    columns.sort(key=lambda column: important.index(column[0]) if important else 0)
    heads = ["example"]
    if found.is_classification:
        heads += ["true", "predicted"]
        heads += ["probability"] if found.probabilities is not None else []
        note = _which(found, worst, int((found.true != found.predicted).sum()))
    else:
        several = len(found.names) > 1
        heads += ["outputs"] * several + ["true", "predicted", "error"]
        note = f"Those of the {found.part} part with the largest errors."
    rows = []
    for number in worst:
        row = [str(number + 1)]
        if found.is_classification:
            row += [found.names[found.true[number]], found.names[found.predicted[number]]]
            if found.probabilities is not None:
                row.append(f"{found.confidence[number]:.3f}")
        else:
            true, predicted = found.true[number], found.predicted[number]
            row += [", ".join(found.names)] * several
            error = np.abs(predicted - true).mean()
            row += [", ".join(map(_number, values)) for values in (true, predicted, [error])]
        rows.append((*row, *(values[number] for _, values in columns[:_MAX_COLUMNS])))
    heads += [name for name, _ in columns[:_MAX_COLUMNS]]
    note += " They are numbered within that part."
    if len(columns) > _MAX_COLUMNS:
        first = "most important" if important else "first"
        note += f" The {first} {_MAX_COLUMNS} of {len(columns)} columns."
    title = "Most confused examples" if found.is_classification else "Largest errors"
    return Table(title, tuple(heads), tuple(rows), note)


def _columns(model: Model, X: Examples) -> list[tuple[str, list[str]]]:
    """Return the columns of a table as its file has them, by their names; dates are left out.

    Of several inputs those that are one number.
    """
    if isinstance(X, Arrays):
        numbers = {name: array.reshape(len(array), -1) for name, array in X.items()}
        return [(n, [*map(_number, a[:, 0])]) for n, a in numbers.items() if a.shape[1] == 1]
    inputs = model.spec.description.inputs
    if not inputs or sum(column.width for column in inputs) != X.shape[-1]:
        return []
    statistics = model.statistics
    values = X * statistics.get("scale", 1) + statistics.get("mean", 0)
    if values.ndim == 3:  # windows: their last rows
        values = values[:, -1]
    found, places = [], inputs_of(inputs)
    for column in inputs:
        own = values[:, places[column.name][: column.encoded]]
        if column.levels:
            names = [*column.levels, *["other"] * column.has_other]
            texts = [names[int(k)] for k in own.argmax(axis=1)]
        elif column.order:
            texts = [column.order[round(place)] for place in own[:, 0].tolist()]
        elif column.date is not None:
            continue
        else:
            texts = list(map(_number, own[:, 0]))
        found.append((column.name, texts))
    return found


# --- Columns ------------------------------------------------------------------------------


def _importances(model: Model, found: Judgement) -> list[Importance]:
    """Return how much the network goes by each column of a table, where that takes no long time."""
    X = found.X
    columns = [*X] if isinstance(X, Arrays) else [*model.spec.description.inputs]
    examples = min(len(X), _ENOUGH)
    work = len(columns) * REPEATS * examples * (model.network_graph.parameter_count + 100)
    if len(columns) < 2 or work > _MAX_WORK:
        return []
    pair = (array[:examples] for array in model.data()[found.part])
    return permutation_importance(model, *pair)


def _importance_table(found: Judgement, importance: Sequence[Importance]) -> Table:
    rows = tuple((one.column, rounded(one.mean), rounded(one.deviation)) for one in importance)
    measure = importance[0].measure
    words = measure.replace("_", " ")
    change = "falls" if higher_is_better(f"test_{measure}") else "rises"
    note = (
        f"By how much the {words} of the {found.part} part gets worse where the values of a column"
        f" are shuffled: the mean and the deviation of {REPEATS} times, as scikit-learn's"
        " permutation_importance. Columns that say the same stand in for each other, and then none"
        " of them seems important."
    )
    heads = ("column", f"{words} {change} by", "±")
    return Table("What the network goes by", heads, rows[:_MAX_CLASSES], note)


def _number(value: float) -> str:
    return f"{float(value):.5g}"


def _share(value: float) -> str:
    return f"{value:.3f}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
