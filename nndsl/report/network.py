"""What a network is, layer by layer, and how large: rows of text, for a terminal and a page."""

from __future__ import annotations

from nndsl.analysis.graph import Node, size
from nndsl.analysis.sizes import forward_flops
from nndsl.analysis.spec import Spec
from nndsl.analysis.targets import training_examples
from nndsl.analysis.writing import write_word
from nndsl.program.program import Program
from nndsl.program.value_names import value_names
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.word import show_shape

Row = tuple[str, str, str, str, str, str]


def layer_rows(program: Program) -> list[Row]:
    """Return a row for each layer: number, layer, name, output's shape, parameters, how they begin.

    Layers with weights are numbered. The name is that of the output in the script.
    """
    graph = program.graph
    names = value_names(program)
    x = names[id(graph.input)]
    rows: list[Row] = [("", "(the input)", x, show_shape(graph.input.shape), "", "")]
    if names[id(graph.nodes[0].output)] == x:  # a layer that says so itself
        rows.clear()
    number, previous = 0, graph.input
    for node in graph.nodes:
        weighted = _has_weights(node)
        number += weighted
        count = sum(size(parameter.shape) for parameter in node.parameters.values())
        note = _initializers(node)
        if node.inputs != (previous,):
            reads = f"reads {', '.join(names[id(value)] for value in node.inputs)}"
            note = f"{note}; {reads}" if note else reads
        previous = node.output
        rows.append(
            (
                str(number) if weighted else "",
                write_word(node.layer, defaults=False),
                names[id(node.output)],
                show_shape(node.output.shape),
                f"{count:,}" if count else "",
                note,
            )
        )
    return rows


def sizes(program: Program) -> list[tuple[str, str]]:
    """Return labels and numbers: layers, parameters, memory of training, work of a forward pass."""
    graph, train = program.graph, program.spec.train
    count = graph.parameter_count
    numbers = 8 if program.dtype.endswith("64") else 4
    found = [
        ("layers", f"{sum(map(_has_weights, graph.nodes))} with weights (#)"),
        ("parameters", f"{count:,} ({_bytes(count * numbers)})"),
    ]
    if train is not None:
        states = len(train.optimizer.state)
        said = f"{_bytes(count * numbers * (2 + states))} with the gradients"
        plural = "s" * (states != 1)
        said += f" and {states} state{plural} of {train.optimizer.word()}" if states else ""
        found.append(("training", said))
    flops = f"{forward_flops(graph):,} FLOP an example (a product and a sum for each weight)"
    return [*found, ("forward", flops)]


def part_sizes(spec: Spec) -> str:
    """Return how many examples the parts of the data have; empty where nobody can know yet."""
    training, described = training_examples(spec), spec.description
    if spec.data is None or training is None or described.examples is None:
        return ""
    counts = {"training": training}
    for part in ("validation", "test"):
        given = getattr(spec.data, part)
        if not isinstance(given, int | float):  # a test part that is named, and not counted
            given = 0
        counts[part] = given if isinstance(given, int) else round(given * described.examples)
    counts["test"] = described.test_examples or counts["test"]
    named = [f"{count:,} {part}" for part, count in counts.items() if count]
    return f"{', '.join(named)} examples"


def _has_weights(node: Node) -> bool:
    return any(parameter.is_weight for parameter in node.parameters.values())


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


def _bytes(count: float) -> str:
    units = ["bytes", "kB", "MB", "GB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        del units[0]
    return f"{count:.3g} {units[0]}"
