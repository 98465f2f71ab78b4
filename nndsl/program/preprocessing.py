"""Functions around a trained network: they prepare its inputs, and decide by its outputs."""

from dataclasses import replace

from nndsl.analysis.graph import Graph
from nndsl.analysis.graph_builder import GraphBuilder
from nndsl.analysis.spec import Spec
from nndsl.data import Description
from nndsl.data.script_text import scaled
from nndsl.diagnostics import Diagnostics
from nndsl.ir import Name, parse_text, parse_value
from nndsl.program.evaluation import class_texts
from nndsl.program.lower import lower
from nndsl.program.program import Function
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import Layer, LayerInstance
from nndsl.vocabulary.preparation import RESTORE, Preparation


def preprocessing(spec: Spec, graph: Graph, data: Data | None) -> tuple[Function, ...]:
    """Write `prepare(X, …)` and where targets are scaled `restore(x, …)`, whose other arguments are
    the statistics of the training part; where the spec trains `decide(x)`, `true(t)` and, where
    outputs are compared to targets as something else, `estimates(x)`: probabilities, rates.

    `data` is what prepares the inputs, whether or not the spec can load it.
    """
    decisions = _decisions(spec, graph) if spec.train is not None else ()
    return (*prepare(data, spec.description, f"np.{spec.dtype}"), *decisions)


def prepare(data: Data | None, described: Description, dtype: str) -> tuple[Function, ...]:
    """Write `prepare(X, …)`: inputs as a file holds them become those of the network; and where
    targets are scaled `scaled(t, …)`, which does so, and `restore(x, …)`, which undoes it.
    """
    preparation = data.preparation(described) if data is not None else Preparation()
    lines = [f"X = X.astype({dtype}){scaled(data.input_scale if data else 1)}"]
    lines += [step.apply.format(X="X") for step in preparation.inputs]
    keeps = [name for step in preparation.inputs for name in step.keeps]
    says = "Return inputs (N, …) as the network takes them."
    statements = tuple(parse_text("\n".join(lines)))
    made = Function("prepare", ("X", *keeps), says, statements, Name("X"))
    targets = preparation.targets
    if targets is None:
        return (made,)
    says, apply = "Return targets as the network is to give them.", targets.apply.format(X="t")
    scale = Function("scaled", ("t", *targets.keeps), says, tuple(parse_text(apply)), Name("t"))
    says = "Return outputs of the network in the units of the file."
    restored = RESTORE.format(x="x", **{name: name for name in targets.keeps})
    restore = Function("restore", ("x", *targets.keeps), says, (), parse_value(restored))
    return made, scale, restore


def _decisions(spec: Spec, graph: Graph) -> tuple[Function, ...]:
    """Class numbers of outputs and of targets, and what else outputs stand for."""
    assert spec.train is not None
    loss = spec.train.loss
    predicted, true = class_texts(loss, graph.output.shape)
    made = [
        Function(
            "decide", ("x",), "Return the class numbers of outputs x.", (), parse_value(predicted)
        ),
        Function("true", ("t",), "Return the class numbers of targets t.", (), parse_value(true)),
    ]
    if loss.applies:
        builtin = registry.find(Layer.kind, loss.applies)
        assert builtin is not None
        assert issubclass(builtin, Layer)
        shape = graph.output.shape
        numbers = type(shape)(map(int, shape))  # no constants stand beside these functions
        origin = spec.origins["train"]
        end = GraphBuilder({"": numbers}, Diagnostics(), origin)
        outputs = {"": end.sequence([LayerInstance(builtin(), origin)], end.input)}
        program = lower(replace(spec, data=None, train=None), end.built(outputs))
        made += [*program.functions, replace(program.predict, name="estimates")]
    elif loss.estimate:
        (statement,) = parse_text(loss.estimate)
        assert statement.value is not None
        says = "Return what outputs x say of targets."
        made.append(Function("estimates", ("x",), says, (), statement.value))
    return tuple(made)
