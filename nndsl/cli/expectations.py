"""What commands say of expectations, after what was measured."""

from __future__ import annotations

from collections.abc import Iterable

from nndsl.analysis.outcomes import Outcome
from nndsl.cli.output import say
from nndsl.diagnostics import Findings


def hold(outcomes: Iterable[Outcome]) -> None:
    """Say which expectations hold. SpecError where one does not."""
    findings = Findings()
    for outcome in outcomes:
        if outcome.holds:
            say(f"holds: {outcome.expectation}, found {outcome.shown}")
        else:
            findings.error("NN501", outcome.message, outcome.expectation.span)
    findings.raise_if_failed()


def hold_variants(held: Iterable[tuple[str, Outcome]]) -> None:
    """Say which expectations of variants, given by name, hold. SpecError where one does not."""
    findings = Findings()
    for name, outcome in held:
        if outcome.holds:
            say(f"holds: {name}: {outcome.expectation}, found {outcome.shown}")
        else:
            message = f"variant `{name}`: {outcome.message}"
            findings.error("NN501", message, outcome.expectation.span)
    findings.raise_if_failed()
