"""`nndsl predict`: the predictions of a trained network for new examples."""

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nndsl.cli.arguments import Parser, add_shared
from nndsl.cli.errors import CommandError
from nndsl.cli.output import check_output_path, print_text, say, write
from nndsl.cli.rendering import plural
from nndsl.cli.trained import add_weights_arguments, spec_and_weights_of, warn_of_doubts
from nndsl.data import DataError
from nndsl.interchange import csv_text, json_text
from nndsl.live.answering import Answers
from nndsl.live.errors import ModelError
from nndsl.live.prediction import TrainedModel, load_trained

DESCRIPTION = """\
Predict for new examples, prepared as in training: classes, or values."""
EXAMPLE = """\
  nndsl predict runs/iris-1 --input new.csv
  nndsl predict iris.nn --weights train.weights.npz --input new.csv"""


FORMATS = ("csv", "json")


def add_arguments(parser: Parser) -> None:
    add_weights_arguments(parser)
    parser.add_argument(
        "--input",
        metavar="FILE",
        required=True,
        help="examples: .csv, .npz, .npy, .png or a folder of these; - reads a table from stdin",
    )
    parser.add_argument("--array", metavar="NAME", help="the array of an .npz file")
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="where to; left out, stdout"
    )
    add_shared(parser, "--format", choices=FORMATS, default=FORMATS[0], help=", ".join(FORMATS))


def run(arguments: Namespace) -> int:
    if arguments.spec == arguments.input == "-":
        raise CommandError("stdin holds the spec or the examples, not both", "name one as a file")
    source, file = spec_and_weights_of(arguments)
    to_stdout, output = arguments.output == "-", Path(arguments.output)
    trained = load_trained(source, dict(arguments.set), file)
    if not to_stdout:
        check_output_path(output, source, trained.model.spec)
        for other in (arguments.input, file.path):
            if output.exists() and Path(other).exists() and output.samefile(other):
                raise CommandError(f"{output} is what is read", "name another file after -o")
    every = _answers(trained, arguments)
    answers = next(iter(every.values()))
    warn_of_doubts(trained)
    if answers.unused:
        listed = ", ".join(f"`{name}`" for name in answers.unused[:10])
        say(f"not used: {listed}{' and others' * (len(answers.unused) > 10)}")
    if answers.lacking:
        count, rows = plural(len(answers.lacking), "row"), _numbers(answers.lacking)
        why = trained.data.why_lacking if trained.data else "an input is missing"
        say(f"{count} without a prediction, since {why}: {rows}")
    scale = trained.data.input_scale if trained.data else 1
    if scale != 1:
        say(f"the inputs were multiplied by {scale:g}, as the spec's data says")
    text = _together(every, arguments.format)
    if to_stdout:
        print_text(text)
    else:
        write(output, text)
        say(f"wrote {output} ({plural(len(answers) - len(answers.lacking), 'example')})")
    return 0


def _together(every: Mapping[str, Answers], kind: str) -> str:
    """Return a text with the answers of all outputs; of several, each stands under its name."""
    if len(every) == 1:
        (answers,) = every.values()
        return json_text(_json(answers)) if kind == "json" else csv_text(*_csv(answers))
    if kind == "json":
        rows = zip(*map(_json, every.values()), strict=True)
        return json_text([_under_names(every, row) for row in rows])
    heads, tables = zip(*map(_csv, every.values()), strict=True)
    parts = zip(every, heads, strict=True)
    head = [heads[0][0], *(_under(name, column) for name, (_, *own) in parts for column in own)]
    lines = zip(*tables, strict=True)
    return csv_text(head, [[row[0][0], *(v for _, *own in row for v in own)] for row in lines])


def _under(output: str, column: str) -> str:
    return column if column == output else f"{output}_{column}"


def _under_names(names: Iterable[str], answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what several outputs say of one example, behind its row or file."""
    key = next(iter(answers[0]))
    own = ({k: v for k, v in answer.items() if k != key} for answer in answers)
    return {key: answers[0][key], **dict(zip(names, own, strict=True))}


def _answers(trained: TrainedModel, arguments: Namespace) -> dict[str, Answers]:
    if arguments.input != "-":
        return trained.answers(Path(arguments.input), arguments.array)
    with TemporaryDirectory() as folder:
        path = Path(folder, "stdin.csv")
        path.write_bytes(sys.stdin.buffer.read())
        try:
            return trained.answers(path, arguments.array)
        except (DataError, ModelError) as error:  # that file is nobody's
            raise type(error)(error.message.replace(str(path), "stdin"), error.help) from None


def _csv(answers: Answers) -> tuple[list[str], list[list[Any]]]:
    key = "file" if answers.files else "row"
    head = [key, *answers.names]
    if answers.classes is not None:
        kind = "probability" if answers.are_probabilities else "score"
        head = [key, "class", *(f"{kind}_{name}" for name in answers.names)]
    rows: list[list[Any]] = [
        [row, *([] if label is None else [label]), *map(str, scores)]
        for row, label, scores in _rows(answers)
    ]
    rows += [[row, *[""] * (len(head) - 1)] for row in answers.lacking]
    if answers.lacking:
        rows.sort(key=itemgetter(0))
    return head, rows


def _json(answers: Answers) -> list[dict[str, Any]]:
    kind = "probabilities" if answers.are_probabilities else "scores"
    found: list[dict[str, Any]] = []
    for row, label, scores in _rows(answers):
        numbers = [float(str(score)) for score in scores]  # the shortest digits of a float32
        named = dict(zip(answers.names, numbers, strict=True))
        answer: dict[str, Any] = {"values": named}
        if label is not None:
            answer = {"class": label, kind: named}
        found.append({"file" if answers.files else "row": row, **answer})
    what = "values" if answers.classes is None else "class"
    found += [{"row": row, what: None} for row in answers.lacking]
    if answers.lacking:
        found.sort(key=itemgetter("row"))
    return found


def _numbers(rows: Sequence[int]) -> str:
    """Return the numbers of the first rows."""
    return ", ".join(map(str, rows[:10])) + ", …" * (len(rows) > 10)


def _rows(answers: Answers) -> Iterator[tuple[int | str, str | None, Any]]:
    """Yield the row of each answer, or its file, its class if it has one, and its scores."""
    labels, lacking = answers.labels or [None] * len(answers), set(answers.lacking)
    for row, (label, scores) in enumerate(zip(labels, answers.scores, strict=True), 1):
        if row not in lacking:
            yield answers.files[row - 1] if answers.files else row, label, scores
