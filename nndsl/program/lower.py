"""From the graph to the program."""

from __future__ import annotations

from nndsl.analysis.graph import Graph
from nndsl.analysis.spec import Spec
from nndsl.ir import Expression, Name, Operation
from nndsl.ir.rows import number
from nndsl.program.constants import Constants
from nndsl.program.context import Context, Shapes
from nndsl.program.evaluation import SHORT
from nndsl.program.functions import called_functions
from nndsl.program.identity import identity
from nndsl.program.layers import Layers
from nndsl.program.loading import write_loading
from nndsl.program.names import RESERVED, Names
from nndsl.program.passes import eliminate_dead_code, inline, propagate_copies
from nndsl.program.program import Equation, Function, Loading, Program, Training
from nndsl.program.sampling import write_sampling
from nndsl.program.training import write_training
from nndsl.shapes import SequenceShape


def lower(
    spec: Spec, graph: Graph, *, keep_input_gradient: bool = False, penalties: bool = True
) -> Program:
    """Return the program of a checked spec.

    With `keep_input_gradient` its gradients hold that of the input too, under "X"; without
    `penalties` it trains by the data loss alone.
    """
    names = Names(RESERVED)
    dtype = f"np.{spec.dtype}"
    context = Context(spec, names, Constants(names), Shapes(), dtype)
    layers = Layers(graph, context)
    applied = spec.train.loss.applies if spec.train else ""
    predict = _predict(layers, context.shapes, applied)
    training = loading = None
    if spec.train is not None:
        training = write_training(
            context,
            spec.train,
            layers,
            keep_input_gradient=keep_input_gradient,
            penalties=penalties,
        )
    if spec.data is not None:
        loading = write_loading(context, spec.data, units=graph.output.shape[-1])
    callers = [predict]
    if training is not None:
        callers += [f for f in (training.batch_loss, training.loss_and_gradients) if f is not None]
    return Program(
        spec=spec,
        graph=graph,
        constants=tuple(context.constants),
        streams=_streams(training, loading),
        initializers=layers.initializers,
        parameters=layers.parameters,
        states=layers.states,
        functions=called_functions((named.node.layer.functions for named in layers.nodes), callers),
        predict=predict,
        identity=identity(layers, context.constants, dtype),
        equations=_equations(layers),
        training=training,
        loading=loading,
        sampling=write_sampling(context),
        dtype=dtype,
        counts=tuple(layers.counts()[1:]),
        values={named.names["y"]: named.node for named in layers.nodes},
        value_names=layers.values,
    )


STREAMS = ("split_rng", "init_rng", "batch_rng", "noise_rng")


def _streams(training: Training | None, loading: Loading | None) -> tuple[str, ...]:
    """Return the streams up to the last that is used; each keeps its place, used or not."""
    reads = {name for s in loading.function.statements for name in s.reads} if loading else set()
    used = {"init_rng"} | (reads & {"split_rng"})
    if training is not None:
        used |= {"batch_rng"}
        used |= {n for s in training.loss_and_gradients.statements for n in s.reads} & {"noise_rng"}
    return STREAMS[: max(STREAMS.index(name) for name in used) + 1]


def _predict(layers: Layers, shapes: Shapes, applied: str) -> Function:
    """Write `predict`. What the loss applies itself, a reader of the output has to."""
    statements = [*layers.begin(), *layers.forward(evaluate=True)]
    statements, renamed = propagate_copies(statements, ())
    output = renamed.get(layers.output, layers.output)
    has_positions = isinstance(layers.graph.output.shape, SequenceShape)
    wanted = {output, "N"} if has_positions else {output}
    statements = shapes.annotate(inline(eliminate_dead_code(statements, wanted), SHORT, wanted))
    returns: Expression = Name(output)
    if has_positions:
        lengths = map(number, layers.graph.output.shape)
        returns = Operation(".reshape()", (returns, Name("N"), *lengths))
    output_shape = ", ".join(["N", *map(str, layers.graph.output.shape)])
    input_shape = ", ".join(["N", *map(str, layers.graph.input.shape)])
    what = (
        f"scores ({output_shape}), before the {applied}," if applied else f"output ({output_shape})"
    )
    says = f"Return the {what} of the network for the examples X ({input_shape})."
    return Function("predict", ("X",), says, tuple(statements), returns)


def _equations(layers: Layers) -> tuple[Equation, ...]:
    return tuple(
        Equation(
            layers.equation(named),
            named.node.has_weights,
            named.node.origin.copies,
        )
        for named in layers.nodes
        if named.node.layer.equation
    )
