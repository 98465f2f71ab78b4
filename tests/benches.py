"""The scripts of `bench`, which is no package that is installed, as modules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

BENCH = Path(__file__).parents[1] / "bench"


def bench(name: str) -> ModuleType:
    """Return a script of `bench`: `mutants`."""
    location = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert location is not None
    assert location.loader is not None
    module = importlib.util.module_from_spec(location)
    sys.modules[location.name] = module
    location.loader.exec_module(module)
    return module
