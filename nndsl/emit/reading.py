"""The text that turns outputs of a network into answers. It is executed, and not shown."""

from __future__ import annotations

from nndsl.analysis.graph import Graph
from nndsl.analysis.spec import Spec
from nndsl.emit import layout
from nndsl.program.reading import write_decisions, write_prepare
from nndsl.vocabulary.dataset import Data

_HEAD = "import math\n\nimport numpy as np"


def write_reading(spec: Spec, graph: Graph, data: Data | None) -> str:
    """Return the text of `prepare(X, mean, scale)`, and where the spec trains of `decide(x)`,
    `true(t)` and, as far as the loss says how, `probabilities(x)`.

    `data` is what prepares the inputs, whether or not the spec can load it.
    """
    dtype = f"np.{spec.dtype}"
    functions = [write_prepare(data, dtype)]
    if spec.train is not None:
        functions += write_decisions(spec, graph)
    return "\n\n\n".join([_HEAD, *map(layout.function, functions)]) + "\n"
