"""Options of the whole test suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from browser import Page, browser, find
from hypothesis import HealthCheck, is_hypothesis_test, settings
from thoroughness import THOROUGH

# Before numpy is imported, here and in all processes that tests start: tests run side by side, and
# threads of BLAS, or of PyTorch, that wait for each other take ten times as long as one alone.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

# How long an example takes says what else the machine does. A landing hangs on no luck: it tries
# the same examples each time, and other ones are tried where people run the tests.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize="NNDSL_SAME_EXAMPLES" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr != "not slow":
        os.environ[THOROUGH] = "1"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Properties are tried in the slow tests too, on more examples."""
    if len(list(item.iter_markers("slow"))) > 1:
        raise pytest.UsageError(
            f"{item.nodeid} is marked slow twice: one of the marks does nothing"
        )
    if os.environ.get(THOROUGH) and is_hypothesis_test(getattr(item, "function", None)):
        item.add_marker("slow")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what is expected anew, instead of comparing",
    )


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of a real browser, for the tests of a module."""
    executable = find()
    if executable is None:
        pytest.skip("there is no Chromium: apt-get install chromium, or name one in CHROMIUM")
    with browser(executable, tmp_path_factory.mktemp("browser") / "profile") as page:
        yield page


@pytest.fixture
def no_figures(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where matplotlib is not installed, in worker processes too: figures take most time."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "matplotlib.py").write_text("raise ImportError('not installed')\n")
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *([before] if before else [])]))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
