"""`nndsl summary`: the network and the settings of its training, with all defaults."""

import math
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from nndsl.analysis.builtin_printer import number, print_builtin, write_value
from nndsl.analysis.heads import LOSS
from nndsl.analysis.slots import slots
from nndsl.analysis.spec import Head, Spec
from nndsl.cli.arguments import WIDTH, Parser, add_shared
from nndsl.cli.color import Paint, painter
from nndsl.cli.output import checked_spec, print_text
from nndsl.cli.printable import printable
from nndsl.columns import folded, narrow_room, padded
from nndsl.data import Description
from nndsl.emit.build import build_descent, build_program
from nndsl.interchange import json_text
from nndsl.languages import in_a_row, sentence, translated
from nndsl.languages.widths import pad, width, wrap
from nndsl.program.descent import Descent
from nndsl.program.program import Program
from nndsl.report.network import examples, layer_rows, part_counts, sizes
from nndsl.vocabulary.loss import Loss
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train

DESCRIPTION = """\
Show layers, shapes, parameters, initializers and sizes of a network, and the
settings of its training with all defaults. Nothing is run."""
EXAMPLE = """\
  nndsl summary digits.nn
  nndsl summary digits.nn --set width=200 --format json"""


_MIN_LABEL = 20  # columns for a layer
_MIN_INIT = 12  # columns for its initializer


def add_arguments(parser: Parser) -> None:
    add_shared(parser, "spec", "--set", "--words", "--format")


def run(arguments: Namespace) -> int:
    _, checked = checked_spec(arguments, brief=True)
    paint = painter(sys.stdout)
    descent = build_descent(checked)
    if arguments.format == "json":
        found = _descent_document(descent) if descent else build_program(checked)
        print_text(json_text(_document(found) if isinstance(found, Program) else found))
        return 0
    if descent is not None:
        print("\n".join(_descent(descent, paint)))
        return 0
    program = build_program(checked)
    parts = [_data(program), _network(program, paint), _sizes(program), _training(program, paint)]
    print("\n\n".join(text for part in parts if (text := "\n".join(part))))
    return 0


def _descent_document(descent: Descent) -> dict[str, Any]:
    minimizing = descent.minimizing
    return {
        "model": descent.spec.name,
        "equations": list(descent.equations),
        "start": dict(minimizing.start),
        "optimizer": print_builtin(minimizing.optimizer),
        "steps": minimizing.steps,
    }


def _document(program: Program) -> dict[str, Any]:
    """Return what a program is told of a network: what the text says, by name."""
    spec, names = program.spec, program.value_names
    train = spec.train
    return {
        "model": spec.name,
        "data": print_builtin(spec.data) if spec.data else None,
        "parts": part_counts(spec),
        "inputs": {names[x]: list(x.shape) for x in program.graph.inputs.values()},
        "layers": [
            {
                "layer": print_builtin(node.layer, defaults=False),
                "line": node.origin.span.line,
                "name": names[node.output],
                "output": list(node.output.shape),
                "parameters": {
                    program.array_of(node, role)[0]: list(parameter.shape)
                    for role, parameter in node.parameters.items()
                },
                "shared": [
                    {
                        "name": program.array_of(owner, role)[0],
                        "transposed": own in node.transposed,
                    }
                    for own, (owner, role) in node.shared.items()
                ],
            }
            for node in program.graph.nodes
        ],
        "parameters": program.graph.parameter_count,
        "forward_flops": program.graph.forward_flops,
        "losses": {head.name: _loss(head) for head in spec.heads},
        "train": _settings(train) if train else None,
    }


def _settings(train: Train) -> dict[str, Any]:
    """Return the settings of training, defaults too, each as in a spec."""
    own = slots(type(train))
    values = ((name, getattr(train, name)) for name in type(train).model_fields)
    return {name: write_value(value, own[name]) for name, value in values if value is not None}


def _descent(descent: Descent, paint: Paint) -> Iterator[str]:
    minimizing = descent.minimizing
    yield _title(descent.spec)
    yield from (f"  {equation}" for equation in descent.equations)
    yield ""
    yield paint("minimize", "title")
    start = ", ".join(f"{name}={number(value)}" for name, value in minimizing.start.items())
    settings = {
        "start": start,
        "optimizer": print_builtin(minimizing.optimizer),
        "steps": str(minimizing.steps),
    }
    for name, text in settings.items():
        yield from _entry(name, text, max(map(len, settings)))


