"""nndsl check --fix and --diff."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from command_line import Cli

WRONG = "network {\n  input(3)\n  dnse(2) # why\n  relu6\n}\n"
MENDED = WRONG.replace("dnse", "dense")


def test_fix_mends_what_is_safe_and_says_what_is_left(cli: Cli, spec: Path) -> None:
    spec.write_text(WRONG)
    before = cli("check", spec)
    assert before.out.endswith("\n2 errors; `nndsl check --fix` mends 1\n")
    result = cli("check", spec, "--fix")
    assert spec.read_text() == MENDED
    assert result.code == 1
    assert result.out.startswith("error[NN201]: unknown layer `relu6`\n")
    assert result.out.endswith("\n1 error\n")
    assert result.err == "net.nn:3: NN201 mended: write `dense`\n"


def test_what_is_mended_wholly_has_exit_code_0(cli: Cli, spec: Path) -> None:
    spec.write_bytes(b"\xef\xbb\xbfnetwork {\r\n  input(3)\r\n  dnse(2)\r\n}\r\n")
    result = cli("check", spec, "--fix")
    assert (result.code, result.out) == (0, "no errors\n")
    assert spec.read_bytes() == b"\xef\xbb\xbfnetwork {\r\n  input(3)\r\n  dense(2)\r\n}\r\n"


def test_diff_writes_nothing(cli: Cli, spec: Path) -> None:
    spec.write_text(WRONG)
    result = cli("check", spec, "--diff")
    assert (result.code, result.err) == (1, "")
    assert "\n-  dnse(2) # why\n+  dense(2) # why\n" in result.out
    assert spec.read_text() == WRONG


def test_files_without_a_safe_fix_are_not_written(cli: Cli, spec: Path) -> None:
    before = spec.stat().st_mtime_ns
    assert cli("check", spec, "--fix").out == "no errors\n"
    assert cli("check", spec, "--diff").out == ""
    assert spec.stat().st_mtime_ns == before


def test_stdin_goes_to_stdout(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    result = cli("check", "-", "--fix", "--format", "concise")
    assert (result.code, result.out) == (1, MENDED)
    assert "<stdin>:4:3: error[NN201]" in result.err


def test_a_full_disk_leaves_the_file(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, target: object) -> None:
        raise OSError(28, "No space left on device")

    spec.write_text(WRONG)
    monkeypatch.setattr(Path, "replace", fail)
    assert cli("check", spec, "--fix").code == 2
    assert spec.read_text() == WRONG


@pytest.mark.slow
def test_more_mistakes_than_one_check_tells(cli: Cli, spec: Path) -> None:
    spec.write_text("network {\n  input(3)\n" + "  dnse(2)\n" * 1500 + "}\n")
    said = cli("check", spec).out
    assert "\nand 900 more in net.nn, whose check ended there\n\n1,000 errors; " in said
    assert cli("check", spec, "--fix").code == 0
    assert spec.read_text().count("dense(2)") == 1500
