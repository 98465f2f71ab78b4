"""From the network of a spec to its graph: its inputs, its layers, initializers of its weights."""

from dataclasses import replace

from nndsl.analysis.graph import Graph
from nndsl.analysis.input_shapes import (
    columns_of,
    declared_input,
    input_name,
    input_shape,
    report_untaken,
)
from nndsl.analysis.network import outputs_of
from nndsl.analysis.scope import TOO_DEEP, AnalysisError
from nndsl.analysis.spec import Spec
from nndsl.diagnostics import Diagnostics, Label
from nndsl.vocabulary import registry
from nndsl.vocabulary.initializer import Initializer


def build_graph(spec: Spec, diagnostics: Diagnostics) -> Graph | None:
    """Connect the network of a spec. None where a shape does not fit; the finding says which."""
    if not spec.network:
        return None
    declared = [one for one in spec.network if one.layer.declares_input]
    shapes = {
        input_name(one): input_shape(spec, one, diagnostics) for one in declared or spec.network[:1]
    }
    known = {name: shape for name, shape in shapes.items() if shape is not None}
    if len(known) < len(shapes) or report_untaken(spec, known.keys(), diagnostics):
        return None
    columns = {
        input_name(one): columns_of(spec, one) for one in declared if one.layer.input_columns
    }
    if len(known) > len(columns) + (not columns) and spec.description.shape is not None:
        wrong = f"the network has {len(known)} inputs, and the data has one for each example"
        data = Label(spec.origins["data"].span, "the data")
        diagnostics.report("NN320", wrong, declared[1].origin, data)
        return None
    graph = Graph(known, diagnostics, spec.network[0].origin, spec.origins.get("data"))
    for name, places in columns.items():
        graph.inputs[name].columns = places
    for name, part in spec.description.parts.items():
        if name in known and part.tokens is not None:
            graph.token_lines[name] = declared_input(name, part.tokens)
    try:
        graph.output = graph.sequence(spec.network, graph.input)
        declared_outputs = outputs_of(spec.network)
        if declared_outputs:
            graph.outputs = {value.name: graph.named[value] for value in declared_outputs}
        graph.require_readers([head.name for head in spec.named_heads])
        graph.put_masks_first()
    except AnalysisError:
        return None
    except RecursionError:
        diagnostics.report("NN213", TOO_DEEP, spec.origins["network"])
        return None
    _choose_initializers(graph)
    if graph.repetitions:
        from nndsl.analysis.repetition import stacked

        graph.repetitions = stacked(graph.repetitions, graph.nodes)
    return graph


def _choose_initializers(graph: Graph) -> None:
    """Give every parameter an initializer: the spec's, or the one for the next activation.

    The search looks downstream through everything that is neither an activation nor a layer
    with weights of its own.
    """
    for node in reversed(graph.nodes):
        reader = node.output.readers[0] if node.output.readers else None
        if reader is not None:
            passes = not reader.layer.nonlinear and not reader.has_weights
            node.activation = (
                reader.activation if passes else reader if reader.layer.nonlinear else None
            )
        for name, parameter in node.parameters.items():
            init = parameter.init
            if init is None:
                init, follows = node.recommended_init, "no activation follows"
                if node.activation is not None:
                    follows = f"{node.activation.layer.keyword()} follows"
                node.init_reason = f"{init}, since {follows}"
            if isinstance(init, str):
                init = registry.get(Initializer, init)()
            node.parameters[name] = replace(parameter, init=init)
