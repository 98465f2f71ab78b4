"""The names of what is measured: a part of the data, and what is measured on it."""

import math
from collections.abc import Iterable, Mapping, Sequence

from nndsl.analysis.spec import Head, Spec, names_outputs
from nndsl.analysis.suggest import did_you_mean, typo_fix
from nndsl.diagnostics import Diagnostics, Label
from nndsl.record import record
from nndsl.source import Origin, Span
from nndsl.vocabulary import registry
from nndsl.vocabulary.metric import HIGHER, Metric

CHOOSING = ("training", "validation")  # a choice may look at these; the test part is for the end
PARTS = (*CHOOSING, "test")


@record
class MetricName:
    """What a name like `validation_accuracy` means; without a metric it is the data loss."""

    part: str
    metric: type[Metric] | None = None


def metric_names(parts: Sequence[str] = PARTS) -> list[str]:
    """Return every name there is: `training_loss`, `validation_accuracy` …"""
    return [f"{part}_{what}" for part in parts for what in ("loss", *registry.names(Metric.kind))]


def find_metric(
    name: str,
    parts: Sequence[str] = PARTS,
    own: Mapping[str, type[Metric]] | None = None,
    heads: Sequence[str] = (),
) -> MetricName | None:
    """Return what a name means, or None where it is none.

    `own` are metrics of the page, and `heads` the names of its outputs, if there are several.
    """
    part, _, what = name.partition("_")
    if part not in parts or not what:
        return None
    if what == "loss" or what in (f"{head}_loss" for head in heads):
        return MetricName(part)
    for head in ("", *heads):
        word = what.removeprefix(f"{head}_") if head else what
        metric = (own or {}).get(word) or registry.lookup(Metric, word)
        if metric is not None:
            return MetricName(part, metric)
    return None


def higher_is_better(column: str) -> bool:
    """Is a larger value of a reported number (`validation_accuracy`) the better one?"""
    _, _, what = column.partition("_")  # of any part, or of another file
    words = what.split("_")  # in front may stand the name of an output
    names = (f"test_{'_'.join(words[at:])}" for at in range(len(words)))
    found = next(filter(None, map(find_metric, names)), None)
    if found is None:  # it is one of the page
        return column.endswith(HIGHER)
    return found.metric is not None and found.metric.higher_is_better


def best_baseline(
    baselines: Iterable[tuple[str, Mapping[str, float]]], column: str
) -> tuple[str, float] | None:
    """Return the best answer without a network by a reported number, and that number.

    `baselines` are such answers, and what each reaches; None where none reaches any. The loss that
    an epoch reports is that of the training part.
    """
    name = "training_loss" if column == "loss" else column
    known = [
        (answer, results[name])
        for answer, results in baselines
        if math.isfinite(results.get(name, math.nan))
    ]
    choose = max if higher_is_better(name) else min
    return choose(known, key=lambda one: one[1]) if known else None


def share_interval(share: float, examples: int) -> tuple[float, float]:
    """Return between which shares of very many examples one of a few lies (95 %, Wilson 1927)."""
    n, z = examples, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return middle - half, middle + half


def head_metrics(head: Head, spec: Spec) -> tuple[Metric, ...]:
    """Return what is reported of an output beside its loss."""
    if head.metrics is not None:
        return head.metrics
    if spec.description_of(head).classes is None and head.loss.targets == "values":
        return ()
    return (registry.get(Metric, Metric.for_classes)(),)


def reported_names(spec: Spec) -> tuple[str, ...]:
    """Return what `evaluate` returns after the loss, by name: `accuracy`, `digit_accuracy` …"""
    found = []
    for head in spec.heads:
        names = [metric.keyword() for metric in head_metrics(head, spec)]
        names = names or ["loss"] * bool(head.name)  # what an output has no other number of
        found += [f"{head.name}_{name}" if head.name else name for name in names]
    return tuple(found)


def check_metric_name(
    name: str,
    spec: Spec,
    where: Span | Origin,
    diagnostics: Diagnostics,
    parts: Sequence[str] = CHOOSING,
) -> None:
    """Report a name that means nothing, or nothing in this spec.

    `parts` are those that may be looked at. Without data only the name is checked.
    """
    heads = [head.name for head in spec.named_heads]
    used = {metric.keyword(): metric for head in spec.heads for metric in head.metrics or ()}
    own = {word: type(metric) for word, metric in used.items()}
    measured = find_metric(name, parts, own, heads)
    if measured is None:
        if spec.train is None and names_outputs(spec.tree):
            return  # the losses are wrong, and that is said
        if find_metric(name, own=own):
            help = "the test part is touched once, at the end; choose by the validation part"
        elif find_metric(f"{parts[0]}_{name}"):
            help = f"say of which part: {' or '.join(f'{part}_{name}' for part in parts)}"
        else:
            help = did_you_mean(name, metric_names(parts)) or ""
        span = where.span if isinstance(where, Origin) else where
        fixes = typo_fix(span, name, metric_names(parts))
        diagnostics.report("NN308", f"unknown metric `{name}`", where, help=help, fixes=fixes)
        return
    if spec.data is None:
        return
    data = Label(spec.origins["data"].span, "the data")
    held_back = {
        "training": True,
        "validation": spec.data.holds_validation,
        "test": bool(spec.data.test) or spec.data.has_own_test,
    }
    if not held_back[measured.part]:
        diagnostics.report(
            "NN309",
            f"`{name}` needs a {measured.part} part, and the data holds none back",
            where,
            data,
            help=f"give the data {measured.part}=0.1",
        )
    metric = measured.metric and used.get(measured.metric.keyword(), measured.metric)
    if metric and metric.needs_classes and spec.description.outputs is not None:
        wrong = f"`{name}` needs classes, and the targets of the data are numbers"
        diagnostics.report("NN306", wrong, where, data)
