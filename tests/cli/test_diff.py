"""nndsl diff: what two specs mean differently."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli

ROOT = Path(__file__).parents[2]
SAME = "the two specs mean the same\n"
NET = "network {\n  input(4)\n  dense(8)\n  relu\n  dense(2)\n}\n"


@pytest.fixture
def changed(cli: Cli, spec: Path) -> Any:
    """Return the function that compares two texts, and returns the JSON form of the result."""

    def compare(old: str, new: str) -> Any:
        Path("old.nn").write_text(old, "utf-8")
        Path("new.nn").write_text(new, "utf-8")
        result = cli("diff", "old.nn", "new.nn", "--format", "json")
        found = json.loads(result.out)
        assert result.code == int(not found["same"])
        return found

    return compare


def lines(found: Any) -> list[str]:
    return [f"{line['sign']} {line['text']}" for line in found["network"] if line["sign"] != " "]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [path.read_text("utf-8") for path in sorted((ROOT / "specs").glob("s*.nn"))] + [NET],
)
def test_a_spec_means_the_same_as_itself_laid_out_anew(
    text: str, cli: Cli, spec: Path, changed: Any
) -> None:
    Path("data").symlink_to(ROOT / "specs" / "data")  # which some of them read
    other = "# another comment\n\n" + text.replace("  ", "\t")
    assert changed(text, other)["same"]
    assert cli("diff", "old.nn", "new.nn").out == SAME
    assert cli("convert", "old.nn", "--to", "json", "-o", "old.json").code == 0
    assert cli("diff", "old.json", "new.nn").out == SAME


@pytest.mark.parametrize(
    "new",
    [
        "let n = 8\n" + NET.replace("dense(8)", "dense(n)"),
        NET.replace("dense(8)", "dense(units=4 * 2, bias=true)"),
        "block hidden(n) { dense(n); relu }\n"
        + NET.replace("  dense(8)\n  relu\n", "  hidden(8)\n"),
        NET.replace("  dense(8)\n  relu\n", "  repeat(1) { dense(8); relu }\n"),
    ],
)
def test_other_words_for_the_same(new: str, changed: Any) -> None:
    assert changed(NET, new)["same"]


def test_a_layer_that_changes(changed: Any) -> None:
    found = changed(NET, NET.replace("dense(8)", "dense(16, bias=false)"))
    assert lines(found) == ["- dense(8)", "+ dense(16, bias=false)"]
    assert found["sizes"] == [
        {"name": "parameters", "before": "58", "after": "98"},
        {"name": "FLOP forward", "before": "96", "after": "192"},
    ]
    assert found["weights"] == [
        {"name": "W1", "before": "4 x 8", "after": "4 x 16"},
        {"name": "b1", "before": "8", "after": None},
        {"name": "W2", "before": "8 x 2", "after": "16 x 2"},
    ]
    assert found["breaking"]


def test_layers_that_come_go_and_move(changed: Any) -> None:
    found = changed(NET, NET.replace("  relu\n", "  batch_norm\n  tanh\n"))
    assert lines(found) == ["- relu", "+ batch_norm", "+ tanh"]
    assert {change["name"] for change in found["weights"]} == {
        "gamma1",
        "beta1",
        "running_mean1",
        "running_var1",
    }
    assert found["breaking"]


def test_an_activation_breaks_saved_weights_although_they_have_the_same_shapes(
    changed: Any,
) -> None:
    found = changed(NET, NET.replace("relu", "tanh"))
    assert lines(found) == ["- relu", "+ tanh"]
    assert found["breaking"]
    assert found["weights"] == found["sizes"] == []


def test_dropout_breaks_no_saved_weights(changed: Any) -> None:
    found = changed(NET, NET.replace("  relu\n", "  relu\n  dropout(0.1)\n"))
    assert lines(found) == ["+ dropout(0.1)"]
    assert not found["breaking"]


def test_structures(changed: Any) -> None:
    new = NET.replace("  dense(8)\n", "  dense(8)\n  residual {\n    relu\n  }\n")
    assert lines(changed(NET, new)) == ["+ residual {", "+   relu", "+ }"]


def test_settings(cli: Cli, spec: Path, changed: Any) -> None:
    old = spec.read_text()
    new = old.replace("adam(lr=0.01)", "adam(lr=0.02)").replace("epochs    = 3", "batch = 7")
    found = changed(old, new.replace("samples=60", "samples=90"))
    names = [change["name"] for change in found["settings"]]
    assert names == ["data", "train.optimizer", "train.batch", "train.epochs"] or set(names) == {
        "data",
        "train.optimizer",
        "train.batch",
        "train.epochs",
    }
    assert (found["network"], found["breaking"]) == ([], False)


def test_experiments(spec: Path, changed: Any) -> None:
    old = spec.read_text()
    found = changed(old, old + "expect { parameters <= 100 }\n")
    assert [change["name"] for change in found["settings"]] == ["expect"]


EXPERIMENTS = """
let n = 20
let rate = 0.1
let size = 1
data = digits(validation=0.1)
network { dense(10) }
train { loss = softmax_cross_entropy; optimizer = sgd(lr=rate); regularize = l2(size) }
"""
CURVE = "let n = 20\nminimize { f = n * x**2; start(x=1); optimizer = sgd(lr=0.1) }\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CURVE, "minimize.f"),
        (CURVE.replace("n * x", "x").replace("x=1", "x=n"), "minimize.start"),
        (CURVE.replace("n * x", "x").replace("0.1", "n"), "minimize.optimizer"),
        (EXPERIMENTS + "expect { parameters <= 100 * n }", "expect"),
        (EXPERIMENTS + "compare(seeds=n) { variant a { rate = 1 } }", "compare.seeds"),
        (EXPERIMENTS + "compare { variant a { rate = n } }", "variant a"),
        (EXPERIMENTS + "compare { variant a { optimizer = sgd(lr=n) } }", "variant a"),
        (EXPERIMENTS + "compare { variant a { test_loss <= n } }", "variant a"),
        (EXPERIMENTS + "search { rate = uniform(0.1, n) }", "search rate"),
        (EXPERIMENTS + "search { rate = choice(1, n) }", "search rate"),
        (EXPERIMENTS + "search(trials=n) { rate = choice(1, 2) }", "search.trials"),
    ],
)
def test_a_let_that_an_experiment_uses(text: str, name: str, changed: Any) -> None:
    text = text.replace("validation=0.1", "validation=0.1, test=0.1")
    for new in (text.replace("let n = 20", "let n = 21"), text.replace("let n = 20", "let n = 30")):
        assert [change["name"] for change in changed(text, new)["settings"]] == [name]
    assert changed(text, text.replace("let n = 20", "let n = 2 * 10"))["same"]


@pytest.mark.parametrize(
    "what", ["compare { variant a { rate = 1 } }", "search { rate = choice(1, 2) }"]
)
def test_what_a_varied_let_reaches(what: str, changed: Any) -> None:
    """The spec itself is the same, and its variants are not."""
    text = EXPERIMENTS.replace("let size = 1", "let size = 0.1") + what
    found = changed(text, text.replace("lr=rate", "lr=size").replace("l2(size)", "l2(rate)"))
    assert len(found["settings"]) == 1
    assert "train.regularize l2(1)" in found["settings"][0]["after"]


def test_what_scripts_alone_show(cli: Cli, changed: Any) -> None:
    """The text is the same, and the layer of this name is another; so is what a file holds."""
    text = (
        "let p = dense(4)\nlet q = dense(4)\ndata = digits\n"
        "network { dense(4); p; relu; q; relu; dense(4, weights=tied(p)) }\n"
    )
    found = changed(text, text.replace("p; relu; q;", "q; relu; p;"))
    assert [change["name"] for change in found["settings"]] == ["script"]
    assert found["breaking"]
    old = 'data = csv("table.csv", target="t")\nnetwork { dense(3) }\n'
    Path("table.csv").write_text("a,t\n1,x\n2,y\n3,z\n")
    Path("other").mkdir()
    Path("other/table.csv").write_text("a,t\n1,x\n2,y\n3,w\n")
    Path("old.nn").write_text(old)
    Path("other/new.nn").write_text(old)
    assert "CLASS_NAMES = " in cli("diff", "old.nn", "other/new.nn").out


def test_a_spec_without_a_network(changed: Any) -> None:
    found = changed("data = digits", NET)
    assert (found["same"], found["breaking"]) == (False, False)
    descent = "minimize { f = x**2; start(x=1); optimizer = sgd(lr=0.1); steps = 3 }"
    found = changed(descent, descent.replace("steps = 3", "steps = 4"))
    assert [change["name"] for change in found["settings"]] == ["minimize.steps"]


def test_the_text(cli: Cli, spec: Path) -> None:
    Path("old.nn").write_text(NET)
    Path("new.nn").write_text(NET.replace("dense(8)", "dense(4096)"))
    result = cli("diff", "old.nn", "new.nn")
    assert (result.code, result.err) == (1, "")
    assert result.out == (
        "network\n"
        "    input(4)\n"
        "  - dense(8)\n"
        "  + dense(4_096)\n"
        "    relu\n"
        "    dense(2)\n"
        "sizes\n"
        "  parameters    58 -> 28,674\n"
        "  FLOP forward  96 -> 49,152\n"
        "saved weights\n"
        "  W1  4 x 8 -> 4 x 4096\n"
        "  b1  8 -> 4096\n"
        "  W2  8 x 2 -> 4096 x 2\n"
        "\n"
        "saved weights of the old spec do not fit the new one\n"
    ).replace("8 -> 4096\n", "8 -> 4,096\n", 1)


def test_the_markdown(cli: Cli, spec: Path) -> None:
    Path("old.nn").write_text(NET)
    Path("new_net.nn").write_text(NET.replace("relu", "tanh"))
    result = cli("diff", "old.nn", "new_net.nn", "--format", "markdown")
    assert result.code == 1
    assert result.out.startswith("**new\\_net.nn**: ⚠️ saved weights of the old spec do not")
    assert "\n```diff\n  input(4)\n  dense(8)\n- relu\n+ tanh\n  dense(2)\n```\n" in result.out
    assert "means the same" in cli("diff", "old.nn", "old.nn", "--format", "markdown").out


def test_markdown_in_a_path_is_shown_and_not_rendered(cli: Cli, spec: Path) -> None:
    text = NET + 'data = csv("%s", target="t")\n'
    hostile = "``![a](http://example.org/x)``"
    for name, path in (("old.nn", "a.csv"), ("new.nn", hostile)):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("a,b,c,d,t\n1,2,3,4,x\n1,2,3,5,y\n")
        Path(name).write_text(text % path)
    said = cli("diff", "old.nn", "new.nn", "--format", "markdown").out
    (row,) = [line for line in said.splitlines() if "example" in line]
    assert f'| ``` csv("{hostile}"' in row
    assert row.endswith(" ``` |")


def test_settings_from_outside_hold_for_both(cli: Cli, spec: Path) -> None:
    Path("other.nn").write_text(spec.read_text().replace("width = 8", "width = 9"))
    assert cli("diff", spec, "other.nn").code == 1
    assert cli("diff", spec, "other.nn", "--set", "width=4").out == SAME


def test_stdin(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(spec.read_bytes())))
    assert cli("diff", "-", spec).out == SAME
    assert cli("diff", "-", "-").code == 2


def test_trouble_is_exit_code_2(cli: Cli, spec: Path) -> None:
    Path("wrong.nn").write_text("network { dnse(2) }")
    result = cli("diff", spec, "wrong.nn")
    assert (result.code, result.out) == (2, "")
    assert "error[NN201]: unknown layer `dnse`" in result.err
    assert cli("diff", spec, "none.nn").code == 2