def _data(program: Program) -> Iterator[str]:
    spec, described = program.spec, program.spec.description
    yield _title(spec)
    if spec.data is None:
        return
    yield from _entry("data", print_builtin(spec.data), 4)
    named = [
        sentence(
            "{output}: {learnt}", output=h.name, learnt=_learnt(spec.description_of(h), h.loss)
        )
        for h in spec.compared
        if h.name
    ]
    loss = spec.train.loss if spec.train else None
    learnt = in_a_row(*named) if named else _learnt(described, loss)
    unknown = "the number of examples is not known before the data is read"
    parts = examples(spec) or sentence(unknown)
    texts = f"texts as columns of 0 and 1, {described.encoding}" if described.encoding else ""
    whole = sentence("{parts}; {learnt}", parts=parts, learnt=learnt)
    for text in filter(None, (whole, texts, described.filling_in, described.leaving_out)):
        yield from _entry("", translated(text), 4)


def _learnt(described: Description, loss: Loss | None) -> str:
    if described.classes:
        return sentence("{count} classes", count=described.classes)
    if loss is not None and loss.targets == "classes":
        return sentence("classes")  # too many examples to count them
    is_probability = loss is not None and loss.applies and loss.between == (0.0, 1.0)
    return sentence(
        "probabilities to predict, from 0 to 1" if is_probability else "numbers to predict"
    )


def _network(program: Program, paint: Paint) -> Iterator[str]:
    head, rows = layer_rows(program)
    columns = head
    head = tuple(map(translated, head))
    rows = [(row[0], translated(row[1]), *row[2:-1], translated(row[-1])) for row in rows]
    whole = max(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    others = [(row[0], *row[2:]) for row in (head, *rows)]
    room = whole - 2 - max(width("  ".join(cells)) for cells in padded(others, (), width))
    rows = [
        head,
        *((row[0], _shortened(printable(row[1]), max(_MIN_LABEL, room)), *row[2:]) for row in rows),
    ]
    right = [number for number, name in enumerate(columns) if name in ("#", "sees", "params")]
    if narrow_room():
        first, *lines = folded(rows, right, width)
        yield from (paint(first, "title"), *lines)
        return
    for row, cells in zip(rows, padded([row[:-1] for row in rows], right, width), strict=True):
        before = "  ".join(cells)
        room = max(_MIN_INIT, whole - width(before) - 2)
        for line in wrap(row[-1], room) or [""]:
            text = f"{before}  {line}".rstrip()
            yield paint(text, "title") if row is head else text
            before = " " * width(before)


def _shortened(label: str, room: int) -> str:
    return label if len(label) <= room else f"{label[: room - 1]}…"


def _sizes(program: Program) -> Iterator[str]:
    found = [(translated(name), translated(text)) for name, text in sizes(program)]
    for name, text in found:
        yield from _entry(name, text, max(11, *(width(label) for label, _ in found)))


def _training(program: Program, paint: Paint) -> Iterator[str]:
    train = program.spec.train
    if train is None:
        return
    yield paint("train", "title") + "  " + translated("(· is a default)")
    own = slots(type(train))
    losses = {f"loss {head.name}".strip(): _loss(head) for head in program.spec.heads}
    longest = max(map(len, (*own, *losses)))
    chosen = {"metrics": list(program.training.metrics) if program.training else []}
    if train.steps is None:
        chosen["epochs"] = [translated(_epochs(program.spec, train))]
    for name, field in type(train).model_fields.items():
        value = getattr(train, name)
        given = name in train.model_fields_set
        left_out = translated("- ({said})", said=translated(field.description or ""))
        text = write_value(value, own[name]) if value is not None else left_out
        text = ", ".join(chosen.get(name, [])) or text
        for entry, said in losses.items() if name == LOSS else [(name, text)]:
            yield from _entry(entry, said, longest, mark=" " if given else "·")


def _loss(head: Head) -> str:
    """Return the loss of an output, times what it counts among several."""
    return f"{number(head.weight)} * ".removeprefix("1 * ") + print_builtin(head.loss)


def _epochs(spec: Spec, train: Train) -> str:
    examples = spec.training_examples
    if examples is None:
        return str(train.epochs or DEFAULT_EPOCHS)
    count = math.ceil(examples / train.batch)
    epochs = train.epochs or DEFAULT_EPOCHS
    return f"{epochs}, of {count:,} steps: {count * epochs:,} in all"


def _title(spec: Spec) -> str:
    title = sentence("{name}, from {file}", name=spec.name, file=spec.source.name)
    return printable(translated(title))


def _entry(name: str, text: str, columns: int, mark: str = "") -> Iterator[str]:
    before = f"{mark or ' '} {pad(name, columns)}  "
    for line in wrap(printable(text), WIDTH - width(before)):
        yield before + line
        before = " " * width(before)
