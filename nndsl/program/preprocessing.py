"""Functions around a trained network: they prepare its inputs, and decide by its outputs."""

from __future__ import annotations

from dataclasses import replace

from nndsl.analysis.graph import Graph
from nndsl.analysis.spec import Spec
from nndsl.data.script_text import scaled
from nndsl.diagnostics import Diagnostics
from nndsl.ir import Name, parse_text, parse_value
from nndsl.program.evaluation import class_texts
from nndsl.program.lower import lower
from nndsl.program.program import Function
from nndsl.vocabulary import registry
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.partition import STANDARDIZE


def preprocessing(spec: Spec, graph: Graph, data: Data | None) -> tuple[Function, ...]:
    """Write `prepare(X, mean, scale)`, and where the spec trains `decide(x)`, `true(t)` and, as far
    as the loss says how, `probabilities(x)`.

    `data` is what prepares the inputs, whether or not the spec can load it.
    """
    decisions = _decisions(spec, graph) if spec.train is not None else ()
    return (_prepare(data, f"np.{spec.dtype}"), *decisions)


def _prepare(data: Data | None, dtype: str) -> Function:
    """Inputs as a file holds them become those of the network.

    `mean` and `scale` are read where the data standardises its inputs.
    """
    lines = [f"X = X.astype({dtype}){scaled(data.input_scale if data else 1)}"]
    if data is not None and data.standardize_inputs:
        lines.append(STANDARDIZE)
    says = "Return inputs (N, …) as the network takes them."
    statements = tuple(parse_text("\n".join(lines)))
    return Function("prepare", ("X", "mean", "scale"), says, statements, Name("X"))


def _decisions(spec: Spec, graph: Graph) -> tuple[Function, ...]:
    """Class numbers of outputs and of targets, and probabilities where the loss makes them."""
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
        end = Graph(numbers, Diagnostics(), spec.origins["train"])
        end.output = end.join(builtin(), end.input)
        program = lower(replace(spec, data=None, train=None), end)
        made += [*program.functions, replace(program.predict, name="probabilities")]
    return tuple(made)
