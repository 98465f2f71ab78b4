"""What a project allows in all its specs, and what its `[tool.nndsl]` has wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nndsl.analysis.suggest import did_you_mean
from nndsl.diagnostics import Diagnostics
from nndsl.project import project_above
from nndsl.source import Span

if TYPE_CHECKING:
    from nndsl.lints.suppression import Suppression

LISTS = {"ignore": ("codes", '["NN431"]'), "exclude": ("patterns", '["drafts/"]')}
SETTINGS = (*LISTS, "build", "lang")


def project_of(path: Path, diagnostics: Diagnostics) -> list[Suppression]:
    """Return the codes that the project of a spec ignores; warn of what it has wrong."""
    project = project_above(path)
    if project is None:
        return []
    from nndsl.lints.suppression import Suppression, warn

    if project.problem:
        wrong = f"{project.source.name} is no valid TOML: {project.problem}"
        warn(diagnostics, wrong, Span(project.source, 0, 0))
    for name, value in project.settings.items():
        if name not in SETTINGS:
            help = did_you_mean(name, SETTINGS)
            wrong = f"[tool.nndsl] has no setting `{name}`"
            warn(diagnostics, wrong, project.place(name), help)
        elif name in LISTS and project.texts(name) is None:
            what, example = LISTS[name]
            wrong = f"`{name}` is a list of {what}"
            warn(diagnostics, wrong, project.place(name), f"write {name} = {example}")
        elif name == "build" and not isinstance(value, dict):
            help = 'write [tool.nndsl.build] and "train.py" = "net.nn"'
            warn(diagnostics, "`build` is a table", project.place(name), help)
    return [Suppression(code, project.place(code)) for code in project.texts("ignore") or ()]
