"""Files of weights that layers begin with: which there are, and whether they can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nndsl.diagnostics import Diagnostics
from nndsl.vocabulary.layer import LayerInstance, Structure

if TYPE_CHECKING:
    from nndsl.analysis.graph import Graph
    from nndsl.analysis.spec import Spec

WEIGHTS = "weights.npz"  # in the folder of a run
CODE = "NN319"


def weights_file(path: Path) -> Path:
    """Return the file of weights that a path names, directly or by the folder of a run."""
    return path if path.suffix == ".npz" else path / WEIGHTS


def copy_name(path: Path) -> str:
    """Return the name that a file has beside a script: weights in a run's folder have the run's."""
    if path.name == WEIGHTS:
        path = path.parent
    return path.name if path.suffix else f"{path.name}.npz"


def weights_paths(layers: Iterable[LayerInstance]) -> Iterator[str]:
    """Yield the paths of weights that layers of a spec begin with."""
    for one in layers:
        if isinstance(one.layer, Structure) and one.layer.weights_from:
            yield one.layer.weights_from
        yield from weights_paths(one.body)


def check_weights_files(spec: Spec, graph: Graph, diagnostics: Diagnostics) -> None:
    """Report files of weights that are not there."""
    for path, origin in [] if spec.is_recalled else graph.weights_files.items():
        file = weights_file(spec.source.folder / path)
        if not file.is_file():
            wrong = f"there are no weights in `{path}`"
            help = "a path leads from the folder of the spec to a run, or to a file `.npz`"
            diagnostics.report(CODE, wrong, origin, help=help)
