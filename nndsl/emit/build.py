"""From a checked spec to its script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nndsl.analysis.compile import Checked, analyse
from nndsl.emit.script import Script, write_descent, write_script
from nndsl.program.beginning import check_beginnings
from nndsl.program.block_functions import extract_blocks
from nndsl.program.lower import lower
from nndsl.program.program import Program
from nndsl.program.style import BLACKBOARD, FLAT, require_naming, require_style
from nndsl.source import Source

if TYPE_CHECKING:
    from nndsl.program.descent import Descent


def build(
    source: Source,
    settings: Mapping[str, Any],
    *,
    name: str | None = None,
    optimized: bool = False,
    style: str = FLAT,
    naming: str = BLACKBOARD,
) -> Script:
    """Return the script of a spec. SpecError where the spec has errors, or nothing to build."""
    checked = analyse(source, settings=settings)
    return build_script(checked, name=name, optimized=optimized, style=style, naming=naming)


def build_program(
    checked: Checked,
    *,
    optimized: bool = False,
    style: str = FLAT,
    naming: str = BLACKBOARD,
) -> Program:
    """Return the program of a checked spec. SpecError where the spec has errors or no network.

    With `optimized` its training step is optimized: a program in the style `flat`.
    """
    diagnostics = checked.diagnostics
    diagnostics.raise_if_failed()
    assert checked.spec is not None
    if checked.graph is None:
        wrong = "there is nothing to build: the spec has no network"
        diagnostics.report("NN227", wrong, checked.spec.origin)
        diagnostics.raise_if_failed()
    program = lower(*checked.network, optimized=optimized, style=style, naming=naming)
    if program.beginnings and not checked.spec.is_recalled:
        check_beginnings(program, diagnostics)
        diagnostics.raise_if_failed()
    if not optimized:
        return program
    from nndsl.program.optimize.optimize import optimize  # a plain build has no need of it

    return optimize(program)


def build_descent(checked: Checked) -> Descent | None:
    """Return the program of a checked spec that holds a formula, and None where it holds a network.

    SpecError where the spec has errors.
    """
    diagnostics = checked.diagnostics
    diagnostics.raise_if_failed()
    assert checked.spec is not None
    minimizing = checked.spec.experiments.get("minimize")
    if minimizing is None:
        return None
    from nndsl.program.descent import lower_descent  # a network has no need of it

    try:
        return lower_descent(checked.spec, minimizing)
    except OverflowError:
        wrong = "a slope of `f` holds a number that is too large"
        diagnostics.report("NN212", wrong, minimizing.span)
        diagnostics.raise_if_failed()
        raise


def build_script(
    checked: Checked,
    *,
    name: str | None = None,
    optimized: bool = False,
    with_gradient_check: bool = False,
    style: str = FLAT,
    naming: str = BLACKBOARD,
) -> Script:
    """Return the script of a checked spec. `name` is the file that it will be written to.

    Where the spec holds a formula, the script descends on it.

    With `with_gradient_check` it can check its own gradients: a spec that trains on data, in the
    style `flat`, and not optimized. `naming` says whose letters it has: see program/naming.py.
    ValueError where there is no such naming, or the style and the rest do not go together.
    """
    require_style(style, is_flat=optimized or with_gradient_check)
    require_naming(naming)
    descent = build_descent(checked)
    if descent is not None:
        if optimized or with_gradient_check or style != FLAT:
            what = "optimize" if optimized else "check"
            wrong = f"there is no training step to {what}: the spec holds a formula"
            if style != FLAT:
                wrong = "there are no layers: the spec holds a formula"
            checked.diagnostics.report("NN227", wrong, descent.minimizing.span)
            checked.diagnostics.raise_if_failed()
        return write_descent(descent, name=name or "descent.py")
    program = build_program(checked, optimized=optimized, style=style, naming=naming)
    if with_gradient_check:
        from nndsl.program.gradient_check import with_check  # a plain build has no need of it

        program = with_check(program)
    if not optimized and style == FLAT:
        program = extract_blocks(program)
    return write_script(program, name=name or "train.py")
