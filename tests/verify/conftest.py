"""The tests here run the texts of words, and draw specs, as those of the other folders do."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("vocabulary", "live")]


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """All of it is slow: nobody waits for the import of torch where nothing here is run."""
    named = any("verify" in argument for argument in config.args)
    return True if config.option.markexpr == "not slow" and not named else None
