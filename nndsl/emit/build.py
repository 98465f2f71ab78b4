"""From a checked spec to its script."""

from __future__ import annotations

from nndsl.analysis.compile import Checked
from nndsl.diagnostics import Findings
from nndsl.emit.script import Script, write_script
from nndsl.program.lower import lower


def build_script(checked: Checked, findings: Findings, *, name: str = "train.py") -> Script:
    """Return the script of a spec. SpecError where the spec has errors or no network."""
    findings.raise_if_failed()
    assert checked.spec is not None
    if checked.graph is None:
        origin = next(iter(checked.spec.origins.values()))
        findings.error("NN227", "there is nothing to build: the spec has no network", origin)
        findings.raise_if_failed()
    assert checked.graph is not None
    return write_script(lower(checked.spec, checked.graph), name=name)
