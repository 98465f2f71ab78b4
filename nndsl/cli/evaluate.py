"""`nndsl evaluate`: how well saved weights do on a part of the spec's data."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nndsl.analysis.metrics import best_baseline, higher_is_better
from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.output import print_text, say, warn
from nndsl.cli.printable import display_width, printable
from nndsl.cli.progress import fetch_data
from nndsl.cli.rendering import plural
from nndsl.cli.trained import add_weights_arguments, spec_and_weights_of, warn_of_doubts
from nndsl.columns import folded
from nndsl.interchange import json_text
from nndsl.languages import sentence, translated
from nndsl.live.baseline import measure_baselines
from nndsl.live.importance import Importance, doubt_of_one, permutation_importance
from nndsl.live.judgement import class_scores, count_trained_on
from nndsl.live.network import Pair
from nndsl.live.prediction import load_trained, load_with_data
from nndsl.vocabulary.partition import PARTS

DESCRIPTION = """\
Print loss and metrics of saved weights on a part of the spec's data, split as
in training (the test part, or else validation), or on another table."""
EXAMPLE = """\
  nndsl evaluate runs/digits-1
  nndsl evaluate digits.nn --weights train.weights.npz --part validation"""

_MAX_TABLE = 20  # classes: the table of more does not fit on a screen
_MAX_PAIRS = 20
SCORES = ("precision", "recall", "f1")


def add_arguments(parser: Parser) -> None:
    add_weights_arguments(parser)
    parser.add_argument("--part", metavar="PART", choices=PARTS, help=", ".join(PARTS))
    parser.add_argument("--input", metavar="FILE", help="another table, with its targets")
    parser.add_argument(
        "--confusion", action="store_true", help="how often each class was taken for another; F1 …"
    )
    parser.add_argument(
        "--importance",
        action="store_true",
        help="how much worse it gets where a column of a table is shuffled",
    )
    add_shared(parser, "--format")


def run(arguments: Namespace) -> int:
    if arguments.part and arguments.input:
        raise CommandError("--part is of the spec's data, and --input is other data", "name one")
    source, file = spec_and_weights_of(arguments)
    if arguments.input:
        trained = load_trained(source, dict(arguments.set), file, prefers_data=True)
    else:
        trained = load_with_data(source, dict(arguments.set), file)
    model = trained.model
    if trained.data is None:
        raise CommandError("there is nothing to evaluate on: the spec has no `data`", code=1)
    parts: Mapping[str, Pair] = {}
    if model.spec.data is not None:
        fetch_data(model.spec)
        parts = model.data()
    if arguments.input:
        part, where = "given", arguments.input
        pair, lacking = trained.labelled(Path(arguments.input))
        if lacking:
            say(f"{plural(len(lacking), 'row')} left out, since {trained.data.why_unlabelled}")
        parts = {**parts, part: pair}
    else:
        part = arguments.part or model.script.parts[-1]
        where = f"the {part} part"
        pair = trained.part(part)
    X, t, *_ = pair
    is_other = arguments.input and "training" in parts
    trained_on = count_trained_on(pair, parts["training"]) if is_other else None
    results = model.evaluate(*pair)
    counts: dict[str, Any] = {}
    scores: dict[str, Any] = {}
    if arguments.confusion:
        counts = {of: c.astype(int).tolist() for of, c in trained.confusion(X, t).items()}
        scores = {of: class_scores(c) for of, c in trained.confusion(*pair).items()}
    known_baselines = {
        one.answer: one.results
        for one in (measure_baselines(model, parts) if "training" in parts else ())
        if one.results
    }
    known = permutation_importance(model, *pair) if arguments.importance else None
    warn_of_doubts(trained)
    if trained_on:
        warn(
            f"the network was trained on {trained_on} of the {len(X)} rows: what is measured on "
            "them says little of new ones"
        )
    if arguments.format == "json":
        of = {"file": arguments.input} if arguments.input else {"part": part}
        found: dict[str, Any] = {**of, "examples": len(X), **results}
        if trained_on is not None:
            found["trained_on"] = trained_on
        found["baselines"] = known_baselines
        confused: dict[str, Any] = {}
        for output, of in counts.items():
            one = {"classes": list(trained.outputs[output].names), "counts": of}
            confused[output] = one | dict(zip(SCORES, scores[output].T.tolist(), strict=True))
        if counts:
            found["confusion"] = confused.get("", confused)
        if known is not None:
            shown = {one.column: {"mean": one.mean, "deviation": one.deviation} for one in known}
            found["importance"] = {"measure": known[0].measure, "columns": shown}
        print_text(json_text(found))
        return 0
    say(f"on {where}, {plural(len(X), 'example')}")
    said = "" if arguments.input else f"{part} "
    print("   ".join(f"{translated(_of(said, name))} {v:.4f}" for name, v in results.items()))
    *_, name = list(results)[:2]  # the first metric, or the loss without one
    if (baseline := best_baseline(known_baselines.items(), f"{part}_{name}")) is not None:
        answer, number = baseline
        say(f"without a network, by {answer}: {name.replace('_', ' ')} {number:.4f}")
    for output, of in counts.items():
        names = [printable(name) for name in trained.outputs[output].names]
        head = ["", f"{output}:"] if output else [""]
        table, measured = _confusion(of, names), _scores(scores[output], names)
        print("\n".join([*head, *table, "", *measured]))
    if known is not None:
        print("\n".join(["", *_importances(known, part)]))
        if doubt := doubt_of_one(model, known, results):
            say(printable(doubt))
    return 0


def _of(part: str, measure: str) -> str:
    """Return what is measured, on a part of the data: `test accuracy`."""
    measure = sentence(measure.replace("_", " "))
    return sentence(f"{part}{{measure}}", measure=measure) if part else measure


def _importances(known: Sequence[Importance], part: str) -> Iterator[str]:
    measure = known[0].measure
    change = "falls" if higher_is_better(f"{part}_{measure}") else "rises"
    measure = measure.replace("_", " ")
    yield translated(f"the {measure} {change} where a column is shuffled, by")
    names = [printable(one.column) for one in known]
    width = max(map(display_width, names))
    for name, one in zip(names, known, strict=True):
        blank = " " * (width - display_width(name))
        yield f"  {name}{blank}  {one.mean:7.4f} ± {one.deviation:.4f}"


def _scores(scores: Any, names: Sequence[str]) -> Iterator[str]:
    """Yield a table of precision, recall and F1 of each class, or of those with the smallest F1."""
    order = range(len(names))
    heads = ["", *map(translated, SCORES)]
    if len(names) > _MAX_TABLE:
        yield translated("the classes with the smallest F1:")
        order = scores[:, 2].argsort(kind="stable")[:_MAX_TABLE]
    rows = [[names[k], *(f"{score:.3f}" for score in scores[k])] for k in order]
    yield from folded([heads, *rows], range(len(SCORES) + 1), display_width)


def _confusion(counts: Sequence[Sequence[int]], names: Sequence[str]) -> Iterator[str]:
    if len(names) > _MAX_TABLE:
        pairs = [
            (count, names[true], names[taken])
            for true, row in enumerate(counts)
            for taken, count in enumerate(row)
            if count and true != taken
        ]
        yield translated("taken for another, most often first:")
        for count, true, taken in sorted(pairs, key=lambda pair: -pair[0])[:_MAX_PAIRS]:
            taken_for = sentence("{true} for {taken}", true=true, taken=taken)
            yield f"  {count:>5}  {translated(taken_for)}"
        return
    yield translated("a row: what it is; a column: what it was taken for")
    rows = [
        [name, *(str(count or "·") for count in row)]
        for name, row in zip(names, counts, strict=True)
    ]
    yield from folded([["", *names], *rows], range(len(names) + 1), display_width)
