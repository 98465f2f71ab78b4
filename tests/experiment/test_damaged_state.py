"""What is kept in folders is read with suspicion: damage is never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from comparing import plan_of

from nndsl.experiment.comparison.manifest import claim
from nndsl.experiment.job import Job
from nndsl.experiment.manifest import OtherExperiment
from nndsl.experiment.outcome_cache import load_outcome, save_outcome

NESTED = "[" * 100_000


@pytest.mark.parametrize("text", [NESTED, '{"a":' * 100_000, "", "\0"])
def test_a_damaged_mark_is_no_traceback(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "experiment.json").write_text(text)
    with pytest.raises(OtherExperiment, match="its files are not those of a comparison"):
        claim(folder, plan_of(), fresh=False)


@pytest.mark.parametrize("part", ["data", "variants", "settings", "spec"])
def test_a_mark_with_damaged_parts_is_no_traceback(folder: Path, part: str) -> None:
    folder.mkdir(parents=True)
    claim(folder, plan_of(), fresh=False)
    mark = json.loads((folder / "experiment.json").read_text())
    (folder / "experiment.json").write_text(json.dumps(mark | {part: [1]}))
    with pytest.raises(OtherExperiment, match=r"experiment\.json in it was not written by this"):
        claim(folder, plan_of(), fresh=False)


@pytest.mark.parametrize(
    "damage", [NESTED, '{"digest":' * 99_999, "", "{}", '"rows": 3', '"rows": [3]', '"results": []']
)
def test_a_damaged_outcome_counts_as_none(tmp_path: Path, damage: str) -> None:
    job = Job("one", {}, tmp_path, digest="d")
    save_outcome(
        tmp_path, "d", {"rows": [{"epoch": 1, "loss": 0.5}], "results": {}, "seconds": 1.0}
    )
    assert load_outcome(job) is not None
    text = (tmp_path / "outcome.json").read_text()
    if damage.startswith('"'):
        damage = json.dumps(json.loads(text) | json.loads(f"{{{damage}}}"))
    (tmp_path / "outcome.json").write_text(damage)
    assert load_outcome(job) is None
