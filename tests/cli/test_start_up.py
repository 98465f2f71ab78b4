"""What a command imports: a check is done before numpy alone would be there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
at_start = set(sys.modules)  # Python's own, and what an environment's .pth files import
from nndsl.cli import main
code = main(sys.argv[1:])
print(" ".join(sorted(set(sys.modules) - at_start)), file=sys.stderr)
sys.exit(code)
"""


def imported(*arguments: str | Path, code: int = 0) -> set[str]:
    """Run a command in a process of its own; return the names of the modules it imported."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_the_version_needs_nothing() -> None:
    modules = imported("--version")
    assert not modules & {"pydantic", "lark", "argparse", "nndsl.analysis", "nndsl.diagnostics"}


def test_the_list_of_commands_imports_none() -> None:
    assert not any(name.startswith("nndsl.cli.check") for name in imported("--help"))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "summary", "build -o train.py"])
def test_a_check_imports_no_numerics_and_no_templates(command: str, spec: Path) -> None:
    modules = imported(*command.split(), spec)
    assert "pydantic" in modules
    heavy = {"numpy", "jinja2", "rich", "matplotlib", "importlib.metadata"}
    assert not modules & heavy


def test_a_check_that_fails_imports_no_more(spec: Path) -> None:
    spec.write_text("network { dense(3) }")
    modules = imported("check", spec, code=1)
    assert not modules & {"numpy", "jinja2", "rich", "importlib.metadata"}


@pytest.mark.slow
def test_a_run_draws_no_progress_where_nobody_looks(spec: Path) -> None:
    assert "rich" not in imported("run", spec)


def test_comparing_imports_numerics_only_after_it_has_chosen_threads() -> None:
    """They read the environment when they are imported, and a fork has no use for more threads."""
    program = "import sys, nndsl.cli.compare; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
