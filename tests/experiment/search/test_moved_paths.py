"""Paths of data lead to the same files from the folder of a search as from the spec's."""

from __future__ import annotations

from pathlib import Path

import pytest

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.search.plan import make_plan
from nndsl.experiment.search.spec_text import best_spec, next_spec
from nndsl.experiment.search.trial import Trial
from nndsl.source import Source, read_source

SPEC = """\
let file = "data/a.csv"
data = csv(file, target="t", validation=0.2)
network { dense(4); relu; dense(2) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1); epochs = 2 }
compare { variant other { file = "data/c.csv" }; variant same { epochs = 3 } }
search(trials=4, metric=validation_loss) { file = choice("data/b.csv", "data/a.csv") }
"""


@pytest.mark.parametrize("canonical", [False, True])
@pytest.mark.parametrize("best", ["data/b.csv", "data/a.csv"])
def test_a_searched_path_and_those_of_variants_are_moved(
    best: str, canonical: bool, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    for name in "abc":
        rows = "".join(f"{number},{'yes' if number % 2 else 'no'}\n" for number in range(20))
        (tmp_path / "data" / f"{name}.csv").write_text(f"x,t\n{rows}")
    path, folder = tmp_path / "net.nn", tmp_path / "runs" / "found"
    path.write_text(SPEC)
    if canonical:
        from nndsl.analysis.imports import read_tree
        from nndsl.syntax.printer import print_tree

        tree = read_tree(read_source(path), Diagnostics())
        assert tree is not None
        path.write_text(print_tree(tree))
    plan = make_plan(read_source(path), {}, Diagnostics())
    trial = Trial(0, {"file": f'"{best}"'}, {"file": f'"{best}"'}, "finished", 0.5, (0.5,))
    other = Trial(1, {"file": '"data/a.csv"'}, {"file": '"data/a.csv"'}, "finished", 0.6, (0.6,))
    folder.mkdir(parents=True)
    texts = best_spec(plan, trial, "SearchResult.", folder), next_spec(plan, [trial, other], folder)
    for text in texts:
        diagnostics = Diagnostics()
        checked = analyse(Source("new.nn", text, folder / "new.nn"), diagnostics)
        assert not diagnostics.diagnostics
        assert checked.spec is not None
        assert checked.spec.data is not None
        (used,) = checked.spec.data.files(folder).values()
        assert used.resolve() == (tmp_path / best).resolve()
        assert 'file = "../../data/c.csv"' in text
    moved = [f'"../../{name}"' for name in dict.fromkeys(["data/b.csv", best, "data/a.csv"])]
    for one in moved if best == "data/b.csv" else moved[1:]:
        assert one in texts[1][texts[1].index("search(") :]
