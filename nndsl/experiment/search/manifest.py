"""The folder of a search, claimed by a plan; trials of another plan in it are refused."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nndsl.analysis.spec_edits import move_paths
from nndsl.experiment.manifest import (
    FILE,
    KIND,
    OTHER_FOLDER,
    OtherExperiment,
    read_manifest,
    write_manifest,
)
from nndsl.experiment.search.plan import Plan
from nndsl.files import remove_temporaries, write_text

STUDY = "study.db"
WAITING = "waiting"
BEST = "best"  # the folder of the run with the best values
SEARCH, OF, LAG = "search", "of", "lag"  # the kind in its manifest, and its entries


def claim(folder: Path, plan: Plan, *, fresh: bool, is_shared: bool = False) -> Plan:
    """Claim a folder for a plan; return the plan as it continues there.

    The caller holds its lock. `fresh` forgets the trials in it, which is not advised where they
    are shared. OtherExperiment if the folder holds something else. OSError.
    """
    holder = f"{folder} holds another search"
    found = read_manifest(folder, SEARCH, holder, "search")
    if found and fresh:
        for path in folder.glob(f"{STUDY}*"):
            path.unlink()
        for name in (WAITING, BEST):
            shutil.rmtree(folder / name, ignore_errors=True)
    elif found:
        of, lag = found.get(OF), found.get(LAG)
        if isinstance(of, dict) and isinstance(lag, int) and lag >= 1:
            differing = differences(of, plan)
            plan = replace(plan, lag=lag)
        else:
            differing = [f"{FILE} in it is damaged"]
        if differing:
            way_out = "" if is_shared else ", or forget its trials with --fresh"
            raise OtherExperiment(holder, differing, OTHER_FOLDER + way_out)
    for place in (folder, folder / WAITING):
        remove_temporaries(place)
    write_manifest(folder, {KIND: SEARCH, OF: plan.inputs, LAG: plan.lag})
    write_text(folder / "spec.nn", move_paths(plan.source, folder))
    return plan


def differences(known: Mapping[str, Any], plan: Plan) -> list[str]:
    """Return in words what has changed since a search was started."""
    current = plan.inputs
    changes = []
    for what in current:
        if known.get(what) == current[what]:
            continue
        match known.get(what), current[what]:
            case str(before) | bool(before), after if what != "spec":
                changes.append(f"{what} was {str(before).lower()}, and is {str(after).lower()}")
            case _:
                changes.append(f"the {what} {'is' if what == 'spec' else 'are'} not the same")
    return changes
