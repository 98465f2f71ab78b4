"""The computational graph of a spec, with the numbers of an example where they are wanted."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nndsl.analysis.compile import Checked, analyse
from nndsl.diagram.diagram import Expand
from nndsl.diagram.picture import Picture
from nndsl.emit.build import build_descent, build_program
from nndsl.source import source_of


def graph(
    spec: str | Path,
    *,
    text: str | None = None,
    set: Mapping[str, Any] | None = None,
    words: Iterable[str | Path] = (),
    values: bool = False,
    expand: Expand = False,
) -> Picture:
    """Return the computational graph of a spec, as `nndsl graph` draws it.

    With `values` it has the numbers of one example: of a formula those at its start; of a network
    those of its first example, whose data has to be there. With `expand` blocks and repetitions
    are open, or those alone whose names it has. `words` is its `--words`. SpecError where the spec
    has errors, SourceError where the file cannot be read, ModelError where a network has no
    backward pass to take numbers from.
    """
    checked = analyse(source_of(spec, text, words), settings=set)
    return picture_of(checked, values=values, expand=expand)


def picture_of(checked: Checked, *, values: bool, expand: Expand) -> Picture:
    """Return the picture of a checked spec. SpecError where it has errors, or no network."""
    descent = build_descent(checked)
    if descent is not None:
        from nndsl.diagram.formula import formula_diagram

        return Picture(formula_diagram(descent, values=values))
    if values:
        from nndsl.emit.build import build_script
        from nndsl.live.model import Model  # only numbers need numpy

        return Model(checked, build_script(checked)).graph(values=True, expand=expand)
    from nndsl.diagram.network import network_diagram

    return Picture(network_diagram(build_program(checked), expand=expand))
