"""What commands say of expectations, after what was measured."""

from __future__ import annotations

from collections.abc import Iterable

from nndsl.analysis.held import Held
from nndsl.cli.output import say
from nndsl.diagnostics import Findings


def hold(held: Iterable[tuple[str, Held]]) -> None:
    """Say which expectations hold, of the whole ("") or of a variant, given by its name.

    SpecError where one does not.
    """
    findings = Findings()
    for name, one in held:
        if one.holds:
            say(f"holds: {f'{name}: ' if name else ''}{one.expectation}, found {one.shown}")
        else:
            message = f"variant `{name}`: {one.message}" if name else one.message
            findings.error("NN501", message, one.expectation.span)
    findings.raise_if_failed()
