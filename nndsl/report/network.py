"""A network layer by layer, and its sizes, as rows of text for a terminal and a page."""

from collections.abc import Mapping

from nndsl.analysis.builtin_printer import print_builtin
from nndsl.analysis.node import Node, Value, size
from nndsl.analysis.receptive_field import receptive_fields
from nndsl.analysis.spec import Spec
from nndsl.languages import in_a_row, sentence
from nndsl.program.program import Program
from nndsl.shapes import show_shape
from nndsl.vocabulary.initializer import Initializer

Row = tuple[str, ...]
_SEES = "sees"


def layer_rows(program: Program) -> tuple[Row, list[Row]]:
    """Return the column headings, and a row for each layer.

    Layers with weights are numbered. The name is that of the output in the script. The receptive
    field is a column if layers have windows.
    """
    graph = program.graph
    names = program.value_names
    fields = receptive_fields(graph)
    declared = {node.inputs[0] for node in graph.nodes if node.layer.declares_input}
    rows: list[Row] = [
        ("", "(the input)", names[x], show_shape(x.shape), "", "", "")
        for x in graph.inputs.values()
        if x not in declared
    ]
    number, previous = 0, graph.input
    for node in graph.nodes:
        weighted = node.has_weights
        number += weighted
        count = sum(size(parameter.shape) for parameter in node.parameters.values())
        note = ""
        for role, (owner, theirs) in node.shared.items():
            is_transposed = role in node.transposed
            shares = sentence(
                "{role} of {name}, transposed" if is_transposed else "{role} of {name}",
                role=theirs,
                name=names[owner.output],
            )
            note = _noted(note, shares)
        note = _noted(note, _initializers(node))
        if node.inputs != (previous,) and not node.layer.declares_input:
            read = ", ".join(names[value] for value in node.inputs)
            note = _noted(note, sentence("reads {names}", names=read))
        previous = node.output
        rows.append(
            (
                str(number) if weighted else "",
                print_builtin(node.layer, defaults=False),
                names[node.output],
                show_shape(node.output.shape),
                _field(node.output, fields),
                f"{count:,}" if count else "",
                note,
            )
        )
    head: Row = ("#", "layer", "name", "output", _SEES, "params", "initializer")
    if not fields:
        at = head.index(_SEES)
        head, *rows = [(*row[:at], *row[at + 1 :]) for row in [head, *rows]]
    return head, rows


def _noted(note: str, other: str) -> str:
    """Return two notes as one, either of which may be empty."""
    if not note or not other:
        return sentence(note or other)
    return sentence("{note}; {other}", note=note, other=other)


def _field(value: Value, fields: Mapping[Value, tuple[int, ...] | None]) -> str:
    field = fields.get(value, ())
    if field is None:
        return "all"
    return show_shape(field if len(set(field)) > 1 else field[:1]) if field else ""


def sizes(program: Program) -> list[tuple[str, str]]:
    """Return labels and numbers: layers, parameters, memory, cost of a forward pass."""
    graph, train = program.graph, program.spec.train
    count = graph.parameter_count
    frozen = f", {graph.frozen_count:,} of them frozen" if graph.frozen_count else ""
    numbers = 8 if program.dtype.endswith("64") else 4
    found = [
        ("layers", f"{sum(node.has_weights for node in graph.nodes)} with weights (#)"),
        ("parameters", f"{count:,} ({_bytes(count * numbers)}){frozen}"),
    ]
    if train is not None:
        states = len(train.optimizer.state)
        moved = count - graph.frozen_count
        text = f"{_bytes(numbers * (count + moved * (1 + states)))} with the gradients"
        plural = "s" * (states != 1)
        text += f" and {states} state{plural} of {train.optimizer.keyword()}" if states else ""
        found.append(("to train", text))
    names = program.value_names
    kept = numbers * sum(
        size(node.output.shape)
        for node in graph.nodes
        if names[node.output] != names[node.inputs[0]]  # not the same array
    )
    batch = f", {_bytes(kept * train.batch)} a batch" if train is not None else ""
    found.append(("activations", f"{_bytes(kept)} an example{batch}: the outputs of all layers"))
    found.append(("forward", f"{graph.forward_flops:,} FLOP an example in products of matrices"))
    if receptive_fields(graph):
        found.append((_SEES, "the receptive field: places of the input, along each axis"))
    return found


def part_sizes(spec: Spec) -> str:
    """Return `90 training, 10 test`, the examples of the parts; "" if that is not known yet."""
    named = [
        sentence(f"{{count}} {part}", count=f"{count:,}")
        for part, count in part_counts(spec).items()
        if count
    ]
    return in_a_row(*named) if named else ""


def examples(spec: Spec) -> str:
    """Return `90 training, 10 test examples`; "" if that is not known yet."""
    parts = part_sizes(spec)
    return sentence("{parts} examples", parts=parts) if parts else ""


def part_counts(spec: Spec) -> dict[str, int]:
    """Return the number of examples in each part of the data; empty if it is not known yet."""
    training, described = spec.training_examples, spec.description
    if spec.data is None or training is None or described.examples is None:
        return {}
    counts = {**spec.data.part_sizes(described.examples), "training": training}
    counts["test"] = described.test_examples or counts["test"]
    return counts


def _initializers(node: Node) -> str:
    """Return the initializers of the weights of a node, or of its parameters without weights."""
    if node.parameters and node.weights_from:
        whose = sentence("the weights of {name}", name=node.weights_from)
        return in_a_row(whose, "frozen") if node.is_frozen else whose
    if node.parameters and node.is_frozen:
        return "frozen"
    if node.init_reason:
        return node.init_reason.replace(", since", ":")
    weights = {name: p for name, p in node.parameters.items() if p.is_weight}
    given = ", as given" * ("init" in node.layer.model_fields_set)
    shown = []
    for name, parameter in (weights or node.parameters).items():
        assert isinstance(parameter.init, Initializer)
        how = print_builtin(parameter.init, defaults=False)
        shown.append(f"{how}{given}" if weights else f"{name} {how}")
    return ", ".join(dict.fromkeys(shown))


def _bytes(count: float) -> str:
    units = ["bytes", "kB", "MB", "GB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        del units[0]
    return f"{count:.3g} {units[0]}"
