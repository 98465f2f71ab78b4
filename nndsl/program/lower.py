"""From the graph to the program."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nndsl.analysis.graph import Graph
from nndsl.analysis.metrics import head_metrics, reported_names
from nndsl.analysis.node import Node, Value
from nndsl.analysis.spec import Head, Spec
from nndsl.ir import Expression, Name, Operation
from nndsl.ir.rows import margin
from nndsl.ir.symbols import number
from nndsl.languages import listed, sentence
from nndsl.program.beginning import find_beginnings
from nndsl.program.constants import Constants
from nndsl.program.context import Context, Shapes
from nndsl.program.evaluation import EXAMPLE_WEIGHTS, SHORT, write_evaluation
from nndsl.program.finite_differences import write_estimate
from nndsl.program.functions import called_functions
from nndsl.program.gradients import GradientWriter, Penalty
from nndsl.program.heads import HeadWriter
from nndsl.program.identity import identity
from nndsl.program.layers import Layers, fill
from nndsl.program.loading import write_loading
from nndsl.program.names import RESERVED, Names
from nndsl.program.naming import LETTERS, with_roles
from nndsl.program.network_passes import NetworkPasses
from nndsl.program.passes import eliminate_dead_code, inline, propagate_copies
from nndsl.program.program import Array, Equation, Function, Loading, Program, Training
from nndsl.program.sampling import write_sampling
from nndsl.program.style import BLACKBOARD, FLAT
from nndsl.program.training_loop import (
    PIECES,
    write_averaging,
    write_every,
    write_mixing,
    write_stopping,
)
from nndsl.program.updating import write_update
from nndsl.program.uses import uses
from nndsl.shapes import SequenceShape
from nndsl.vocabulary.formula_functions import DEFINITIONS
from nndsl.vocabulary.sections.train import Train


def lower(
    spec: Spec,
    graph: Graph,
    *,
    keep_input_gradient: bool = False,
    penalties: bool = True,
    optimized: bool = False,
    written_out: bool = False,
    style: str = FLAT,
    naming: str = BLACKBOARD,
) -> Program:
    """Return the program of a checked spec, in one of the styles.

    With `optimized` its layers are written in the form that is faster, where they have one.
    With `written_out`, as in an optimized program, none of them is a function.
    With `keep_input_gradient` its gradients hold that of the input too, under "X"; without
    `penalties` it trains by the data loss alone.
    """
    letters = LETTERS[naming]
    names = Names(RESERVED, letters)
    dtype = f"np.{spec.dtype}"
    constants = Constants(names, spec.constants)
    context = Context(spec, names, constants, Shapes(constants), dtype)
    written_out = written_out or optimized or style != FLAT
    layers = Layers(graph, context, optimized=optimized, written_out=written_out)
    constants.uses = uses(spec, layers.nodes)
    predict = _predict(layers, context.shapes, spec.heads)
    training = loading = gradients = None
    if spec.train is not None:
        gradients = GradientWriter(
            context,
            spec.train,
            layers,
            keep_input_gradient=keep_input_gradient,
            penalties=penalties,
        )
        training = _training(context, spec.train, layers, gradients)
    if spec.data is not None:
        loading = write_loading(
            context, spec.data, layers, gradients.heads if gradients is not None else ()
        )
    callers = [predict]
    if training is not None:
        callers += [f for f in (training.batch_loss, training.loss_and_gradients) if f is not None]
    blocks, (predict, *learning) = layers.functions(callers)
    blocks = [with_roles(function, letters) for function in blocks]
    if training is not None:
        loss = learning[0] if training.batch_loss else None
        training = replace(training, batch_loss=loss, loss_and_gradients=learning[-1])
    callers = [*blocks, predict, *learning]
    sources = [named.node.layer.functions for named in layers.nodes]
    sources.append(DEFINITIONS)  # which derived backward passes may call, too
    if spec.train is not None and training is not None:
        callers.append(training.evaluate)
        for head in spec.heads:
            sources.append(head.loss.functions)
            sources += [metric.functions for metric in head_metrics(head, spec)]
    program = Program(
        spec=spec,
        graph=graph,
        constants=tuple(context.constants),
        streams=_streams([*blocks, *learning], training, loading),
        initializers=layers.initializers,
        parameters=layers.parameters,
        states=layers.states,
        functions=called_functions(sources, callers),
        blocks=tuple(blocks),
        predict=predict,
        identity=identity(layers),
        equations=_equations(layers),
        training=training,
        loading=loading,
        sampling=write_sampling(context),
        dtype=dtype,
        counts=tuple(layers.counts()[1:]),
        values=_values(layers),
        values_within={function.name: () for function in blocks},  # a layer's names are its own
        value_names=layers.values,
        array_names=layers.arrays,
        inputs=layers.inputs,
        targets=gradients.targets if gradients is not None else (),
        example_weights=(EXAMPLE_WEIGHTS,) * spec.weighs,
        beginnings=find_beginnings(context, layers),
    )
    if style == FLAT:
        return program
    from nndsl.program.layer_style import write_layers  # a flat script has no need of it

    program = write_layers(program, context, layers, gradients)
    classes = [
        replace(one, methods=tuple(with_roles(m, letters) for m in one.methods))
        for one in program.classes
    ]
    # A class has the whole backward pass, also where a flat script stops at the first weights.
    callers += [method for one in classes for method in one.methods]
    functions = called_functions(sources, callers)
    return replace(program, classes=tuple(classes), functions=functions)


STREAMS = ("split_rng", "init_rng", "batch_rng", "noise_rng")


def _streams(
    learning: Iterable[Function], training: Training | None, loading: Loading | None
) -> tuple[str, ...]:
    """Return the streams up to the last that is used; each keeps its place, used or not."""
    reads = {name for s in loading.function.statements for name in s.reads} if loading else set()
    used = {"init_rng"} | (reads & {"split_rng"})
    if training is not None:
        used |= {"batch_rng"} if not training.carried else set()
        drawing = [*learning, *([training.mixing] if training.mixing else [])]
        used |= {name for function in drawing for name in function.reads} & {"noise_rng"}
    return STREAMS[: max(STREAMS.index(name) for name in used) + 1]


def _predict(layers: Layers, shapes: Shapes, heads: Sequence[Head]) -> Function:
    """Write `predict`. What a loss applies itself, a reader of the output has to."""
    passes = NetworkPasses(layers)
    statements = [*layers.begin(), *passes.forward(evaluate=True)]
    statements, renamed = propagate_copies(statements, ())
    outputs = [renamed.get(name, name) for name in layers.outputs]
    values = [*layers.graph.outputs.values()]
    has_positions = any(isinstance(value.shape, SequenceShape) for value in values)
    wanted = {*outputs, "N"} if has_positions else {*outputs}
    kept = {renamed.get(name, name) for name in passes.between_copies}
    kept |= passes.in_copies(statements)  # these are joined once they are one function
    statements = shapes.annotate(
        inline(eliminate_dead_code(statements, wanted), SHORT, wanted | kept)
    )
    returned = [_as_examples(*pair) for pair in zip(outputs, values, strict=True)]
    said = []
    for name_of, value in layers.graph.outputs.items():
        shape = ", ".join(["N", *map(margin, value.shape)])
        head = next((one for one in heads if one.name in (name_of, "")), None)
        applied = head.loss.applies if head is not None else ""
        what = "scores" if applied else "output"
        name = layers.values[value] if values[1:] else sentence(what)
        plain = sentence("{name} ({shape})", name=name, shape=shape)
        before = "{scores}, before the {applied},"
        said.append(sentence(before, scores=plain, applied=applied) if applied else plain)
    given = [
        f"{name} ({', '.join(['N', *map(margin, value.shape)])})"
        for name, value in zip(layers.inputs, layers.graph.inputs.values(), strict=True)
    ]
    returned_values = sentence("the {scores}", scores=said[0])
    if values[1:]:
        names = listed(*(layers.values[value] for value in values))
        returned_values = sentence("the outputs {names}", names=names)
    taken = ", ".join(given)
    if not values[1:] and not given[1:]:
        taken = sentence("the examples {examples}", examples=taken)
    says = sentence(
        "Return {outputs} of the network for {inputs}.", outputs=returned_values, inputs=taken
    )
    returns = Operation("tuple", tuple(returned)) if returned[1:] else returned[0]
    return Function("predict", layers.inputs, says, tuple(statements), returns)


def _as_examples(name: str, value: Value) -> Expression:
    """Return a value of the network with an example in each row."""
    if not isinstance(value.shape, SequenceShape):
        return Name(name)
    return Operation(".reshape()", (Name(name), Name("N"), *map(number, value.shape)))


def _values(layers: Layers) -> dict[str, Node]:
    """Return the layers by the names of their outputs; the copies of a stack share one besides."""
    values = {named.names["y"]: named.node for named in layers.nodes}
    for named in layers.nodes:
        values.setdefault(named.names["y"].removesuffix(named.suffix), named.node)
    return values


def _equations(layers: Layers) -> tuple[Equation, ...]:
    """Return what the layers compute; the copies of a stack say it once."""
    found = []
    for named in layers.nodes:
        node, place = named.node, named.place
        if node.layer.equation and (place is None or not place.copy):
            block = f"{place.repetition.name}, {place.repetition.times} times" if place else ""
            equation = layers.equation(named)
            found.append(Equation(equation, node.has_weights, node.origin.copies, block))
    return tuple(found)


def _training(
    context: Context,
    train: Train,
    layers: Layers,
    gradients: GradientWriter,
) -> Training:
    """Return the functions that train a network and evaluate it."""
    loss = None
    if train.gradient is not None:
        loss = gradients.write_loss()
        found = write_estimate(
            context,
            train.gradient,
            loss,
            has_penalty=bool(gradients.penalties),
            has_state=bool(layers.states),
            arguments=(*layers.inputs, *gradients.targets),
            trained=_trained(layers),
        )
    else:
        found = gradients.write()
    return Training(
        loss_and_gradients=found,
        evaluate=write_evaluation(context, layers, gradients),
        update=write_update(context, train),
        metrics=reported_names(context.spec),
        terms=(
            *(_term(head) for head in gradients.heads),
            *(_penalty(penalty, layers.parameters) for penalty in gradients.penalties),
        ),
        has_penalty=bool(gradients.penalties),
        averaging=write_averaging(context, train),
        mixing=write_mixing(context, train, (*layers.inputs, *gradients.targets)),
        pieces=context.constants.add("ACCUMULATE", train.accumulate, PIECES)
        if train.accumulate > 1
        else "",
        gaps=any(head.has_gaps for head in gradients.heads),
        stopping=write_stopping(context, train, has_states=bool(layers.states)),
        every=write_every(context, train),
        by_steps=train.steps is not None,
        batch_loss=loss,
        carried=layers.carried,
    )


def _term(head: HeadWriter) -> str:
    """Return what an output adds to the loss."""
    equation = fill(head.of.equation, head.roles)
    return f"{head.weight} ({equation})" if head.weight else equation


def _trained(layers: Layers) -> tuple[str, ...]:
    """Return the parameters that training moves, where others are frozen; else nothing."""
    frozen = any(array.is_frozen for array in layers.parameters)
    return tuple(array.name for array in layers.parameters if not array.is_frozen) * frozen


def _penalty(penalty: Penalty, parameters: tuple[Array, ...]) -> str:
    """Return what a penalty adds to the loss; W is all matrices, where no others are named."""
    regularizer, weights, constants = penalty
    text = fill(regularizer.equation, constants)
    if len(weights) == sum(len(parameter.array_shape) > 1 for parameter in parameters):
        return text
    return f"({text} for W = {', '.join(array.name for array in weights)})"
