"""What a gradient check says of the rest of the script."""

from __future__ import annotations

from dataclasses import replace

from nndsl.live.gradients.report import Property
from nndsl.live.script.check import PartResult


def properties(held: list[PartResult], script: str) -> list[Property]:
    """Return a property for each part of the script that was held to its page."""
    made = [Property(h.part, not h.wrong, _detail(h, script)) for h in held if not h.left_out]
    right = [prop.name for prop in made if prop.passed]
    says = f"the script is held to its page, too: {', '.join(right)}"
    says += "".join(f"; not its {h.part}: {h.left_out}" for h in held if h.left_out)
    last = max((i for i, prop in enumerate(made) if prop.passed), default=None)
    if last is not None:
        made[last] = replace(made[last], says=says)
    return made


def _detail(part: PartResult, script: str) -> str:
    detail = f"{part.wrong[:1].upper()}{part.wrong[1:]}"
    if part.wrong and part.line:
        detail += f" ({script} line {part.line}: {part.code})"
        detail += f"; as built it is: {part.should}" * bool(part.should)
    return detail
