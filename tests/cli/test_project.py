"""What a project says of its pages, `--quiet`, and commands that are done again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

BUILDS = """\
[tool.nndsl]
exclude = ["drafts/"]

[tool.nndsl.build]
"train.py" = "net.nn"
"wide.py"  = {spec = "net.nn", style = "layers", set = {width = 20}, with = []}
"""


def test_a_project_builds_all_its_scripts(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pyproject.toml").write_text(BUILDS, encoding="utf-8")
    assert cli("build", "--check").err.startswith("error: train.py does not exist")
    assert cli("build").code == 0
    assert "WIDTH = 8 " in Path("train.py").read_text()
    assert "class " in Path("wide.py").read_text()
    assert "WIDTH = 20 " in Path("wide.py").read_text()
    Path("below").mkdir()
    monkeypatch.chdir("below")  # paths lead from the project
    result = cli("build", "--check")
    assert result.code == 0
    assert result.err.splitlines() == [
        f"{Path('../train.py')} is up to date",
        f"{Path('../wide.py')} is up to date",
    ]
    spec = Path("..", spec)
    spec.write_text(spec.read_text().replace("width = 8", "width = 9"), encoding="utf-8")
    result = cli("build", "--check", "--quiet")
    assert result.code == 1  # the one with a width of its own is as it was
    assert result.err == ""
    assert "-WIDTH = 8 " in result.out
    spec.write_text("network { dense(, }", encoding="utf-8")
    assert cli("build", "-q").code == 1
    assert cli("build", "-q").err.count("error[NN") == 2  # one script after the other


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "which spec?"),
        ('"a.py" = 3', "`a.py` names no spec"),
        ('"a.py" = {spec = "net.nn", stylo = "x"}', "`a.py`: there is no option `--stylo`"),
        ('"a.py" = {spec = "net.nn", style = "x"}', "invalid choice: 'x'"),
        ('"a.py" = "missing.nn"', "missing.nn does not exist"),
    ],
)
def test_a_wrong_target_is_told(cli: Cli, spec: Path, table: str, said: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.nndsl.build]\n{table}\n", encoding="utf-8")
    result = cli("build")
    assert result.code == 2
    assert said in result.err
    assert not list(Path().glob("*.py"))


def test_a_project_excludes_folders(cli: Cli, spec: Path) -> None:
    Path("pyproject.toml").write_text(BUILDS, encoding="utf-8")
    for folder in ("drafts", "kept/drafts"):
        Path(folder).mkdir(parents=True)
        Path(folder, "net.nn").write_text("network { dense( }", encoding="utf-8")
    assert cli("check", ".").code == 0
    assert cli("check", "kept").err.startswith("error: the folder kept holds no .nn files")
    assert cli("check", "drafts/net.nn").code == 1  # what is named is taken


def test_a_project_has_a_language(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNDSL_LANG", raising=False)
    english = cli("build", spec, "-o", "-").out
    Path("pyproject.toml").write_text('[tool.nndsl]\nlang = "ja"\n', encoding="utf-8")
    assert cli("build", spec, "-o", "-").out == cli("build", spec, "-o", "-", "--lang", "ja").out
    assert cli("build", spec, "-o", "-", "--lang", "en").out == english
    Path("pyproject.toml").write_text("[tool.nndsl]\nlang = 3\n", encoding="utf-8")
    assert "[tool.nndsl] lang names the language `3`" in cli("check", spec).err


def test_quiet_leaves_out_what_went_well(cli: Cli, spec: Path) -> None:
    for command in (["check", spec], ["fmt", spec], ["build", spec, "-o", "train.py"]):
        assert (cli(*command).out + cli(*command).err) != ""
        result = cli(*command, "--quiet")
        assert (result.code, result.out, result.err) == (0, "", "")
    spec.write_text("network { droput(0.5) }", encoding="utf-8")
    assert "error[NN" in cli("check", spec, "-q").out


@pytest.mark.slow
@pytest.mark.parametrize("command", [["check", "."], ["build", "net.nn", "-o", "train.py"]])
def test_a_watched_page_is_read_again(spec: Path, command: list[str]) -> None:
    pytest.importorskip("watchfiles")
    process = subprocess.Popen(
        [sys.executable, "-m", "nndsl", *command, "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        good = "no errors" if command[0] == "check" else "wrote train.py"
        assert any(good in line for line in process.stdout)
        spec.write_text("network { droput(0.5) }", encoding="utf-8")
        assert any("net.nn changed" in line for line in process.stdout)
        assert any("unknown layer `droput`" in line for line in process.stdout)
        Path("digit.png").touch()
        assert any("digit.png changed" in line for line in process.stdout)
    finally:
        process.kill()
        process.wait()
