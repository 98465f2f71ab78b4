"""Comparisons: equal beginnings, a folder that keeps everything, and nothing trained twice."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from comparing import OTHER, PLAIN, SPEC, WIDE, compare, plan_of

import nndsl
from nndsl.analysis.imports import read_tree
from nndsl.analysis.json_form import tree_to_json
from nndsl.analysis.spec_edits import parse
from nndsl.cli import main
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.comparison.plan import NoComparison, Plan
from nndsl.experiment.comparison.training import Unfinished
from nndsl.experiment.manifest import OtherExperiment
from nndsl.live.model import Array, Model
from nndsl.source import Source

pytestmark = pytest.mark.slow  # trains, or draws, again and again

ALL = [f"{name} seed {seed}" for name in (OTHER, PLAIN, WIDE) for seed in (4, 5)]
KEPT = {"command.txt", "history.csv", "outcome.json", "output.txt", "results.json", "spec.nn"}
KEPT |= {"train.py", "weights.npz", "report.html", "loss.svg", "accuracy.svg"}
EXACT = ("weights.npz", "history.csv", "train.py", "output.txt", "experiment.json")


def model_of(plan: Plan, variant: str, seed: int) -> Model:
    job = plan.jobs(Path())[variant, seed]
    return nndsl.load("net.nn", text=plan.source.text, set=dict(job.settings))


def batches(model: Model) -> list[Array]:
    """Return the inputs of every step of the training."""
    seen: list[Array] = []
    step = model.namespace["loss_and_gradients"]

    def watched(X: Array, t: Array) -> object:
        seen.append(X.copy())
        return step(X, t)

    model.namespace["loss_and_gradients"] = watched
    model.fit()
    return seen


def test_variants_of_a_seed_begin_with_equal_weights_where_shapes_agree() -> None:
    plan = plan_of()
    plain, other, wide = (model_of(plan, name, 4).parameters for name in (PLAIN, OTHER, WIDE))
    assert list(plain) == list(other) == list(wide)
    for name, weights in plain.items():
        assert np.array_equal(weights, other[name]), name
        assert np.array_equal(weights, wide[name]) == (weights.shape == wide[name].shape), name
    assert [name for name in wide if wide[name].shape != plain[name].shape] == ["W1", "b1", "W2"]
    assert not np.array_equal(plain["W3"], model_of(plan, PLAIN, 5).parameters["W3"])


def test_variants_of_a_seed_see_equal_batches() -> None:
    plan = plan_of()
    plain, other, wide = (batches(model_of(plan, name, 4)) for name in (PLAIN, OTHER, WIDE))
    assert len(plain) == 6
    for a, b, c in zip(plain, other, wide, strict=True):
        assert np.array_equal(a, b)
        assert np.array_equal(a, c)
    another = batches(model_of(plan, PLAIN, 5))
    assert not any(np.array_equal(a, b) for a, b in zip(plain, another, strict=True))


@pytest.mark.usefixtures("no_figures")
def test_every_training_is_kept_as_a_run(folder: Path) -> None:
    comparison, begun = compare(plan_of(), folder)
    assert begun == ALL
    runs = sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert runs == [name.replace(" seed ", "-seed") for name in ALL]
    for (variant, seed), job in comparison.plan.jobs(folder).items():
        own = folder / f"{variant}-seed{seed}"
        assert {path.name for path in own.iterdir()} == KEPT
        settings = " ".join(f"--set {name}={value}" for name, value in job.settings.items())
        command = (own / "command.txt").read_text().replace("'", "")
        assert command == f"nndsl run net.nn {settings}\n"
        assert (own / "train.py").read_text() == model_of(comparison.plan, variant, seed).source


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("form", ["nn", "json"])
def test_the_spec_of_a_training_repeats_it(form: str, folder: Path, tmp_path: Path) -> None:
    source = Source("net.nn", f"# How fast?\n{SPEC}expect {{ test_accuracy > 0 }}\n")
    if form == "json":
        document = tree_to_json(parse(source), Diagnostics())
        source = Source("net.json", json.dumps(document))
    plan = plan_of(source.text, name=source.name)
    compare(plan, folder)
    for (variant, seed), job in plan.jobs(folder).items():
        assert job.folder is not None
        page = job.folder / f"spec.{form}"
        again = tmp_path / f"{variant}-{seed}"
        assert main(["run", str(page), "-o", str(again)]) == 0
        assert (again / "history.csv").read_bytes() == (job.folder / "history.csv").read_bytes()
        assert same_weights(again, job.folder)
    if form == "nn":
        said = (folder / "other-seed5" / "spec.nn").read_text()
        assert "  optimizer = adam(lr=rate/10)\n" in said
        assert re.search(r"^  seed += 5$", said, re.MULTILINE)
        assert said.startswith("# How fast?\nlet rate = 0.1\n")
        assert "\n# One training of this comparison:\n# compare(seeds=2) {\n" in said


def same_weights(first: Path, second: Path) -> bool:
    with np.load(first / "weights.npz") as one, np.load(second / "weights.npz") as two:
        return all(np.array_equal(one[name], two[name]) for name in ("W1", "b1", "W3"))


@pytest.mark.usefixtures("no_figures")
def test_tables_say_what_the_trainings_reported(folder: Path) -> None:
    comparison, _ = compare(plan_of(), folder)
    rows = list(csv.DictReader((folder / "results.csv").open(newline="")))
    assert [(row["variant"], row["seed"]) for row in rows] == [
        (name, seed) for name in (PLAIN, OTHER, WIDE) for seed in ("4", "5")
    ]
    for row in rows:
        own = folder / f"{row['variant']}-seed{row['seed']}"
        results = json.loads((own / "results.json").read_text())
        results.pop("baselines")
        assert all(row[name] == str(value) for name, value in results.items())
        history = list(csv.DictReader((own / "history.csv").open(newline="")))
        best = max(float(line["validation_accuracy"]) for line in history)
        assert float(row["best_validation_accuracy"]) == best
        first = next(line for line in history if float(line["validation_accuracy"]) == best)
        assert row["best_epoch"] == first["epoch"]

    document = json.loads((folder / "results.json").read_text())
    assert document["judged_by"] == "validation_accuracy"
    plain = document["variants"][PLAIN]
    values = [float(row["test_loss"]) for row in rows if row["variant"] == PLAIN]
    assert plain["mean"]["test_loss"] == pytest.approx(np.mean(values), rel=1e-12)
    assert plain["standard_deviation"]["test_loss"] == pytest.approx(np.std(values, ddof=1))
    assert plain["settings"] == {"rate": "0.2"}
    assert [run["seed"] for run in plain["runs"]] == [4, 5]
    assert plain["parameters"] == 2 * 8 + 8 + 8 * 6 + 6 + 6 * 3 + 3
    assert comparison.best is not None
    best = comparison.best.name
    assert document["best"] == best
    assert document["undecided"] == [variant.name for variant in comparison.undecided]
    for name, found in document["variants"].items():
        if name == best:
            assert found["difference_from_best"] is None
            continue
        apart = [
            float(one["validation_accuracy"]) - float(other["validation_accuracy"])
            for one, other in zip(
                (row for row in rows if row["variant"] == name),
                (row for row in rows if row["variant"] == best),
                strict=True,
            )
        ]
        assert found["difference_from_best"]["mean"] == pytest.approx(np.mean(apart))
        assert found["difference_from_best"]["paired"] is True


@pytest.mark.usefixtures("no_figures")
def test_what_is_trained_is_not_trained_again(folder: Path) -> None:
    compare(plan_of(), folder)
    texts = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    shutil.rmtree(folder / "wide-seed5")
    (folder / "plain-seed4" / "outcome.json").unlink()
    (folder / "plain-seed4" / "left.txt").write_text("by whoever was cut off")
    (folder / ".nndsl-k3x0abc_").write_text("half of a table")
    _, begun = compare(plan_of(), folder)
    assert begun == ["plain seed 4", "wide seed 5"]
    assert {path for path in folder.rglob("*") if path.is_file()} == set(texts)
    for path, text in texts.items():
        if path.name in EXACT:
            assert path.read_bytes() == text, path


@pytest.mark.usefixtures("no_figures")
def test_more_seeds_and_more_variants_go_on_from_there(folder: Path) -> None:
    compare(plan_of(seeds=1), folder)
    _, begun = compare(plan_of(), folder)
    assert begun == [name for name in ALL if name.endswith("5")]
    more = SPEC.replace("compare(seeds=2) {", "compare(seeds=2) {\n  variant slow { rate = 0.01 }")
    comparison, begun = compare(plan_of(more), folder)
    assert begun == ["slow seed 4", "slow seed 5"]
    assert [variant.name for variant in comparison.variants] == ["slow", PLAIN, OTHER, WIDE]
    layout = f"# A comment changes nothing.\n{SPEC}".replace("  relu\n", "\n  relu\n", 1)
    assert compare(plan_of(layout), folder)[1] == []
    expecting = f"{SPEC}expect {{ parameters <= 1000 }}\n"
    assert compare(plan_of(expecting), folder)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("dense(6)", "dense(7)", "the spec was changed, and `nndsl diff "),
        ("rate = 0.2", "rate = 0.3", "variant `plain` was { rate = 0.2 }, and is { rate = 0.3 }"),
    ],
)
@pytest.mark.usefixtures("no_figures")
def test_another_spec_is_told_from_it(old: str, new: str, difference: str, folder: Path) -> None:
    compare(plan_of(seeds=1), folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    other = plan_of(SPEC.replace(old, new), seeds=1)
    with pytest.raises(OtherExperiment, match=re.escape(difference)):
        compare(other, folder)
    del before[folder / ".lock"]
    assert all(path.read_bytes() == text for path, text in before.items())
    assert compare(other, folder, fresh=True)[1] == [name for name in ALL if name.endswith("4")]
    assert compare(other, folder)[1] == []


@pytest.mark.usefixtures("no_figures")
def test_other_settings_are_told_from_it(folder: Path) -> None:
    compare(plan_of(seeds=1), folder)
    with pytest.raises(OtherExperiment, match=r"it was made without --set$"):
        compare(plan_of(seeds=1, settings={"train.epochs": "2"}), folder)
    with pytest.raises(OtherExperiment, match=r"it was made without --optimize$"):
        compare(plan_of(seeds=1, optimize=True), folder)


@pytest.mark.usefixtures("no_figures")
def test_other_data_is_told_from_it(tmp_path: Path, folder: Path) -> None:
    spec = tmp_path / "net.nn"
    text = SPEC.replace("spiral(samples=60, validation=0.2, test=0.2)", 'npz("d.npz", test=0.2)')
    x = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    np.savez(tmp_path / "d.npz", x=x, t=np.arange(60) % 3)
    compare(plan_of(text, path=spec, seeds=1), folder)
    assert compare(plan_of(text, path=spec, seeds=1), folder)[1] == []
    np.savez(tmp_path / "d.npz", x=x + 1, t=np.arange(60) % 3)
    with pytest.raises(OtherExperiment, match=r"d\.npz holds other data now"):
        compare(plan_of(text, path=spec, seeds=1), folder)


def test_a_folder_of_something_else_is_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "thesis.tex").write_text("years of work")
    for fresh in (False, True):
        with pytest.raises(OtherExperiment, match="its files are not those of a comparison"):
            compare(plan_of(), folder, fresh=fresh)
    assert {path.name for path in folder.iterdir()} == {"thesis.tex", ".lock"}


@pytest.mark.parametrize("mark", ['{"experiment": "search"}', "[]", "{"])
def test_a_folder_of_another_experiment_is_left_alone(folder: Path, mark: str) -> None:
    folder.mkdir(parents=True)
    (folder / "experiment.json").write_text(mark)
    for fresh in (False, True):
        with pytest.raises(OtherExperiment, match="its files are not those of a comparison"):
            compare(plan_of(), folder, fresh=fresh)
    assert (folder / "experiment.json").read_text() == mark


@pytest.mark.usefixtures("no_figures")
def test_fresh_leaves_the_files_of_others(folder: Path) -> None:
    compare(plan_of(seeds=1), folder)
    (folder / "notes.txt").write_text("mine")
    assert len(compare(plan_of(seeds=1), folder, fresh=True)[1]) == 3
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.usefixtures("no_figures")
def test_a_training_that_cannot_be_done_is_not_kept(tmp_path: Path, folder: Path) -> None:
    spec = tmp_path / "net.nn"
    lost = '{ data = npz("d.npz", validation=0.2, test=0.2) }'
    text = SPEC.replace("{ width = 12 }", lost)
    x = np.zeros((400, 2), np.float32)
    np.savez(tmp_path / "d.npz", x=x, t=np.arange(400) % 3)
    plan = plan_of(text, path=spec, seeds=1)
    (tmp_path / "d.npz").rename(tmp_path / "away.npz")
    with pytest.raises(Unfinished, match=r"^1 of 3 trainings did not end: wide seed 4: .*d\.npz"):
        compare(plan, folder)
    assert not (folder / "results.csv").exists()
    (tmp_path / "away.npz").rename(tmp_path / "d.npz")
    comparison, begun = compare(plan, folder)
    assert begun == ["wide seed 4"]
    assert not comparison.variants[2].divergence
    assert (folder / "results.csv").exists()


@pytest.mark.usefixtures("no_figures")
def test_variants_that_differ_in_case_have_folders_of_their_own(folder: Path) -> None:
    text = SPEC.replace("variant other", "variant PLAIN")
    jobs = plan_of(text, seeds=1).jobs(folder)
    names = [job.folder.name for job in jobs.values() if job.folder]
    assert names == ["plain-1-seed4", "PLAIN-2-seed4", "wide-seed4"]


@pytest.mark.usefixtures("no_figures")
def test_the_json_form_compares_the_same(folder: Path, tmp_path: Path) -> None:
    diagnostics = Diagnostics()
    tree = read_tree(Source("net.nn", SPEC), diagnostics)
    assert tree is not None
    text = json.dumps(tree_to_json(tree, diagnostics))
    by_json, _ = compare(plan_of(text, name="net.json", seeds=1), folder)
    by_text, _ = compare(plan_of(seeds=1), tmp_path / "text")
    for one, other in zip(by_json.variants, by_text.variants, strict=True):
        assert one.variant.overrides == other.variant.overrides
        assert one.outcomes[4].results == other.outcomes[4].results
    assert (folder / "spec.json").read_text() == text


def test_a_spec_without_variants_has_no_plan() -> None:
    with pytest.raises(NoComparison):
        plan_of(SPEC[: SPEC.index("compare")])


def test_a_variant_may_set_the_seed() -> None:
    plan = plan_of(SPEC.replace("{ width = 12 }", "{ seed = 10 }"))
    assert [key for key in plan.jobs(Path()) if key[0] == WIDE] == [(WIDE, 10), (WIDE, 11)]


def test_what_is_expected_of_the_spec_does_not_stop_a_variant() -> None:
    plan = plan_of(f"{SPEC}expect {{ parameters <= 110 }}\n")
    assert [variant.graph.parameter_count for variant in plan.variants] == [99, 99, 135]


@pytest.mark.usefixtures("no_figures")
def test_the_python_interface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.nn").write_text(SPEC)
    comparison = nndsl.compare("net.nn", set={"train.epochs": 2}, seeds=1)
    assert isinstance(comparison, nndsl.Comparison)
    assert comparison.best is not None
    assert comparison.verdict.startswith(f"{comparison.best.name} is ahead by validation accuracy")
    found = comparison.variants[0].spread("validation_loss")
    assert found is not None
    assert found.mean == comparison.variants[0].outcomes[4].rows[-1]["validation_loss"]
    assert Path("runs/net-compare/results.csv").exists()


def test_a_spec_from_stdin_is_named_so_in_commands() -> None:
    assert plan_of(name="<stdin>").command == ["nndsl", "compare", "-"]
    assert plan_of(name="net.nn", seeds=3).command == ["nndsl", "compare", "net.nn", "--seeds", "3"]
