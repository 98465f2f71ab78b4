"""The folder of a search: what it is of, so that another one is told from it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nndsl.experiment.mark import FILE, KIND, read_mark, write_mark
from nndsl.experiment.search.failure import OtherSearch
from nndsl.experiment.search.plan import Plan
from nndsl.files import remove_temporaries, write_text

STUDY = "study.db"
WAITING = "waiting"
BEST = "best"  # the folder of the run with the best values
SEARCH, OF, LAG = "search", "of", "lag"  # the kind of its mark, and what that says


def claim(folder: Path, plan: Plan, *, fresh: bool) -> Plan:
    """Make the folder that of a plan; return the plan as it goes on there.

    The caller holds its lock. `fresh` forgets the trials that it holds. OtherSearch where it is
    that of something else. OSError where it cannot be written.
    """
    there = [path for path in folder.iterdir() if not path.name.startswith(".")]
    said = read_mark(folder)
    if there and said.get(KIND) != SEARCH:
        raise OtherSearch(["its files are not those of a search"])
    if there and fresh:
        for path in folder.glob(f"{STUDY}*"):
            path.unlink()
        for name in (WAITING, BEST):
            shutil.rmtree(folder / name, ignore_errors=True)
    elif there:
        of, lag = said.get(OF), said.get(LAG)
        if not isinstance(of, dict) or not isinstance(lag, int) or lag < 1:
            raise OtherSearch([f"{FILE} in it is damaged"])
        if differing := differences(of, plan):
            raise OtherSearch(differing)
        plan = replace(plan, lag=lag)
    for place in (folder, folder / WAITING):
        remove_temporaries(place)
    write_mark(folder, {KIND: SEARCH, OF: plan.premises, LAG: plan.lag})
    write_text(folder / "spec.nn", plan.source.text)
    return plan


def differences(known: Mapping[str, Any], plan: Plan) -> list[str]:
    """Return in words what is not as it was when a search began."""
    own = plan.premises
    said = []
    for what in own:
        if known.get(what) == own[what]:
            continue
        match known.get(what), own[what]:
            case str(before) | bool(before), now if what != "spec":
                said.append(f"{what} was {str(before).lower()}, and is {str(now).lower()}")
            case _:
                said.append(f"the {what} {'is' if what == 'spec' else 'are'} not the same")
    return said
