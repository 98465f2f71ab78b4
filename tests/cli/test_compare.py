"""nndsl compare: the table, the verdict, the files, and what may go wrong."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from command_line import Cli

from nndsl.cli.printable import display_width
from nndsl.experiment import lock
from nndsl.experiment.lock import locked

pytestmark = pytest.mark.slow  # trains, or draws, again and again

COMPARE = """
compare(seeds=2) {
  variant small { width = 4 }
  variant wide  { width = 16 }
}
"""
DIVERGING = """
compare {
  variant calm { optimizer = sgd(lr=0.01) }
  variant wild { optimizer = sgd(lr=1e6) }
}
"""
FOLDER = Path("runs/net-compare")


@pytest.fixture
def comparing(spec: Path) -> Path:
    """The path of a spec with two variants."""
    spec.write_text(spec.read_text() + COMPARE)
    return spec


def shape(table: str) -> str:
    """Return a text with digits for all digits."""
    return re.sub(r"\d", "0", table)


@pytest.mark.usefixtures("no_figures")
def test_a_table_and_a_verdict(cli: Cli, comparing: Path) -> None:
    result = cli("compare", comparing)
    assert result.code == 0, result.err
    table, _, verdict = result.out.partition("\n\n")[2].partition("\n\n")
    lines = [
        re.sub("best$|ahead|undecided|not past baseline", "", line).rstrip()
        for line in table.splitlines()
    ]
    assert result.out.startswith("net: 2 variants, 2 seeds each: mean ± standard deviation\n\n")
    assert [" ".join(shape(line).replace("-0", "0").split()) for line in lines] == [
        "validation difference 00%",
        "variant accuracy from best interval",
        "small 0.000 ± 0.000 0.000 0.000 to 0.000",
        "wide 0.000 ± 0.000 - -",
        "baseline 0.000 - -",
    ]
    document = json.loads((FOLDER / "results.json").read_text())
    assert " ".join(verdict.split()) == document["verdict"]
    for name, found in document["variants"].items():
        mean, deviation = (
            found[key]["validation_accuracy"] for key in ("mean", "standard_deviation")
        )
        row = next(line for line in lines if line.startswith(name))
        assert f"{mean:.3f} ± {deviation:.3f}" in row
    assert "small seed 0: epoch 3, validation accuracy 0." in result.err
    assert "\nno figures: they need matplotlib, pip install 'nndsl[plot]'\n" in result.err
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    assert "<h1>net: 2 variants compared</h1>" in page


@pytest.mark.usefixtures("no_figures")
def test_the_same_command_again_trains_nothing(cli: Cli, comparing: Path) -> None:
    first, again = cli("compare", comparing), cli("compare", comparing)
    assert again.out == first.out
    assert again.err.startswith("4 of 4 trainings were done before\nwrote ")
    assert " seed " not in again.err
    more = cli("compare", comparing, "--seeds", "3")
    assert more.err.startswith("4 of 6 trainings were done before\n")
    assert more.err.count(" seed 2: ") == 2
    assert (FOLDER / "command.txt").read_text() == "nndsl compare net.nn --seeds 3\n"


@pytest.mark.usefixtures("no_figures")
def test_bars_on_a_terminal(cli: Cli, comparing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = cli("compare", comparing, "-o", "plain")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    result = cli("compare", comparing)
    assert result.code == 0, result.err
    assert result.out == plain.out
    assert re.search(r"trainings .*0%", result.err)
    for name in ("small", "wide"):
        assert re.search(rf"\b{name} seed [01] .*━", result.err)
        assert f"{name} seed 1: epoch 3, validation accuracy 0." in result.err
    assert "━" not in plain.err


@pytest.mark.usefixtures("no_figures")
def test_another_spec_in_the_same_folder(cli: Cli, comparing: Path) -> None:
    cli("compare", comparing, "--seeds", "1")
    comparing.write_text(comparing.read_text().replace("relu", "tanh"))
    result = cli("compare", comparing, "--seeds", "1")
    kept = FOLDER / "spec.nn"
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: {FOLDER} holds another experiment: the spec was changed, and "
        f"`nndsl diff {kept} net.nn` says how\n"
        "  = help: name another folder after -o, or forget what it holds with --fresh\n"
    )
    assert cli("diff", kept, comparing).code in (0, 1)
    assert cli("compare", comparing, "--seeds", "1", "--fresh").code == 0
    assert cli("compare", comparing, "--seeds", "1", "-o", "elsewhere").code == 0
    assert Path("elsewhere/results.csv").exists()


@pytest.mark.usefixtures("no_figures")
def test_divergence_is_a_result(cli: Cli, spec: Path) -> None:
    text = spec.read_text().replace("softmax_cross_entropy", "mean_squared_error")
    spec.write_text(text + DIVERGING)
    result = cli("compare", spec)
    assert result.code == 0, result.err
    assert "calm diverged" not in result.out
    assert re.search(r"^wild +diverged in epoch \d: .* is not finite$", result.out, re.M)
    assert "wild diverged" in result.out
    assert re.search(r"^wild seed 0: training diverged: epoch \d: ", result.err, re.M)
    wild = json.loads((FOLDER / "results.json").read_text())["variants"]["wild"]
    assert wild["diverged"].startswith("diverged in epoch")
    assert wild["mean"] == {}
    assert cli("compare", spec).err.startswith("2 of 2 trainings were done before\n")


@pytest.mark.usefixtures("no_figures")
def test_what_variants_must_reach(cli: Cli, comparing: Path) -> None:
    text = comparing.read_text()
    text = text.replace("{ width = 4 }", "{ width = 4; parameters == 27 }")
    comparing.write_text(text.replace("{ width = 16 }", "{ width = 16; test_loss < 0 }"))
    result = cli("compare", comparing, "--seeds", "1")
    assert result.code == 1
    assert "holds: small: parameters == 27, found 27\n" in result.err
    assert "error[NN501]: variant `wide`: expected `test_loss < 0`, found " in result.err
    assert "is ahead by validation accuracy" in result.out
    (held,) = json.loads((FOLDER / "results.json").read_text())["variants"]["wide"]["expectations"]
    assert held["holds"] is False


@pytest.mark.usefixtures("no_figures")
def test_no_line_of_the_table_is_wider_than_a_terminal(cli: Cli, comparing: Path) -> None:
    name = "a_variant_whose_name_leaves_no_room_for_any_of_its_numbers"
    comparing.write_text(comparing.read_text().replace("variant small", f"variant {name}"))
    result = cli("compare", comparing)
    assert result.code == 0, result.err
    assert max(map(display_width, result.out.splitlines())) <= 80
    assert re.search(r"^a_variant_\w+…  0\.", result.out, re.M)


def test_figures_of_all_variants(cli: Cli, comparing: Path) -> None:
    result = cli("compare", comparing)
    assert result.code == 0, result.err
    for quantity in ("accuracy", "loss"):
        assert (FOLDER / f"{quantity}.png").read_bytes().startswith(b"\x89PNG")
        svg = (FOLDER / f"{quantity}.svg").read_text(encoding="utf-8")
        for words in ("small", "wide", "training", "validation", "epoch", quantity):
            assert f">{words}</text>" in svg
        assert (FOLDER / "small-seed0" / f"{quantity}.svg").exists()
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    assert page.count("<figure") == 2
    assert "A band holds all seeds" in page
    before = (FOLDER / "loss.svg").read_bytes()
    cli("compare", comparing)
    assert (FOLDER / "loss.svg").read_bytes() == before


@pytest.mark.filterwarnings("error")
def test_losses_that_are_all_zero_are_drawn(cli: Cli, spec: Path) -> None:
    Path("zero.csv").write_text("x,t\n" + "1,0\n2,0\n3,0\n" * 4)
    spec.write_text(
        'data = csv("zero.csv", target="t")\nnetwork { dense(1, init=zeros) }\n'
        "train { loss = mean_squared_error; optimizer = sgd(lr=0.1); epochs = 2; batch = 3 }\n"
        "compare { variant a { batch = 4 }; variant b { batch = 5 } }\n"
    )
    assert cli("compare", spec).code == 0


@pytest.mark.skipif(lock.fcntl is None, reason="the system has no flock")
def test_two_at_once(cli: Cli, comparing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "TIMEOUT", 0)
    FOLDER.mkdir(parents=True)
    with locked(FOLDER):
        result = cli("compare", comparing)
    assert result.code == 2
    assert re.fullmatch(
        rf"error: another command is at work in {FOLDER} \(process \d+\)\n"
        "  = help: wait until it ends, or name another folder after -o\n",
        result.err,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--seeds", "0"], 2, "argument --seeds: `0` is not a number from 1 to 999_999_999"),
        (["--seeds", "1001"], 2, "--seeds takes a number up to 1000"),
        (
            ["--workers", "two"],
            2,
            "argument --workers: `two` is not a number from 1 to 999_999_999",
        ),
        (["-o", "net.nn"], 2, "cannot write net.nn: file exists"),
        (["-o", "."], 2, ". holds another experiment: its files are not those of a comparison"),
    ],
)
def test_what_it_does_not_take(
    arguments: list[str], code: int, message: str, cli: Cli, comparing: Path
) -> None:
    result = cli("compare", comparing, *arguments)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith(f"error: {message}\n")
    assert "--fresh" not in result.err  # it would not help in a folder of something else


def test_a_spec_that_compares_nothing(cli: Cli, spec: Path) -> None:
    result = cli("compare", spec)
    assert result.code == 1
    assert result.err == (
        "error: there is nothing to compare: the spec has no `compare`\n"
        "  = help: write compare { variant NAME { … } } into it\n"
    )
    assert not Path("runs").exists()


def test_a_spec_with_errors_trains_nothing(cli: Cli, comparing: Path) -> None:
    comparing.write_text(comparing.read_text().replace("width = 16", "width = 0"))
    result = cli("compare", comparing)
    assert result.code == 1
    assert result.err.startswith("error[NN")
    assert not Path("runs").exists()
