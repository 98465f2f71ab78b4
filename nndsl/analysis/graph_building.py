"""From the network of a spec to its graph: its inputs, its layers, initializers of its weights."""

from nndsl.analysis.graph import Graph
from nndsl.analysis.graph_builder import GraphBuilder
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
    graph = GraphBuilder(known, diagnostics, spec.network[0].origin, spec.origins.get("data"))
    for name, places in columns.items():
        graph.inputs[name].columns = places
    for name, part in spec.description.parts.items():
        if name in known and part.tokens is not None:
            graph.token_lines[name] = declared_input(name, part.tokens)
    try:
        last = graph.sequence(spec.network, graph.input)
        outputs = {one.name: graph.named[one] for one in outputs_of(spec.network)} or {"": last}
        graph.require_readers(outputs, [head.name for head in spec.named_heads])
    except AnalysisError:
        return None
    except RecursionError:
        diagnostics.report("NN213", TOO_DEEP, spec.origins["network"])
        return None
    return graph.built(outputs)
