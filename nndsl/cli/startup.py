"""What makes a command start quickly. Nothing depends on it but time."""

from __future__ import annotations

import gc
import sys
from types import ModuleType

_LOADER = "pydantic.plugin._loader"


def hasten() -> None:
    """Save what a short command does not need.

    Imports make many objects and no garbage. And pydantic searches all installed packages for
    plugins, which nndsl has no use for; where pydantic has changed, it does so as before.
    """
    gc.set_threshold(100_000)
    if "pydantic" not in sys.modules:
        sys.modules[_LOADER] = _NoPlugins(_LOADER)


class _NoPlugins(ModuleType):
    """Stands for pydantic's search; for anything else that is asked of it, steps aside."""

    def get_plugins(self) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        from importlib import import_module

        del sys.modules[_LOADER]
        return getattr(import_module(_LOADER), name)
