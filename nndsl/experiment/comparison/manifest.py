"""The folder of a comparison, claimed by a plan; results of another plan in it are refused."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nndsl import __version__
from nndsl.analysis.override import as_options
from nndsl.analysis.spec_edits import move_paths
from nndsl.experiment.comparison.plan import Plan
from nndsl.experiment.digests import data_digests, spec_digest
from nndsl.experiment.manifest import (
    FILE,
    KIND,
    OTHER_FOLDER,
    OtherExperiment,
    read_manifest,
    write_manifest,
)
from nndsl.files import remove_temporaries, write_text
from nndsl.interchange import command_line

COMMAND = "command.txt"
COMPARE = "compare"  # the kind in its manifest
RUN = re.compile(r".+-seed\d+(-fold\d+of\d+)?")  # the folder of a training


def claim(folder: Path, plan: Plan, *, fresh: bool) -> None:
    """Claim a folder for a plan, and remove what was half written in it.

    The caller holds its lock. `fresh` forgets the trainings of a comparison in it.
    OtherExperiment if it is not empty and does not hold this plan, or one with other seeds
    or fewer variants.
    """
    holder = f"{folder} holds another experiment"
    found = read_manifest(folder, COMPARE, holder, "comparison")
    manifest = _manifest(plan)
    if fresh:
        for path in folder.iterdir() if found else ():
            if RUN.fullmatch(path.name) and path.is_dir():
                shutil.rmtree(path)
        found = {}
    elif found and (differences := list(_differences(found, manifest, plan, folder))):
        help = f"{OTHER_FOLDER}, or forget what it holds with --fresh"
        raise OtherExperiment(holder, differences, help)
    remove_temporaries(folder)
    merged = {name: {**found.get(name, {}), **manifest[name]} for name in ("variants", "data")}
    write_manifest(folder, {**manifest, **merged})
    write_text(spec_file(folder, plan), move_paths(plan.source, folder))
    write_text(folder / COMMAND, f"{command_line(plan.command)}\n")


def spec_file(folder: Path, plan: Plan) -> Path:
    """Return where the text of the spec is kept, in which paths lead from there."""
    return folder / f"spec{plan.source.suffix}"


def _manifest(plan: Plan) -> dict[str, Any]:
    data: dict[str, str] = {}
    for spec in (plan.spec, *(variant.spec for variant in plan.variants)):
        data |= data_digests(spec)
    return {
        KIND: COMPARE,
        "nndsl": __version__,
        "optimize": plan.optimize,
        "settings": dict(plan.settings),
        "spec": spec_digest(plan.spec),
        "data": data,
        "variants": {variant.name: dict(variant.overrides) for variant in plan.variants},
    }


def _differences(
    before: dict[str, Any], current: dict[str, Any], plan: Plan, folder: Path
) -> Iterator[str]:
    if {name: type(value) for name, value in before.items()} != {
        n: type(v) for n, v in current.items()
    }:
        yield f"{FILE} in it was not written by this version of nndsl"
        return
    if before["nndsl"] != current["nndsl"]:
        yield f"it was made by nndsl {before['nndsl']}, and this is nndsl {current['nndsl']}"
    if before["optimize"] != current["optimize"]:
        with_it, without = "it was made with --optimize", "it was made without --optimize"
        yield with_it if before["optimize"] else without
    if before["spec"] != current["spec"]:
        kept = spec_file(folder, plan)
        is_same = kept.is_file() and kept.read_text("utf-8") == move_paths(plan.source, folder)
        if before["settings"] != current["settings"]:
            given = " ".join(as_options(before["settings"]))
            yield f"it was made {f'with {given}' if given else 'without --set'}"
        if not is_same:
            yield f"the spec was changed, and `nndsl diff {kept} {plan.source.name}` says how"
    for name in sorted(before["data"].keys() & current["data"].keys()):
        if before["data"][name] != current["data"][name]:
            yield f"{name} holds other data now"
    for name, overrides in current["variants"].items():
        previous = before["variants"].get(name, overrides)
        if not isinstance(previous, dict):
            yield f"{FILE} in it is damaged"
        elif previous != overrides:
            yield f"variant `{name}` was {_body(previous)}, and is {_body(overrides)}"


def _body(overrides: dict[str, str]) -> str:
    return f"{{ {'; '.join(f'{name} = {value}' for name, value in overrides.items())} }}"
