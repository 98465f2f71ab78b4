"""Why a script is not what its spec builds now."""

from __future__ import annotations

from nndsl.emit.seal import read_seal


def why_different(found: str, built: str) -> list[str]:
    """Return what is different about a script, each the end of a sentence that it begins."""
    old, new = read_seal(found), read_seal(built)
    assert new is not None
    if old is None:
        return ["does not say that nndsl wrote it: it is another script, or its head was edited"]
    reasons = []
    if old.spec != new.spec:
        reasons.append("is stale: the spec was changed, or other settings were given")
    if old.version != new.version:
        reasons.append(f"was made by nndsl {old.version}, and this is nndsl {new.version}")
    if not old.is_whole:
        reasons.append("was edited by hand: put the change into the spec, or keep it elsewhere")
    return reasons or ["was built with other options, or for a file of another name"]
