"""Scripts as they were last approved. `pytest --update-golden` writes them anew, to be read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nndsl.emit.build import build
from nndsl.program.style import NAMINGS
from nndsl.source import read_source

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
SPECS = sorted(GOLDEN.glob("*.nn"))
NETWORKS = [spec for spec in SPECS if not spec.stem.startswith("descent")]
SCRIPTS = [
    *(spec.with_suffix(".py") for spec in SPECS),
    *(spec.with_suffix(".layers.py") for spec in NETWORKS),
    GOLDEN / "classification.optimized.py",
    GOLDEN / "classification.book.py",
    GOLDEN / "classification.cs231n.py",
]


def script(spec: Path, form: str = "") -> str:
    """Return the script of a spec; `form` is `optimized`, `layers`, whose names, or nothing."""
    optimized, style = form == "optimized", form if form == "layers" else "flat"
    given: dict[str, Any] = {"optimized": optimized, "style": style}
    given |= {"naming": form} if form in NAMINGS else {}
    return build(read_source(spec), {}, name=f"{spec.stem}.py", **given).text


def test_the_kinds_of_scripts_are_there() -> None:
    assert {spec.stem for spec in SPECS} >= {
        "classification",
        "regression",
        "structures",
        "everything",
        "network_alone",
    }
    names = {path.name.partition(".")[0] for path in GOLDEN.glob("*.py")}
    assert names == {spec.stem for spec in SPECS}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_scripts(path: Path, pytestconfig: pytest.Config) -> None:
    stem, _, form = path.stem.partition(".")
    text = script(GOLDEN / f"{stem}.nn", form)
    if pytestconfig.getoption("--update-golden"):
        path.write_text(text, "utf-8", newline="\n")
    assert path.read_text("utf-8") == text, "read the difference, then run pytest --update-golden"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_no_script_knows_where_or_when_it_was_built(spec: Path) -> None:
    text = script(spec)
    assert str(ROOT) not in text
    assert str(Path.home()) not in text or str(Path.home()) == "/"
    assert "/tmp" not in text


PRINT = "import sys, nndsl; sys.stdout.buffer.write(nndsl.build(sys.argv[1]).encode())"


@pytest.mark.slow
def test_the_surroundings_do_not_matter(tmp_path: Path) -> None:
    """Hash seed, folder, locale, encoding and the spelling of the path leave the text alone."""
    spec = GOLDEN / "everything.nn"
    outputs = set()
    for seed, folder, path, language in (
        ("0", ROOT, spec, "C"),
        ("1", tmp_path, spec, "de_DE.UTF-8"),
        ("2", GOLDEN, Path(spec.name), "tr_TR.UTF-8"),
        ("random", GOLDEN.parent, Path("golden") / spec.name, "C.UTF-8"),
    ):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": language, "LANG": language}
        environment |= {"PYTHONUTF8": "0", "COLUMNS": "20", "TZ": "Asia/Kathmandu"}
        done = subprocess.run(
            [sys.executable, "-c", PRINT, path],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert outputs.pop() == build(read_source(spec), {}).text.encode()


def test_they_are_clean() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", *map(str, SCRIPTS)]
    done = subprocess.run(command, text=True, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout


def test_layout_and_comments_of_a_spec_do_not_matter(tmp_path: Path) -> None:
    spec = GOLDEN / "classification.nn"
    lines = spec.read_text("utf-8").splitlines()
    other = tmp_path / spec.name
    other.write_text("# more\n\n" + "\n\n".join(f"   {line}   # x" for line in lines), "utf-8")
    assert script(other) == script(spec)
