"""`nndsl predict`: the predictions of a trained network for new examples."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from nndsl.cli.arguments import Parser, read_spec
from nndsl.cli.errors import CommandError
from nndsl.cli.output import check_output_path, print_text, say, write
from nndsl.cli.rendering import plural
from nndsl.cli.trained import add_weights_arguments, warn_of_doubts, weights_of
from nndsl.interchange import csv_text, json_text
from nndsl.live.answering import Answers
from nndsl.live.prediction import load_trained
from nndsl.live.weights import weights_path

DESCRIPTION = """\
Predict for new examples: classes with their probabilities, or values. Columns
are found by name, and inputs are prepared as in training (scale, categories)."""
EXAMPLE = """\
  nndsl predict iris.nn --weights runs/iris-1 --input new.csv"""


FORMATS = ("csv", "json")


def add_arguments(parser: Parser) -> None:
    add_weights_arguments(parser)
    parser.add_argument(
        "--input", metavar="FILE", required=True, help="examples: .csv, .npz or .npy"
    )
    parser.add_argument("--array", metavar="NAME", help="the array of an .npz file")
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="where to; left out, stdout"
    )
    parser.add_argument(
        "--format", metavar="KIND", choices=FORMATS, default=FORMATS[0], help=" or ".join(FORMATS)
    )


def run(arguments: Namespace) -> int:
    source, path = read_spec(arguments.spec, arguments.words), Path(arguments.input)
    to_stdout, output = arguments.output == "-", Path(arguments.output)
    if not to_stdout:
        check_output_path(output, source)
        for other in (arguments.input, weights_path(arguments.weights)):
            if output.exists() and Path(other).exists() and output.samefile(other):
                raise CommandError(f"{output} is what is read", "name another file after -o")
    trained = load_trained(source, dict(arguments.set), weights_of(arguments))
    answers = trained.answer(path, arguments.array)
    warn_of_doubts(trained)
    if answers.unused:
        listed = ", ".join(f"`{name}`" for name in answers.unused[:10])
        say(f"not used: {listed}{' and others' * (len(answers.unused) > 10)}")
    if answers.lacking:
        count, rows = plural(len(answers.lacking), "row"), _numbers(answers.lacking)
        say(f"{count} without a prediction, since an input is missing: {rows}")
    scale = trained.data.input_scale if trained.data else 1
    if scale != 1:
        say(f"the inputs were multiplied by {scale:g}, as the spec's data says")
    text = _json(answers) if arguments.format == "json" else _csv(answers)
    if to_stdout:
        print_text(text)
    else:
        write(output, text)
        say(f"wrote {output} ({plural(len(answers) - len(answers.lacking), 'example')})")
    return 0


def _csv(answers: Answers) -> str:
    head = ["row", *answers.names]
    if answers.classes is not None:
        kind = "probability" if answers.are_probabilities else "score"
        head = ["row", "class", *(f"{kind}_{name}" for name in answers.names)]
    rows: list[list[Any]] = [
        [row, *([] if label is None else [label]), *map(str, scores)]
        for row, label, scores in _rows(answers)
    ]
    rows += [[row, *[""] * (len(head) - 1)] for row in answers.lacking]
    rows.sort(key=itemgetter(0))
    return csv_text(head, rows)


def _json(answers: Answers) -> str:
    kind = "probabilities" if answers.are_probabilities else "scores"
    found: list[dict[str, Any]] = []
    for row, label, scores in _rows(answers):
        numbers = [float(str(score)) for score in scores]  # the shortest digits of a float32
        named = dict(zip(answers.names, numbers, strict=True))
        answer: dict[str, Any] = {"values": named}
        if label is not None:
            answer = {"class": label, kind: named}
        found.append({"row": row, **answer})
    what = "values" if answers.classes is None else "class"
    found += [{"row": row, what: None} for row in answers.lacking]
    found.sort(key=itemgetter("row"))
    return json_text(found)


def _numbers(rows: Sequence[int]) -> str:
    """Return the numbers of the first rows."""
    return ", ".join(map(str, rows[:10])) + ", …" * (len(rows) > 10)


def _rows(answers: Answers) -> Iterator[tuple[int, str | None, Any]]:
    """Yield the row of each answer, the name of its class if it has one, and its scores."""
    labels, lacking = answers.labels or [None] * len(answers), set(answers.lacking)
    for row, (label, scores) in enumerate(zip(labels, answers.scores, strict=True), 1):
        if row not in lacking:
            yield row, label, scores
