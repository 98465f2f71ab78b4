"""nndsl fmt: one layout, the same meaning, and files that are left alone."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli
from hypothesis import given, settings
from hypothesis import strategies as st
from thoroughness import examples

import nndsl
from nndsl.cli import main
from nndsl.lints.table import all_codes

ROOT = Path(__file__).parents[2]
MESSY = "network{ # the net\r\n\tinput( 3 )\n\n\n  dense(2,bias = false)  }"
NEAT = "network {  # the net\n  input(3)\n\n  dense(2, bias=false)\n}\n"
SPECS = [*sorted((ROOT / "specs").glob("*.nn")), *sorted((ROOT / "tests/data/specs").glob("*.nn"))]
EXAMPLES = [
    code.right
    for code in all_codes().values()
    if not code.files and not code.settings and not code.right.startswith("{")  # no JSON
]


def test_a_spec_is_laid_out(cli: Cli, spec: Path) -> None:
    spec.write_bytes(MESSY.encode())
    result = cli("fmt", spec)
    assert (result.code, result.out, result.err) == (0, "", "formatted net.nn\n")
    assert spec.read_bytes() == NEAT.encode()
    result = cli("fmt", spec)
    assert (result.code, result.out, result.err) == (0, "", "1 spec is formatted already\n")


def test_folders_are_searched(cli: Cli, spec: Path) -> None:
    Path("a/b").mkdir(parents=True)
    Path("a/b/x.nn").write_text(MESSY)
    result = cli("fmt", ".")
    assert (result.code, result.out) == (0, "")
    assert result.err == f"formatted {Path('a/b/x.nn')}\n1 spec is formatted already\n"


def test_check_and_diff_write_nothing(cli: Cli, spec: Path) -> None:
    spec.write_bytes(MESSY.encode())
    result = cli("fmt", spec, "--check")
    assert (result.code, result.out, result.err) == (1, "", "net.nn is not formatted\n")
    result = cli("fmt", spec, "--diff")
    assert (result.code, result.err) == (1, "net.nn is not formatted\n")
    assert result.out.startswith("--- net.nn\n+++ net.nn (formatted)\n@@ ")
    assert "\n\\ No newline at end of file\n" in result.out
    assert spec.read_bytes() == MESSY.encode()
    spec.write_text(NEAT)
    for option in ("--check", "--diff"):
        result = cli("fmt", spec, option)
        assert (result.code, result.out, result.err) == (0, "", "1 spec is formatted already\n")


def test_the_difference_can_be_applied(cli: Cli, spec: Path) -> None:
    spec.write_bytes(MESSY.encode())
    patch = cli("fmt", spec, "--diff").out
    subprocess.run(["git", "apply", "-p0"], input=patch.encode(), check=True)
    assert spec.read_text() == NEAT


def test_a_file_with_syntax_errors_is_left_alone(cli: Cli, spec: Path) -> None:
    Path("other.nn").write_text(MESSY)
    spec.write_text("network { dense(2 }\n")
    result = cli("fmt", spec, "other.nn")
    assert result.code == 1
    assert result.err.startswith("error[NN102]: ")
    assert "net.nn has syntax errors, and is left as it is\nformatted other.nn\n" in result.err
    assert spec.read_text() == "network { dense(2 }\n"


def test_a_spec_with_other_errors_is_laid_out(cli: Cli, spec: Path) -> None:
    spec.write_text("network{dnse(2)}")
    assert cli("fmt", spec).code == 0
    assert spec.read_text() == "network { dnse(2) }\n"


def test_a_spec_in_json_is_refused(cli: Cli, spec: Path) -> None:
    Path("net.json").write_text("{}")
    result = cli("fmt", "net.json", spec)
    assert result.code == 2
    assert result.err == (
        "error: net.json is a spec in JSON, and fmt lays out .nn files\n"
        "  = help: `nndsl convert net.json --to nn` writes it as one\n"
        "1 spec is formatted already\n"
    )


def test_what_cannot_be_read_stops_no_other_file(cli: Cli, spec: Path) -> None:
    spec.write_text(MESSY)
    result = cli("fmt", "none.nn", spec)
    assert result.code == 2
    assert result.err == "error: none.nn does not exist\nformatted net.nn\n"


@pytest.mark.parametrize(
    ("options", "text", "code", "out"),
    [
        ([], MESSY, 0, NEAT),
        ([], NEAT, 0, NEAT),
        ([], "\ufeff" + MESSY, 0, NEAT),
        (["--check"], MESSY, 1, ""),
        (["--check"], NEAT, 0, ""),
        ([], "a (", 1, ""),
    ],
)
def test_stdin(
    options: list[str],
    text: str,
    code: int,
    out: str,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    result = cli("fmt", "-", *options, "--stdin-filename", "deep/net.nn")
    assert (result.code, result.out) == (code, out)
    assert ("deep/net.nn" in result.err) == bool(code)


def test_the_mark_of_a_file_and_a_link_to_it_stay(cli: Cli, spec: Path) -> None:
    spec.write_bytes(b"\xef\xbb\xbf" + MESSY.encode())
    Path("link.nn").symlink_to(spec)
    assert cli("fmt", "link.nn").code == 0
    assert spec.read_bytes() == b"\xef\xbb\xbf" + NEAT.encode()
    assert Path("link.nn").is_symlink()
    assert cli("fmt", "link.nn", "--check").code == 0


def test_a_full_disk_leaves_the_file(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: object) -> None:
        raise OSError(28, "No space left on device")

    spec.write_bytes(MESSY.encode())
    monkeypatch.setattr(Path, "replace", fail)
    result = cli("fmt", spec)
    assert (result.code, spec.read_bytes()) == (2, MESSY.encode())
    assert result.err == "error: cannot write net.nn: no space left on device\n"


@st.composite
def messy(draw: st.DrawFn, text: str) -> str:
    """Draw another layout of a spec: other blanks, empty lines, comments and line ends."""
    lines = []
    for line in text.splitlines():
        blanks = draw(st.sampled_from(["", " ", "\t", "      "]))
        comment = draw(st.sampled_from(["", "", " # why", "\n\n\n", "\n# a line of its own"]))
        tight = re.sub(r" *([={}]) *", r"\1", line) if draw(st.booleans()) else line
        line = line if '"' in line or "#" in line else tight
        lines.append(blanks + line.strip() + comment)
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [*(pytest.param(p.read_text("utf-8"), id=p.stem) for p in SPECS), *EXAMPLES[:8]],
)
@settings(max_examples=examples(4))
@given(data=st.data())
def test_a_spec_means_the_same_before_and_after(text: str, data: st.DataObject) -> None:
    path = ROOT / "specs" / "spec.nn"  # where its data lies; nothing is written there
    before = data.draw(messy(text))
    found = {}
    for name, layout in (("before", before), ("after", formatted(before))):
        errors = [d for d in nndsl.check(path, text=layout) if d.severity == "error"]
        found[name] = [(d.code, d.message) for d in errors]
        if not errors and "network" in layout:
            found[name] = nndsl.build(path, text=layout)
    assert found["before"] == found["after"]
    assert formatted(formatted(before)) == formatted(before)
    assert before.count("# why") == formatted(before).count("# why")


def formatted(text: str) -> str:
    """Return what fmt makes of a text on stdin."""
    out = io.TextIOWrapper(io.BytesIO(), write_through=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        patch.setattr(sys, "stdout", out)
        assert main(["fmt", "-"]) == 0
    out.seek(0)
    return out.buffer.read().decode()
