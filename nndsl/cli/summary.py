"""`nndsl summary`: what the network is, and how it is trained, with every default."""

from __future__ import annotations

import math
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator

from nndsl.analysis.compile import analyse
from nndsl.analysis.graph import Node, size
from nndsl.analysis.sizes import forward_flops
from nndsl.analysis.slots import slots
from nndsl.analysis.spec import Spec
from nndsl.analysis.targets import training_examples
from nndsl.analysis.writing import write_value, write_word
from nndsl.cli.arguments import WIDTH, Parser, add_spec, read_spec
from nndsl.cli.color import Paint, painter
from nndsl.cli.naming import value_names
from nndsl.cli.output import report_findings
from nndsl.cli.rendering import many
from nndsl.diagnostics import Findings
from nndsl.emit.build import build_program
from nndsl.program.program import Program
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.sections.train import DEFAULT_EPOCHS, Train
from nndsl.vocabulary.word import show_shape

DESCRIPTION = """\
Show layers, shapes, parameters, initializers and sizes of a network, and the
settings of its training with all defaults. Nothing is run."""
EXAMPLE = """\
  nndsl summary digits.nn
  nndsl summary digits.nn --set width=200"""


_LABEL = 20  # columns for a layer


def add_arguments(parser: Parser) -> None:
    add_spec(parser)


def run(arguments: Namespace) -> int:
    source = read_spec(arguments.spec)
    findings = Findings()
    checked = analyse(source, findings, dict(arguments.set))
    report_findings(findings, source)
    program = build_program(checked, findings)
    paint = painter(sys.stdout)
    parts = [_data(program), _network(program, paint), _sizes(program), _training(program, paint)]
    print("\n\n".join(text for part in parts if (text := "\n".join(part))))
    return 0


def _data(program: Program) -> Iterator[str]:
    spec, described = program.spec, program.spec.description
    yield f"{spec.name}, from {spec.source.name}"
    if spec.data is None:
        return
    yield from _entry("data", write_word(spec.data), 4)
    learnt = f"{described.classes} classes" if described.classes else "numbers to predict"
    yield from _entry("", f"{_parts(spec)}; {learnt}", 4)


def _parts(spec: Spec) -> str:
    training, described = training_examples(spec), spec.description
    if spec.data is None or training is None or described.examples is None:
        return "the number of examples is not known before the data is read"
    sizes = {"training": training}
    for part in ("validation", "test"):
        given = getattr(spec.data, part)
        if not isinstance(given, int | float):  # a test part that is named, and not counted
            given = 0
        sizes[part] = given if isinstance(given, int) else round(given * described.examples)
    sizes["test"] = described.test_examples or sizes["test"]
    named = [f"{count:,} {part}" for part, count in sizes.items() if count]
    return f"{', '.join(named)} examples"


def _network(program: Program, paint: Paint) -> Iterator[str]:
    graph = program.graph
    names = value_names(program)
    x = names[id(graph.input)]
    rows = [("", "(the input)", x, show_shape(graph.input.shape), "", "")]
    if names[id(graph.nodes[0].output)] == x:  # a layer that says so itself
        rows.clear()
    number, previous = 0, graph.input
    for node in graph.nodes:
        weighted = any(parameter.is_weight for parameter in node.parameters.values())
        number += weighted
        count = sum(size(parameter.shape) for parameter in node.parameters.values())
        note = _initializers(node)
        if node.inputs != (previous,):
            reads = f"reads {', '.join(names[id(value)] for value in node.inputs)}"
            note = f"{note}; {reads}" if note else reads
        previous = node.output
        label = write_word(node.layer, defaults=False)
        rows.append(
            (
                str(number) if weighted else "",
                label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…",
                names[id(node.output)],
                show_shape(node.output.shape),
                f"{count:,}" if count else "",
                note,
            )
        )
    head = ("#", "layer", "name", "output", "params", "begins with")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(5)]
    for row in [head, *rows]:
        cells = [
            text.rjust(width) if column in (0, 4) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=False))
        ]
        before = "  ".join(cells)
        room = max(20, WIDTH - len(before) - 2)
        for line in textwrap.wrap(row[5], room) or [""]:
            text = f"{before}  {line}".rstrip()
            yield paint(text, "title") if row is head else text
            before = " " * len(before)


def _initializers(node: Node) -> str:
    """Return how the weights of a node begin and why; without weights, how its parameters do."""
    if node.chosen:
        return node.chosen.replace(", since", ":")
    weights = {name: p for name, p in node.parameters.items() if p.is_weight}
    shown = []
    for name, parameter in (weights or node.parameters).items():
        assert isinstance(parameter.init, Initializer)
        how = write_word(parameter.init, defaults=False)
        shown.append(f"{how}, as given" if weights else f"{name} {how}")
    return ", ".join(shown)


def _sizes(program: Program) -> Iterator[str]:
    graph, train = program.graph, program.spec.train
    count = graph.parameter_count
    layers = sum(any(p.is_weight for p in node.parameters.values()) for node in graph.nodes)
    numbers = 8 if program.dtype.endswith("64") else 4
    yield from _entry("layers", f"{layers} with weights (#)", 10)
    yield from _entry("parameters", f"{count:,} ({_bytes(count * numbers)})", 10)
    if train is not None:
        states = len(train.optimizer.state)
        said = f"{_bytes(count * numbers * (2 + states))} with the gradients"
        said += f" and {many(states, 'state')} of {train.optimizer.word()}" if states else ""
        yield from _entry("training", said, 10)
    flops = f"{forward_flops(graph):,} FLOP an example (a product and a sum for each weight)"
    yield from _entry("forward", flops, 10)


def _training(program: Program, paint: Paint) -> Iterator[str]:
    train = program.spec.train
    if train is None:
        return
    yield paint("train", "title") + "  (· is a default)"
    own = slots(type(train))
    width = max(map(len, own))
    chosen = {"metrics": list(program.training.metrics) if program.training else []}
    if train.steps is None:
        chosen["epochs"] = [f"{train.epochs or DEFAULT_EPOCHS}{_steps(program.spec, train)}"]
    for name, field in type(train).model_fields.items():
        value = getattr(train, name)
        given = name in train.model_fields_set
        text = write_value(value, own[name]) if value is not None else f"- ({field.description})"
        text = ", ".join(chosen.get(name, [])) or text
        yield from _entry(name, text, width, mark=" " if given else "·")


def _steps(spec: Spec, train: Train) -> str:
    examples = training_examples(spec)
    if examples is None:
        return ""
    count = math.ceil(examples / train.batch)
    return f", of {count:,} steps: {count * (train.epochs or DEFAULT_EPOCHS):,} in all"


def _entry(name: str, text: str, width: int, mark: str = "") -> list[str]:
    head = f"{mark or ' '} {name:<{width}}  "
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _bytes(count: float) -> str:
    units = ["bytes", "kB", "MB", "GB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        del units[0]
    return f"{count:.3g} {units[0]}"
