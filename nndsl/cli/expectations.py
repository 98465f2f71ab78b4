"""What commands say of expectations, after what was measured."""

from __future__ import annotations

from collections.abc import Iterable

from nndsl.analysis.held import Held
from nndsl.cli.output import say
from nndsl.diagnostics import Findings


def hold(held: Iterable[Held]) -> None:
    """Say which expectations hold. SpecError where one does not."""
    findings = Findings()
    for one in held:
        if one.holds:
            say(f"holds: {one.expectation}, found {one.shown}")
        else:
            findings.error("NN501", one.message, one.expectation.span)
    findings.raise_if_failed()


def hold_variants(held: Iterable[tuple[str, Held]]) -> None:
    """Say which expectations of variants, given by name, hold. SpecError where one does not."""
    findings = Findings()
    for name, one in held:
        if one.holds:
            say(f"holds: {name}: {one.expectation}, found {one.shown}")
        else:
            message = f"variant `{name}`: {one.message}"
            findings.error("NN501", message, one.expectation.span)
    findings.raise_if_failed()
