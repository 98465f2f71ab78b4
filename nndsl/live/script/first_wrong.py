"""The first variable of a script that is another than in its page's, told as a grade tells it."""

from nndsl.live.gradients.builds import Builds
from nndsl.live.gradients.culprit import Culprit
from nndsl.live.gradients.parsed_script import FUNCTION
from nndsl.live.judging.checks import Checks, items
from nndsl.live.judging.reasons import title_of
from nndsl.live.judging.reference import Reference
from nndsl.live.model import Model
from nndsl.live.script.judged_script import code_at

Causes = dict[int | None, str]  # by the line that fails


def first_wrong(page: Model, builds: Builds, text: str, seed: int) -> tuple[Culprit | None, Causes]:
    """Return the first wrong variable of a script, if any, and why lines of it fail.

    The script is executed here; `builds` are of the page's. An optimized one is held to nothing:
    it uses variables again for others.
    """
    if page.script.is_optimized:
        return None, {}
    checks = Reference(page.checked, style=page.script.style).checks(text, seed)
    for item in items(checks.expected):
        checks.item(item)
    causes: Causes = {line: said for said, line in checks.stops.items() if f"{line}: " in said}
    return _culprit(checks, builds, text), causes


def _culprit(checks: Checks, builds: Builds, text: str) -> Culprit | None:
    key = checks.first_wrong_variable()
    lines = checks.variables.lines_of(key) if key else []
    if key is None or not lines:
        return None
    line = lines[-1]
    known = builds.parsed.variables_of(key.function) if key.function != FUNCTION else {}
    return Culprit(
        title_of(key),
        line,
        code_at(text, line),
        *builds.layer_of(known.get(key.name, key.name)),
        mistake="",
        first_line=lines[0] if len(lines) > 1 else None,
        says=checks.said_of(key).removesuffix(f"\nline {line} gives it"),
    )
