"""The specs that experiments keep: paths of data lead from where they stand, in both forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from comparing import plan_of

import nndsl
from nndsl.experiment.comparison.manifest import claim
from nndsl.experiment.manifest import OtherExperiment
from nndsl.experiment.pool import run_jobs

SPEC = """\
let second = csv("data/b.csv", target="kind", classes=true)
data = csv("data/a.csv", target="kind", classes=true)
network { dense(3) }
train { loss = softmax_cross_entropy; optimizer = sgd; epochs = 1 }
compare(seeds=1) { variant one { data = second }; variant two { optimizer = adam } }
"""


def written(folder: Path, suffix: str) -> tuple[Path, str]:
    """Write a spec and its data; return its path and its text."""
    (folder / "data").mkdir()
    for name in "ab":
        rows = ["height,kind", *(f"{n % 7},{n % 3}" for n in range(64))]
        (folder / f"data/{name}.csv").write_text("\n".join(rows), "utf-8")
    path = folder / f"net{suffix}"
    text = SPEC
    if suffix == ".json":
        data = {"kind": "csv", "file": "data/a.csv", "target": "kind", "classes": True}
        train = {"loss": "softmax_cross_entropy", "optimizer": "sgd", "epochs": 1}
        second = '=csv("data/b.csv", target="kind", classes=true)'
        variants = {"one": {"data": second}, "two": {"optimizer": "adam"}}
        document = {"data": data, "network": [{"kind": "dense", "units": 3}], "train": train}
        text = json.dumps({**document, "compare": {"seeds": 1, "variants": variants}}, indent=2)
    path.write_text(text, "utf-8")
    return path, text


@pytest.mark.parametrize("suffix", [".nn", ".json"])
def test_the_spec_of_a_comparison_can_be_used_where_it_is_kept(tmp_path: Path, suffix: str) -> None:
    path, text = written(tmp_path, suffix)
    plan = plan_of(text, name=str(path), path=path)
    folder = tmp_path / "runs/net"
    folder.mkdir(parents=True)
    claim(folder, plan, fresh=False)
    kept = folder / f"spec{suffix}"
    assert nndsl.check(kept) == []
    assert kept.read_text("utf-8") == text.replace("data/", "../../data/")
    claim(folder, plan, fresh=False)
    other = plan_of(text.replace("sgd", "momentum"), name=str(path), path=path)
    with pytest.raises(OtherExperiment, match="the spec was changed"):
        claim(folder, other, fresh=False)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".nn", ".json"])
def test_the_spec_of_a_training_can_be_used_where_it_is_kept(tmp_path: Path, suffix: str) -> None:
    path, text = written(tmp_path, suffix)
    plan = plan_of(text, name=str(path), path=path)
    job = plan.jobs(tmp_path / "runs")["two", plan.jobs(tmp_path).popitem()[0][1]]
    (outcome,) = run_jobs(plan.source, [job], workers=1)
    assert not outcome.problem
    assert job.folder is not None
    kept = job.folder / f"spec{suffix}"
    assert "../../data/a.csv" in kept.read_text("utf-8")
    assert not [found for found in nndsl.check(kept) if found.severity.value == "error"]
